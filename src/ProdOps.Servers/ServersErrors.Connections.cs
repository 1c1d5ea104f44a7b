using System.Net.Sockets;
using ProdOps.Servers.Ssh.Config;
using ProdOps.Servers.Ssh.Identities;

namespace ProdOps.Servers;

internal static partial class ServersErrors
{
    public static ProdOpsException Unreachable(string server, SshHostSettings host, SocketException cause)
    {
        string at = At(host);
        return cause.SocketErrorCode switch
        {
            SocketError.ConnectionRefused => new("ConnectionRefused", ErrorKind.ResourceUnavailable,
                $"Server '{server}' refuses the connection: nothing listens at {at}.",
                "Check that sshd runs there, and the port.", cause) { Target = server },
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => new("HostNotFound", ErrorKind.NotFound,
                $"Server '{server}' is not found: no address is known for '{host.HostName}'.",
                "Check the name, the name server, or give the server's Address in the environment.", cause) { Target = server },
            SocketError.TimedOut => ConnectTimedOut(server, host, time: null),
            _ => new("ServerUnreachable", ErrorKind.ResourceUnavailable,
                $"Server '{server}' cannot be reached at {at}: {Reason(cause)}.",
                "Check that the machine is up, the network between, and firewalls.", cause) { Target = server },
        };
    }

    public static ProdOpsException ConnectTimedOut(string server, SshHostSettings host, TimeSpan? time) => new(
        "ConnectTimedOut", ErrorKind.Timeout,
        $"Connecting to server '{server}' as {host.User} at {At(host)} took too long{(time is { } limit ? $": it was not done after {limit.TotalSeconds:0.#} s" : "")}.",
        "Check that the machine is up and sshd answers; a slow one gets more time by -ConnectTimeoutSec.") { Target = server };

    public static ProdOpsException ConnectFailed(string server, SshHostSettings host, Exception cause) => new(
        "ConnectFailed", ErrorKind.ResourceUnavailable,
        $"Connecting to server '{server}' as {host.User} at {At(host)} failed: {Reason(cause)}.",
        "Look into sshd's log on the server. It drops connections when too many come at once (MaxStartups), and closes those it shares no algorithm with.", cause) { Target = server };

    public static ProdOpsException SubsystemMissing(string server, string name) => new(
        "SubsystemMissing", ErrorKind.NotSupported,
        $"Server '{server}' has no subsystem '{name}'.",
        $"Add 'Subsystem {name} internal-{name}' to its sshd_config, and allow it to this user (ForceCommand, Match).") { Target = server };

    public static ProdOpsException JumpRefused(string server, SshHostSettings host, string jump, string said) => new(
        "JumpRefused", ErrorKind.ResourceUnavailable,
        $"'{jump}' does not connect to server '{server}' at {At(host)}: {Printable(said)}.",
        $"Check that '{jump}' can reach it, and that AllowTcpForwarding in its sshd_config is yes.") { Target = server };

    /// <param name="server">The server.</param>
    /// <param name="host">Where and as whom.</param>
    /// <param name="tried">The methods that we had something for.</param>
    /// <param name="identities">The keys that were offered, and those that could not be.</param>
    /// <param name="allowed">The methods that the server allows.</param>
    /// <param name="cause">What SSH.NET says.</param>
    public static ProdOpsException AuthenticationFailed(
        string server, SshHostSettings host, IReadOnlyList<string> tried, SshIdentities identities, IReadOnlyList<string> allowed, Exception cause)
    {
        var keys = identities.Describe();
        string offered = keys.Count > 0 ? $" Keys offered: {string.Join(", ", keys)}." : "";
        string passedOver = identities.PassedOver.Count > 0 ? $" Not offered: {string.Join(", ", identities.PassedOver.Distinct())}." : "";
        string methods = tried.Count > 0 ? $"tried {string.Join(", ", tried)}" : "there was no key and no password to try";
        string allows = allowed.Count > 0 ? $"; the server allows {string.Join(", ", allowed.Select(Printable))}" : "";
        return new("AuthenticationFailed", ErrorKind.Authentication,
            $"Server '{server}' does not let '{host.User}' in at {At(host)}: {methods}{allows}.{offered}{passedOver}",
            "Add a key by -IdentityFile or to the agent (ssh-add, which asks for its passphrase) and to the user's authorized_keys on the server, or give a password by -Credential.", cause) { Target = server };
    }

    /// <summary>The id of <see cref="ConnectionLost"/>, which decides whether something is tried again.</summary>
    public const string ConnectionLostId = "ConnectionLost";

    public static ProdOpsException SessionRefused(string server, string said) => new(
        "SessionRefused", ErrorKind.PermissionDenied,
        $"Server '{server}' let the user log in but runs no commands: {Printable(said)}",
        "MaxSessions in its sshd_config must be 1 or more, and the account must not be for forwarding or file transfer alone.") { Target = server };

    public static ProdOpsException ConnectionLost(string server, Exception? cause) => new(
        ConnectionLostId, ErrorKind.ResourceUnavailable,
        $"The connection to server '{server}' was lost{(cause is null ? "" : ": " + Reason(cause))}.",
        "Look whether the server was restarted or the network broke. Whether a command that ran has ended is not known.", cause) { Target = server };

    /// <summary>Whether an error says that a server cannot be reached now. Names that nobody knows, host keys and logins that are refused are other errors: they do not go away by themselves.</summary>
    public static bool IsUnreachable(Exception error) =>
        error is ProdOpsException { ErrorId: "ConnectionRefused" or "ServerUnreachable" or "ConnectTimedOut" or "ConnectFailed" or "JumpRefused" or ConnectionLostId };

    private static string At(SshHostSettings host) => host.HostName.Contains(':') ? $"[{host.HostName}]:{host.Port}" : $"{host.HostName}:{host.Port}";

    private static string Reason(Exception cause) => Printable(cause.Message).TrimEnd('.', ' ');
}
