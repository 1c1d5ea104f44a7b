using ProdOps.Cmdlets.Common;
using ProdOps.LoadBalancing.Publishing;

namespace ProdOps.Cmdlets.LoadBalancing;

/// <summary>Remembers what a balancer serves by, or failed to, whichever command made it: as evidence, and as a revision to go back to. What the files hold is not kept with it.</summary>
internal static class PublicationKeeper
{
    public static async Task KeepAsync(LoadBalancerPublication done, string environment, IActivity activity)
    {
        // One that was there already is proved to serve; who made it, when and why is not known here, and may have been noted by whoever did.
        if (done.Status == LoadBalancerPublicationStatus.Published)
            KnownRevisions.OfUser?.Note(environment, [new LoadBalancerRevision { Id = done.Revision, LoadBalancer = done.LoadBalancer, Server = done.Server, Time = done.Time, By = $"{Environment.UserName}@{Environment.MachineName}", Changes = done.Changes }], all: false);
        await EvidenceKeeper.KeepAsync(activity, folder => folder.Publications, done.Time, environment, done with { Files = [] }, CancellationToken.None);
    }
}
