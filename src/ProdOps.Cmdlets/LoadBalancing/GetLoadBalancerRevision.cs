using System.Management.Automation;
using ProdOps.LoadBalancing.Publishing;

namespace ProdOps.Cmdlets.LoadBalancing;

/// <summary>Gets the configurations that were published and are kept on the balancers.</summary>
[Cmdlet(VerbsCommon.Get, "LoadBalancerRevision")]
[OutputType(typeof(LoadBalancerRevision))]
public sealed class GetLoadBalancerRevision : PublishingCmdlet
{
    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        foreach (var site in (await FindSitesAsync()).Reverse())
        {
            try
            {
                var store = new BalancerStore(await OpenAsync(site.Server, cancellationToken), Options().FolderOf(site.Kind), asRoot: true);
                LoadBalancerRevision[] revisions = [.. (await store.ReadRevisionsAsync(withFiles: false, cancellationToken)).Select(revision => revision.Manifest.ToModel(site.Server, revision.IsCurrent))];
                KnownRevisions.OfUser?.Note(Inventory.Name, revisions, all: true);
                await WriteAllAsync(revisions);
            }
            catch (ProdOpsException error)
            {
                await WriteErrorAsync(Common.ErrorMapper.ToErrorRecord(error, site.Server));
            }
        }
    }
}
