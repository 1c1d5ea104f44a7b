using System.Globalization;
using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Databases;

/// <summary>MariaDB's and MySQL's own client programs.</summary>
internal static class MariaDbClient
{
    /// <summary>Runs a script that calls <c>$client</c> and <c>$dump</c> with the words of <c>$login</c>.</summary>
    public static ServerCommand Run(string script, DatabaseAccess access, bool asRoot)
    {
        var words = new List<string>();
        if (access.IgnoresSettings) words.Add("--no-defaults");
        if (access.Host is { } host) words.Add(access.IsSocket ? $"--socket={host}" : $"--host={host}");
        if (access.Port > 0) words.AddRange([$"--port={access.Port.ToString(CultureInfo.InvariantCulture)}", "--protocol=tcp"]);
        if (access.User is { } user) words.Add($"--user={user}");
        string set = "client=$(command -v mariadb || command -v mysql) || { echo 'neither mariadb nor mysql is installed' >&2; exit 127; }\n";
        if (script.Contains("$dump", StringComparison.Ordinal)) set += "dump=$(command -v mariadb-dump || command -v mysqldump) || { echo 'neither mariadb-dump nor mysqldump is installed' >&2; exit 127; }\n";
        return ClientScript.Command($"{set}set -- {ShellQuote.Words(words)}\n{script.Replace("$login", "\"$@\"")}", "MYSQL_PWD", access, asRoot || access.IsDefault);
    }
}
