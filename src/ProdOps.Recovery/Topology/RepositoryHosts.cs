using ProdOps.Backup.Storage;
using ProdOps.Servers.Inventory;

namespace ProdOps.Recovery.Topology;

/// <summary>Which server's disks a repository lies on.</summary>
internal static class RepositoryHosts
{
    /// <summary>The server's name, as the file says it or by the repository's URL; <see langword="null"/> where it lies on none of the environment.</summary>
    public static string? Of(ProdOpsEnvironment environment, EnvironmentRepository repository) => repository.Server
        ?? (repository.Url is null ? ThisMachine(environment)
        : HostOf(repository.Url) is { } host ? environment.Servers.FirstOrDefault(one => host.Equals(one.Address, StringComparison.OrdinalIgnoreCase) || host.Equals(one.Name, StringComparison.OrdinalIgnoreCase))?.Name : null);

    /// <summary>The repositories on a server.</summary>
    public static IReadOnlyList<EnvironmentRepository> On(ProdOpsEnvironment environment, string server) =>
        [.. environment.Repositories.Where(repository => server.Equals(Of(environment, repository), StringComparison.OrdinalIgnoreCase))];

    /// <summary>The other repositories that the same sets have their backups in, with these sets, the one with most of them first.</summary>
    public static IReadOnlyList<(EnvironmentRepository Repository, IReadOnlyList<string> Sets)> Copies(ProdOpsEnvironment environment, EnvironmentRepository repository) =>
    [
        .. from set in environment.Backups
           let names = set.CopyTo.Prepend(set.Repository).ToList()
           where names.Contains(repository.Name, StringComparer.OrdinalIgnoreCase)
           from other in environment.Repositories
           where !other.Name.Equals(repository.Name, StringComparison.OrdinalIgnoreCase) && names.Contains(other.Name, StringComparer.OrdinalIgnoreCase)
           group set.Name by other into sets
           orderby sets.Count() descending
           select (sets.Key, (IReadOnlyList<string>)[.. sets.Distinct()]),
    ];

    /// <summary>The machine that ProdOps runs on.</summary>
    public static string ThisMachine(ProdOpsEnvironment environment) => environment.Servers.FirstOrDefault(server => server.IsLocal)?.Name ?? ServerResolver.Local.Name;

    /// <summary>The folder of a repository on its server; <see langword="null"/> where its place does not say it.</summary>
    public static string? FolderOf(EnvironmentRepository repository) => repository.Path ?? (Parse(repository.Url) is SftpAddress sftp ? sftp.Path : null);

    private static string? HostOf(string url) => Parse(url) switch
    {
        SftpAddress sftp => sftp.Host,
        RestAddress rest => rest.Root.DnsSafeHost,
        S3Address s3 => s3.Endpoint?.DnsSafeHost,
        _ => null,
    };

    private static RepositoryAddress? Parse(string? url)
    {
        try
        {
            return url is null ? null : RepositoryAddress.Parse(url);
        }
        catch (ProdOpsException)
        {
            return null;
        }
    }
}
