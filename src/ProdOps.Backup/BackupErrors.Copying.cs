using ProdOps.Backup.Repositories;

namespace ProdOps.Backup;

internal static partial class BackupErrors
{
    public static ProdOpsException CopySameRepository(string location) => new(
        "CopySameRepository", ErrorKind.InvalidArgument,
        $"'{location}' is the repository that the backups are in already.",
        "Name another one with -To; a copy of a repository's files is the same repository in two places.") { Target = location };

    /// <summary>A snapshot was not copied, since something it needs cannot be read. The others go on.</summary>
    public static ProdOpsException CopyIncomplete(SnapshotFile snapshot, string location, string what, ProdOpsException reason) => new(
        "CopyIncomplete", reason.Kind,
        $"The snapshot {snapshot.Id.ToShortString()} of '{location}' was not copied: {what} cannot be read. {reason.Message}",
        "Run Test-Backup -ReadData on it to see what else is damaged, and Repair-Backup; what could be copied is used again by the next run.", reason) { Target = snapshot.Id.ToString() };
}
