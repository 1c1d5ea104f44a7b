using System.Globalization;
using System.Management.Automation;
using ProdOps.LoadBalancing.Publishing;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Completers;

/// <summary>Proposes the revisions that this user has seen on balancers, the newest of each first; those of the entry and the balancer that the line names.</summary>
internal sealed class RevisionCompleter : SessionCompleter
{
    private protected override IEnumerable<(string Text, string ToolTip)> Propose(SessionState? session, BoundValues bound)
    {
        string? entry = bound.Text("LoadBalancer", "Name"), server = bound.Text("Server", "ComputerName", "Cn", "Balancer");
        return (KnownRevisions.OfUser?.Read() ?? [])
            .Where(one => (entry is null || one.LoadBalancer.Split(',').Any(name => NamePattern.IsMatch(entry, name))) && (server is null || NamePattern.IsMatch(server, one.Server)))
            .DistinctBy(one => one.Id).Select(one => (one.Id, Describe(one)));
    }

    private static string Describe(KnownRevision one) =>
        string.Create(CultureInfo.InvariantCulture, $"{one.Server}, {one.Time.ToLocalTime():yyyy-MM-dd HH:mm}{(one.By.Length > 0 ? $", {one.By}" : "")}{(one.Change.Length > 0 ? $": {one.Change}" : "")}");
}
