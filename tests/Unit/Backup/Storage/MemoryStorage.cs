using System.Collections.Concurrent;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Tests.Storage;

/// <summary>A repository in memory, whose files a test may change, and whose calls it may watch or fail.</summary>
internal sealed class MemoryStorage : IStorage
{
    public ConcurrentDictionary<FileHandle, byte[]> Files { get; } = new();

    /// <summary>Called before each write and commit; what it throws, the write throws.</summary>
    public Func<FileHandle, Task> BeforeWrite { get; set; } = _ => Task.CompletedTask;

    /// <summary>Called after each write and commit.</summary>
    public Action<FileHandle> AfterWrite { get; set; } = _ => { };

    /// <summary>Called before each deletion, with its token.</summary>
    public Func<FileHandle, CancellationToken, Task> BeforeDelete { get; set; } = (_, _) => Task.CompletedTask;

    public int PendingFiles;

    public string Location => "memory";

    public int Connections => 2;

    public IEnumerable<FileHandle> HandlesOf(FileKind kind) => Files.Keys.Where(file => file.Kind == kind);

    public ValueTask<bool> ExistsAsync(CancellationToken cancellationToken) => ValueTask.FromResult(!Files.IsEmpty);

    public ValueTask CreateAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public IAsyncEnumerable<StoredFile> ListAsync(FileKind kind, CancellationToken cancellationToken) =>
        Files.Where(file => file.Key.Kind == kind).Select(file => new StoredFile(file.Key.Id, file.Value.Length)).OrderBy(file => file.Id).ToAsyncEnumerable();

    public ValueTask<long?> FindAsync(FileHandle file, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Files.TryGetValue(file, out byte[]? content) ? content.Length : (long?)null);

    public ValueTask ReadAsync(FileHandle file, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        byte[] content = Get(file);
        if (offset + buffer.Length > content.Length) throw BackupErrors.StoredFileTruncated(file.ToString(), offset + buffer.Length, content.Length);
        content.AsMemory((int)offset, buffer.Length).CopyTo(buffer);
        return ValueTask.CompletedTask;
    }

    public ValueTask<byte[]> ReadAllAsync(FileHandle file, CancellationToken cancellationToken) => ValueTask.FromResult(Get(file).ToArray());

    public async ValueTask WriteAsync(FileHandle file, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        await BeforeWrite(file);
        Files[file] = content.ToArray();
        AfterWrite(file);
    }

    public IPendingFile BeginFile(FileKind kind) => new PendingFile(this, kind);

    public async ValueTask DeleteAsync(FileHandle file, CancellationToken cancellationToken)
    {
        await BeforeDelete(file, cancellationToken);
        Files.TryRemove(file, out _);
    }

    public ValueTask<long?> GetFreeSpaceAsync(CancellationToken cancellationToken) => ValueTask.FromResult<long?>(null);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private byte[] Get(FileHandle file) => Files.TryGetValue(file, out byte[]? content) ? content : throw BackupErrors.StoredFileMissing(file.ToString());

    private sealed class PendingFile : IPendingFile
    {
        private readonly MemoryStorage _storage;
        private readonly FileKind _kind;
        private readonly MemoryStream _content = new();

        public PendingFile(MemoryStorage storage, FileKind kind)
        {
            _storage = storage;
            _kind = kind;
            Interlocked.Increment(ref storage.PendingFiles);
        }

        public void Append(ReadOnlySpan<byte> bytes) => _content.Write(bytes);

        public ValueTask CommitAsync(ObjectId id, CancellationToken cancellationToken) =>
            _storage.WriteAsync(new FileHandle(_kind, id), _content.ToArray(), cancellationToken);

        public void Dispose() => Interlocked.Decrement(ref _storage.PendingFiles);
    }
}
