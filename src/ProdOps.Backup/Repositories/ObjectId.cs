using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace ProdOps.Backup.Repositories;

/// <summary>A SHA-256: the name of a blob (over its plaintext) and of every file in a repository but the config (over its stored bytes).</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct ObjectId : IEquatable<ObjectId>, IComparable<ObjectId>
{
    public const int Size = 32;

    // Big-endian words, so that comparing them orders ids as their bytes and hex digits do.
    private readonly ulong _a, _b, _c, _d;

    public ObjectId(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size) throw new ArgumentException("An id has 32 bytes.", nameof(bytes));
        _a = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _b = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _c = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _d = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    /// <summary>The id of content: its SHA-256.</summary>
    public static ObjectId Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(content, hash);
        return new ObjectId(hash);
    }

    public bool IsZero => (_a | _b | _c | _d) == 0;

    /// <summary>The first byte: the folder of a pack below <c>data/</c>.</summary>
    public byte FirstByte => (byte)(_a >> 56);

    public void CopyTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _a);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], _b);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], _c);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[24..], _d);
    }

    /// <summary>Writes the 64 lower-case hexadecimal digits as ASCII.</summary>
    public void WriteHex(Span<byte> utf8)
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        Convert.TryToHexStringLower(bytes, utf8, out _);
    }

    /// <summary>Reads 64 lower-case hexadecimal digits; anything else is not an id (restic writes no other form).</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ObjectId id)
    {
        id = default;
        if (text.Length != 2 * Size || text.ContainsAnyInRange('A', 'F')) return false;
        Span<byte> bytes = stackalloc byte[Size];
        if (Convert.FromHexString(text, bytes, out _, out _) != System.Buffers.OperationStatus.Done) return false;
        id = new ObjectId(bytes);
        return true;
    }

    /// <summary>Reads 64 lower-case hexadecimal ASCII digits.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out ObjectId id)
    {
        id = default;
        if (utf8.Length != 2 * Size || utf8.ContainsAnyInRange((byte)'A', (byte)'F')) return false;
        Span<byte> bytes = stackalloc byte[Size];
        if (Convert.FromHexString(utf8, bytes, out _, out _) != System.Buffers.OperationStatus.Done) return false;
        id = new ObjectId(bytes);
        return true;
    }

    public static ObjectId Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out var id) ? id : throw new FormatException("An id is 64 lower-case hexadecimal digits.");

    public string ToShortString() => ToString()[..8];

    public override string ToString() => string.Create(2 * Size, this, static (chars, id) =>
    {
        Span<byte> bytes = stackalloc byte[Size];
        id.CopyTo(bytes);
        Convert.TryToHexStringLower(bytes, chars, out _);
    });

    public bool Equals(ObjectId other) => _a == other._a && _b == other._b && _c == other._c && _d == other._d;

    public override bool Equals(object? obj) => obj is ObjectId other && Equals(other);

    // A SHA-256 is uniform already: any word of it is a good hash.
    public override int GetHashCode() => (int)_d;

    public int CompareTo(ObjectId other)
    {
        int order = _a.CompareTo(other._a);
        if (order == 0) order = _b.CompareTo(other._b);
        if (order == 0) order = _c.CompareTo(other._c);
        return order == 0 ? _d.CompareTo(other._d) : order;
    }

    public static bool operator ==(ObjectId left, ObjectId right) => left.Equals(right);

    public static bool operator !=(ObjectId left, ObjectId right) => !left.Equals(right);
}
