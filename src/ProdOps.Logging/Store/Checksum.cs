using System.Buffers.Binary;
using System.Numerics;

namespace ProdOps.Logging.Store;

/// <summary>CRC-32C (RFC 3720, section 12.1), by the processor's own instruction.</summary>
internal static class Checksum
{
    public const uint Seed = uint.MaxValue;

    /// <summary>Takes further bytes in; the last result is turned over by <see cref="Finish"/>.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= 8; bytes = bytes[8..]) crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (byte b in bytes) crc = BitOperations.Crc32C(crc, b);
        return crc;
    }

    public static uint Finish(uint crc) => ~crc;

    public static uint Of(ReadOnlySpan<byte> bytes) => Finish(Append(Seed, bytes));
}
