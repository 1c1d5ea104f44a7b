using System.Buffers.Binary;
using System.Text;

namespace ProdOps.Servers.Ssh.Wire;

/// <summary>Reads SSH's data types (RFC 4251, 5) from untrusted bytes. Once a read does not fit, it and all after it fail.</summary>
internal ref struct SshReader(ReadOnlySpan<byte> bytes)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: false);
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>True when something did not fit.</summary>
    public bool Failed { get; private set; }

    /// <summary>True when all was read and all fitted.</summary>
    public readonly bool AtEnd => !Failed && _rest.IsEmpty;

    /// <summary>How many bytes are left.</summary>
    public readonly int Left => _rest.Length;

    public byte Byte()
    {
        var taken = Take(1);
        return taken.IsEmpty ? (byte)0 : taken[0];
    }

    public uint UInt32()
    {
        var taken = Take(4);
        return taken.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32BigEndian(taken);
    }

    public ulong UInt64()
    {
        var taken = Take(8);
        return taken.IsEmpty ? 0 : BinaryPrimitives.ReadUInt64BigEndian(taken);
    }

    /// <summary>A string of bytes: a slice of what is read, so that no length from outside is allocated.</summary>
    public ReadOnlySpan<byte> Bytes()
    {
        uint length = UInt32();
        if (length <= (uint)_rest.Length) return Take((int)length);
        Failed = true;
        return default;
    }

    /// <summary>A string of text.</summary>
    public string Text() => Utf8.GetString(Bytes());

    /// <summary>A number that is not negative, without its leading zeros.</summary>
    public ReadOnlySpan<byte> Number()
    {
        var number = Bytes();
        if (number is [>= 0x80, ..]) Failed = true;
        return number.TrimStart((byte)0);
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (Failed || _rest.Length < count)
        {
            Failed = true;
            return default;
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
