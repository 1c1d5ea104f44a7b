using ProdOps.Backup.Sets;

namespace ProdOps.Recovery.Topology;

/// <summary>Secrets that one place alone knows, and the one key that opens all servers.</summary>
/// <param name="model">The environment's graph.</param>
internal sealed class SecretRules(TopologyModel model)
{
    public IEnumerable<SinglePointOfFailure> Find() => [.. Passwords(), .. AdminKey()];

    /// <summary>A backup whose password was on the machine that is gone is no backup.</summary>
    private IEnumerable<SinglePointOfFailure> Passwords()
    {
        foreach (var group in model.Environment.Repositories.Where(repository => repository.Password is { Kind: SecretKind.File or SecretKind.Variable }).GroupBy(repository => repository.Password!))
        {
            EnvironmentRepository[] locked = [.. group];
            var safe = group.Key.Kind == SecretKind.File ? model.Environment.Backups.FirstOrDefault(set => Holds(set, group.Key.Name)) : null;
            var into = safe is null ? [] : safe.CopyTo.Prepend(safe.Repository).Select(name => model.Environment.Repositories.FirstOrDefault(repository => repository.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
                .OfType<EnvironmentRepository>().ToList();
            // It is known elsewhere if a repository with another password has it.
            if (into.Exists(repository => repository.Password is not null && repository.Password != group.Key)) continue;
            string names = SinglePoints.Few(locked.Select(repository => repository.Name));
            string place = group.Key.Kind == SecretKind.File ? $"the file {group.Key.Name} of the machine that runs ProdOps" : $"the environment variable {group.Key.Name} of the machine that runs ProdOps";
            yield return new SinglePointOfFailure
            {
                Component = group.Key.Name,
                ComponentKind = SinglePointComponent.Secret,
                Kind = SinglePointKind.Secret,
                Affected = [.. locked.Select(repository => repository.Name)],
                Message = safe is null ? $"the password of {names} is known to {place} only, as far as the environment says: without it nothing there can be read" : $"the password of {names} is backed up by '{safe.Name}' into what it locks: the key lies in its own safe",
                Evidence = [group.Key, .. locked, .. (object[])(safe is null ? [] : [safe])],
                Advice = $"Give it a second key that is kept on paper in a safe: Add-BackupKey -Repository {locked[0].Name}",
            };
        }
    }

    private IEnumerable<SinglePointOfFailure> AdminKey()
    {
        var servers = model.Environment.Servers.Where(server => !server.IsLocal).ToList();
        if (servers.Count == 0 || servers.Exists(server => server.Ssh.IdentityFile.Count != 1 || server.Ssh.Password is not null)) yield break;
        if (servers.Select(server => server.Ssh.IdentityFile[0]).Distinct(StringComparer.Ordinal).ToList() is not [var key]) yield break;
        yield return new SinglePointOfFailure
        {
            Component = key,
            ComponentKind = SinglePointComponent.Secret,
            Kind = SinglePointKind.Secret,
            Affected = [.. servers.Select(server => server.Name)],
            Message = $"{key} is the only way into all {servers.Count} servers that the environment names: who loses it can repair none of them",
            Evidence = [servers[0].Ssh],
            Advice = "Let each server know a second admin's key, and see who is let in now: Invoke-ServerCommand -Server * -Command 'cat ~/.ssh/authorized_keys'",
        };
    }

    private bool Holds(BackupSet set, string file) => set.Server.Count == 0 || SetSelection.Servers(model.Environment, set).Any(server => server.IsLocal)
        ? set.Path.Any(path => file.Equals(path, StringComparison.Ordinal) || file.StartsWith(path.TrimEnd('/') + "/", StringComparison.Ordinal)) : false;
}
