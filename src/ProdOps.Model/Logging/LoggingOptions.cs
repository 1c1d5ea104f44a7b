namespace ProdOps;

/// <summary>What an environment's file says about logs: what is collected, where it is kept and for how long. Sizes are bytes.</summary>
public sealed record LoggingOptions
{
    /// <summary>The full path of the folder that lines are kept in; <see langword="null"/> for the user's own.</summary>
    public string? Store { get; init; }

    /// <summary>How long lines are kept; <see langword="null"/>: for ever.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>How large the store may grow, in bytes on disk; <see langword="null"/>: as large as it gets.</summary>
    public long? MaxSize { get; init; }

    /// <summary>The engine elsewhere that lines go to instead of the store; <see langword="null"/> for the store.</summary>
    public LogEngine? Engine { get; init; }

    /// <summary>Where the engine is, e.g. <c>http://logs:9428</c>.</summary>
    public string? Url { get; init; }

    /// <summary>The engine's user.</summary>
    public string? User { get; init; }

    /// <summary>Where the engine user's password comes from.</summary>
    public SecretReference? Password { get; init; }

    /// <summary>Where the engine's bearer token comes from.</summary>
    public SecretReference? Token { get; init; }

    /// <summary>Whose logs they are, where Loki keeps those of several (its header <c>X-Scope-OrgID</c>); <see langword="null"/> where it does not.</summary>
    public string? Tenant { get; init; }

    /// <summary>The full path of a PEM file with the authorities that the engine's certificate may be signed by; <see langword="null"/> for those of the system.</summary>
    public string? CaCertificate { get; init; }

    /// <summary>How far a server's clock may be off before it is told about.</summary>
    public TimeSpan ClockSkewLimit { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>What is collected, in the order of the file. None: what each server is found to have.</summary>
    public IReadOnlyList<LogSourceDefinition> Sources { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Filters of the admin's own, in the order of the file.</summary>
    public IReadOnlyList<LogFilterDefinition> Filters { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Where lines go.</summary>
    /// <returns>The engine's URL or the store's folder.</returns>
    public override string ToString() => Engine is { } engine ? $"{engine} {Url}" : Store ?? "";
}

/// <summary>An engine elsewhere that keeps and searches logs.</summary>
public enum LogEngine
{
    /// <summary>VictoriaLogs.</summary>
    VictoriaLogs,

    /// <summary>Grafana Loki.</summary>
    Loki,

    /// <summary>Elasticsearch or OpenSearch.</summary>
    Elasticsearch,
}
