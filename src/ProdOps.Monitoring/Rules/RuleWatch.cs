namespace ProdOps.Monitoring.Rules;

/// <summary>A rule at work on one series, e.g. on <c>disk.used</c> of <c>/var</c> of one server. Evaluating allocates nothing.</summary>
internal sealed class RuleWatch
{
    private readonly HealthRule _rule;
    private readonly Grading _grading;
    private readonly SampleWindow? _window;

    public RuleWatch(HealthRule rule, Grading grading, WeekBaseline? baseline = null)
    {
        (_rule, _grading, Baseline) = (rule, grading, baseline);
        if (rule.Function is not (HealthFunction.Last or HealthFunction.Baseline)) _window = new SampleWindow(rule.Function, rule.Window, rule.Interval);
    }

    public HealthRule Rule => _rule;

    public WeekBaseline? Baseline { get; }

    /// <summary>What a sample of the series means where the check is at <paramref name="level"/> already.</summary>
    public Evaluation Evaluate(DateTimeOffset time, double value, HealthState level)
    {
        _window?.Add(time.UtcTicks, value);
        if (!TryCompute(time, value, out double computed)) return default;
        return new Evaluation(true, _grading.Grade(computed, level), computed);
    }

    /// <summary>Forgets the samples, e.g. since the clock was set.</summary>
    public void Forget() => _window?.Clear();

    private bool TryCompute(DateTimeOffset time, double value, out double computed)
    {
        computed = value;
        if (_rule.Function == HealthFunction.Last) return true;
        if (_window is null)
        {
            computed = Baseline?.DeviationOf(time, value) ?? double.NaN;
            return !double.IsNaN(computed);
        }

        if (_window.Coverage < _rule.Coverage || _window.Count < 2) return false;
        computed = _rule.Function switch
        {
            HealthFunction.Average => _window.Mean,
            HealthFunction.Minimum or HealthFunction.Maximum => _window.Extreme,
            HealthFunction.Percentile => _window.Percentile(_rule.Percentile),
            HealthFunction.Delta => _window.Change,
            HealthFunction.Increase => _window.Increase,
            HealthFunction.Rate => _window.Increase / _window.Seconds,
            HealthFunction.Count => _window.NonZero,
            _ => _window.FitLine().SecondsTo(_rule.Limit ?? double.NaN),
        };
        return !double.IsNaN(computed);
    }
}

/// <summary>What a rule makes of a sample.</summary>
/// <param name="Known">False while there are too few samples to say anything. That is not Unknown: the samples come.</param>
/// <param name="State">How bad it is.</param>
/// <param name="Value">What was compared with the thresholds.</param>
internal readonly record struct Evaluation(bool Known, HealthState State, double Value);
