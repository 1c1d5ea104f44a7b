namespace ProdOps.Servers;

internal static partial class ServersErrors
{
    public static ProdOpsException SecretFileNotFound(string path) => new(
        "SecretNotFound", ErrorKind.NotFound,
        $"The password file '{path}' does not exist.",
        "Check the path. The file holds the password and nothing else; only its owner should be able to read it.") { Target = path };

    public static ProdOpsException SecretVariableNotFound(string name) => new(
        "SecretNotFound", ErrorKind.NotFound,
        $"The environment variable '{name}' is not set or is empty.",
        "Set it for the process that runs ProdOps; a service or a scheduled task has an environment of its own.") { Target = name };

    public static ProdOpsException SecretFileUnreadable(string path, Exception cause) => new(
        "SecretUnreadable", cause is UnauthorizedAccessException ? ErrorKind.PermissionDenied : ErrorKind.ReadError,
        $"The password file '{path}' cannot be read.",
        "Give the user that runs ProdOps leave to read it.", cause) { Target = path };

    public static ProdOpsException SecretTooLong(string source) => new(
        "SecretUnreadable", ErrorKind.InvalidData,
        $"{source} gave more than {Secrets.SecretSource.MaximumLength / 1024} KiB, which is no password.",
        "Check that it is the right file or command.") { Target = source };

    public static ProdOpsException SecretEmpty(string source) => new(
        "SecretEmpty", ErrorKind.InvalidData,
        $"{source} gave an empty password.",
        "Put the password there; white space around it is not part of it.") { Target = source };

    /// <summary>The command's arguments and its output stay out of the message: either may hold a secret.</summary>
    public static ProdOpsException SecretCommandFailed(string program, string why, Exception? cause = null) => new(
        "SecretCommandFailed", ErrorKind.InvalidOperation,
        $"The password command '{program}' {why}.",
        "Run the command by hand as the same user and see what it says. It must print the password on standard output and end with 0.", cause) { Target = program };

    public static ProdOpsException SecretCommandInvalid(string why) => new(
        "SecretCommandInvalid", ErrorKind.InvalidArgument,
        $"The password command cannot be split into words: {why}.",
        "Quote arguments with spaces as in a shell. No shell runs it, so it has no pipes and no variables.");

    public static ProdOpsException SecretFileExposed(string path, UnixFileMode mode) => new(
        "SecretFileExposed", ErrorKind.PermissionDenied,
        $"The password file '{path}' can be read or changed by others (mode {Convert.ToString((int)mode, 8).PadLeft(4, '0')}); it is not used.",
        $"Run: chmod 600 {Commands.ShellQuote.Word(path)}. If others could read it, change the password too.") { Target = path };

    public static ProdOpsException SecretVaultMissing(string name) => new(
        "SecretModuleMissing", ErrorKind.NotFound,
        $"The secret '{name}' is in a vault, and this session has no SecretManagement module.",
        "Install it (Install-PSResource Microsoft.PowerShell.SecretManagement) with a vault, or name a file, a variable or a command instead.") { Target = name };

    public static ProdOpsException SecretNotInVault(string name, string why, Exception cause) => new(
        "SecretNotFound", ErrorKind.NotFound,
        $"The secret '{name}' cannot be had: {why}",
        "Get-SecretInfo lists what the vaults have. A vault that asks for a password must be unlocked before (Unlock-SecretStore).", cause) { Target = name };

    public static ProdOpsException SecretNotText(string name, string type) => new(
        "SecretUnreadable", ErrorKind.InvalidData,
        $"The secret '{name}' is a {type}, which is no password.",
        "Store the password as a string, a SecureString or a PSCredential.") { Target = name };
}
