namespace ProdOps.Backup;

internal static partial class BackupErrors
{
    public static ProdOpsException RepositoryNotNamed() => new(
        "RepositoryNotNamed", ErrorKind.InvalidArgument,
        "No backup repository was named.",
        "Name one with -Repository, or set the environment variable RESTIC_REPOSITORY.");

    public static ProdOpsException PasswordMissing() => new(
        "PasswordMissing", ErrorKind.InvalidArgument,
        "No password for the repository was given.",
        "Give -PasswordFile, -Password, -PasswordVariable or -PasswordCommand, or set RESTIC_PASSWORD_FILE, RESTIC_PASSWORD or RESTIC_PASSWORD_COMMAND.");
}
