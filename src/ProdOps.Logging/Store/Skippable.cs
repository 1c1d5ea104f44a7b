using System.Buffers.Binary;

namespace ProdOps.Logging.Store;

/// <summary>
/// zstd's skippable frames (RFC 8878, section 3.1.2): a magic number, a length, and bytes that every zstd program passes over. In them a segment keeps what it says about itself,
/// so that <c>zstdcat</c> prints the lines and nothing else.
/// </summary>
internal static class Skippable
{
    public const int HeaderLength = 8;

    /// <summary>0x184D2A50 to 0x184D2A5F are skippable; these two are what segments have.</summary>
    public const uint SegmentMagic = 0x184D2A50, BatchMagic = 0x184D2A51;

    public static byte[] Frame(uint magic, ReadOnlySpan<byte> content)
    {
        byte[] frame = new byte[HeaderLength + content.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(frame, magic);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(4), content.Length);
        content.CopyTo(frame.AsSpan(HeaderLength));
        return frame;
    }

    /// <summary>Reads the head of a frame; false if it is not one of this magic number or its length cannot be.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> bytes, uint magic, int maximum, out int length)
    {
        length = 0;
        if (bytes.Length < HeaderLength || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != magic) return false;
        length = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]);
        return length >= 0 && length <= maximum;
    }
}
