namespace ProdOps.Servers;

internal static partial class ServersErrors
{
    public static ProdOpsException SshConfigInvalid(string file, int line, string why, string? recommendation = null) => new(
        "SshConfigInvalid", ErrorKind.InvalidArgument,
        $"{file}:{line}: {why}.",
        recommendation ?? "Correct the line; `ssh -G host` shows what OpenSSH makes of the file.") { Target = file };

    public static ProdOpsException SshConfigKeywordUnknown(string file, int line, string keyword, string? nearest) => new(
        "SshConfigKeywordUnknown", ErrorKind.InvalidArgument,
        $"{file}:{line}: '{keyword}' is not a keyword of ssh_config.",
        (nearest is null ? "" : $"Did you mean '{nearest}'? ") + $"Lines for another program's sake are let pass by 'IgnoreUnknown {keyword}' before them.") { Target = file };

    public static ProdOpsException SshConfigInsecure(string file) => new(
        "SshConfigInsecure", ErrorKind.PermissionDenied,
        $"The SSH configuration '{file}' belongs to another user, or others may write to it.",
        $"Whoever writes to it decides where you connect to. Look what is in it, then: chmod go-w '{file}'.") { Target = file };

    public static ProdOpsException SshConfigNotFound(string file) => new(
        "SshConfigNotFound", ErrorKind.NotFound,
        $"The SSH configuration '{file}' does not exist.",
        "Check the path; 'none' stands for no file.") { Target = file };

    public static ProdOpsException SshConfigUnreadable(string file, Exception cause) => new(
        "SshConfigUnreadable", cause is UnauthorizedAccessException ? ErrorKind.PermissionDenied : ErrorKind.ReadError,
        $"The SSH configuration '{file}' cannot be read: {cause.Message}",
        "Give the user that runs ProdOps leave to read it.", cause) { Target = file };

    public static ProdOpsException SshConfigTooLarge(string file) => new(
        "SshConfigInvalid", ErrorKind.InvalidData,
        $"The SSH configuration '{file}' is larger than {Ssh.Config.SshConfigEnvironment.MaximumFileLength / (1024 * 1024)} MiB, which none is.",
        "Check that it is the right file.") { Target = file };

    public static ProdOpsException SshTokenInvalid(string where, string text, string why) => new(
        "SshConfigInvalid", ErrorKind.InvalidArgument,
        $"{where}: '{text}' cannot be expanded: {why}.",
        "ssh_config(5) lists under TOKENS what may follow a %; write %% for the character itself.") { Target = text };

    public static ProdOpsException SshProxyCommandUnsupported(string host, string where) => new(
        "SshProxyCommandUnsupported", ErrorKind.NotSupported,
        $"{where}: '{host}' is to be reached by a ProxyCommand, which ProdOps does not run.",
        "Where it goes through another SSH server (ssh -W, nc), name that server by ProxyJump instead.") { Target = host };

    public static ProdOpsException SshJumpInvalid(string host, string text) => new(
        "SshJumpInvalid", ErrorKind.InvalidArgument,
        $"'{text}' names no servers to go through to '{host}'.",
        "Write user@host:port, several separated by commas, an IPv6 address in brackets; 'none' is for a direct connection.") { Target = host };

    public static ProdOpsException SshJumpLoop(string host) => new(
        "SshJumpLoop", ErrorKind.InvalidArgument,
        $"The way to '{host}' leads through itself.",
        "Look at the ProxyJump lines of ssh_config for the hosts on the way; a 'Host *' block with ProxyJump needs a 'Host' block with 'ProxyJump none' for the jump host before it.") { Target = host };

    public static ProdOpsException SshAlgorithmsUnsupported(string host, string keyword, string value) => new(
        "SshAlgorithmsUnsupported", ErrorKind.NotSupported,
        $"'{host}': {keyword} allows only {value}, of which ProdOps knows none.",
        $"Add one that both sides know to {keyword}.") { Target = host };
}
