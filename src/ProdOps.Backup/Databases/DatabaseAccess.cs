using ProdOps.Servers.Commands;
using ProdOps.Servers.Secrets;

namespace ProdOps.Backup.Databases;

/// <summary>How a database server is reached from the machine that its client runs on.</summary>
internal sealed record DatabaseAccess
{
    /// <summary>A host, or the path of a socket (for PostgreSQL of its folder); <see langword="null"/> is what the client takes by itself.</summary>
    public string? Host { get; init; }

    /// <summary>A port; 0 is what the client takes by itself.</summary>
    public int Port { get; init; }

    /// <summary>The database's user; <see langword="null"/> is who the client runs as.</summary>
    public string? User { get; init; }

    /// <summary>The password, if one is needed.</summary>
    public SecretSource? Password { get; init; }

    /// <summary>Whether the client reads no settings of the machine: what they say is meant for another server.</summary>
    public bool IgnoresSettings { get; init; }

    public bool IsSocket => Host?.StartsWith('/') == true;

    /// <summary>Neither a place nor a user was named: the database's own system user is let in without a password, so the client runs as it.</summary>
    public bool IsDefault => Host is null && User is null;
}

/// <summary>Shell texts that run a database's client programs.</summary>
internal static class ClientScript
{
    /// <summary>
    /// A command that runs a script with the password in an environment variable. The password comes on the first line of standard input, which
    /// the shell reads byte by byte: it is never an argument, never in a file, and what follows on standard input is the script's.
    /// </summary>
    /// <param name="script">The script.</param>
    /// <param name="variable">The client's variable for passwords.</param>
    /// <param name="access">Whether there is a password.</param>
    /// <param name="asRoot">Whether to run as root, by sudo.</param>
    public static ServerCommand Command(string script, string variable, DatabaseAccess access, bool asRoot)
    {
        string password = access.Password is null ? "" : $"IFS= read -r {variable}; export {variable}\n";
        return new ServerCommand(password + script) { AsRoot = asRoot, PosixLocale = true };
    }

    /// <summary>Makes the shell function <c>as_owner</c>, which runs a program as a system user if root runs the script and there is such a user.</summary>
    public static string AsOwner(string user, bool wanted)
    {
        if (!wanted) return "as_owner() { \"$@\"; }\n";
        string name = ShellQuote.Word(user);
        return $"if [ \"$(id -u)\" != 0 ] || ! id {name} >/dev/null 2>&1; then as_owner() {{ \"$@\"; }}\n"
            + $"elif command -v runuser >/dev/null 2>&1; then cd /; as_owner() {{ runuser -u {name} -- \"$@\"; }}\n"
            + $"else cd /; as_owner() {{ sudo -n -u {name} -- \"$@\"; }}; fi\n";
    }

    /// <summary>A name as one part of a path in the snapshot.</summary>
    public static string PathPart(string name) => name is "." or ".." ? name.Replace(".", "%2E") : name.Replace("%", "%25").Replace("/", "%2F");

    /// <summary>The name again that <see cref="PathPart"/> made a part of a path.</summary>
    public static string NameOf(string part) => part.Replace("%2F", "/").Replace("%2E", ".").Replace("%25", "%");
}
