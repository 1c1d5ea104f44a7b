namespace ProdOps.Backup;

internal static partial class BackupErrors
{
    /// <param name="name">The key file's id, or <see langword="null"/> when it has none yet.</param>
    /// <param name="reason">The end of the sentence "cannot be used: …".</param>
    /// <param name="inner">The failure below, or <see langword="null"/>.</param>
    public static ProdOpsException KeyFileInvalid(string? name, string reason, Exception? inner = null) => new(
        "KeyFileInvalid", ErrorKind.InvalidData,
        $"The key file{(name is null ? "" : $" '{name}'")} cannot be used: {reason}.",
        "Open the repository with another of its keys, or put the file back from a copy of the repository.",
        inner) { Target = name };

    public static ProdOpsException MasterKeyInvalid(Exception? inner = null) => new(
        "MasterKeyInvalid", ErrorKind.InvalidData,
        "The password is right, but the master key it opens is not one.",
        "Open the repository with another of its keys, or put the key file back from a copy of the repository.",
        inner);
}
