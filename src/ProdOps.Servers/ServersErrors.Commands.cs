using ProdOps.Servers.Commands;

namespace ProdOps.Servers;

internal static partial class ServersErrors
{
    private const int ShownErrorLines = 5;
    private const int ShownCommandLength = 80;

    public static ProdOpsException CommandFailed(string server, string command, CommandExit exit, string standardError) => new(
        "CommandFailed", ErrorKind.InvalidOperation,
        $"On server '{server}' the command '{Shorten(command)}' {Describe(exit)}{FirstLines(standardError)}",
        "Run the command on the server and see what it needs.") { Target = server };

    public static ProdOpsException ShellMissing(string server, CommandExit exit, string said) => new(
        "ShellMissing", ErrorKind.NotSupported,
        $"Server '{server}' started no shell: what it ran instead {Describe(exit)}{FirstLines(said)}",
        "The login user needs a login shell, /bin/sh, and no forced command; an account for file transfer alone cannot run commands.") { Target = server };

    public static ProdOpsException SudoRefused(string server, string said) => new(
        "SudoRefused", ErrorKind.PermissionDenied,
        $"On server '{server}' sudo refuses to run the command{FirstLines(said)}",
        "Give the login user a rule in sudoers; if sudo wants a password, give it with -Credential or as SudoPassword in the environment.") { Target = server };

    public static ProdOpsException SudoPasswordWrong(string server) => new(
        "SudoPasswordWrong", ErrorKind.Authentication,
        $"On server '{server}' sudo does not accept the password.",
        "sudo asks for the login user's own password unless sudoers says otherwise. Check -Credential, or SudoPassword in the environment.") { Target = server };

    public static ProdOpsException SudoMissing(string server) => new(
        "SudoMissing", ErrorKind.NotFound,
        $"On server '{server}' there is neither sudo nor doas, and the login user is not root.",
        "Install sudo, or log in as root.") { Target = server };

    public static ProdOpsException CommandTimedOut(string server, string command, TimeSpan time) => new(
        "CommandTimedOut", ErrorKind.Timeout,
        $"On server '{server}' the command '{Shorten(command)}' was ended, since it still ran after {time.TotalSeconds:0.#} s.",
        "Give it more time by -TimeoutSec, or look on the server what it waits for.") { Target = server };

    public static ProdOpsException StreamOfBytes() => new(
        "StreamOfBytes", ErrorKind.InvalidArgument,
        "Bytes have no lines: -Stream and -AsByte do not go together.",
        "Leave one of them out.");

    public static ProdOpsException OutputTooLarge(string server, string command, int limit) => new(
        "OutputTooLarge", ErrorKind.InvalidData,
        $"On server '{server}' the command '{Shorten(command)}' printed more than {limit:N0} bytes.",
        "Let it print less, or take its output line by line.") { Target = server };

    public static ProdOpsException LocalShellMissing(string server) => new(
        "ShellMissing", ErrorKind.NotSupported,
        $"Server '{server}' is this machine, which has no POSIX shell.",
        "On Windows use PowerShell itself for the local machine; ProdOps manages servers that have /bin/sh.") { Target = server };

    public static ProdOpsException LocalShellFailed(string server, Exception cause) => new(
        "ShellMissing", ErrorKind.ResourceUnavailable,
        $"The shell of server '{server}', which is this machine, did not start: {cause.Message}",
        "Check that /bin/sh exists and that this user may start another process.", cause) { Target = server };

    private static string Describe(CommandExit exit) => exit.Signal is { } signal ? $"was ended by signal {signal}" : $"ended with {exit.Code}";

    /// <summary>The first lines of what a command complained, without control characters: a server does not paint on the admin's terminal.</summary>
    private static string FirstLines(string standardError)
    {
        var lines = standardError.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length == 0) return ".";
        string shown = string.Join("; ", lines.Take(ShownErrorLines));
        return $": {Printable(shown)}{(lines.Length > ShownErrorLines ? " …" : "")}";
    }

    /// <summary>A command as messages show it: one line, not too long.</summary>
    public static string Shorten(string command)
    {
        string line = Printable(command.AsSpan().Trim().ToString());
        return line.Length <= ShownCommandLength ? line : $"{line.AsSpan(0, ShownCommandLength)}…";
    }

    public static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}
