using ProdOps.Servers.Inventory.Data;

namespace ProdOps.Servers.Inventory.Probing;

/// <summary>What could be backed up, by what runs on hosts. It stands in comments: where to, and how much work may be lost, only the admin knows.</summary>
internal static class BackupGuess
{
    private static readonly (string Suffix, string Source, string[] Services)[] Databases =
    [
        ("postgresql", "PostgreSql = '*'", ["postgresql", "postgres", "postgresql@*", "postgresql-*"]),
        ("mariadb", "MariaDb = '*'", ["mysql", "mysqld", "mariadb", "mariadbd"]),
        ("redis", "Redis = $true", ["redis-server", "redis", "redis-server@*", "valkey-server", "valkey"]),
    ];

    /// <summary>Lines for the environment's file; none if nothing was found.</summary>
    /// <param name="hosts">The servers' names and what was seen on each.</param>
    public static IReadOnlyList<string> Lines(IReadOnlyList<(string Name, HostFacts? Facts)> hosts)
    {
        var sets = hosts.Where(host => host.Facts is not null).SelectMany(host => SetsOf(host.Name, host.Facts!)).ToList();
        if (sets.Count == 0) return [];
        return
        [
            "",
            "    # What could be backed up, by what was seen. Uncomment it, say where to, and make the repository: Initialize-BackupRepository local",
            "    # Repositories = @{ local = @{ Path = '/srv/backup'; Password = @{ File = '/etc/prodops/repository.key' } } }",
            "    # Backups = @{",
            .. sets.Select(set => $"    #     {set}"),
            "    # }",
        ];
    }

    private static IEnumerable<string> SetsOf(string server, HostFacts facts)
    {
        foreach (var (suffix, source, services) in Databases)
        {
            if (!facts.Running.Any(name => services.Any(pattern => NamePattern.IsMatch(pattern, name)))) continue;
            yield return Set($"{server}-{suffix}", server, source, "15 * * * *", "Hourly = 24; Daily = 14; Monthly = 12");
        }

        // Whether what is there is worth it, the admin knows: a fresh nginx has a welcome page.
        if (facts.WebRoots.Count > 0) yield return Set($"{server}-www", server, $"Path = {string.Join(", ", facts.WebRoots.Select(DataWriter.Quote))}", "30 2 * * *", "Daily = 14; Monthly = 12");
    }

    private static string Set(string name, string server, string source, string schedule, string keep)
    {
        string usable = new([.. name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '-').Take(48)]);
        if (!char.IsAsciiLetterOrDigit(usable[0])) usable = $"s{usable[1..]}";
        return $"'{usable}' = @{{ Server = {DataWriter.Quote(server)}; {source}; Schedule = '{schedule}'; Keep = @{{ {keep} }} }}";
    }
}
