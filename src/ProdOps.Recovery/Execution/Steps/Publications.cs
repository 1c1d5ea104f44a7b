using ProdOps.LoadBalancing;
using ProdOps.LoadBalancing.Publishing;
using ProdOps.LoadBalancing.Rendering;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Inventory;

namespace ProdOps.Recovery.Execution.Steps;

/// <summary>Has balancers serve by what the environment says of them, as Publish-LoadBalancer has: checked by their own programs, proved, or put back.</summary>
internal sealed class Publications(ProdOpsEnvironment environment, Func<Server, CancellationToken, Task<IServerShell>> open, IActivity activity, TimeProvider time)
{
    /// <summary>Is told what was published, and what was put back.</summary>
    public Func<LoadBalancerPublication, Task> Done { get; init; } = static _ => Task.CompletedTask;

    /// <summary>What a balancer is by the environment.</summary>
    /// <exception cref="ProdOpsException">The entry is written by hand, or has no such balancer.</exception>
    public static BalancerSite SiteOf(ProdOpsEnvironment environment, string loadBalancer, string balancer)
    {
        var entry = environment.LoadBalancers.First(entry => entry.Name.Equals(loadBalancer, StringComparison.OrdinalIgnoreCase));
        if (!entry.IsManaged) throw LoadBalancingErrors.NotManaged(entry.Name);
        return BalancerSite.Of(environment, [entry]).FirstOrDefault(site => site.Server.Equals(balancer, StringComparison.OrdinalIgnoreCase)) ?? throw LoadBalancingErrors.NotABalancer(balancer);
    }

    /// <summary>Publishes to one balancer, which may be built on another host than the environment has for it. The other one of a pair may be lost.</summary>
    /// <param name="step">The step.</param>
    /// <param name="balancer">The balancer, as the environment calls it.</param>
    /// <param name="server">The host that it is on.</param>
    /// <param name="plan">Whether only to look.</param>
    /// <param name="cancellationToken">Stops; what was begun is put back.</param>
    /// <returns>What was changed, or would be, a line each; none if it serves by it already.</returns>
    public async Task<IReadOnlyList<string>> PublishAsync(RecoveryStep step, string balancer, Server server, bool plan, CancellationToken cancellationToken)
    {
        var options = new PublishOptions { AsRoot = step.AsRoot, AllowPartial = true, By = $"{Environment.UserName}@{Environment.MachineName}" };
        var resolver = new ServerResolver(environment);
        var publisher = new Publisher((name, token) => open(name.Equals(balancer, StringComparison.OrdinalIgnoreCase) ? server : resolver.Resolve(name)[0], token), options, time, activity) { PutBack = Done };
        var planned = (await publisher.PlanAsync([SiteOf(environment, step.LoadBalancer, balancer)], cancellationToken).ConfigureAwait(false))[0];
        if (planned.IsNothing) return [];
        if (!plan) await Done(await publisher.RunAsync(planned, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        return planned.Publication.Changes;
    }
}
