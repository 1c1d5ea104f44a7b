using System.Globalization;
using ProdOps.LoadBalancing.Operating;
using static System.FormattableString;

namespace ProdOps.LoadBalancing;

internal static partial class LoadBalancingErrors
{
    public const string ServerBusyId = "BackendServerBusy";
    public const string ChangedMeanwhileId = "BackendChangedMeanwhile";
    public const string PoolLockFailedId = "BackendPoolLockFailed";

    public static ProdOpsException NoBalancer() => new(
        "BalancerNotFound", ErrorKind.NotFound,
        "There is no balancer to ask.",
        "Name one by -LoadBalancer or -Server; an environment has them in LoadBalancers.");

    public static ProdOpsException EntryNotFound(string name, string? near) => new(
        "LoadBalancerNotFound", ErrorKind.NotFound,
        $"The environment has no load balancer '{Shown(name)}'.{(near is null ? "" : $" Did you mean '{near}'?")}",
        "Get-ProdOpsEnvironment lists the entries of LoadBalancers; -Server names a balancer that has none.") { Target = name };

    public static ProdOpsException BalancerMissing(BackendMember member, ProdOpsException cause) => new(
        "BalancerMissing", ErrorKind.ResourceUnavailable,
        $"'{member}' is left as it is, since not all of its balancers can be asked: {cause.Message}",
        "Bring the balancer back, or change the others alone by -AllowPartial: the missing one then goes on as before.", cause) { Target = member.Name };

    public static ProdOpsException LastServer(string balancer, BackendMember member, int others, int minimum) => new(
        "BackendLastServer", ErrorKind.InvalidOperation,
        Invariant($"'{member}' is left in service: on {balancer} {(others == 0 ? "no other server" : others == 1 ? "one other server" : $"{others} other servers")} of the pool {(others <= 1 ? "takes" : "take")} requests, and at least {minimum} must."),
        "Bring others back first (Get-BackendServer says why they are out), or insist by -Force.") { Target = member.Name };

    public static ProdOpsException ServerBusy(BackendMember member, long left, TimeSpan time, bool isPutBack) => new(
        ServerBusyId, ErrorKind.Timeout,
        Invariant($"'{member}' had {left} {(left == 1 ? "request or connection" : "requests or connections")} left after {time.TotalSeconds:0.#} s, and {(isPutBack ? "is what it was before" : "goes on with them")}."),
        "Wait longer by -TimeoutSec, or end what is left by -OnTimeout Shutdown; Enable-BackendServer puts it back.") { Target = member.Name };

    public static ProdOpsException ChangedMeanwhile(string balancer, BackendMember member) => new(
        ChangedMeanwhileId, ErrorKind.InvalidOperation,
        $"While '{member}' was draining, somebody else put it back on {balancer}.",
        "Agree with whoever works on the balancer; an agent check that says 'ready' does this too.") { Target = member.Name };

    public static ProdOpsException CheckFailed(BackendMember member, BackendServer server, TimeSpan time) => new(
        "BackendCheckFailed", ErrorKind.ResourceUnavailable,
        Invariant($"'{member}' is not put back: in {time.TotalSeconds:0.#} s it passed no check of {server.Balancer}{(server.Reason.Length > 0 ? $" ({Shown(server.Reason).TrimEnd('.')})" : "")}."),
        "See what the server answers to the check; -Force puts it back unchecked, -TimeoutSec gives it more time.") { Target = member.Name };

    public static ProdOpsException ServerNotUp(BackendMember member, BackendServer server, TimeSpan time) => new(
        "BackendServerNotUp", ErrorKind.ResourceUnavailable,
        Invariant($"'{member}' was put back and is {server.State.ToString().ToLower(CultureInfo.InvariantCulture)} on {server.Balancer} after {time.TotalSeconds:0.#} s{(server.Reason.Length > 0 ? $" ({Shown(server.Reason).TrimEnd('.')})" : "")}; so it is what it was before."),
        "See what the server answers to the check.") { Target = member.Name };

    public static ProdOpsException ChoiceAmbiguous() => new(
        "LoadBalancerChoiceAmbiguous", ErrorKind.InvalidArgument,
        "-LoadBalancer and -Server both say which balancers are meant.",
        "Give one of them: -LoadBalancer for all balancers of an entry, or -Server for balancers by name.");

    public static ProdOpsException PoolLocked(string balancer, string pool, string holder) => new(
        "BackendPoolLocked", ErrorKind.ResourceBusy,
        $"Somebody else is updating the servers of the pool '{pool}' on '{balancer}'{(holder.Trim().Length > 0 ? $": {Shown(holder)}" : "")}. Nothing was done.",
        "Wait until that update is over. The lock goes by itself within half a minute when its owner is gone.") { Target = pool };

    public static ProdOpsException PoolLockFailed(string balancer, string pool, string why) => new(
        PoolLockFailedId, ErrorKind.NotSupported,
        $"Whether somebody else is updating the servers of the pool '{pool}' on '{balancer}' cannot be told: {Said(why)}",
        "It takes perl there, and Linux.") { Target = pool };

    public static ProdOpsException ServerInUse(string balancer, BackendMember member) => new(
        "BackendServerInUse", ErrorKind.InvalidOperation,
        $"'{member}' is in service on {balancer}.",
        "Take it out first: Disable-BackendServer.") { Target = member.Name };
}
