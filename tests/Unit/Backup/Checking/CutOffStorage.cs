using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.TestTools;

namespace ProdOps.Backup.Tests.Checking;

/// <summary>A storage whose connection is cut after so many changes.</summary>
internal sealed class CutOffStorage(IStorage inner) : DelegatingStorage(inner)
{
    public int ChangesLeft { get; set; } = int.MaxValue;

    public override ValueTask WriteAsync(FileHandle file, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        Count();
        return base.WriteAsync(file, content, cancellationToken);
    }

    public override IPendingFile BeginFile(FileKind kind) => new PendingFile(this, base.BeginFile(kind));

    public override ValueTask DeleteAsync(FileHandle file, CancellationToken cancellationToken)
    {
        Count();
        return base.DeleteAsync(file, cancellationToken);
    }

    private void Count()
    {
        if (ChangesLeft-- <= 0) throw BackupErrors.StorageWriteFailed(Location, "the connection was cut");
    }

    private sealed class PendingFile(CutOffStorage storage, IPendingFile inner) : IPendingFile
    {
        public void Append(ReadOnlySpan<byte> bytes) => inner.Append(bytes);

        public ValueTask CommitAsync(ObjectId id, CancellationToken cancellationToken)
        {
            storage.Count();
            return inner.CommitAsync(id, cancellationToken);
        }

        public void Dispose() => inner.Dispose();
    }
}
