using ProdOps.Monitoring.States;

namespace ProdOps.Monitoring.Incidents;

/// <summary>Problems with one cause: told about once.</summary>
internal sealed class Incident
{
    private readonly SortedDictionary<CheckKey, HealthState> _members = new(KeyOrder);
    private readonly int[] _counts = new int[(int)HealthState.Critical + 1];

    /// <summary>The number of the event that opened it.</summary>
    public required long Id { get; init; }

    /// <summary>The topmost cause, as far as is known. It need not be a member yet: a cause may be suspected.</summary>
    public CheckKey Root { get; set; }

    /// <summary>When it began, by the clock.</summary>
    public required DateTimeOffset Opened { get; init; }

    /// <summary>When it began, in steady time.</summary>
    public required DateTimeOffset OpenedSteady { get; init; }

    /// <summary>When the last member joined, in steady time.</summary>
    public DateTimeOffset Joined { get; set; }

    /// <summary>When it ended, by the clock.</summary>
    public DateTimeOffset? Resolved { get; set; }

    /// <summary>Counts what is worth telling: a member with a cause of its own, a worse state, another root.</summary>
    public int Revision { get; set; }

    /// <summary>When the last such thing was, in steady time.</summary>
    public DateTimeOffset News { get; set; }

    public Acknowledgement? Acknowledgement { get; set; }

    /// <summary>What is a problem now, and how bad.</summary>
    public IReadOnlyDictionary<CheckKey, HealthState> Members => _members;

    /// <summary>How many members come and go.</summary>
    public int Flapping { get; set; }

    /// <summary>All that ever was a problem in it, and how bad at its worst: what comes back is no news.</summary>
    public SortedDictionary<CheckKey, HealthState> Peaks { get; } = new(KeyOrder);

    /// <summary>The worst of <see cref="Peaks"/>.</summary>
    public HealthState WorstPeak { get; private set; }

    /// <summary>Which routes know, and what.</summary>
    public SortedDictionary<string, Told> Told { get; init; } = new(StringComparer.Ordinal);

    public static IComparer<CheckKey> KeyOrder { get; } = Comparer<CheckKey>.Create(static (one, other) =>
        string.CompareOrdinal(one.Server, other.Server) is not 0 and var server ? server
        : string.CompareOrdinal(one.Rule, other.Rule) is not 0 and var rule ? rule : string.CompareOrdinal(one.Instance, other.Instance));

    /// <summary>Takes note of how bad something is at its worst. Thousands may be part of an incident: not all are looked at for each.</summary>
    public void Reach(CheckKey key, HealthState peak)
    {
        Peaks[key] = peak;
        WorstPeak = WorstOf([WorstPeak, peak]);
    }

    /// <summary>How bad the worst of its members is. They are counted: thousands are not looked at each time somebody asks.</summary>
    public HealthState Severity
    {
        get
        {
            var worst = HealthState.OK;
            for (int state = 0; state < _counts.Length; state++) if (_counts[state] > 0 && Rank((HealthState)state) > Rank(worst)) worst = (HealthState)state;
            return worst;
        }
    }

    /// <summary>Takes a member in, or takes note of how bad it is now.</summary>
    /// <returns>Whether it is new.</returns>
    public bool Take(CheckKey key, HealthState state)
    {
        bool isNew = !_members.TryGetValue(key, out var before);
        if (!isNew) _counts[(int)before]--;
        _members[key] = state;
        _counts[(int)state]++;
        return isNew;
    }

    /// <summary>Lets a member go.</summary>
    /// <returns>Whether it was one.</returns>
    public bool Release(CheckKey key)
    {
        if (!_members.Remove(key, out var before)) return false;
        _counts[(int)before]--;
        return true;
    }

    /// <summary>The worst of some states; of none, OK.</summary>
    public static HealthState WorstOf(IEnumerable<HealthState> states) => states.Aggregate(HealthState.OK, static (worst, state) => Rank(state) > Rank(worst) ? state : worst);

    /// <summary>How much a state wants somebody: what is not known is as bad as a warning.</summary>
    public static int Rank(HealthState state) => state switch { HealthState.OK or HealthState.Maintenance => 0, HealthState.Critical or HealthState.Unreachable => 2, _ => 1 };
}

/// <summary>Who works on an incident.</summary>
/// <param name="By">Who.</param>
/// <param name="Comment">What they say.</param>
/// <param name="Until">When it ends by itself, by the clock.</param>
/// <param name="Sticky">True if it holds even when things get worse.</param>
/// <param name="Severity">How bad it was when they said so.</param>
internal sealed record Acknowledgement(string By, string Comment, DateTimeOffset? Until, bool Sticky, HealthState Severity);

/// <summary>What a route knows of an incident.</summary>
/// <param name="At">When it was last told, in steady time.</param>
/// <param name="Severity">The worst it was told of.</param>
/// <param name="Revision">What it knows (<see cref="Incident.Revision"/>).</param>
/// <param name="Flapping">Whether it knows that it comes and goes.</param>
/// <param name="Root">The cause that it was told of.</param>
internal sealed record Told(DateTimeOffset At, HealthState Severity, int Revision, bool Flapping, CheckKey Root);

/// <summary>Why somebody is not told.</summary>
internal enum HoldReason
{
    /// <summary>Too many messages within the hour.</summary>
    Limit,

    /// <summary>Quiet hours.</summary>
    Quiet,

    /// <summary>Not bad enough for a message.</summary>
    Minor,

    /// <summary>An action mended it before anybody was told.</summary>
    Mended,
}
