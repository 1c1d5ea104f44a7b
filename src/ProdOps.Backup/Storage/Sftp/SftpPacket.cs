using System.Buffers.Binary;
using System.Text;

namespace ProdOps.Backup.Storage;

/// <summary>The messages of SFTP version 3 (draft-ietf-secsh-filexfer-02) and of OpenSSH's extensions (its PROTOCOL file) that are used.</summary>
internal enum SftpMessage : byte
{
    Init = 1,
    Version = 2,
    Open = 3,
    Close = 4,
    Read = 5,
    Write = 6,
    OpenFolder = 11,
    ReadFolder = 12,
    Remove = 13,
    MakeFolder = 14,
    Stat = 17,
    Rename = 18,
    Status = 101,
    Handle = 102,
    Data = 103,
    Name = 104,
    Attributes = 105,
    Extended = 200,
    ExtendedReply = 201,
}

/// <summary>What a server says about how a request ended.</summary>
internal enum SftpStatus : uint
{
    Ok = 0,
    EndOfFile = 1,
    NoSuchFile = 2,
    PermissionDenied = 3,
    Failure = 4,
    BadMessage = 5,
    NoConnection = 6,
    ConnectionLost = 7,
    Unsupported = 8,
}

/// <summary>A file as a server describes it; what it does not say is <see langword="null"/>.</summary>
internal readonly record struct SftpAttributes(long? Size, uint? Permissions, uint? ModifiedTime)
{
    private const uint TypeMask = 0xF000, FolderType = 0x4000;

    public bool IsFolder => Permissions is { } permissions && (permissions & TypeMask) == FolderType;
}

/// <summary>Builds a request: length, type and number first, the fields after.</summary>
internal sealed class SftpRequest(SftpMessage type)
{
    private byte[] _bytes = new byte[256];
    private int _length = 9, _after;

    /// <summary>Adds a number.</summary>
    public SftpRequest Add(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(Reserve(4), value);
        return this;
    }

    /// <summary>Adds a number of 64 bits.</summary>
    public SftpRequest Add(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(Reserve(8), value);
        return this;
    }

    /// <summary>Adds a string of bytes.</summary>
    public SftpRequest Add(ReadOnlySpan<byte> value)
    {
        Add((uint)value.Length);
        value.CopyTo(Reserve(value.Length));
        return this;
    }

    /// <summary>Adds a text.</summary>
    public SftpRequest Add(string value) => Add(Encoding.UTF8.GetBytes(value));

    /// <summary>Adds attributes that say the permissions and nothing else.</summary>
    public SftpRequest AddPermissions(uint permissions) => Add(4u).Add(permissions);

    /// <summary>Adds a string of bytes that follow the message.</summary>
    /// <param name="length">How many.</param>
    public SftpRequest AddAfter(int length)
    {
        _after = length;
        return Add((uint)length);
    }

    /// <summary>The request with its number.</summary>
    public ReadOnlyMemory<byte> Build(uint number)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_bytes, (uint)(_length - 4 + _after));
        _bytes[4] = (byte)type;
        BinaryPrimitives.WriteUInt32BigEndian(_bytes.AsSpan(5), number);
        return _bytes.AsMemory(0, _length);
    }

    private Span<byte> Reserve(int length)
    {
        if (_length + length > _bytes.Length) Array.Resize(ref _bytes, Math.Max(_length + length, _bytes.Length * 2));
        _length += length;
        return _bytes.AsSpan(_length - length, length);
    }
}

/// <summary>Reads the fields of an answer; what ends before it should is an <see cref="InvalidDataException"/>.</summary>
internal ref struct SftpReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly bool IsEmpty => _rest.IsEmpty;

    public uint Number() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    public ulong LongNumber() => BinaryPrimitives.ReadUInt64BigEndian(Take(8));

    public ReadOnlySpan<byte> Bytes()
    {
        uint length = Number();
        return length <= int.MaxValue ? Take((int)length) : throw new InvalidDataException("a field is too long");
    }

    /// <summary>Attributes: which there are, then those.</summary>
    public SftpAttributes Attributes()
    {
        uint flags = Number();
        long? size = (flags & 1) != 0 ? (long)Math.Min(LongNumber(), long.MaxValue) : null;
        if ((flags & 2) != 0) Take(8);
        uint? permissions = (flags & 4) != 0 ? Number() : null;
        uint? modified = null;
        if ((flags & 8) != 0)
        {
            Take(4);
            modified = Number();
        }

        if ((flags & 0x80000000) != 0)
        {
            for (uint left = Number(); left > 0; left--)
            {
                Bytes();
                Bytes();
            }
        }

        return new SftpAttributes(size, permissions, modified);
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length) throw new InvalidDataException("an answer ends too early");
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
