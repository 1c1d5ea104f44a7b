namespace ProdOps.Backup;

internal static partial class BackupErrors
{
    /// <param name="what">What is wrong and where, without the tree's id: whoever knows it wraps this error.</param>
    public static ProdOpsException TreeDamaged(string what) => new(
        "TreeDamaged", ErrorKind.InvalidData,
        $"A folder's listing in the repository is damaged: {what}.",
        "Run Test-Backup to see which backups it belongs to, then Repair-Backup, or restore from another backup or copy.");
}
