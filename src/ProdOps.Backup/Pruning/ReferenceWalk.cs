using ProdOps.Backup.Browsing;
using ProdOps.Backup.Checking;
using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Pruning;

/// <summary>
/// Marks every blob that some snapshot uses. A listing is read once, however many snapshots share it, and waits as eight bytes until it is. Any listing that
/// cannot be read ends the walk: what it names would be taken for unused.
/// </summary>
internal sealed class ReferenceWalk(Repository repository, BlobMarks marks, CheckProgress progress)
{
    /// <summary>The mark of a blob that is used.</summary>
    public const byte Used = 1;

    private const int MissingTold = 20;

    private readonly BlobIndex _index = repository.Index;
    private readonly Stack<EntryNumber> _waiting = new();
    private readonly SemaphoreSlim _available = new(0);
    private readonly List<BlobHandle> _missing = [];
    private int _unfinished;
    private long _missingCount;

    /// <param name="roots">The snapshots' trees.</param>
    /// <param name="workers">Threads.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task RunAsync(IEnumerable<ObjectId> roots, int workers, CancellationToken cancellationToken)
    {
        foreach (var root in roots) Mark(new BlobHandle(BlobType.Tree, root));
        if (_unfinished > 0)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(() => WorkAsync(stop), cancellationToken)));
        }

        if (_missingCount > 0) throw BackupErrors.PruneBlobsMissing(_missingCount, _missing);
    }

    private async Task WorkAsync(CancellationTokenSource stop)
    {
        using var opener = repository.CreateBlobOpener();
        var buffers = new Buffers();
        var references = new List<BlobHandle>();
        try
        {
            while (true)
            {
                await _available.WaitAsync(stop.Token);
                if (!TryTake(out var tree)) return;
                references.Clear();
                await ReadAsync(tree, opener, buffers, references, stop.Token);
                foreach (var blob in references) Mark(blob);
                progress.AddTree();
                // The last one lets all workers go: there is nothing left to take.
                if (Interlocked.Decrement(ref _unfinished) == 0) _available.Release(1 << 16);
            }
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    }

    private bool TryTake(out EntryNumber tree)
    {
        lock (_waiting) return _waiting.TryPop(out tree);
    }

    private void Mark(in BlobHandle blob)
    {
        if (!_index.TryFindEntry(blob, out var number))
        {
            Miss(blob);
            return;
        }

        if (marks[number] == Used || !marks.TrySet(number, 0, Used) || blob.Type == BlobType.Data) return;
        Interlocked.Increment(ref _unfinished);
        lock (_waiting) _waiting.Push(number);
        _available.Release();
    }

    private void Miss(in BlobHandle blob)
    {
        lock (_missing)
        {
            _missingCount++;
            if (_missing.Count < MissingTold) _missing.Add(blob);
        }
    }

    private async ValueTask ReadAsync(EntryNumber number, BlobOpener opener, Buffers buffers, List<BlobHandle> references, CancellationToken cancellationToken)
    {
        _index.TryGetEntry(number, out var tree, out var place);
        var location = place.In(_index.PackOf(place.Pack));
        if (BlobOpener.FindImplausible(location) is null)
        {
            try
            {
                var stored = buffers.Stored((int)location.Length);
                var plaintext = buffers.Plaintext((int)location.PlaintextLength);
                await repository.ReadBlobAtAsync(tree, location, opener, stored, plaintext, cancellationToken);
                TreeReferences.Read(plaintext.Span, references);
                return;
            }
            catch (Exception error) when (error is FormatException or ProdOpsException { Kind: ErrorKind.InvalidData or ErrorKind.NotFound })
            {
                references.Clear();
            }
        }

        // Another pack may hold it whole; what is wrong is told by whoever reads trees for all others, too.
        await repository.ReadTreeAsync(tree.Id, cancellationToken);
        TreeReferences.Read(await repository.ReadBlobAsync(tree, cancellationToken), references);
    }

    /// <summary>Two buffers that grow to the largest listing met.</summary>
    private sealed class Buffers
    {
        private byte[] _stored = [], _plaintext = [];

        public Memory<byte> Stored(int length) => Grown(ref _stored, length);

        public Memory<byte> Plaintext(int length) => Grown(ref _plaintext, length);

        private static Memory<byte> Grown(ref byte[] buffer, int length)
        {
            if (buffer.Length < length) buffer = GC.AllocateUninitializedArray<byte>(Math.Max(length, Math.Max(2 * buffer.Length, 64 << 10)));
            return buffer.AsMemory(0, length);
        }
    }
}
