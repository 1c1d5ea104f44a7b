namespace ProdOps.Monitoring.Rules;

/// <summary>
/// A rule's thresholds, ready for use on every sample: how bad a value is. A state that was reached is left only when the value passes the
/// clearing threshold, which lies on the good side of the one that was passed before (hysteresis).
/// </summary>
internal sealed class Grading
{
    private readonly double _sign;
    private readonly Bound _warning, _critical;

    /// <exception cref="ProdOpsException">The thresholds contradict each other.</exception>
    public Grading(HealthRule rule)
    {
        var first = rule.Warning ?? rule.Critical ?? throw Invalid(rule, "it has no threshold", "Give it Warning, Critical or both.");
        HealthThreshold?[] all = [rule.Warning, rule.Critical, rule.ClearWarning, rule.ClearCritical];
        if (all.FirstOrDefault(other => other is not null && other.Unit != first.Unit) is { } odd)
            throw Invalid(rule, $"'{first}' and '{odd}' have different units", "Write all its thresholds in one unit.");
        if (rule is { Warning: { } w, Critical: { } c } && Rises(w) != Rises(c))
            throw Invalid(rule, $"'{w}' and '{c}' look in different directions", "Use two rules: one for too much, one for too little.");
        // Below, more is worse: for "too little" all numbers change their sign.
        _sign = Rises(first) ? 1 : -1;
        _warning = BoundOf(rule, rule.Warning, rule.ClearWarning, "ClearWarning");
        _critical = BoundOf(rule, rule.Critical, rule.ClearCritical, "ClearCritical");
        if (rule is { Warning: { } warning, Critical: { } critical } && _critical.At < _warning.At)
            throw Invalid(rule, $"critical '{critical}' is reached before the warning '{warning}'", "Exchange the two, and give both: of a rule that changes another, what it does not say stays.");
    }

    /// <summary>How bad a value is, where it is at <paramref name="level"/> already.</summary>
    public HealthState Grade(double value, HealthState level)
    {
        if (double.IsNaN(value)) return HealthState.Unknown;
        double badness = _sign * value;
        if (_critical.IsPassed(badness) || (level == HealthState.Critical && !_critical.IsCleared(badness))) return HealthState.Critical;
        return _warning.IsPassed(badness) || ((level is HealthState.Warning or HealthState.Critical) && !_warning.IsCleared(badness)) ? HealthState.Warning : HealthState.OK;
    }

    private static bool Rises(HealthThreshold threshold) => threshold.Comparison is HealthComparison.Above or HealthComparison.AtLeast;

    private Bound BoundOf(HealthRule rule, HealthThreshold? threshold, HealthThreshold? clear, string clearName)
    {
        if (threshold is null && clear is not null) throw Invalid(rule, $"{clearName} has nothing to clear", $"Give it {clearName["Clear".Length..]} too, or leave out {clearName}.");
        if (threshold is null) return new Bound(double.PositiveInfinity, true, double.PositiveInfinity, true);
        double at = _sign * threshold.Value;
        bool strict = threshold.Comparison is HealthComparison.Above or HealthComparison.Below;
        // Two points of a small percentage would be below nothing: a fifth of the threshold at most.
        double room = threshold.Unit == "%" ? Math.Min(2, 0.2 * Math.Abs(at)) : 0.05 * Math.Abs(at);
        if (clear is null) return new Bound(at, strict, at - room, !strict);
        if (Rises(clear) == Rises(threshold) || _sign * clear.Value > at)
            throw Invalid(rule, $"{clearName} '{clear}' does not lie on the good side of '{threshold}'", $"Write the comparison the other way round, with room between: Warning = '> 85%', ClearWarning = '< 80%'.");
        return new Bound(at, strict, _sign * clear.Value, clear.Comparison is HealthComparison.Above or HealthComparison.Below);
    }

    private static ProdOpsException Invalid(HealthRule rule, string why, string recommendation) => MonitoringErrors.RuleInvalid(rule.Name, why, recommendation);

    /// <param name="At">From where on it is bad.</param>
    /// <param name="Strict">True if the value itself is still good.</param>
    /// <param name="Clear">From where on it is good again.</param>
    /// <param name="ClearStrict">True if that value itself is still bad. By default it is good: a count that is bad above 0 is good at 0.</param>
    private readonly record struct Bound(double At, bool Strict, double Clear, bool ClearStrict)
    {
        public bool IsPassed(double badness) => Strict ? badness > At : badness >= At;

        public bool IsCleared(double badness) => ClearStrict ? badness < Clear : badness <= Clear;
    }
}
