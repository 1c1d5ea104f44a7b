namespace ProdOps.Monitoring.Checks;

/// <summary>Makes checks of what an environment defines.</summary>
internal interface ICheckFactory
{
    /// <summary>
    /// The check of one server, which is told which checks of which server its results are: <see cref="HealthCheckResult.Server"/> is the server's name and
    /// <see cref="HealthCheckResult.Check"/> the definition's.
    /// </summary>
    /// <exception cref="ProdOpsException">The definition makes no sense, or is of a kind that nothing here can check.</exception>
    IHealthCheck Create(HealthCheckDefinition definition, Server server);
}
