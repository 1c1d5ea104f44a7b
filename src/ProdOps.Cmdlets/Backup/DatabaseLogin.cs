using System.Management.Automation;
using ProdOps.Servers.Databases;
using ProdOps.Servers.Secrets;

namespace ProdOps.Cmdlets.Backup;

/// <summary>How the parameters of cmdlets say that a database server is reached.</summary>
internal static class DatabaseLogin
{
    public static DatabaseAccess Create(string? host, int port, PSCredential? credential) => new()
    {
        Host = host,
        Port = port,
        User = credential?.UserName,
        Password = credential is { Password.Length: > 0 } given ? SecretSource.FromSecureString(given.Password) : null,
    };
}
