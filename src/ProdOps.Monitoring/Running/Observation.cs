using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Running;

/// <summary>What was found out about one server at one moment.</summary>
/// <param name="Server">The server.</param>
/// <param name="Time">When, by this machine's clock.</param>
internal sealed record Observation(string Server, DateTimeOffset Time)
{
    /// <summary>Whether it can be reached, if that was tried: OK, Critical, or Unknown where something answered that is not understood.</summary>
    public HealthState? Reachability { get; init; }

    /// <summary>What is known about that.</summary>
    public string? Message { get; init; }

    /// <summary>The check that was made; <see langword="null"/> for what the server itself was asked.</summary>
    public string? Check { get; init; }

    /// <summary>What the server answered.</summary>
    public ProbeReport? Report { get; init; }

    /// <summary>What it was asked for.</summary>
    public ProbeParts Parts { get; init; }

    /// <summary>How long the answer took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>What was measured.</summary>
    public IReadOnlyList<Measurement> Measurements { get; init; } = [];

    /// <summary>What checks said that judge by themselves.</summary>
    public IReadOnlyList<HealthCheckResult> Results { get; init; } = [];
}
