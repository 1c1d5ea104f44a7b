namespace ProdOps.LoadBalancing.Rolling;

/// <summary>How a rolling update goes about it. It is kept with the update, so that whoever goes on does it alike.</summary>
internal sealed record RollingOptions
{
    /// <summary>How many servers are out at the same time, 1 or more.</summary>
    public int BatchSize { get; init; } = 1;

    /// <summary>How many servers make a first batch, 0 for none of its own.</summary>
    public int Canary { get; init; }

    /// <summary>How many servers of the pool must get requests at all times, 0 or more.</summary>
    public int MinimumHealthy { get; init; } = 1;

    /// <summary>How many servers may fail until the update stops.</summary>
    public int MaxFailures { get; init; }

    /// <summary>How long a server may take to finish its requests.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>True to end what a server has not finished in that time, instead of leaving it in service.</summary>
    public bool EndSessions { get; init; }

    /// <summary>How long a server may take from the end of the script until it is well.</summary>
    public TimeSpan CheckTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long the balancers may take until they see it up.</summary>
    public TimeSpan EnableTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long its answers to real requests are watched.</summary>
    public TimeSpan SettleTime { get; init; } = TimeSpan.FromSeconds(10);
}
