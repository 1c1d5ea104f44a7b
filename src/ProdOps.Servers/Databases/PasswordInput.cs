using ProdOps.Servers.Secrets;

namespace ProdOps.Servers.Databases;

/// <summary>Passwords on a command's standard input.</summary>
internal static class PasswordInput
{
    /// <summary>The password as a line that <c>read</c> takes; empty without one. The caller clears it.</summary>
    public static async Task<byte[]> ReadLineAsync(SecretSource? source, CancellationToken cancellationToken)
    {
        if (source is null) return [];
        using var secret = await source.ResolveAsync(cancellationToken).ConfigureAwait(false);
        if (secret.Bytes.Span.IndexOfAny("\n\0"u8) >= 0) throw ServersErrors.DatabasePasswordUnusable();
        byte[] line = GC.AllocateUninitializedArray<byte>(secret.Bytes.Length + 1, pinned: true);
        secret.Bytes.Span.CopyTo(line);
        line[^1] = (byte)'\n';
        return line;
    }
}
