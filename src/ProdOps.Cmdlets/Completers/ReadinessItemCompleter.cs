using System.Management.Automation;
using ProdOps.Recovery.Readiness;

namespace ProdOps.Cmdlets.Completers;

/// <summary>Proposes what readiness is judged by.</summary>
internal sealed class ReadinessItemCompleter : SessionCompleter
{
    private protected override IEnumerable<(string Text, string ToolTip)> Propose(SessionState? session, BoundValues bound) =>
        ReadinessCatalogue.All.Select(static kind => (kind.Item, $"{kind.Area}: {kind.Title}"));
}
