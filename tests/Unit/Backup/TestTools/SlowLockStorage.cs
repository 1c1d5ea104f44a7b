using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Tests.TestTools;

/// <summary>A storage on which the first lock takes its time to appear, as on a disk whose fsync is slow; meanwhile something happens.</summary>
internal sealed class SlowLockStorage(IStorage inner, Action meanwhile) : DelegatingStorage(inner)
{
    private readonly TaskCompletionSource _indexRead = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool Interfered { get; private set; }

    public override async ValueTask<byte[]> ReadAllAsync(FileHandle file, CancellationToken cancellationToken)
    {
        byte[] content = await base.ReadAllAsync(file, cancellationToken);
        if (file.Kind == FileKind.Index) _indexRead.TrySetResult();
        return content;
    }

    public override async ValueTask WriteAsync(FileHandle file, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (file.Kind == FileKind.Lock && !Interfered)
        {
            // Whoever waits for the lock before the index is read is safe: the index is then the one after the interference.
            await Task.WhenAny(_indexRead.Task, Task.Delay(TimeSpan.FromSeconds(2), CancellationToken.None));
            // Enough for packs to be stored meanwhile, if they do not wait for the lock.
            await Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None);
            meanwhile();
            Interfered = true;
        }

        await base.WriteAsync(file, content, cancellationToken);
    }
}
