using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Databases;

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
}
