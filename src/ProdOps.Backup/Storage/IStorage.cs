using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Storage;

/// <summary>The kinds of files in a repository, each with a folder of its own (the config has none).</summary>
internal enum FileKind
{
    Config,
    Key,
    Index,
    Snapshot,
    Lock,
    Pack,
}

/// <summary>A file in a repository. The config's id is zero.</summary>
internal readonly record struct FileHandle(FileKind Kind, ObjectId Id = default)
{
    public static FileHandle Config => new(FileKind.Config);
}

/// <summary>A file as listed: its name and size in bytes.</summary>
internal readonly record struct StoredFile(ObjectId Id, long Size)
{
    /// <summary>When the storage wrote it, by its own clock; <see langword="null"/> where it does not tell.</summary>
    public DateTimeOffset? Written { get; init; }
}

/// <summary>
/// A place that holds a repository's files. Files are written once, whole, and never changed: a file that can be
/// listed under its final name is complete and durable. Every member may be called from several threads at once.
/// Failures are <see cref="ProdOpsException"/>s from <c>BackupErrors</c>.
/// </summary>
internal interface IStorage : IAsyncDisposable
{
    /// <summary>The place as a user writes it: a path or a URL without secrets.</summary>
    string Location { get; }

    /// <summary>How many reads or writes at once serve this place well.</summary>
    int Connections { get; }

    /// <summary>What is kept of the place on this machine, or <see langword="null"/> where nothing is.</summary>
    CachedStorage? Cache => null;

    /// <summary>Whether the place itself (the folder, the bucket) is there, with or without a repository in it.</summary>
    ValueTask<bool> ExistsAsync(CancellationToken cancellationToken);

    /// <summary>Makes the folders of an empty repository. Existing ones are no error.</summary>
    ValueTask CreateAsync(CancellationToken cancellationToken);

    /// <summary>Lists the files of a kind; names that are not ids are left out.</summary>
    IAsyncEnumerable<StoredFile> ListAsync(FileKind kind, CancellationToken cancellationToken);

    /// <summary>The size of a file, or <see langword="null"/> if it does not exist.</summary>
    ValueTask<long?> FindAsync(FileHandle file, CancellationToken cancellationToken);

    /// <summary>Fills <paramref name="buffer"/> from <paramref name="offset"/>. A file that ends earlier is an error.</summary>
    ValueTask ReadAsync(FileHandle file, long offset, Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Reads a whole (small) file.</summary>
    ValueTask<byte[]> ReadAllAsync(FileHandle file, CancellationToken cancellationToken);

    /// <summary>Writes a whole (small) file durably.</summary>
    ValueTask WriteAsync(FileHandle file, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Begins a file whose name is known only once all its bytes are: a pack.</summary>
    IPendingFile BeginFile(FileKind kind);

    /// <summary>Deletes a file. A file that is already gone is no error.</summary>
    ValueTask DeleteAsync(FileHandle file, CancellationToken cancellationToken);

    /// <summary>Free bytes at the place, or <see langword="null"/> where that cannot be told.</summary>
    ValueTask<long?> GetFreeSpaceAsync(CancellationToken cancellationToken);
}

/// <summary>A file being written. Disposing it without a commit leaves nothing behind.</summary>
internal interface IPendingFile : IDisposable
{
    /// <summary>Adds bytes at the end. Not to be called from two threads at once.</summary>
    void Append(ReadOnlySpan<byte> bytes);

    /// <summary>Makes the file durable and visible under its final name.</summary>
    ValueTask CommitAsync(ObjectId id, CancellationToken cancellationToken);
}
