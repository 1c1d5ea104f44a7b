using ProdOps.Backup.Repositories;

namespace ProdOps.Backup;

internal static partial class BackupErrors
{
    private const string SalvageAdvice =
        "Copy the pack from another copy of the repository if there is one; otherwise run Repair-Backup, which keeps what is still good, and back up again: "
        + "content that is still on its server is stored anew.";

    public static ProdOpsException PackMissing(ObjectId pack, int blobs) => new(
        "PackMissing", ErrorKind.InvalidData,
        $"The pack {pack} is missing; the index says that it holds {blobs} blobs.",
        SalvageAdvice)
    { Target = pack.ToString() };

    public static ProdOpsException PackWrongSize(ObjectId pack, long expected, long actual) => new(
        "PackWrongSize", ErrorKind.InvalidData,
        $"The pack {pack} has {actual} bytes where the index makes it {expected}: it {(actual < expected ? "was cut short" : "has grown, or the index is wrong")}.",
        SalvageAdvice)
    { Target = pack.ToString() };

    public static ProdOpsException PackDamaged(ObjectId pack, IReadOnlyCollection<string> findings) => new(
        "PackDamaged", ErrorKind.InvalidData,
        $"The pack {pack} is damaged: {Join(findings)}.",
        SalvageAdvice)
    { Target = pack.ToString() };

    public static ProdOpsException PackUnreadable(ObjectId pack, Exception reason) => new(
        "PackUnreadable", ErrorKind.ReadError,
        $"The pack {pack} could not be read: {reason.Message}",
        "Check the disk or the connection and test again; if the disk fails, copy the repository elsewhere now.", reason)
    { Target = pack.ToString() };

    /// <summary>The pack is sound, but the index tells something else of it.</summary>
    public static ProdOpsException PackIndexMismatch(ObjectId pack, IReadOnlyCollection<string> findings) => new(
        "PackIndexMismatch", ErrorKind.InvalidData,
        $"The index is wrong about the pack {pack}, which itself is sound: {Join(findings)}.",
        "Rebuild the index from the packs with Repair-Backup.")
    { Target = pack.ToString() };

    public static ProdOpsException IndexConflict(ObjectId pack, IEnumerable<ObjectId> indexes) => new(
        "IndexConflict", ErrorKind.InvalidData,
        $"The index files {string.Join(", ", indexes.Select(id => id.ToShortString()))} contradict each other about the pack {pack}.",
        "Rebuild the index from the packs with Repair-Backup.")
    { Target = pack.ToString() };

    public static ProdOpsException BlobsMissing(int count, BlobHandle example) => new(
        "BlobMissing", ErrorKind.InvalidData,
        $"{count} pieces of files' content are named by folder listings but by no index, {example.Id} among them.",
        "Run Repair-Backup: if a pack still holds them they are found again. Otherwise back up again with -Force: content that is still on its server is stored anew. Repair-Backup -Forget gives up the rest.")
    { Target = example.Id.ToString() };

    public static ProdOpsException TreesMissing(int count, BlobHandle example) => new(
        "TreeMissing", ErrorKind.InvalidData,
        $"{count} folder listings are named by snapshots or folders but by no index, {example.Id} among them.",
        "Run Repair-Backup: if a pack still holds them they are found again. Otherwise back up again, and use other snapshots for what is below these folders. Repair-Backup -Forget gives them up.")
    { Target = example.Id.ToString() };

    public static ProdOpsException TreeUnreadable(ObjectId tree, Exception reason) => new(
        "TreeDamaged", ErrorKind.InvalidData,
        $"The folder listing {tree} cannot be used: {reason.Message}",
        SalvageAdvice, reason)
    { Target = tree.ToString() };

    public static ProdOpsException NodeInvalid(ObjectId tree, string name, string reason) => new(
        "NodeInvalid", ErrorKind.InvalidData,
        $"In the folder listing {tree} the entry '{name}' {reason}.",
        "The program that wrote this snapshot did so; back up again, and use other snapshots for this item.")
    { Target = tree.ToString() };

    public static ProdOpsException PackSubsetInvalid(string text) => new(
        "PackSubsetInvalid", ErrorKind.InvalidArgument,
        $"'{text}' does not say which part of the data is to be read.",
        "Give '2/7' (the second of seven parts, at most 256), '5%' or '10G' (chosen at random), or 'rolling' or 'rolling 5%' (what was not read for longest).")
    { Target = text };

    public static ProdOpsException NoStateFolder() => new(
        "NoStateFolder", ErrorKind.NotFound,
        "There is no folder in which to remember which packs were read: neither XDG_STATE_HOME nor a home folder is known.",
        "Set XDG_STATE_HOME, or read a fixed part instead, such as '2/7'.");

    private static string Join(IReadOnlyCollection<string> findings) =>
        string.Join("; ", findings.Take(5)) + (findings.Count > 5 ? $"; and {findings.Count - 5} more" : "");
}
