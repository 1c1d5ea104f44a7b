using ProdOps.Backup.Repositories;

namespace ProdOps.Backup;

internal static partial class BackupErrors
{
    /// <summary>Something that is needed is damaged: what depends on it would be taken for unused. The id stays the finding's.</summary>
    public static ProdOpsException PruneRefused(ProdOpsException finding) => new(
        finding.ErrorId, finding.Kind,
        $"The repository was not pruned, since more might be lost: {finding.Message}",
        finding.Recommendation, finding)
    { Target = finding.Target };

    public static ProdOpsException PruneBlobsMissing(long count, IReadOnlyCollection<BlobHandle> examples) => new(
        "PruneBlobsMissing", ErrorKind.InvalidData,
        $"The repository was not pruned, since more might be lost: backups use {count} blobs that no index names, {string.Join(", ", examples.Take(3))} among them.",
        "Run Test-Backup to see which files they belong to, then Repair-Backup: if a pack still holds them they are found again.")
    { Target = examples.First().Id.ToString() };

    /// <param name="location">The repository.</param>
    /// <param name="needed">Bytes that are to be written.</param>
    /// <param name="free">Bytes that are free, if that is known; it was found out before anything was done.</param>
    /// <param name="inner">The write that failed.</param>
    public static ProdOpsException PruneOutOfSpace(string location, long needed, long? free, Exception? inner) => new(
        "PruneOutOfSpace", ErrorKind.ResourceUnavailable,
        $"Pruning '{location}' writes {ByteSize.Format(needed)} before it removes anything{(free is { } bytes ? $", and {ByteSize.Format(bytes)} are free. Nothing was changed" : ", and the disk is full. Nothing was lost")}.",
        "Make room, or prune with -MaxRepackSize: 0 writes no packs and removes those that nothing uses, a size repeats the work in steps that fit.", inner)
    { Target = location };

    public static ProdOpsException PruneCannotCompress(string location) => new(
        "PruneCannotCompress", ErrorKind.InvalidOperation,
        $"The repository at '{location}' has format version 1, which knows no compression.",
        "Leave out -RepackUncompressed, or upgrade the repository with 'restic migrate upgrade_repo_v2'.")
    { Target = location };

    public static ProdOpsException PruneOptionWithoutPrune(string option) => new(
        "PruneOptionWithoutPrune", ErrorKind.InvalidArgument,
        $"-{option} says how to prune, and without -Prune nothing is pruned.",
        $"Add -Prune, or leave -{option} out and prune later with Optimize-BackupRepository.")
    { Target = option };

    public static ProdOpsException UnusedLimitInvalid(string text) => new(
        "UnusedLimitInvalid", ErrorKind.InvalidArgument,
        $"'{text}' does not say how much unused data may stay.",
        "Give a share below 100 such as '5%', a size such as '500M' or '10G', '0', or 'unlimited'.")
    { Target = text };

    public static ProdOpsException ByteSizeInvalid(string name, string text) => new(
        "ByteSizeInvalid", ErrorKind.InvalidArgument,
        $"-{name} cannot be '{text}'.",
        "Give a number of bytes, or a size such as '500M' or '10G'.")
    { Target = text };

    public static ProdOpsException RepositoryAppendOnly(string location, Exception inner) => new(
        "RepositoryAppendOnly", ErrorKind.PermissionDenied,
        $"The place of the repository at '{location}' refuses to delete: backups may be added to it, and nothing may be removed.",
        "Remove backups where deleting is allowed: on the repository's own server, or with an account that may delete.", inner)
    { Target = location };
}
