using System.Buffers.Binary;
using System.Security.Cryptography;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Checking;

/// <summary>
/// Reads packs whole, in pieces of a few blobs, and proves them: the hash of all bytes, the header, and every blob. For one thread at a time.
/// </summary>
internal sealed class PackVerifier(Repository repository) : IDisposable
{
    /// <summary>Small enough to stay in a core's cache between hashing the piece and opening its blobs.</summary>
    private const int PieceSize = 512 << 10;

    /// <summary>
    /// Takes the largest chunk that restic cuts (8 MiB) without growing. Memory that is not touched is not used, so a large buffer costs no more than the blobs in it,
    /// where one from a pool that doubles leaves all its smaller halves behind.
    /// </summary>
    private const int BufferSize = (8 << 20) + (64 << 10);

    private const int MaxHealingFailed = 8;

    private readonly BlobOpener _opener = repository.CreateBlobOpener();
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] _piece = [], _plaintext = [];
    private readonly HashSet<PackedBlob> _broken = [];
    private PackFindings _findings = new();
    private int _healingFailed;
    private ObjectId _pack;

    /// <param name="pack">The pack.</param>
    /// <param name="size">Its real size.</param>
    /// <param name="indexed">What the index says is in it, in the order of the offsets.</param>
    /// <param name="onRead">Hears how many bytes were read.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async ValueTask<PackFindings> VerifyAsync(
        ObjectId pack, long size, IReadOnlyList<PackedBlob> indexed, Action<int>? onRead, CancellationToken cancellationToken)
    {
        (_pack, _findings) = (pack, new PackFindings());
        _broken.Clear();
        _healingFailed = 0;
        _hash.TryGetHashAndReset(stackalloc byte[ObjectId.Size], out _);

        byte[] tail = await ReadTailAsync(size, indexed, cancellationToken);
        long end = size - tail.Length;
        // What the pack says of itself is where its blobs are; without that the index has to do, and blobs may reach to the end.
        var header = OpenHeader(tail, end);
        if (header is null) (tail, end) = ([], size);
        await ReadBlobsAsync(header ?? indexed, end, onRead, cancellationToken);
        _hash.AppendData(tail);
        onRead?.Invoke(tail.Length);
        _findings.BytesRead = size;

        if (_findings.ReadError is null) CheckHash();
        Compare(header, indexed);
        return _findings;
    }

    public void Dispose()
    {
        _opener.Dispose();
        _hash.Dispose();
    }

    /// <summary>The sealed header and its length, as far as they can be told from the blobs.</summary>
    private async ValueTask<byte[]> ReadTailAsync(long size, IReadOnlyList<PackedBlob> indexed, CancellationToken cancellationToken)
    {
        long expected = PackHeader.FixedSize + indexed.Sum(blob => blob.StoredSize - blob.Length);
        byte[] tail = GC.AllocateUninitializedArray<byte>((int)Math.Min(Math.Min(expected, size), PackHeader.MaxSize));
        try
        {
            await ReadAsync(size - tail.Length, tail, cancellationToken);
            if (tail.Length < sizeof(uint)) return tail;
            long told = sizeof(uint) + (long)BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(^sizeof(uint)));
            if (told == tail.Length || told > size || told > PackHeader.MaxSize + PackHeader.FixedSize || told < PackHeader.FixedSize) return tail;
            byte[] whole = GC.AllocateUninitializedArray<byte>((int)told);
            await ReadAsync(size - told, whole, cancellationToken);
            return whole;
        }
        catch (ProdOpsException error)
        {
            _findings.ReadError = error;
            return [];
        }
    }

    private List<PackedBlob>? OpenHeader(byte[] tail, long end)
    {
        if (tail.Length < PackHeader.FixedSize || BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(^sizeof(uint))) != tail.Length - sizeof(uint))
        {
            if (_findings.ReadError is null) _findings.Damage.Add("it does not end with a header");
            return null;
        }

        // Opening overwrites, and the hash needs the sealed bytes.
        byte[] plaintext = GC.AllocateUninitializedArray<byte>(tail.Length - PackHeader.FixedSize);
        if (!repository.Key.TryOpen(tail.AsSpan(..^sizeof(uint)), plaintext)) _findings.Damage.Add("the seal of its header is broken");
        else if (PackHeader.TryRead(plaintext, end, out var blobs, out string problem)) return blobs;
        else _findings.Damage.Add(problem);
        return null;
    }

    private async ValueTask ReadBlobsAsync(IReadOnlyList<PackedBlob> blobs, long end, Action<int>? onRead, CancellationToken cancellationToken)
    {
        long position = 0;
        for (int next = 0; next < blobs.Count;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var first = blobs[next];
            if (first.Offset < position || first.Offset + (long)first.Length > end || first.Length > Array.MaxLength)
            {
                // A header cannot say so, only an index.
                Break(first, $"blob {first.Blob.Id.ToShortString()}: it {(first.Offset < position ? "overlaps another one" : "lies beyond the pack's end")}");
                next++;
                continue;
            }

            await SkipAsync(position, first.Offset, onRead, cancellationToken);
            int count = 1;
            position = first.Offset + (long)first.Length;
            while (next + count < blobs.Count && blobs[next + count] is var other && other.Offset == position
                && position + other.Length <= Math.Min(end, first.Offset + (long)PieceSize))
            {
                position += other.Length;
                count++;
            }

            await ReadPieceAsync(blobs, next, count, (int)(position - first.Offset), onRead, cancellationToken);
            next += count;
        }

        await SkipAsync(position, end, onRead, cancellationToken);
    }

    /// <summary>Hashes bytes that no blob claims.</summary>
    private async ValueTask SkipAsync(long from, long to, Action<int>? onRead, CancellationToken cancellationToken)
    {
        while (from < to)
        {
            int length = (int)Math.Min(to - from, PieceSize);
            if (await TryReadPieceAsync(from, length, cancellationToken)) _hash.AppendData(_piece, 0, length);
            onRead?.Invoke(length);
            from += length;
        }
    }

    private async ValueTask ReadPieceAsync(
        IReadOnlyList<PackedBlob> blobs, int first, int count, int length, Action<int>? onRead, CancellationToken cancellationToken)
    {
        bool whole = await TryReadPieceAsync(blobs[first].Offset, length, cancellationToken);
        if (whole) _hash.AppendData(_piece, 0, length);
        for (int i = first, offset = 0; i < first + count; offset += (int)blobs[i++].Length)
        {
            if (whole) Open(blobs[i], _piece.AsSpan(offset, (int)blobs[i].Length));
            // A disk that cannot read one sector may still give the blobs beside it.
            else if (await TryReadPieceAsync(blobs[i].Offset, (int)blobs[i].Length, cancellationToken)) Open(blobs[i], _piece.AsSpan(0, (int)blobs[i].Length));
            else _broken.Add(blobs[i]);
        }

        onRead?.Invoke(length);
    }

    private void Open(in PackedBlob blob, Span<byte> sealedBlob)
    {
        var location = blob.In(_pack);
        string? problem = BlobOpener.FindImplausible(location);
        if (problem is null)
        {
            int length = (int)location.PlaintextLength;
            Grow(ref _plaintext, length);
            var plaintext = _plaintext.AsSpan(0, length);
            problem = _opener.TryOpen(sealedBlob, blob.Blob, location, plaintext);
            if (problem is not null && TryHeal(blob, sealedBlob, location, plaintext))
            {
                _findings.Damage.Add($"blob {blob.Blob.Id.ToShortString()}: one bit of it is turned, which Repair-Backup puts right");
                return;
            }
        }

        if (problem is not null) Break(blob, $"blob {blob.Blob.Id.ToShortString()}: {problem}");
    }

    /// <summary>Looking for a turned bit takes a hundred times as long as reading; where much is broken, that is not what is wrong.</summary>
    private bool TryHeal(in PackedBlob blob, Span<byte> sealedBlob, in BlobLocation location, Span<byte> plaintext)
    {
        if (_healingFailed >= MaxHealingFailed) return false;
        if (_opener.TryHeal(sealedBlob, blob.Blob, location, plaintext)) return true;
        _healingFailed++;
        return false;
    }

    private async ValueTask<bool> TryReadPieceAsync(long offset, int length, CancellationToken cancellationToken)
    {
        Grow(ref _piece, length);
        try
        {
            await ReadAsync(offset, _piece.AsMemory(0, length), cancellationToken);
            return true;
        }
        catch (ProdOpsException error)
        {
            _findings.ReadError ??= error;
            return false;
        }
    }

    private ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        repository.Storage.ReadAsync(new FileHandle(FileKind.Pack, _pack), offset, buffer, cancellationToken);

    private void CheckHash()
    {
        Span<byte> hash = stackalloc byte[ObjectId.Size];
        _hash.GetHashAndReset(hash);
        var id = new ObjectId(hash);
        _findings.Hash = id;
        if (id != _pack) _findings.Damage.Insert(0, $"its SHA-256 is {id} instead of its name");
    }

    private void Compare(List<PackedBlob>? header, IReadOnlyList<PackedBlob> indexed)
    {
        var tested = header ?? indexed;
        _findings.Good = _broken.Count == 0 ? tested : [.. tested.Where(blob => !_broken.Contains(blob))];
        // The rule, and the only case that must be fast.
        if (_broken.Count == 0 && tested.SequenceEqual(indexed)) return;
        var good = _findings.Good.ToHashSet();
        _findings.Lost = [.. indexed.Where(blob => !good.Contains(blob))];
        if (header is null) return;
        var there = header.ToHashSet();
        foreach (var blob in indexed.Where(blob => !there.Contains(blob)))
            _findings.Mismatches.Add($"blob {blob.Blob.Id.ToShortString()} is not at offset {blob.Offset}");
        int unnamed = there.Count - (indexed.Count - _findings.Mismatches.Count);
        if (unnamed > 0) _findings.Mismatches.Add($"{unnamed} of its blobs are in no index");
    }

    private void Break(in PackedBlob blob, string damage)
    {
        _broken.Add(blob);
        _findings.Damage.Add(damage);
    }

    private static void Grow(ref byte[] buffer, int length)
    {
        if (buffer.Length < length) buffer = GC.AllocateUninitializedArray<byte>(Math.Max(length, BufferSize));
    }
}
