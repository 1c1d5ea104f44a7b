using ProdOps.Backup.Trees;

namespace ProdOps.Backup.Archiving;

/// <summary>A piece of work for a pipeline's worker.</summary>
internal abstract record Work;

/// <summary>Content that was cut off a file and is to be hashed and stored. The buffer goes back to the pool after.</summary>
internal sealed record BlobWork(PendingFile File, int Place, byte[] Buffer, int Length) : Work;

/// <summary>A file to be read.</summary>
internal sealed record FileWork(PendingTree Tree, int Slot, byte[] Name, Node? Previous) : Work;

/// <summary>A folder to be listed; its own entry is in its parent's slot already.</summary>
internal sealed record DirectoryWork(PendingTree Tree) : Work;

/// <summary>
/// What is to be done, in the order that keeps memory flat: blobs already read first, then files of listed folders,
/// then further folders, deepest first. So at most one folder's files a worker are waiting, however large the tree is.
/// </summary>
/// <param name="blobBytes">How much memory blobs may take that wait.</param>
internal sealed class WorkQueue(long blobBytes) : IDisposable
{
    private readonly Queue<BlobWork> _blobs = new();
    private readonly Queue<FileWork> _files = new();
    private readonly Stack<DirectoryWork> _directories = new();
    private readonly SemaphoreSlim _available = new(0);
    private readonly Lock _lock = new();
    private long _waitingBytes;

    /// <summary>Hands a blob to another worker; false if enough are waiting already and the caller should store it itself.</summary>
    public bool TryAdd(BlobWork blob)
    {
        lock (_lock)
        {
            if (_waitingBytes + blob.Buffer.Length > blobBytes) return false;
            _waitingBytes += blob.Buffer.Length;
            _blobs.Enqueue(blob);
        }
        _available.Release();
        return true;
    }

    public void Add(FileWork file)
    {
        lock (_lock) _files.Enqueue(file);
        _available.Release();
    }

    public void Add(DirectoryWork directory)
    {
        lock (_lock) _directories.Push(directory);
        _available.Release();
    }

    /// <summary>Wakes every worker to find that there is nothing left.</summary>
    public void Complete(int workers) => _available.Release(workers);

    /// <summary>Waits for the next piece of work; <see langword="null"/> at the end.</summary>
    public async ValueTask<Work?> TakeAsync(CancellationToken cancellationToken)
    {
        await _available.WaitAsync(cancellationToken);
        lock (_lock)
        {
            if (_blobs.TryDequeue(out var blob))
            {
                _waitingBytes -= blob.Buffer.Length;
                return blob;
            }
            if (_files.TryDequeue(out var file)) return file;
            return _directories.TryPop(out var directory) ? directory : null;
        }
    }

    public void Dispose() => _available.Dispose();
}
