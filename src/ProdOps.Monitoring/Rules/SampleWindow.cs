namespace ProdOps.Monitoring.Rules;

/// <summary>
/// The samples of the last while, for one rule on one series. What every sample needs is kept up to date as samples come and go; only a
/// percentile and a trend look at all of them. Long windows are thinned to about <see cref="Points"/> points, by what the function needs: a maximum
/// keeps the peaks. A sample that is older than the last means that the clock was set: the window begins anew.
/// </summary>
internal sealed class SampleWindow
{
    public const int Points = 360;

    private readonly long _length, _step, _longestGap;
    private readonly HealthFunction _function;
    private readonly bool _counts;
    private Sample[] _samples = new Sample[8];
    private int _start, _count, _merged;
    private double _sum, _increase, _extreme = double.NaN, _newest;
    private long _covered;
    private int _evicted;

    public SampleWindow(HealthFunction function, TimeSpan length, TimeSpan interval)
    {
        _function = function;
        _counts = function is HealthFunction.Increase or HealthFunction.Rate;
        _length = length.Ticks;
        _step = Math.Max(_length / Points, 0);
        // A value counts for as long as it is not stale.
        _longestGap = (long)(2.5 * Math.Max(interval.Ticks, _step));
    }

    public int Count => _count;

    /// <summary>The share of the window that has samples, 0 to 1.</summary>
    public double Coverage => _length == 0 ? 1 : Math.Min(1, (double)_covered / _length);

    public double Mean => _sum / _count;

    /// <summary>How much a counter went up; a fall is a start from 0. Only known where the function asks for it.</summary>
    public double Increase => _increase;

    public double Change => this[_count - 1].Value - this[0].Value;

    public double Seconds => (double)(this[_count - 1].Ticks - this[0].Ticks) / TimeSpan.TicksPerSecond;

    private ref Sample this[int index]
    {
        get
        {
            int at = _start + index;
            return ref _samples[at < _samples.Length ? at : at - _samples.Length];
        }
    }

    public void Add(long ticks, double value)
    {
        if (_count > 0 && ticks < this[_count - 1].Ticks) Clear();
        if (_count > 0 && ticks == this[_count - 1].Ticks) return;
        Evict(ticks - _length);
        if (_count > 1 && ticks - this[_count - 2].Ticks < _step) Merge(ticks, value);
        else Append(ticks, value);
        _newest = value;
    }

    /// <summary>Forgets all: what came before says nothing about what comes now.</summary>
    public void Clear()
    {
        (_start, _count, _covered, _evicted) = (0, 0, 0, 0);
        (_sum, _increase, _extreme) = (0, 0, double.NaN);
    }

    /// <summary>The least or the greatest, by the function.</summary>
    public double Extreme
    {
        get
        {
            if (double.IsNaN(_extreme))
            {
                _extreme = this[0].Value;
                for (int i = 1; i < _count; i++) _extreme = Worse(_extreme, this[i].Value);
            }

            return _extreme;
        }
    }

    public int NonZero
    {
        get
        {
            int nonZero = 0;
            for (int i = 0; i < _count; i++) nonZero += this[i].Value != 0 ? 1 : 0;
            return nonZero;
        }
    }

    /// <summary>The value that <paramref name="percent"/> percent of the samples do not exceed (nearest rank).</summary>
    public double Percentile(double percent)
    {
        Span<double> sorted = stackalloc double[(2 * Points) + 8];
        int count = Math.Min(_count, sorted.Length);
        for (int i = 0; i < count; i++) sorted[i] = this[i].Value;
        sorted[..count].Sort();
        return sorted[Math.Clamp((int)Math.Ceiling(percent / 100 * count) - 1, 0, count - 1)];
    }

    /// <summary>The straight line that fits best (least squares).</summary>
    public Trend FitLine()
    {
        long last = this[_count - 1].Ticks;
        var line = new LineSums();
        for (int i = 0; i < _count; i++)
        {
            ref readonly var sample = ref this[i];
            line.Add((double)(sample.Ticks - last) / TimeSpan.TicksPerSecond, sample.Value - _newest);
        }

        return line.IsLine ? new Trend(line.Slope, _newest, line.Fit) : new Trend(0, _newest, 1);
    }

