namespace ProdOps.Recovery.Topology;

/// <summary>What was measured of an environment, as far as anybody has.</summary>
internal sealed record TopologyMeasurements
{
    /// <summary>The most that all servers of a pool did together within 5 minutes, by load balancer: 1 is one server whose CPUs are all busy.</summary>
    public IReadOnlyDictionary<string, PoolPeak> Peaks { get; init; } = new Dictionary<string, PoolPeak>();

    /// <summary>Load tests.</summary>
    public IReadOnlyList<LoadTestResult> LoadTests { get; init; } = [];

    /// <summary>Failover tests, in the order in which they were made.</summary>
    public IReadOnlyList<FailoverTestResult> FailoverTests { get; init; } = [];

    /// <summary>Tests of backups.</summary>
    public IReadOnlyList<BackupTestEvidence> BackupTests { get; init; } = [];

    /// <summary>The largest lag of each server's replication lately.</summary>
    public IReadOnlyList<MetricSample> Lags { get; init; } = [];

    /// <summary>The present, for what grows old.</summary>
    public required DateTimeOffset Now { get; init; }
}

/// <summary>The most that a pool did.</summary>
/// <param name="Servers">Busy CPUs in servers: 1.5 is one and a half servers whose CPUs have nothing left.</param>
/// <param name="Time">When.</param>
/// <param name="Samples">What each server did then.</param>
internal sealed record PoolPeak(double Servers, DateTimeOffset Time, IReadOnlyList<MetricSample> Samples);
