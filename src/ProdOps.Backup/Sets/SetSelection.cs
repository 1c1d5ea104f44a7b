using ProdOps.Servers.Inventory;

namespace ProdOps.Backup.Sets;

/// <summary>Finds the sets that are named, and their servers.</summary>
internal static class SetSelection
{
    /// <summary>The sets, each once, in the order named.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="names">Names or wildcards.</param>
    /// <param name="errors">Takes an error for each that no set has.</param>
    public static IReadOnlyList<(BackupSet Set, bool IsExact)> Find(ProdOpsEnvironment environment, IEnumerable<string> names, ICollection<ProdOpsException> errors)
    {
        var found = new Dictionary<string, (BackupSet Set, bool IsExact)>(StringComparer.OrdinalIgnoreCase);
        foreach (string name in names)
        {
            bool isExact = !NamePattern.HasWildcards(name);
            var matches = environment.Backups.Where(set => isExact ? set.Name.Equals(name, StringComparison.OrdinalIgnoreCase) : NamePattern.IsMatch(name, set.Name)).ToList();
            // A pattern that means nothing would be a backup that nobody misses.
            if (matches.Count == 0) errors.Add(BackupErrors.BackupSetNotFound(name, environment, Nearest.Find(name, environment.Backups.Select(set => set.Name))));
            foreach (var set in matches) found[set.Name] = (set, isExact || (found.TryGetValue(set.Name, out var before) && before.IsExact));
        }

        return [.. found.Values];
    }

    /// <summary>A set's servers, each once; this machine if it names none.</summary>
    public static IReadOnlyList<Server> Servers(ProdOpsEnvironment environment, BackupSet set)
    {
        if (set.Server.Count == 0) return [ServerResolver.Local];
        var resolver = new ServerResolver(environment);
        return [.. set.Server.SelectMany(resolver.Resolve).DistinctBy(server => server.Name)];
    }
}
