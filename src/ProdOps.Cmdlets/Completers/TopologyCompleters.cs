using ProdOps.Recovery.Topology;

namespace ProdOps.Cmdlets.Completers;

/// <summary>Proposes the environment's services.</summary>
internal sealed class ServiceCompleter : EnvironmentCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Text, string ToolTip)> Propose(ProdOpsEnvironment environment) =>
        Sorted(TopologyBuilder.Build(environment).Services.Select(service => (service.Name, service.Source is ServiceDefinition definition ? $"needs {Few(definition.DependsOn)}" : "a load balancer or server")));
}

/// <summary>Proposes what can fail.</summary>
internal sealed class TopologyComponentCompleter : EnvironmentCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Text, string ToolTip)> Propose(ProdOpsEnvironment environment) => Sorted(TopologyBuilder.Build(environment).Graph.Nodes
        .Where(node => node.CanFail && node.Kind is not (TopologyNodeKind.Unit or TopologyNodeKind.Secret)).Select(node => (node.Name, node.Kind.ToString())).DistinctBy(pair => pair.Name));
}
