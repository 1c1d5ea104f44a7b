using System.Security.Cryptography;

namespace ProdOps.Servers.Secrets;

/// <summary>A password's bytes (UTF-8). They lie in memory that the collector does not move, and are overwritten when disposed.</summary>
internal sealed class Secret : IDisposable
{
    private readonly byte[] _bytes;
    private bool _wiped;

    /// <summary>Copies the bytes; the caller wipes its own. From now on no text that leaves shows them.</summary>
    public Secret(ReadOnlySpan<byte> bytes)
    {
        _bytes = GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(_bytes);
        SecretRedactor.Shared.Learn(bytes);
    }

    /// <summary>The password.</summary>
    public ReadOnlyMemory<byte> Bytes => _wiped ? throw new ObjectDisposedException(nameof(Secret)) : _bytes;

    public void Dispose()
    {
        _wiped = true;
        CryptographicOperations.ZeroMemory(_bytes);
    }

    /// <summary>Never the secret.</summary>
    public override string ToString() => "(secret)";
}
