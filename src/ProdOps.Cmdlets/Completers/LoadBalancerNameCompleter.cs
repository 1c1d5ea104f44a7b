using System.Management.Automation;
using ProdOps.Cmdlets.Servers;

namespace ProdOps.Cmdlets.Completers;

/// <summary>Proposes the environment's load balancers, with their balancers and pools.</summary>
internal sealed class LoadBalancerNameCompleter : SessionCompleter
{
    private protected override IEnumerable<(string Text, string ToolTip)> Propose(SessionState? session, BoundValues bound) =>
        Sorted((session is null ? null : SessionEnvironment.Of(session, bound.Text("Environment")).TryLoad())?.LoadBalancers
            .Select(entry => (entry.Name, $"{entry.Kind} on {Few(entry.Servers)} for {Few(entry.Pool)}")) ?? []);
}
