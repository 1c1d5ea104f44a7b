using System.Buffers.Binary;
using ProdOps.Servers.Files;

namespace ProdOps.Monitoring.Store.Chunks;

/// <summary>Bytes that become more. It is used again and again: what <see cref="Seal"/> gives is good until <see cref="Clear"/>.</summary>
internal sealed class ChunkWriter
{
    private byte[] _bytes = new byte[1024];

    public int Length { get; private set; }

    public void Clear() => Length = 0;

    /// <summary>Takes back what was written behind a length.</summary>
    public void Truncate(int length) => Length = length;

    public void Byte(byte value)
    {
        if (Length == _bytes.Length) Array.Resize(ref _bytes, _bytes.Length * 2);
        _bytes[Length++] = value;
    }

    public void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7) Byte((byte)(value | 0x80));
        Byte((byte)value);
    }

    public void Signed(long value) => Varint((ulong)((value << 1) ^ (value >> 63)));

    /// <summary>Adds the check sum and gives all of it.</summary>
    public ReadOnlySpan<byte> Seal()
    {
        Span<byte> sum = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(sum, Crc32C.Of(_bytes.AsSpan(0, Length)));
        foreach (byte value in sum) Byte(value);
        return _bytes.AsSpan(0, Length);
    }
}
