using static System.FormattableString;

namespace ProdOps.LoadBalancing;

internal static partial class LoadBalancingErrors
{
    public static ProdOpsException FailoverNoAddress(string name) => new(
        "FailoverAddressMissing", ErrorKind.InvalidOperation,
        $"The load balancer '{name}' has no VirtualAddress: when its balancer stops, no other one takes over.",
        "Give it a second balancer and a VirtualAddress, or test a server of the pool by -Stop BackendServer.") { Target = name };

    public static ProdOpsException FailoverServerUnknown(string name, string server, IEnumerable<string> known) => new(
        "FailoverServerUnknown", ErrorKind.NotFound,
        $"'{server}' is not one of the servers that can be stopped for '{name}'.",
        $"They are: {string.Join(", ", known)}.") { Target = server };

    public static ProdOpsException FailoverServiceMissing(string server) => new(
        "FailoverServiceMissing", ErrorKind.InvalidArgument,
        $"Which service of '{server}' is to be stopped is not known: the environment names {(server.Length > 0 ? "none or several" : "none")}.",
        "Name it by -Service, or as Services of the server in environment.psd1.") { Target = server };

    public static ProdOpsException FailoverNotReady(string name, IReadOnlyList<string> problems) => new(
        "FailoverNotReady", ErrorKind.InvalidOperation,
        $"Nothing of '{name}' was stopped, since nothing could take its place: {string.Join("; ", problems)}.",
        "Mend that first; Test-LoadBalancer -Readiness shows what else is in the way.") { Target = name };

    public static ProdOpsException FailoverNotWell(string name, LoadTestResult seen) => new(
        "FailoverNotWell", ErrorKind.InvalidOperation,
        Invariant($"Nothing of '{name}' was stopped, since requests fail already: {seen.Failed} of {seen.Requests} to {seen.Target}{(seen.Failures is [var first, ..] ? $", {first.Text}" : "")}."),
        "Test-LoadBalancer shows which and why.") { Target = name };

    public static ProdOpsException FailoverUnderWay(string server, string service) => new(
        "FailoverUnderWay", ErrorKind.ResourceBusy,
        $"A failover test of {service} on '{server}' is under way already.",
        "Wait for it. If it was killed, its timer starts the service again within some minutes: systemctl list-timers 'prodops-*'.") { Target = server };

    public static ProdOpsException FailoverNotRunning(string server, string service) => new(
        "FailoverNotRunning", ErrorKind.InvalidOperation,
        $"On '{server}' {service} does not run, so it cannot be stopped.",
        "Start it, or name another service by -Service.") { Target = server };

    public static ProdOpsException FailoverNotStarted(string server, string service, Exception cause) => new(
        "FailoverNotStarted", ErrorKind.ResourceUnavailable,
        $"On '{server}' {service} was stopped for a test and could not be started again: {cause.Message}",
        $"Start it now: systemctl start {service}. A timer on the server tries it, too.", cause) { Target = server };

    public static ProdOpsException NoSharedData(string name) => new(
        "SharedDataMissing", ErrorKind.InvalidArgument,
        $"The load balancer '{name}' names no SharedData.",
        "Name it in environment.psd1: SharedData = @{ Path = '/srv/uploads'; From = 'web1' }.") { Target = name };
}
