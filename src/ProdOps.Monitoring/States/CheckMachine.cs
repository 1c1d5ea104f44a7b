namespace ProdOps.Monitoring.States;

/// <summary>
/// When results become a state. A line (warning, critical, unknown) is crossed for certain when enough results in a row lie beyond it, for long
/// enough; and so back. Times are steady times: those in which somebody looked.
/// </summary>
internal static class CheckMachine
{
    // Nagios looks at 21 results, that is 20 possible changes, of which the newest weigh 1.2 and the oldest 0.8. Here the window is 20 intervals
    // long instead of 20 results: retries in between do not shorten it, and only results that changed something need to be kept.
    private const int FlapWindow = 20;
    private const double NewestWeight = 1.2, OldestWeight = 0.8, FlapStart = 0.30, FlapStop = 0.20;

    // However short the interval is, a server or a check that does not answer may be waited for this long.
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(30);

    /// <summary>How long without a result until nobody knows: two are left out, and none can be under way.</summary>
    public static TimeSpan StaleAfter(HealthRule rule) => Max(2.5 * rule.Interval, rule.Interval + LongestLook);

    /// <summary>Whether a result says anything that is not known yet. Most do not, and leave no trace.</summary>
    public static bool Matters(CheckState check, HealthRule rule, HealthState result)
    {
        if (result == HealthState.Unknown) return !check.Unknown.Beyond || (!check.Missing && check.Unknown.Count < rule.Attempts);
        if (result != check.Last || check.Unknown.Beyond || (check.Missing && check.Unknown.Count < rule.RecoverAttempts)) return true;
        return Counts(check.Warning, result >= HealthState.Warning, check.Level >= HealthState.Warning, rule) || Counts(check.Critical, result == HealthState.Critical, check.Level == HealthState.Critical, rule);
    }

    /// <summary>After one more result. What is missing says nothing about how bad it is.</summary>
    public static CheckState After(CheckState check, HealthState result, DateTimeOffset steady)
    {
        var unknown = check.Unknown.After(result == HealthState.Unknown, steady);
        if (result == HealthState.Unknown) return check with { Unknown = unknown };
        return check with
        {
            Last = result,
            Unknown = unknown,
            Warning = check.Warning.After(result >= HealthState.Warning, steady),
            Critical = check.Critical.After(result == HealthState.Critical, steady),
            Changes = result == check.Last ? check.Changes : [.. check.Changes.TakeLast(FlapWindow - 1), new Change(steady, result)],
        };
    }

    /// <summary>What is certain after the last result: the same check if nothing else is.</summary>
    public static CheckState Confirm(CheckState check, HealthRule rule, DateTimeOffset steady)
    {
        double flaps = FlapShare(check, rule, steady);
        bool flapping = check.Flapping ? flaps >= FlapStop : flaps > FlapStart;
        bool missing = check.Missing ? !IsBack(check.Unknown, rule, steady) : IsCrossed(check.Unknown, rule.Attempts, rule.For, steady);
        var level = check.Level;
        if (IsCrossed(check.Critical, rule.Attempts, rule.CriticalFor ?? rule.For, steady)) level = HealthState.Critical;
        else if (level == HealthState.OK && IsCrossed(check.Warning, rule.Attempts, rule.For, steady)) level = HealthState.Warning;
        if (flapping)
        {
            // What comes and goes is as bad as at its worst, until it stays.
            if (!check.Flapping) level = Worse(level, check.Changes.Max(change => change.To));
        }
        else
        {
            if (level == HealthState.Critical && IsBack(check.Critical, rule, steady)) level = HealthState.Warning;
            if (level == HealthState.Warning && IsBack(check.Warning, rule, steady)) level = HealthState.OK;
        }

        return level == check.Level && missing == check.Missing && flapping == check.Flapping ? check : check with { Level = level, Missing = missing, Flapping = flapping };
    }

    /// <summary>The share of changes among what could have changed, the newest weighing most; 0 to 1.</summary>
    public static double FlapShare(CheckState check, HealthRule rule, DateTimeOffset steady)
    {
        double weights = 0;
        foreach (var change in check.Changes)
        {
            double age = (steady - change.Time) / rule.Interval;
            if (age < FlapWindow) weights += NewestWeight - ((NewestWeight - OldestWeight) * age / FlapWindow);
        }

        return Math.Min(1, weights / FlapWindow);
    }

    /// <summary>Whether the next result is wanted soon: it could make something certain. While a problem only has to last, the usual pace will do.</summary>
    public static bool IsUrgent(CheckState check, HealthRule rule, DateTimeOffset steady)
    {
        var recoverFor = RecoverFor(rule);
        return Awaits(check.Warning, check.Level >= HealthState.Warning, rule.For) || Awaits(check.Critical, check.Level == HealthState.Critical, rule.CriticalFor ?? rule.For) || Awaits(check.Unknown, check.Missing, rule.For);

        bool Awaits(Side side, bool certain, TimeSpan time)
        {
            if (side.Count == 0 || side.Beyond == certain) return false;
            return side.Count < (side.Beyond ? rule.Attempts : rule.RecoverAttempts) || side.Since + (side.Beyond ? time : recoverFor) - steady <= rule.Interval;
        }
    }

    private static TimeSpan RecoverFor(HealthRule rule) => rule.RecoverFor ?? Max(2 * rule.Interval, TimeSpan.FromMinutes(1));

    private static bool Counts(Side side, bool beyond, bool levelBeyond, HealthRule rule) => beyond != levelBeyond && side.Count < (beyond ? rule.Attempts : rule.RecoverAttempts);

    private static bool IsCrossed(Side side, int attempts, TimeSpan time, DateTimeOffset steady) => side.Beyond && side.Count >= attempts && steady - side.Since >= time;

    private static bool IsBack(Side side, HealthRule rule, DateTimeOffset steady) =>
        !side.Beyond && side.Count >= rule.RecoverAttempts && steady - side.Since >= RecoverFor(rule);

    private static HealthState Worse(HealthState one, HealthState other) => one > other ? one : other;

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
