using System.Buffers.Binary;
using ProdOps.Servers.Files;

namespace ProdOps.Monitoring.Store.Chunks;

/// <summary>Reads what <see cref="ChunkWriter"/> wrote; whatever else it is given ends in the catalogue's error.</summary>
internal ref struct ChunkReader
{
    private ReadOnlySpan<byte> _rest;

    public ChunkReader(ReadOnlySpan<byte> chunk, byte version)
    {
        if (chunk.Length < 1 + sizeof(uint)) throw Invalid("it is too short");
        var body = chunk[..^sizeof(uint)];
        if (BinaryPrimitives.ReadUInt32LittleEndian(chunk[^sizeof(uint)..]) != Crc32C.Of(body)) throw Invalid("its check sum is wrong");
        if (body[0] != version) throw Invalid($"it is of version {body[0]}, not {version}");
        _rest = body[1..];
    }

    public byte Byte()
    {
        if (_rest.IsEmpty) throw Invalid("it breaks off");
        byte value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    public ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = Byte();
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80) return value;
        }

        throw Invalid("it has a number that does not end");
    }

    public long Signed()
    {
        ulong value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public int Count(int most)
    {
        ulong count = Varint();
        return count <= (ulong)most ? (int)count : throw Invalid($"it claims to have {count} entries");
    }

    public readonly void End()
    {
        if (!_rest.IsEmpty) throw Invalid("it goes on behind its end");
    }

    public static ProdOpsException Invalid(string why) => MonitoringErrors.ChunkInvalid(why);
}
