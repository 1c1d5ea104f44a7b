namespace ProdOps.Monitoring.Checks;

/// <summary>A check that makes no sense as the environment's file has it: nobody knows how what it is about is, and why is said each time, until somebody corrects it.</summary>
internal sealed class InvalidCheck(ProdOpsException error) : IHealthCheck
{
    public Task<IReadOnlyList<HealthCheckResult>> RunAsync(CancellationToken cancellationToken) => Task.FromException<IReadOnlyList<HealthCheckResult>>(error);
}
