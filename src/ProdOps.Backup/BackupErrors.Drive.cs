namespace ProdOps.Backup;

internal static partial class BackupErrors
{
    public static ProdOpsException NoSuchDrive(string path) => new(
        "NoBackupDrive", ErrorKind.NotFound,
        $"'{path}' is in no drive that shows a repository.",
        "Make one: New-PSDrive Backups Backup /srv/backup; or use Backup:, which shows the repository that $env:RESTIC_REPOSITORY names.") { Target = path };

    public static ProdOpsException BackupsAreReadOnly(string path) => new(
        "BackupsAreReadOnly", ErrorKind.InvalidOperation,
        $"'{path}' is in a backup, which nobody changes.",
        "Restore it with Restore-Backup and change the copy.") { Target = path };
}
