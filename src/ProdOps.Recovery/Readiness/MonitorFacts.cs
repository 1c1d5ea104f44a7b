namespace ProdOps.Recovery.Readiness;

/// <summary>What monitoring's store knows.</summary>
internal sealed record MonitorFacts
{
    /// <summary>When the monitor was last known to be alive; <see langword="null"/> if it never ran.</summary>
    public DateTimeOffset? LastAlive { get; init; }

    /// <summary>When each server was last measured.</summary>
    public IReadOnlyList<MetricSample> LatestOfServers { get; init; } = [];

    /// <summary>How long web addresses took to answer of late, a series a check.</summary>
    public IReadOnlyList<ResponseFact> Responses { get; init; } = [];

    /// <summary>The newest offset of each clock.</summary>
    public IReadOnlyList<MetricSample> ClockOffsets { get; init; } = [];

    /// <summary>Days until certificates end.</summary>
    public IReadOnlyList<MetricSample> Certificates { get; init; } = [];

    /// <summary>When file systems are full.</summary>
    public IReadOnlyList<MetricForecast> Disks { get; init; } = [];

    /// <summary>Incidents that are open.</summary>
    public IReadOnlyList<HealthEvent> Open { get; init; } = [];

    /// <summary>When checks of web addresses, ports and logs were last made, and how they are.</summary>
    public IReadOnlyList<CheckFact> Checks { get; init; } = [];

    /// <summary>Messages of the last 90 days, and what became of them.</summary>
    public IReadOnlyList<SentNotification> Sent { get; init; } = [];

    /// <summary>The last incident that somebody was to be told of.</summary>
    public IncidentFact? LastIncident { get; init; }

    /// <summary>Of the environment as a whole, over 30 days.</summary>
    public HealthAvailability? Availability { get; init; }
}

/// <summary>How a check is.</summary>
/// <param name="Server">Whose it is.</param>
/// <param name="Check">Its name.</param>
/// <param name="State">What the monitor is certain of.</param>
/// <param name="Time">When it was last made.</param>
internal sealed record CheckFact(string Server, string Check, HealthState State, DateTimeOffset Time);

/// <summary>How long a web address took to answer over a time.</summary>
/// <param name="Server">The host.</param>
/// <param name="Check">The check.</param>
/// <param name="Percentile95">95 of 100 answers came within this time.</param>
/// <param name="Samples">How many answers there were.</param>
/// <param name="From">The first.</param>
/// <param name="To">The last.</param>
internal sealed record ResponseFact(string Server, string Check, TimeSpan Percentile95, int Samples, DateTimeOffset From, DateTimeOffset To);

/// <summary>An incident and its first message.</summary>
/// <param name="Incident">Its number.</param>
/// <param name="Opened">When it began.</param>
/// <param name="First">The first message about it; <see langword="null"/> if there is none.</param>
internal sealed record IncidentFact(long Incident, DateTimeOffset Opened, SentNotification? First);

/// <summary>What the log store holds.</summary>
/// <param name="Sources">Each source of each server.</param>
/// <param name="Problems">What of it cannot be read, a sentence each.</param>
internal sealed record LogFacts(IReadOnlyList<LogStoreSource> Sources, IReadOnlyList<string> Problems);
