using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Copying;

/// <summary>
/// A worker's way from the source's packs to the target's: what is read and proved is sealed under the other key. What is compressed already stays as it is,
/// where that is what is wanted.
/// </summary>
internal sealed class BlobTransfer(Repository source, BlobWriter writer, CopyDamage damage, bool keepCompressed) : IDisposable
{
    private readonly PackRangeReader _reader = new(source);
    private readonly BlobSealer _sealer = writer.CreateSealer();

    /// <summary>Copies the blobs of one range.</summary>
    public ValueTask CopyAsync(PackRange range, CancellationToken cancellationToken) => _reader.ReadAsync(range, Copy, CopyFromElsewhereAsync, cancellationToken);

    public void Dispose()
    {
        _reader.Dispose();
        _sealer.Dispose();
    }

    private void Copy(in ReadBlob blob)
    {
        if (keepCompressed && blob.Location.IsCompressed) writer.AddCompressed(blob.Handle, blob.Compressed, blob.Plaintext.Length, _sealer);
        else writer.Add(blob.Handle, blob.Plaintext, _sealer);
    }

    private async ValueTask CopyFromElsewhereAsync(BlobHandle blob, CancellationToken cancellationToken)
    {
        byte[] content;
        try
        {
            content = await source.ReadBlobAsync(blob, cancellationToken);
        }
        catch (ProdOpsException error) when (error.Kind is ErrorKind.InvalidData or ErrorKind.NotFound or ErrorKind.ReadError)
        {
            damage.Add(blob, error);
            return;
        }

        if (content.Length == 0) damage.Add(blob, BackupErrors.BlobNotFound(blob));
        else writer.Add(blob, content, _sealer);
    }
}
