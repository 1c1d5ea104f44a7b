namespace ProdOps.Servers;

internal static partial class ServersErrors
{
    public static ProdOpsException HAProxyTableNotUnderstood(string text) => new(
        "HAProxyTableNotUnderstood", ErrorKind.InvalidData,
        $"What answers is no table of HAProxy's: '{Shorten(text)}'.",
        "Name its admin socket, or its page of statistics with ';csv' at the end.");

    public static ProdOpsException HAProxyUnreachable(string server, string socket, string why) => new(
        "HAProxyUnreachable", ErrorKind.ResourceUnavailable,
        $"HAProxy on server '{server}' does not answer on '{socket}': {Printable(why)}.",
        "See whether HAProxy runs (systemctl status haproxy) and which 'stats socket' its configuration has; another one can be named by Socket in the environment.") { Target = server };

    public static ProdOpsException HAProxySilent(string server, string socket, TimeSpan time) => new(
        "HAProxySilent", ErrorKind.Timeout,
        $"HAProxy on server '{server}' took the request on '{socket}' and did not answer within {time.TotalSeconds:0.#} s.",
        "Its process is stopped or hopelessly busy: look at it on the server.") { Target = server };

    public static ProdOpsException HAProxyForbidden(string server, string socket, ProdOpsException? sudo) => new(
        "HAProxySocketForbidden", ErrorKind.PermissionDenied,
        $"On server '{server}' this user may not use HAProxy's socket '{socket}'{(sudo is null ? ", not even by sudo" : $", and to be root is refused: {sudo.Message.TrimEnd('.')}")}.",
        "Put the user into the group that 'stats socket … group' names, or give it a rule in sudoers.", sudo) { Target = server };

    public static ProdOpsException HAProxyToolMissing(string server) => new(
        "HAProxyToolMissing", ErrorKind.NotSupported,
        $"Server '{server}' has nothing that could connect to HAProxy's socket: neither perl, python3, socat nor nc.",
        "Install one of them: apt-get install perl-base.") { Target = server };

    public static ProdOpsException HAProxyAnswerTooLarge(string server, string socket, int limit) => new(
        "HAProxyAnswerTooLarge", ErrorKind.InvalidData,
        $"What answers on '{socket}' of server '{server}' says more than {limit:N0} bytes, which no HAProxy does.",
        "See what listens there.") { Target = server };
}
