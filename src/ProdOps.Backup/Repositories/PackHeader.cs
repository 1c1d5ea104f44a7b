using System.Buffers.Binary;
using ProdOps.Backup.Crypto;

namespace ProdOps.Backup.Repositories;

/// <summary>
/// The list of blobs at the end of a pack (restic, doc/design.rst, "Pack Format"):
/// <c>blobs | sealed header | length of the sealed header, u32 little-endian</c>.
/// </summary>
internal static class PackHeader
{
    public const int PlainEntrySize = 37;
    public const int CompressedEntrySize = 41;

    /// <summary>What a pack takes beside its blobs and their entries: the header's seal and its length.</summary>
    public const int FixedSize = MasterKey.Overhead + sizeof(uint);

    /// <summary>restic reads no longer header.</summary>
    public const int MaxSize = 16 << 20;

    /// <summary>So that a header of the longest entries stays below <see cref="MaxSize"/>.</summary>
    public const int MaxEntries = MaxSize / CompressedEntrySize - 1;

    private const byte CompressedFlag = 2;

    public static int SizeOf(ReadOnlySpan<PackedBlob> blobs)
    {
        int size = 0;
        foreach (ref readonly var blob in blobs) size += blob.UncompressedLength == 0 ? PlainEntrySize : CompressedEntrySize;
        return size;
    }

    /// <summary>Writes the header's plaintext, <see cref="SizeOf"/> bytes.</summary>
    public static void Write(ReadOnlySpan<PackedBlob> blobs, Span<byte> plaintext)
    {
        foreach (ref readonly var blob in blobs)
        {
            bool compressed = blob.UncompressedLength != 0;
            plaintext[0] = (byte)((byte)blob.Blob.Type | (compressed ? CompressedFlag : 0));
            BinaryPrimitives.WriteUInt32LittleEndian(plaintext[1..], blob.Length);
            if (compressed) BinaryPrimitives.WriteUInt32LittleEndian(plaintext[5..], blob.UncompressedLength);
            blob.Blob.Id.CopyTo(plaintext[(compressed ? 9 : 5)..]);
            plaintext = plaintext[(compressed ? CompressedEntrySize : PlainEntrySize)..];
        }
    }

    /// <summary>Reads a header's plaintext.</summary>
    /// <param name="plaintext">The opened header.</param>
    /// <param name="blobsLength">The bytes before the header, which its blobs must fill exactly.</param>
    /// <param name="blobs">The blobs, in the order of their offsets.</param>
    /// <param name="problem">What is wrong, when the answer is false.</param>
    public static bool TryRead(ReadOnlySpan<byte> plaintext, long blobsLength, out List<PackedBlob> blobs, out string problem)
    {
        blobs = new List<PackedBlob>(plaintext.Length / PlainEntrySize);
        problem = "";
        long offset = 0;
        while (!plaintext.IsEmpty)
        {
            byte kind = plaintext[0];
            if (kind > 3) return Fail(out problem, $"its header has a blob of the unknown kind {kind}");
            bool compressed = (kind & CompressedFlag) != 0;
            int size = compressed ? CompressedEntrySize : PlainEntrySize;
            if (plaintext.Length < size) return Fail(out problem, "its header ends within an entry");
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(plaintext[1..]);
            uint uncompressed = compressed ? BinaryPrimitives.ReadUInt32LittleEndian(plaintext[5..]) : 0;
            if (length < MasterKey.Overhead || (compressed && uncompressed == 0)) return Fail(out problem, "its header has a blob of an impossible length");
            if (offset + length > Math.Min(blobsLength, uint.MaxValue)) return Fail(out problem, "its header names blobs beyond its end");
            var id = new ObjectId(plaintext.Slice(size - ObjectId.Size, ObjectId.Size));
            blobs.Add(new PackedBlob(new BlobHandle((BlobType)(kind & 1), id), (uint)offset, length, uncompressed));
            offset += length;
            plaintext = plaintext[size..];
        }

        return offset == blobsLength || Fail(out problem, "its header does not account for all its bytes");
    }

    private static bool Fail(out string problem, string text)
    {
        problem = text;
        return false;
    }
}
