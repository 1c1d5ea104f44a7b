using System.Management.Automation;
using ProdOps.LoadBalancing;
using ProdOps.LoadBalancing.Publishing;
using ProdOps.LoadBalancing.Rendering;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.LoadBalancing;

/// <summary>Has balancers serve by a former revision again, checked and verified as any other.</summary>
[Cmdlet(VerbsCommon.Undo, "LoadBalancer", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(LoadBalancerPublication))]
public sealed class UndoLoadBalancer : PublishingCmdlet
{
    /// <summary>The revision.</summary>
    [Parameter(Position = 1, HelpMessage = "The revision, or either part of it: 7-5ffc827e, 7 or 5ffc827e. Default: the one before the present one.")]
    [Alias("Id")]
    [ArgumentCompleter(typeof(Completers.RevisionCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Revision { get; set; }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var sites = await FindSitesAsync();
        var publisher = Publisher(Options(force: true));
        var plans = new List<PublishPlan>();
        // All are planned first: nothing is changed on one if another cannot be.
        foreach (var site in sites) plans.Add(await PlanAsync(publisher, site, cancellationToken));
        await PublishAsync(publisher, plans, _ => $"Go back to {Revision ?? "the revision before"}", cancellationToken);
    }

    private async Task<PublishPlan> PlanAsync(Publisher publisher, BalancerSite site, CancellationToken cancellationToken)
    {
        var (shell, facts) = await publisher.LookAsync(site, cancellationToken);
        var revisions = await new BalancerStore(shell, Options().FolderOf(site.Kind), asRoot: true).ReadRevisionsAsync(withFiles: true, cancellationToken);
        KnownRevisions.OfUser?.Note(Inventory.Name, [.. revisions.Select(revision => revision.Manifest.ToModel(site.Server, revision.IsCurrent))], all: true);
        int current = revisions.ToList().FindIndex(revision => revision.IsCurrent);
        int chosen = Revision is null
            ? revisions.ToList().FindIndex(current + 1, revision => current < 0 || HashOf(revision.Manifest.Id) != HashOf(revisions[current].Manifest.Id))
            : revisions.ToList().FindIndex(revision => revision.Manifest.Id.Equals(Revision, StringComparison.OrdinalIgnoreCase) || revision.Manifest.Id.StartsWith($"{Revision}-", StringComparison.Ordinal)
                || HashOf(revision.Manifest.Id).Equals(Revision, StringComparison.OrdinalIgnoreCase));
        if (chosen < 0) throw Revision is null ? LoadBalancingErrors.NoFormerRevision(site.Server) : LoadBalancingErrors.RevisionNotFound(site.Server, Revision, Nearest.Find(Revision, revisions.Select(revision => revision.Manifest.Id)));
        return await publisher.PlanAsync(shell, site, revisions[chosen].Files, HashOf(revisions[chosen].Manifest.Id), facts, cancellationToken);
    }

    private static string HashOf(string revision) => revision[(revision.IndexOf('-', StringComparison.Ordinal) + 1)..];
}
