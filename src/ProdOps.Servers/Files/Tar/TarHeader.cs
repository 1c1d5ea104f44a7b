using System.Diagnostics.CodeAnalysis;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Files.Tar;

/// <summary>
/// A header block of 512 bytes (POSIX.1-2017 pax, "ustar Interchange Format", and the GNU tar manual, "Basic Tar Format"), read without
/// any I/O. A header that is not understood has a reason instead of a value.
/// </summary>
internal readonly ref struct TarHeader
{
    public const int BlockSize = 512;

    private readonly ReadOnlySpan<byte> _block;

    private TarHeader(ReadOnlySpan<byte> block, long size, long modified, uint permissions, uint userId, uint groupId)
    {
        _block = block;
        Size = size;
        Modified = modified;
        Permissions = permissions;
        UserId = userId;
        GroupId = groupId;
    }

    public long Size { get; }

    public long Modified { get; }

    public uint Permissions { get; }

    public uint UserId { get; }

    public uint GroupId { get; }

    /// <summary>The type flag; 0 and <c>7</c> are files like <c>0</c>.</summary>
    public char Type => _block[156] is 0 or (byte)'7' ? '0' : (char)_block[156];

    public string User => HasNames ? KnownStrings.Get(Text(265, 32)) : "";

    public string Group => HasNames ? KnownStrings.Get(Text(297, 32)) : "";

    /// <summary><c>st_rdev</c>, as glibc puts major and minor together; 0 where the fields are no numbers.</summary>
    public ulong Device => TryNumber(_block.Slice(329, 8), out long major) && TryNumber(_block.Slice(337, 8), out long minor)
        ? DeviceNumbers.Make((ulong)major, (ulong)minor) : 0;

    public string LinkName => FileNames.Decode(Text(157, 100));

    /// <summary>The name, with ustar's prefix. GNU's format has other fields where ustar has the prefix.</summary>
    public string Name
    {
        get
        {
            var prefix = _block[257..263].SequenceEqual("ustar\0"u8) ? Text(345, 155) : default;
            return prefix.IsEmpty ? FileNames.Decode(Text(0, 100)) : FileNames.Decode([.. prefix, (byte)'/', .. Text(0, 100)]);
        }
    }

    private bool HasNames => _block[257..262].SequenceEqual("ustar"u8);

    public static bool IsEnd(ReadOnlySpan<byte> block) => !block.ContainsAnyExcept((byte)0);

    public static bool TryParse(ReadOnlySpan<byte> block, out TarHeader header, [NotNullWhen(false)] out string? reason)
    {
        header = default;
        if (!TryNumber(block.Slice(148, 8), out long sum) || !IsSum(block, sum)) reason = "a header's checksum is wrong";
        else if (!TryNumber(block.Slice(124, 12), out long size) || size < 0) reason = "a header's size is no size";
        else if (!TryNumber(block.Slice(136, 12), out long modified)) reason = "a header's time is no time";
        else if (!TryNumber(block.Slice(100, 8), out long mode) || mode is < 0 or > uint.MaxValue) reason = "a header's mode is no mode";
        else if (!TryNumber(block.Slice(108, 8), out long user) || user is < 0 or > uint.MaxValue) reason = "a header's user is no number";
        else if (!TryNumber(block.Slice(116, 8), out long group) || group is < 0 or > uint.MaxValue) reason = "a header's group is no number";
        else
        {
            header = new TarHeader(block, size, modified, (uint)mode & 0xFFF, (uint)user, (uint)group);
            reason = null;
        }
        return reason is null;
    }

    /// <summary>
    /// A number in octal digits, with blanks before and blanks or NULs after it, or, where the first bit is set, in base 256 and two's
    /// complement (GNU). An empty field is 0.
    /// </summary>
    internal static bool TryNumber(ReadOnlySpan<byte> field, out long value)
    {
        value = 0;
        if ((field[0] & 0x80) != 0)
        {
            bool negative = (field[0] & 0x40) != 0;
            Int128 wide = negative ? (field[0] & 0x7F) - 0x80 : field[0] & 0x7F;
            foreach (byte b in field[1..]) wide = (wide << 8) | b;
            if (wide < long.MinValue || wide > long.MaxValue) return false;
            value = (long)wide;
            return true;
        }
        field = field.Trim(" \0"u8);
        if (field.Length > 21) return false;
        foreach (byte b in field)
        {
            if (b is < (byte)'0' or > (byte)'7') return false;
            if (value > long.MaxValue >> 3) return false;
            value = (value << 3) | (long)(b - '0');
        }
        return true;
    }

    /// <summary>The sum of all bytes, the sum's own field counted as blanks. Old writers took bytes for signed.</summary>
    private static bool IsSum(ReadOnlySpan<byte> block, long sum)
    {
        long plain = 0, signed = 0;
        for (int i = 0; i < BlockSize; i++)
        {
            byte b = i is >= 148 and < 156 ? (byte)' ' : block[i];
            plain += b;
            signed += (sbyte)b;
        }
        return sum == plain || sum == signed;
    }

    private ReadOnlySpan<byte> Text(int start, int length)
    {
        var field = _block.Slice(start, length);
        int end = field.IndexOf((byte)0);
        return end < 0 ? field : field[..end];
    }
}
