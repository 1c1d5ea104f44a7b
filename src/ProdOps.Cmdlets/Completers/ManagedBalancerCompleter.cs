namespace ProdOps.Cmdlets.Completers;

/// <summary>Proposes those of the environment's load balancers whose configuration ProdOps writes.</summary>
internal sealed class ManagedBalancerCompleter : EnvironmentCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Text, string ToolTip)> Propose(ProdOpsEnvironment environment) =>
        Sorted(environment.LoadBalancers.Where(entry => entry.IsManaged).Select(entry => (entry.Name, $"{entry.Kind} on {Few(entry.Servers)}")));
}
