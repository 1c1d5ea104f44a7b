namespace ProdOps.LoadBalancing;

internal static partial class LoadBalancingErrors
{
    public static ProdOpsException NginxAnswerNotUnderstood(string server) => new(
        "NginxAnswerNotUnderstood", ErrorKind.InvalidData,
        $"What server '{server}' says of its nginx ends too early.",
        "See what the login user's shell prints there.") { Target = server };

    public static ProdOpsException NginxNotRunning(string server, bool installed) => new(
        "NginxNotRunning", installed ? ErrorKind.ResourceUnavailable : ErrorKind.NotFound,
        installed ? $"nginx does not run on '{server}'." : $"nginx is not installed on '{server}'.",
        installed ? "See why: systemctl status nginx." : "Install it, or name in the environment the servers that balance.") { Target = server };

    public static ProdOpsException NginxNoFile(string server) => new(
        "NginxNoConfigurationPath", ErrorKind.InvalidOperation,
        $"The pools of nginx on '{server}' can only be read: the environment does not say which file they may be changed in.",
        "Move the upstream block into a file of its own that nginx.conf includes, and name it as Configuration.") { Target = server };

    public static ProdOpsException NginxMainFile(string server, string path) => new(
        "NginxMainConfiguration", ErrorKind.InvalidOperation,
        $"'{path}' is the main configuration of nginx on '{server}', and is not changed.",
        "Move the upstream block into a file of its own that it includes, and name that as Configuration.") { Target = server };

    public static ProdOpsException NginxRefused(string server, string path, string said) => new(
        "NginxConfigurationRefused", ErrorKind.InvalidData,
        $"nginx on '{server}' refuses its configuration with '{path}' changed, which is as it was again: {Servers.ServersErrors.Shorten(said)}",
        "Run 'nginx -t' there: what it complains of may have been there before.") { Target = server };

    public static ProdOpsException NginxNotTakenUp(string server, string path, string said) => new(
        "NginxReloadFailed", ErrorKind.InvalidOperation,
        $"nginx on '{server}' did not take up '{path}', which is as it was again{(said.Length > 0 ? $": {Servers.ServersErrors.Shorten(said)}" : ".")}",
        "See its error log: /var/log/nginx/error.log.") { Target = server };

    public static ProdOpsException NginxFileBusy(string server, string path, string said) => new(
        "NginxConfigurationBusy", ErrorKind.ResourceBusy,
        $"'{path}' on '{server}' is being changed by somebody else{(said.Trim().Length > 0 ? $": {Servers.ServersErrors.Shorten(said)}" : ".")}",
        "Try again.") { Target = server };

    public static ProdOpsException NginxCannot(string server, string what, string recommendation) => new(
        "NginxCannotDoThat", ErrorKind.NotSupported, $"The open-source edition of nginx, on '{server}', cannot {what}.", recommendation) { Target = server };

    public static ProdOpsException NginxSessionsNotEnded(string server, string address) => new(
        "NginxSessionsNotEnded", ErrorKind.NotSupported,
        $"The connections of nginx on '{server}' to {address} could not be ended.",
        "Its kernel must allow that sockets are destroyed ('ss -K'); else wait until they end.") { Target = server };
}
