using System.Buffers;
using System.Globalization;
using System.Text;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Files.Tar;

/// <summary>
/// Headers that GNU tar, BusyBox and libarchive all read: GNU's base-256 numbers and long names, and a pax header for the fraction of a
/// second, which BusyBox passes over. Sparse files are in GNU's format 1.0, which GNU tar and libarchive read. System.Formats.Tar keeps names as text and loses bytes that are no UTF-8.
/// </summary>
internal static class TarWriter
{
    private const int NameSize = 100;

    /// <summary>Two blocks of zeros.</summary>
    public static ReadOnlySpan<byte> End => new byte[2 * TarHeader.BlockSize];

    /// <summary>How many bytes of zeros follow a content of that size.</summary>
    public static int PaddingOf(long size) => (int)(-size & (TarHeader.BlockSize - 1));

    public static void Write(IBufferWriter<byte> output, TarEntry entry)
    {
        byte[] name = FileNames.Encode(entry.Name), link = FileNames.Encode(entry.LinkName);
        if (entry.Data is { } data)
        {
            WriteSparse(output, entry, data);
            return;
        }
        if (entry.Modified.Nanoseconds != 0 || entry.ExtendedAttributes.Count > 0) WriteExtension(output, 'x', PaxOf(entry));
        if (link.Length > NameSize) WriteExtension(output, 'K', [.. link, 0]);
        if (name.Length > NameSize) WriteExtension(output, 'L', [.. name, 0]);
        WriteBlock(output, entry, TypeOf(entry), name, link, entry.Size);
    }

    /// <summary>The header of a sparse file, and its map: how many pieces, and each one's offset and size, a line each. The true name and size are in the pax header.</summary>
    private static void WriteSparse(IBufferWriter<byte> output, TarEntry entry, IReadOnlyList<(long Offset, long Size)> data)
    {
        var map = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{data.Count}\n");
        foreach (var (offset, size) in data) map.Append(CultureInfo.InvariantCulture, $"{offset}\n{size}\n");
        int length = map.Length + PaddingOf(map.Length);
        WriteExtension(output, 'x', PaxOf(entry));
        WriteBlock(output, entry, '0', "./GNUSparseFile.0/file"u8, default, length + data.Sum(piece => piece.Size));
        var space = output.GetSpan(length)[..length];
        space.Clear();
        Encoding.ASCII.GetBytes(map.ToString(), space);
        output.Advance(length);
    }

    private static char TypeOf(TarEntry entry) => entry switch
    {
        { IsHardLink: true } => '1',
        { Type: FileType.File } => '0',
        { Type: FileType.SymbolicLink } => '2',
        { Type: FileType.Directory } => '5',
        { Type: FileType.CharacterDevice } => '3',
        { Type: FileType.BlockDevice } => '4',
        { Type: FileType.Fifo } => '6',
        _ => throw new ArgumentOutOfRangeException(nameof(entry)),
    };

    private static void WriteExtension(IBufferWriter<byte> output, char type, ReadOnlySpan<byte> content)
    {
        WriteBlock(output, Plain, type, "././@LongLink"u8, default, content.Length);
        int padding = PaddingOf(content.Length);
        var space = output.GetSpan(content.Length + padding)[..(content.Length + padding)];
        content.CopyTo(space);
        space[content.Length..].Clear();
        output.Advance(space.Length);
    }

    private static TarEntry Plain { get; } = new() { Name = "", Permissions = 0x1A4 };

    private static void WriteBlock(IBufferWriter<byte> output, TarEntry entry, char type, ReadOnlySpan<byte> name, ReadOnlySpan<byte> link, long size)
    {
        var block = output.GetSpan(TarHeader.BlockSize)[..TarHeader.BlockSize];
        block.Clear();
        name[..Math.Min(NameSize, name.Length)].CopyTo(block);
        Number(block.Slice(100, 8), entry.Permissions);
        Number(block.Slice(108, 8), entry.UserId);
        Number(block.Slice(116, 8), entry.GroupId);
        Number(block.Slice(124, 12), size);
        Number(block.Slice(136, 12), entry.Modified.Seconds);
        block.Slice(148, 8).Fill((byte)' ');
        block[156] = (byte)type;
        link[..Math.Min(NameSize, link.Length)].CopyTo(block[157..]);
        // GNU tar takes a sparse file's pax header for one only with the magic of POSIX.
        (entry.Data is null ? "ustar  \0"u8 : "ustar\000"u8).CopyTo(block[257..]);
        Name(block.Slice(265, 32), entry.User);
        Name(block.Slice(297, 32), entry.Group);
        if (entry.Device != 0)
        {
            Number(block.Slice(329, 8), DeviceNumbers.MajorOf(entry.Device));
            Number(block.Slice(337, 8), DeviceNumbers.MinorOf(entry.Device));
        }
        int sum = 0;
        foreach (byte b in block) sum += b;
        Number(block.Slice(148, 7), sum);
        output.Advance(TarHeader.BlockSize);
    }

    /// <summary>Octal digits and a NUL, or base 256 where they do not fit.</summary>
    private static void Number(Span<byte> field, long value)
    {
        int digits = field.Length - 1;
        if (value >= 0 && (digits >= 21 || value >> (3 * digits) == 0))
        {
            for (int i = digits - 1; i >= 0; i--, value >>= 3) field[i] = (byte)('0' + (value & 7));
            field[digits] = 0;
            return;
        }
        for (int i = field.Length - 1; i >= 0; i--, value >>= 8) field[i] = (byte)value;
        field[0] |= 0x80;
    }

    /// <summary>A user's or group's name. One that does not fit is left out: the number stands for it.</summary>
    private static void Name(Span<byte> field, string name)
    {
        byte[] bytes = FileNames.Encode(name);
        if (bytes.Length < field.Length) bytes.CopyTo(field);
    }

    /// <summary>What the header itself has no room for: the fraction of a second, and attributes as GNU tar and libarchive keep them.</summary>
    private static byte[] PaxOf(TarEntry entry)
    {
        using var records = new MemoryStream();
        if (entry.Data is not null)
        {
            WriteRecord(records, "GNU.sparse.major", "1"u8);
            WriteRecord(records, "GNU.sparse.minor", "0"u8);
            WriteRecord(records, "GNU.sparse.name", FileNames.Encode(entry.Name));
            WriteRecord(records, "GNU.sparse.realsize", Encoding.ASCII.GetBytes(entry.Size.ToString(CultureInfo.InvariantCulture)));
        }
        if (entry.Modified.Nanoseconds != 0) WriteRecord(records, "mtime", Encoding.ASCII.GetBytes(TimeText.Format(entry.Modified)));
        foreach (var (name, value) in entry.ExtendedAttributes)
            WriteRecord(records, $"SCHILY.xattr.{name.Replace("%", "%25", StringComparison.Ordinal).Replace("=", "%3D", StringComparison.Ordinal)}", value);
        return records.ToArray();
    }

    /// <summary><c>length key=value\n</c>, where the length counts its own digits.</summary>
    private static void WriteRecord(MemoryStream records, string key, ReadOnlySpan<byte> value)
    {
        byte[] name = FileNames.Encode(key);
        int rest = name.Length + value.Length + 3, length = rest + 1;
        while (length != rest + Digits(length)) length = rest + Digits(length);
        records.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{length} ")));
        records.Write(name);
        records.WriteByte((byte)'=');
        records.Write(value);
        records.WriteByte((byte)'\n');
    }

    private static int Digits(int number) => number.ToString(CultureInfo.InvariantCulture).Length;
}
