using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace ProdOps.Servers.Ssh.Wire;

/// <summary>Writes SSH's data types (RFC 4251, 5).</summary>
internal sealed class SshWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new(256);

    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    public SshWriter Byte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
        return this;
    }

    public SshWriter UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_buffer.GetSpan(4), value);
        _buffer.Advance(4);
        return this;
    }

    public SshWriter Bytes(ReadOnlySpan<byte> value)
    {
        UInt32((uint)value.Length);
        _buffer.Write(value);
        return this;
    }

    public SshWriter Text(string value) => Bytes(Encoding.UTF8.GetBytes(value));

    /// <summary>A number that is not negative, given without leading zeros.</summary>
    public SshWriter Number(ReadOnlySpan<byte> value)
    {
        bool pad = value is [>= 0x80, ..];
        UInt32((uint)(value.Length + (pad ? 1 : 0)));
        if (pad) Byte(0);
        _buffer.Write(value);
        return this;
    }

    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();
}
