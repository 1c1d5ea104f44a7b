using System.Buffers;

namespace ProdOps.Backup.Storage;

/// <summary>The bytes of a file that is being made for a remote place, in pooled pieces: it is sent from here, as often as it takes, and copied nowhere.</summary>
internal sealed class PendingBuffer
{
    private const int PieceSize = 256 << 10;

    private readonly List<byte[]> _pieces = [];
    private int _used = PieceSize;

    public long Length { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        Length += bytes.Length;
        while (!bytes.IsEmpty)
        {
            if (_used == PieceSize)
            {
                _pieces.Add(ArrayPool<byte>.Shared.Rent(PieceSize));
                _used = 0;
            }

            int length = Math.Min(bytes.Length, PieceSize - _used);
            bytes[..length].CopyTo(_pieces[^1].AsSpan(_used));
            bytes = bytes[length..];
            _used += length;
        }
    }

    /// <summary>All of it, valid until <see cref="Release"/>.</summary>
    public ReadOnlySequence<byte> ToSequence()
    {
        if (_pieces.Count == 0) return ReadOnlySequence<byte>.Empty;
        var first = new Piece(_pieces[0].AsMemory(0, LengthOf(0)), before: 0);
        var last = first;
        for (int i = 1; i < _pieces.Count; i++) last = last.Follow(_pieces[i].AsMemory(0, LengthOf(i)));
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    /// <summary>Lets go of the bytes.</summary>
    /// <param name="nobodyReads">Whether it is certain that no transfer which was given up still reads them: only then others may have the memory.</param>
    public void Release(bool nobodyReads)
    {
        if (nobodyReads) _pieces.ForEach(static piece => ArrayPool<byte>.Shared.Return(piece));
        _pieces.Clear();
        _used = PieceSize;
        Length = 0;
    }

    private int LengthOf(int piece) => piece == _pieces.Count - 1 ? _used : PieceSize;

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, long before) => (Memory, RunningIndex) = (memory, before);

        public Piece Follow(ReadOnlyMemory<byte> memory)
        {
            var next = new Piece(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
