using System.Globalization;
using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Databases;

/// <summary>PostgreSQL's own client programs.</summary>
internal static class PostgreSqlClient
{
    /// <summary>Runs a script that calls clients by <c>as_owner</c>.</summary>
    public static ServerCommand Run(string script, DatabaseAccess access, bool asRoot)
    {
        string environment = "";
        if (access.Host is { } host) environment += $"export PGHOST={ShellQuote.Word(host)}\n";
        if (access.Port > 0) environment += $"export PGPORT={access.Port.ToString(CultureInfo.InvariantCulture)}\n";
        if (access.User is { } user) environment += $"export PGUSER={ShellQuote.Word(user)}\n";
        return ClientScript.Command(environment + ClientScript.AsOwner("postgres", access.IsDefault) + script, "PGPASSWORD", access, asRoot || access.IsDefault);
    }

    /// <summary>A connection string that names a database, whatever its name: a bare name with <c>=</c> in it would be taken for one itself.</summary>
    public static string Connection(string database) => $"dbname='{database.Replace("\\", "\\\\").Replace("'", "\\'")}'";
}
