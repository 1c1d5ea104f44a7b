namespace ProdOps.Backup.Storage;

/// <summary>An answer with the message's type, and its fields.</summary>
internal readonly record struct SftpAnswer(SftpMessage Type, ReadOnlyMemory<byte> Fields);

/// <summary>A request that the server did not grant.</summary>
internal sealed class SftpStatusException(SftpStatus status, string message) : Exception($"{status}: {message}")
{
    public SftpStatus Status => status;
}
