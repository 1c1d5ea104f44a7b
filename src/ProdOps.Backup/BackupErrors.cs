namespace ProdOps.Backup;

/// <summary>
/// The catalogue of what can go wrong with backups: one factory an error, so that ids, kinds, words and advice
/// stand in one place. Messages name the thing and never hold a secret.
/// </summary>
internal static partial class BackupErrors
{
    public static ProdOpsException RepositoryNotFound(string location) => new(
        "RepositoryNotFound", ErrorKind.NotFound,
        $"There is no backup repository at '{location}'.",
        "Check the path, or make one with Initialize-BackupRepository.") { Target = location };
}
