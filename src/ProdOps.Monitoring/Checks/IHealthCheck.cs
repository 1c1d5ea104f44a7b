namespace ProdOps.Monitoring.Checks;

/// <summary>Something that is looked at from here or on a server, once each time it is asked.</summary>
internal interface IHealthCheck
{
    /// <summary>Looks. What is wrong with what is checked is a result and no exception.</summary>
    /// <exception cref="OperationCanceledException">It was called off.</exception>
    Task<IReadOnlyList<HealthCheckResult>> RunAsync(CancellationToken cancellationToken);
}
