namespace ProdOps.Backup;

internal static partial class BackupErrors
{
    public static ProdOpsException FolderUnreadable(string path, ProdOpsException reason) => new(
        reason.ErrorId, reason.Kind,
        $"What is in '{path}' cannot be told: {reason.Message}",
        reason.Recommendation, reason)
    { Target = path };

    public static ProdOpsException ItemNotFound(string path, string snapshot) => new(
        "ItemNotFound", ErrorKind.NotFound,
        $"The backup {snapshot} has no '{path}'.",
        "List what it has with Get-BackupItem, or search all backups with Find-BackupItem.")
    { Target = path };

    public static ProdOpsException ItemHasNoContent(string path, BackupItemType type) => new(
        "ItemHasNoContent", ErrorKind.InvalidOperation,
        $"'{path}' is a {type} and has no content to read.",
        "Name a file.")
    { Target = path };
}
