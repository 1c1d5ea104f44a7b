using ProdOps.Cmdlets.Common;
using ProdOps.LoadBalancing.Publishing;

namespace ProdOps.Cmdlets.LoadBalancing;

/// <summary>Remembers a publication, whichever command it was made by: as evidence, and as a revision to go back to. What the files hold is not kept with it.</summary>
internal static class PublicationKeeper
{
    public static async Task KeepAsync(LoadBalancerPublication done, string environment, IActivity activity)
    {
        Note(done, environment);
        await EvidenceKeeper.KeepAsync(activity, folder => folder.Publications, TimeProvider.System.GetUtcNow(), environment, done with { Files = [], Time = done.Time == default ? TimeProvider.System.GetUtcNow() : done.Time }, CancellationToken.None);
    }

    /// <summary>As a revision alone.</summary>
    public static void Note(LoadBalancerPublication done, string environment) =>
        KnownRevisions.OfUser?.Note(environment, [new LoadBalancerRevision { Id = done.Revision, LoadBalancer = done.LoadBalancer, Server = done.Server, Time = done.Time, By = $"{Environment.UserName}@{Environment.MachineName}", Changes = done.Changes }], all: false);
}
