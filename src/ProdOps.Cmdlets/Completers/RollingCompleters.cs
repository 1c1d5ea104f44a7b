using System.Management.Automation;
using ProdOps.LoadBalancing.Rolling;

namespace ProdOps.Cmdlets.Completers;

/// <summary>Proposes the rolling updates of this user, the latest first.</summary>
internal sealed class RollingUpdateCompleter : SessionCompleter
{
    private protected override IEnumerable<(string Text, string ToolTip)> Propose(SessionState? session, BoundValues bound) =>
        RollingJournal.DefaultFolder is { } folder ? RollingJournal.List(folder).Select(name => (name, "a rolling update of this user")) : [];
}