    private double Worse(double one, double other) => _function == HealthFunction.Minimum ? Math.Min(one, other) : Math.Max(one, other);

    private void Append(long ticks, double value)
    {
        if (_count == _samples.Length) Grow();
        double rise = _count > 0 ? Rise(_newest, value) : 0, kept = _counts ? rise : value;
        if (_count > 0) _covered += Math.Min(ticks - this[_count - 1].Ticks, _longestGap);
        _count++;
        this[_count - 1] = new Sample(ticks, kept);
        _increase += rise;
        _sum += kept;
        _merged = 1;
        if (_count == 1) _extreme = kept;
        else if (!double.IsNaN(_extreme)) _extreme = Worse(_extreme, kept);
    }

    /// <summary>One point of a thinned window stands for several samples.</summary>
    private void Merge(long ticks, double value)
    {
        ref var last = ref this[_count - 1];
        double rise = Rise(_newest, value);
        double merged = _function switch
        {
            HealthFunction.Minimum or HealthFunction.Maximum => Worse(last.Value, value),
            HealthFunction.Average or HealthFunction.Forecast or HealthFunction.Percentile => last.Value + ((value - last.Value) / ++_merged),
            HealthFunction.Count => last.Value != 0 ? last.Value : value,
            HealthFunction.Increase or HealthFunction.Rate => last.Value + rise,
            _ => value,
        };
        _increase += rise;
        _covered += Math.Min(ticks - last.Ticks, _longestGap);
        _sum += merged - last.Value;
        last = new Sample(ticks, merged);
        if (!double.IsNaN(_extreme)) _extreme = Worse(_extreme, merged);
    }

    private void Evict(long oldest)
    {
        while (_count > 0 && this[0].Ticks < oldest)
        {
            var gone = this[0];
            _sum -= gone.Value;
            if (gone.Value == _extreme) _extreme = double.NaN;
            if (_count == 1)
            {
                Clear();
                return;
            }

            var next = this[1];
            _covered -= Math.Min(next.Ticks - gone.Ticks, _longestGap);
            if (_counts) _increase -= next.Value;
            _start = _start + 1 < _samples.Length ? _start + 1 : 0;
            _count--;
            if (++_evicted >= _samples.Length) Recount();
        }
    }

    /// <summary>Sums that are added to and taken from for years drift away from the truth: they are made anew once a window.</summary>
    private void Recount()
    {
        (_evicted, _sum, _increase) = (0, this[0].Value, 0);
        for (int i = 1; i < _count; i++)
        {
            _sum += this[i].Value;
            if (_counts) _increase += this[i].Value;
        }
    }

    private void Grow()
    {
        // A full window has a few more than Points: there is one for each rule, series and server.
        var larger = new Sample[_samples.Length + Math.Min(_samples.Length, 128)];
        for (int i = 0; i < _count; i++) larger[i] = this[i];
        (_samples, _start) = (larger, 0);
    }

    private double Rise(double from, double to) => !_counts ? 0 : to >= from ? to - from : to;

    /// <summary>There are some thousand of them for each server: 16 bytes.</summary>
    /// <param name="Ticks">When the newest of its samples was.</param>
    /// <param name="Value">What stands for its samples; of a counter, how much it went up since the point before, as it may have started again in between.</param>
    private readonly record struct Sample(long Ticks, double Value);
}

/// <summary>A straight line through samples.</summary>
/// <param name="Slope">How much it rises a second.</param>
/// <param name="Now">The newest sample.</param>
/// <param name="Fit">How well the samples lie on the line, 0 to 1 (R²).</param>
internal readonly record struct Trend(double Slope, double Now, double Fit)
{
    /// <summary>
    /// In how many seconds a limit is reached; endless where the line does not lead there, where there is no line to speak of, or where less than
    /// 70 % of the way is gone: far away from the limit a line says little.
    /// </summary>
    public double SecondsTo(double limit)
    {
        if (Now >= limit) return 0;
        if (Fit < 0.7 || Slope <= 0 || Now < 0.7 * limit) return double.PositiveInfinity;
        return (limit - Now) / Slope;
    }
}
