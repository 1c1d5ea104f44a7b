using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Restoring;

/// <summary>A worker's way from packs to files: reads a range, opens each blob in it once, hands it to every place that wants it.</summary>
internal sealed class ContentReader(Repository repository, PlannedRestore plan, RestoreWork work, ContentWriter writer) : IDisposable
{
    private readonly BlobOpener _opener = repository.CreateBlobOpener();
    private byte[] _stored = [];
    private byte[] _plaintext = [];

    public async ValueTask RestoreAsync(WorkUnit unit, CancellationToken cancellationToken)
    {
        long start = PartAt(unit.Start).PackOffset;
        var pack = plan.Packs[PartAt(unit.Start).Pack];
        long length = 0;
        // Blobs of an index may overlap, so that the last does not end last.
        for (int i = unit.Start; i < unit.Start + unit.Count; i++) length = Math.Max(length, PartAt(i).PackOffset + (long)PartAt(i).StoredLength - start);
        // What an index says is not to be believed before it was looked at: one blob may claim any length.
        string? problem = length <= Array.MaxLength ? FindImplausible(unit) : "it is too large";
        if (problem is null)
        {
            try
            {
                Grow(ref _stored, (int)length);
                await repository.Storage.ReadAsync(new FileHandle(FileKind.Pack, pack), start, _stored.AsMemory(0, (int)length), cancellationToken);
            }
            catch (ProdOpsException e) when (e.Kind is ErrorKind.InvalidData or ErrorKind.NotFound or ErrorKind.ReadError)
            {
                problem = e.Message;
            }
        }
        for (int i = unit.Start; i < unit.Start + unit.Count;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int end = EndOfBlob(i, unit.Start + unit.Count);
            string? damage = problem ?? Open(PartAt(i), start);
            if (damage is null) Write(i, end);
            else await RestoreFromElsewhereAsync(i, end, damage, cancellationToken);
            i = end;
        }
    }

    public void Dispose() => _opener.Dispose();

    private string? Open(in PlannedPart part, long start)
    {
        var location = LocationOf(part);
        Grow(ref _plaintext, (int)location.PlaintextLength);
        return _opener.TryOpen(
            _stored.AsSpan((int)(part.PackOffset - start), (int)location.Length),
            new BlobHandle(BlobType.Data, part.Id), location, _plaintext.AsSpan(0, (int)location.PlaintextLength));
    }

    private void Write(int first, int end)
    {
        var content = _plaintext.AsSpan(0, (int)PartAt(first).Length);
        for (int i = first; i < end; i++) writer.Write(PartAt(i), content);
    }

    /// <summary>A blob may lie in other packs too. If none has it whole, the files that want it are given up, and the others go on.</summary>
    private async ValueTask RestoreFromElsewhereAsync(int first, int end, string damage, CancellationToken cancellationToken)
    {
        var (id, pack, length) = (PartAt(first).Id, plan.Packs[PartAt(first).Pack], PartAt(first).Length);
        try
        {
            byte[] content = await repository.ReadBlobAsync(new BlobHandle(BlobType.Data, id), cancellationToken);
            if (content.Length == length)
            {
                for (int i = first; i < end; i++) writer.Write(PartAt(i), content);
                return;
            }
            damage = $"its length is {content.Length} and not {length} bytes as the index says";
        }
        catch (ProdOpsException)
        {
            // The first place's damage is what is told: it is the one that a repair begins with.
        }
        for (int i = first; i < end; i++)
        {
            int item = PartAt(i).Item;
            writer.Abandon(item, removed => BackupErrors.RestoreBlobDamaged(plan.DisplayPathOf(item), id, pack, damage, removed));
        }
    }

    private string? FindImplausible(WorkUnit unit)
    {
        for (int i = unit.Start; i < unit.Start + unit.Count; i++)
        {
            if (BlobOpener.FindImplausible(LocationOf(PartAt(i))) is { } problem) return problem;
        }
        return null;
    }

    private int EndOfBlob(int first, int limit)
    {
        int end = first + 1;
        while (end < limit && PartAt(end).PackOffset == PartAt(first).PackOffset) end++;
        return end;
    }

    private ref PlannedPart PartAt(int position) => ref plan.Parts[work.PartAt(position)];

    private BlobLocation LocationOf(in PlannedPart part) => new(plan.Packs[part.Pack], part.PackOffset, part.StoredLength, part.UncompressedLength);

    private static void Grow(ref byte[] buffer, int length)
    {
        if (buffer.Length < length) buffer = GC.AllocateUninitializedArray<byte>(length);
    }
}
