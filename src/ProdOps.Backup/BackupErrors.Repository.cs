using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup;

internal static partial class BackupErrors
{
    private const string RepairAdvice = "Run Test-Backup to see what depends on it, then Repair-Backup; or put the file back from a copy of the repository.";

    public static ProdOpsException NotARepository(string location) => new(
        "NotARepository", ErrorKind.NotFound,
        $"'{location}' is there, but it is not a backup repository: it has no config.",
        "Check the path, or make a repository with Initialize-BackupRepository.")
    { Target = location };

    public static ProdOpsException ConfigMissing(string location) => new(
        "ConfigMissing", ErrorKind.InvalidData,
        $"The repository at '{location}' has keys but its file 'config' is missing.",
        "Put 'config' back from a copy of the repository: nothing else can open the data.")
    { Target = location };

    public static ProdOpsException RepositoryExists(string location) => new(
        "RepositoryExists", ErrorKind.AlreadyExists,
        $"There is a repository at '{location}' already.",
        "Use it as it is, or choose another place.")
    { Target = location };

    public static ProdOpsException UnsupportedRepositoryVersion(string location, long version) => new(
        "UnsupportedRepositoryVersion", ErrorKind.NotSupported,
        $"The repository at '{location}' has format version {version}; this ProdOps knows versions 1 and 2.",
        "Update ProdOps.")
    { Target = location };

    public static ProdOpsException WrongPassword(string location, int keys) => new(
        "WrongPassword", ErrorKind.Authentication,
        $"The password opens none of the {keys} keys of the repository at '{location}'.",
        "Check where the password comes from. Without it nobody can read the backups.")
    { Target = location };

    public static ProdOpsException NoKeys(string location) => new(
        "NoKeys", ErrorKind.InvalidData,
        $"The repository at '{location}' has no keys, so no password can open it.",
        "Put the files below 'keys' back from a copy of the repository.")
    { Target = location };

    public static ProdOpsException KeyNotFound(string location, string name) => new(
        "KeyNotFound", ErrorKind.NotFound,
        $"The repository at '{location}' has no key '{name}'.",
        "List the keys with Get-BackupKey.")
    { Target = name };

    public static ProdOpsException KeyAmbiguous(string location, string name) => new(
        "KeyAmbiguous", ErrorKind.InvalidArgument,
        $"Several keys of the repository at '{location}' begin with '{name}'.",
        "Give more digits.")
    { Target = name };

    public static ProdOpsException KeyInUse(string id) => new(
        "KeyInUse", ErrorKind.InvalidOperation,
        $"The key {id} opened the repository just now and is not removed.",
        "Open the repository with another key first.")
    { Target = id };

    public static ProdOpsException LastKey(string id) => new(
        "LastKey", ErrorKind.InvalidOperation,
        $"The key {id} is the last one: without it nobody could open the repository.",
        "Add another key with Add-BackupKey first.")
    { Target = id };

    public static ProdOpsException SnapshotNotFound(string location, string name) => new(
        "SnapshotNotFound", ErrorKind.NotFound,
        $"The repository at '{location}' has no snapshot '{name}'.",
        "List the snapshots with Get-Backup.")
    { Target = name };

    public static ProdOpsException SnapshotAmbiguous(string name, IEnumerable<string> matches) => new(
        "SnapshotAmbiguous", ErrorKind.InvalidArgument,
        $"Several snapshots begin with '{name}': {string.Join(", ", matches)}.",
        "Give more digits.")
    { Target = name };

    public static ProdOpsException SnapshotNameInvalid(string name) => new(
        "SnapshotNameInvalid", ErrorKind.InvalidArgument,
        $"'{name}' does not name a snapshot.",
        "Give 'latest', 'latest~1' for the one before it, or the beginning of an id.")
    { Target = name };

    /// <summary>A file whose bytes are not what its name or its seal says: <c>ConfigDamaged</c>, <c>KeyDamaged</c>, <c>IndexDamaged</c> …</summary>
    public static ProdOpsException FileDamaged(FileHandle file, string location, string reason, Exception? inner = null) => new(
        $"{file.Kind}Damaged", ErrorKind.InvalidData,
        $"The {NameOf(file)} of the repository at '{location}' is damaged: {reason}.",
        file.Kind switch
        {
            FileKind.Config => "Put 'config' back from a copy of the repository: nothing else can open the data.",
            FileKind.Key => "Put the file back from a copy of the repository, or open the repository with another key and remove this one with Remove-BackupKey or Repair-Backup -Forget.",
            FileKind.Index => "Rebuild the index from the packs with Repair-Backup.",
            FileKind.Snapshot => "Repair-Backup -Forget writes it anew if a single bit of it is turned, and removes it otherwise, as Remove-Backup does; the other snapshots do not depend on it.",
            FileKind.Lock => "If nothing works on the repository now, remove it with Unlock-BackupRepository.",
            _ => RepairAdvice,
        },
        inner)
    { Target = file.Kind == FileKind.Config ? "config" : file.Id.ToString() };

    public static ProdOpsException BlobNotFound(BlobHandle blob) => new(
        "BlobNotFound", ErrorKind.InvalidData,
        $"The repository's index does not name the blob {blob}.",
        RepairAdvice)
    { Target = blob.Id.ToString() };

    public static ProdOpsException BlobDamaged(BlobHandle blob, ObjectId pack, string reason, Exception? inner = null) => new(
        "BlobDamaged", ErrorKind.InvalidData,
        $"The blob {blob} in the pack {pack} is damaged: {reason}.",
        RepairAdvice,
        inner)
    { Target = pack.ToString() };

    /// <summary>What was read back differs from what was to be written: the memory or the processor cannot be trusted.</summary>
    public static ProdOpsException SelfCheckFailed(string what) => new(
        "SelfCheckFailed", ErrorKind.InvalidData,
        $"{what} was sealed, opened again, and came out different. Nothing of it was stored.",
        "This machine's memory or processor makes mistakes: test it, and run the backup elsewhere.")
    { Target = what };

    private static string NameOf(FileHandle file) => file.Kind switch
    {
        FileKind.Config => "file 'config'",
        FileKind.Key => $"key {file.Id}",
        FileKind.Index => $"index file {file.Id}",
        FileKind.Snapshot => $"snapshot {file.Id}",
        FileKind.Lock => $"lock {file.Id}",
        _ => $"pack {file.Id}",
    };
}
