namespace ProdOps.Servers.Secrets;

/// <summary>A password file.</summary>
/// <param name="path">Its path.</param>
/// <param name="ownerOnly">Refuse a file of this user that others can read.</param>
internal sealed class FileSecret(string path, bool ownerOnly) : SecretSource
{
    public override async ValueTask<Secret> ResolveAsync(CancellationToken cancellationToken)
    {
        byte[] buffer = GC.AllocateArray<byte>(MaximumLength + 1, pinned: true);
        try
        {
            int length = await ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (length > MaximumLength) throw ServersErrors.SecretTooLong(ToString());
            return Take(SecretText.Decode(buffer.AsSpan(0, length)), trim: true);
        }
        finally
        {
            Array.Clear(buffer);
        }
    }

    public override string ToString() => $"The password file '{path}'";

    private async Task<int> ReadAsync(byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            // A pipe is a good password file too (bash's <(pass show repo)), so the length is not asked for.
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, FileOptions.Asynchronous);
            if (ownerOnly && PrivateFile.Exposure(file.SafeFileHandle) is { } mode) throw ServersErrors.SecretFileExposed(path, mode);
            return await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw ServersErrors.SecretFileNotFound(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw ServersErrors.SecretFileUnreadable(path, exception);
        }
    }
}
