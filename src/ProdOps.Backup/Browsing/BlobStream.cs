using ProdOps.Backup.Repositories;
using ProdOps.Servers.Files;

namespace ProdOps.Backup.Browsing;

/// <summary>
/// A file's content out of a repository: reads the blobs it needs when it needs them, each proved against its id.
/// Lengths come from the index, since what a node says of its size is not bound to its content.
/// </summary>
internal sealed class BlobStream : ReadOnlyStream
{
    private readonly Repository _repository;
    private readonly ObjectId[] _content;
    private readonly long[] _ends;
    private byte[] _blob = [];
    private int _current = -1;
    private long _position;

    /// <exception cref="ProdOpsException"><c>BlobNotFound</c>: a piece is missing.</exception>
    public BlobStream(Repository repository, ObjectId[] content)
    {
        _repository = repository;
        _content = content;
        _ends = new long[content.Length];
        long end = 0;
        for (int i = 0; i < content.Length; i++)
        {
            var blob = new BlobHandle(BlobType.Data, content[i]);
            if (!repository.Index.TryFind(blob, out var location)) throw BackupErrors.BlobNotFound(blob);
            _ends[i] = end += location.PlaintextLength;
        }
    }

    public override bool CanSeek => true;

    public override long Length => _ends.Length == 0 ? 0 : _ends[^1];

    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _position = value;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty || _position >= Length) return 0;
        // The first blob that ends behind the position; blobs of no length end where they begin and are never it.
        int found = Array.BinarySearch(_ends, _position + 1);
        int index = found < 0 ? ~found : found;
        while (index > 0 && _ends[index - 1] > _position) index--;
        await LoadAsync(index, cancellationToken);
        int offset = (int)(_position - (index == 0 ? 0 : _ends[index - 1]));
        int count = Math.Min(buffer.Length, _blob.Length - offset);
        _blob.AsSpan(offset, count).CopyTo(buffer.Span);
        _position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    // For readers that know no other way, such as a provider's; on a pool thread, so that no caller's context is waited for.
    public override int Read(byte[] buffer, int offset, int count) =>
        Task.Run(() => ReadAsync(buffer.AsMemory(offset, count)).AsTask()).GetAwaiter().GetResult();

    public override long Seek(long offset, SeekOrigin origin)
    {
        long target = offset + origin switch { SeekOrigin.Begin => 0, SeekOrigin.Current => _position, _ => Length };
        if (target < 0) throw new IOException("There is nothing before the beginning.");
        return _position = target;
    }

    private async ValueTask LoadAsync(int index, CancellationToken cancellationToken)
    {
        if (index == _current) return;
        var blob = new BlobHandle(BlobType.Data, _content[index]);
        byte[] content = await _repository.ReadBlobAsync(blob, cancellationToken);
        // Another place of the blob in the index may tell another length; its id proves the content, not the length told.
        if (content.Length != _ends[index] - (index == 0 ? 0 : _ends[index - 1]))
            throw BackupErrors.BlobDamaged(blob, default, $"it has {content.Length} bytes, the index says something else");
        (_blob, _current) = (content, index);
    }
}
