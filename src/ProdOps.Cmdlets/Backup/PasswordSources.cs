using System.Security;
using ProdOps.Servers.Secrets;

namespace ProdOps.Cmdlets.Backup;

/// <summary>Where a repository's password comes from: the parameters first, then restic's environment variables in restic's order.</summary>
internal static class PasswordSources
{
    /// <param name="password">The password itself.</param>
    /// <param name="file">The full path of a file.</param>
    /// <param name="variable">The name of an environment variable.</param>
    /// <param name="command">A command that prints it.</param>
    /// <returns>The source, or <see langword="null"/> if none is given.</returns>
    public static SecretSource? FromParameters(SecureString? password, string? file, string? variable, string? command)
    {
        if (password is not null) return SecretSource.FromSecureString(password);
        if (file is not null) return SecretSource.FromFile(file);
        if (variable is not null) return SecretSource.FromVariable(variable);
        return command is null ? null : SecretSource.FromCommand(command);
    }

    /// <param name="mayRun">Whether a command may be run, which may ask the user something.</param>
    /// <returns>The source, or <see langword="null"/> if the environment names none.</returns>
    public static SecretSource? FromEnvironment(bool mayRun = true)
    {
        if (Environment.GetEnvironmentVariable("RESTIC_PASSWORD_COMMAND") is { Length: > 0 } command) return mayRun ? SecretSource.FromCommand(command) : null;
        if (Environment.GetEnvironmentVariable("RESTIC_PASSWORD_FILE") is { Length: > 0 } file) return SecretSource.FromFile(file);
        return Environment.GetEnvironmentVariable("RESTIC_PASSWORD") is { Length: > 0 } ? SecretSource.FromVariable("RESTIC_PASSWORD") : null;
    }
}
