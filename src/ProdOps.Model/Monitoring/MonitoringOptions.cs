namespace ProdOps;

/// <summary>What an environment's file says about monitoring: what is checked, by which rules, who is told and what is done.</summary>
public sealed record MonitoringOptions
{
    /// <summary>The full path of the folder that samples and events are kept in; <see langword="null"/> for the user's own.</summary>
    public string? Store { get; init; }

    /// <summary>How often a server is asked.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long samples and roll-ups are kept.</summary>
    public MetricRetentionOptions Retention { get; init; } = new();

    /// <summary>Rules of the admin's own, in the order of the file: beside the default ones, and in the place of those of the same name.</summary>
    public IReadOnlyList<HealthRuleDefinition> Rules { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What is checked besides each server's resources and services, in the order of the file.</summary>
    public IReadOnlyList<HealthCheckDefinition> Checks { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The ways by which people are told, in the order of the file.</summary>
    public IReadOnlyList<NotificationChannel> Channels { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Who is told of what, in the order of the file.</summary>
    public IReadOnlyList<NotificationRoute> Notify { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What is done when something becomes a problem, in the order of the file.</summary>
    public IReadOnlyList<HealthAction> Actions { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Whether a server is looked at when something on it becomes a problem: what runs, what is large, what the journal says. It is told with the problem.</summary>
    public bool Diagnose { get; init; } = true;

    /// <summary>
    /// Addresses that have nothing to do with the servers, such as a gateway's (<c>ping://10.0.0.1</c>, <c>tcp://1.1.1.1:53</c>): when most servers and all of these are gone,
    /// it is the monitor that is cut off.
    /// </summary>
    public IReadOnlyList<string> Anchors { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The engine elsewhere that keeps metrics; <see langword="null"/> for the store alone.</summary>
    public MetricEngine? Engine { get; init; }

    /// <summary>Where the engine is, e.g. <c>http://metrics:8428</c>.</summary>
    public string? Url { get; init; }

    /// <summary>The engine's user.</summary>
    public string? User { get; init; }

    /// <summary>Where the engine user's password comes from.</summary>
    public SecretReference? Password { get; init; }

    /// <summary>Where the engine's bearer token comes from.</summary>
    public SecretReference? Token { get; init; }

    /// <summary>The address, as <c>127.0.0.1:9179</c>, at which a scraper finds what the monitor has measured; <see langword="null"/> for none.</summary>
    public string? Listen { get; init; }

    /// <summary>The full path of a file that the monitor writes what it has measured to, for node_exporter's textfile collector; <see langword="null"/> for none.</summary>
    public string? TextFile { get; init; }

    /// <summary>The channel that is told each minute that the monitor is alive; <see langword="null"/> for none.</summary>
    public string? Heartbeat { get; init; }

    /// <summary>The full path of a PEM file with the authorities that the engine's certificate may be signed by; <see langword="null"/> for those of the system.</summary>
    public string? CaCertificate { get; init; }
}

/// <summary>How long the history of metrics is kept.</summary>
public sealed record MetricRetentionOptions
{
    /// <summary>Samples one by one; 2 hours at least.</summary>
    public TimeSpan Samples { get; init; } = TimeSpan.FromDays(14);

    /// <summary>Roll-ups of 5 minutes.</summary>
    public TimeSpan FiveMinutes { get; init; } = TimeSpan.FromDays(180);

    /// <summary>Roll-ups of an hour.</summary>
    public TimeSpan Hours { get; init; } = TimeSpan.FromDays(3 * 365);

    /// <summary>How many bytes the store may take on disk; <see langword="null"/>: as many as it needs.</summary>
    public long? MaxSize { get; init; }
}

/// <summary>An engine elsewhere that keeps metrics.</summary>
public enum MetricEngine
{
    /// <summary>Prometheus.</summary>
    Prometheus,

    /// <summary>VictoriaMetrics.</summary>
    VictoriaMetrics,
}
