namespace ProdOps.Backup;

internal static partial class BackupErrors
{
    public static ProdOpsException RepositoryLocked(string location, string holder) => new(
        "RepositoryLocked", ErrorKind.ResourceBusy,
        $"The repository at '{location}' is in use: {holder}.",
        "Wait until that ends (-RetryLock waits for it). If its process is gone, remove the lock with Unlock-BackupRepository.")
    { Target = location };

    public static ProdOpsException LockLost(string location, string reason, Exception? inner = null) => new(
        "LockLost", ErrorKind.InvalidOperation,
        $"The lock on the repository at '{location}' was lost: {reason}. The work was stopped, since another program may change the repository.",
        "Run it again: what was stored already is used again.", inner)
    { Target = location };
}
