namespace ProdOps.Monitoring.Watching;

/// <summary>How all servers are at one moment, and where that is known from.</summary>
internal sealed record HealthPicture
{
    /// <summary>The environment's name; empty without one.</summary>
    public string Environment { get; init; } = "";

    /// <summary>The servers, in any order.</summary>
    public IReadOnlyList<WatchedHealth> Servers { get; init; } = [];

    /// <summary>Where it is known from, e.g. <c>asked from here every 5s</c>.</summary>
    public string Source { get; init; } = "";

    /// <summary>When it is looked at.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>How old the oldest of what is shown is; <see langword="null"/> where there is nothing yet.</summary>
    public TimeSpan? Age { get; init; }

    /// <summary>Whether that is older than it should be.</summary>
    public bool IsStale { get; init; }

    /// <summary>How many incidents are open, where somebody counts them.</summary>
    public int? Incidents { get; init; }
}

/// <summary>A server and how it came to be so.</summary>
/// <param name="Health">How it is; without a time: it has not been looked at yet.</param>
/// <param name="Trend">How it was lately.</param>
internal sealed record WatchedHealth(ServerHealth Health, HealthTrend Trend)
{
    public bool IsKnown => Health.Time != default;
}

/// <summary>The last values in per cent, the newest last; NaN where there was none.</summary>
internal sealed record HealthTrend(IReadOnlyList<double> Cpu, IReadOnlyList<double> Memory, IReadOnlyList<double> Disk)
{
    public static HealthTrend None { get; } = new([], [], []);
}
