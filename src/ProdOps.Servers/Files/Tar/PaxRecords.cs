using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Files.Tar;

/// <summary>The records of a pax header: <c>length key=value\n</c>, the length in bytes and counting itself.</summary>
internal sealed class PaxRecords
{
    public string? Path { get; private set; }

    public string? LinkPath { get; private set; }

    public long? Size { get; private set; }

    public UnixTime? Modified { get; private set; }

    public UnixTime? Changed { get; private set; }

    public UnixTime? Accessed { get; private set; }

    public string? User { get; private set; }

    public string? Group { get; private set; }

    public uint? UserId { get; private set; }

    public uint? GroupId { get; private set; }

    public List<ExtendedAttribute> ExtendedAttributes { get; } = [];

    /// <summary>The content begins with a map of a sparse file's data (GNU tar's format 1.0).</summary>
    public bool IsSparse => _sparseMajor == 1;

    /// <summary>A sparse file's name; the archive has another one, for programs that know nothing of this.</summary>
    public string? SparseName { get; private set; }

    /// <summary>A sparse file's size with its holes.</summary>
    public long? SparseSize { get; private set; }

    private long _sparseMajor, _sparseMinor;

    public static bool TryParse(ReadOnlySpan<byte> text, [NotNullWhen(true)] out PaxRecords? records)
    {
        records = null;
        var parsed = new PaxRecords();
        while (!text.IsEmpty)
        {
            int space = text.IndexOf((byte)' ');
            if (space is < 1 or > 9 || !int.TryParse(text[..space], NumberStyles.None, CultureInfo.InvariantCulture, out int length)) return false;
            if (length <= space + 1 || length > text.Length || text[length - 1] != '\n') return false;
            var record = text[(space + 1)..(length - 1)];
            int equal = record.IndexOf((byte)'=');
            if (equal < 1 || !parsed.TrySet(record[..equal], record[(equal + 1)..])) return false;
            text = text[length..];
        }
        // Of a sparse file's older formats the map is in records of its own; without it the content would be put together wrongly.
        if (parsed._sparseMajor != 0 || parsed.SparseSize is not null)
        {
            if (parsed is not { _sparseMajor: 1, _sparseMinor: 0, SparseSize: >= 0, SparseName: not null }) return false;
        }
        records = parsed;
        return true;
    }

    private bool TrySet(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (key.SequenceEqual("path"u8)) Path = FileNames.Decode(value);
        else if (key.SequenceEqual("linkpath"u8)) LinkPath = FileNames.Decode(value);
        else if (key.SequenceEqual("uname"u8)) User = KnownStrings.Get(value);
        else if (key.SequenceEqual("gname"u8)) Group = KnownStrings.Get(value);
        else if (key.SequenceEqual("GNU.sparse.name"u8)) SparseName = FileNames.Decode(value);
        else if (key.StartsWith("SCHILY.xattr."u8)) return TryAddAttribute(key["SCHILY.xattr.".Length..], value);
        else return TrySetNumber(key, value);
        return true;
    }

    private bool TrySetNumber(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (key.SequenceEqual("mtime"u8) || key.SequenceEqual("ctime"u8) || key.SequenceEqual("atime"u8))
        {
            if (!TimeText.TryParse(value, out var time)) return false;
            if (key[0] == 'm') Modified = time;
            else if (key[0] == 'c') Changed = time;
            else Accessed = time;
            return true;
        }
        bool isOurs = key.SequenceEqual("size"u8) || key.SequenceEqual("uid"u8) || key.SequenceEqual("gid"u8) || key.StartsWith("GNU.sparse."u8);
        if (!isOurs) return true;
        if (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long number)) return false;
        if (key.SequenceEqual("size"u8)) Size = number;
        else if (key.SequenceEqual("GNU.sparse.major"u8)) _sparseMajor = number;
        else if (key.SequenceEqual("GNU.sparse.minor"u8)) _sparseMinor = number;
        else if (key.SequenceEqual("GNU.sparse.realsize"u8)) SparseSize = number;
        else if (number > uint.MaxValue || key[0] == 'G') return false;
        else if (key[0] == 'u') UserId = (uint)number;
        else GroupId = (uint)number;
        return true;
    }

    /// <summary>In an attribute's name an equals sign stands as %3D and a percent sign as %25.</summary>
    private bool TryAddAttribute(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.IsEmpty) return false;
        string text = name.Contains((byte)'%')
            ? FileNames.Decode(name).Replace("%3D", "=", StringComparison.Ordinal).Replace("%25", "%", StringComparison.Ordinal)
            : KnownStrings.Get(name);
        ExtendedAttributes.Add(new ExtendedAttribute(text, value.ToArray()));
        return true;
    }
}
