namespace ProdOps.Monitoring.Rules;

/// <summary>
/// What the straight line through points that fits best (least squares) is made of. Moments and values are given relative to one of the points: squares of moments since 1970 lose all
/// their digits.
/// </summary>
internal struct LineSums
{
    private double _t, _v, _tt, _tv, _vv;

    public int Count { get; private set; }

    public readonly double MeanT => _t / Count;

    public readonly double MeanV => _v / Count;

    /// <summary>The sum of squared distances of the moments from their mean.</summary>
    public readonly double SpreadT => _tt - (_t * _t / Count);

    /// <summary>The same of the values.</summary>
    public readonly double SpreadV => _vv - (_v * _v / Count);

    /// <summary>False where there is one moment only, or one value.</summary>
    public readonly bool IsLine => SpreadT > 0 && SpreadV > 0;

    /// <summary>How much the line rises a unit of time.</summary>
    public readonly double Slope => (_tv - (_t * _v / Count)) / SpreadT;

    /// <summary>How well the points lie on it, 0 to 1 (R²).</summary>
    public readonly double Fit => Math.Clamp(Slope * Slope * SpreadT / SpreadV, 0, 1);

    public void Add(double t, double v)
    {
        Count++;
        _t += t;
        _v += v;
        _tt += t * t;
        _tv += t * v;
        _vv += v * v;
    }
}
