using ProdOps.Servers.Secrets;

namespace ProdOps.Servers.Connections;

/// <summary>What answers sudo.</summary>
internal static class SudoPasswords
{
    /// <summary>The password for sudo: the one that is named for it, else the login password, given or named.</summary>
    public static SecretSource? For(ConnectionTarget target)
    {
        var ssh = target.Server.Ssh;
        if (ssh.SudoPassword is { } own) return target.Secrets(own);
        return target.Password ?? (ssh.Password is { } login ? target.Secrets(login) : null);
    }
}
