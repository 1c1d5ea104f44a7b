using ProdOps.Backup.Retention;
using ProdOps.Servers;
using ProdOps.Servers.Files;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Archiving.Servers;

/// <summary>
/// Takes what the listing commands print apart, without any I/O: one record after the other from the front of what has come so far. What is
/// no such record is <c>ListingNotUnderstood</c>.
/// </summary>
/// <param name="server">For errors.</param>
/// <param name="mark">What begins a record of stat; <see langword="null"/> for find's.</param>
internal sealed class ListParser(string server, byte[]? mark)
{
    /// <summary>A path of the kernel's and a link's target, and some numbers.</summary>
    public const int MaxRecord = 64 * 1024;

    // The target being listed, of which stat's paths tell the depth.
    private byte[] _target = [];

    /// <summary>Reads the record that <paramref name="bytes"/> begin with; false if it is not all there yet.</summary>
    /// <param name="bytes">What has come.</param>
    /// <param name="isEnd">Nothing more will come.</param>
    /// <param name="record">The record.</param>
    /// <param name="length">How many bytes it takes.</param>
    public bool TryRead(ReadOnlyMemory<byte> bytes, bool isEnd, out ListRecord record, out int length)
    {
        record = default;
        bool isWhole = mark is null ? TryReadFind(bytes, ref record, out length) : TryReadStat(bytes, isEnd, ref record, out length);
        if (isWhole && record.Kind == 'T') _target = record.Name.Span.TrimEnd((byte)'/').ToArray();
        if (!isWhole && (isEnd || bytes.Length > MaxRecord)) throw NotUnderstood("it stops in the middle of an item");
        return isWhole;
    }

    /// <summary>Three texts, each with a NUL after it: a letter or numbers, a name, a link's target.</summary>
    private bool TryReadFind(ReadOnlyMemory<byte> bytes, ref ListRecord record, out int length)
    {
        length = 0;
        if (!TryTake(bytes, ref length, out var head) || !TryTake(bytes, ref length, out record.Name) || !TryTake(bytes, ref length, out record.LinkTarget)) return false;
        var text = head.Span;
        if (text is [>= (byte)'A' and <= (byte)'Z', ..])
        {
            record.Kind = (char)text[0];
            return true;
        }
        record.Kind = 'I';
        if (text is [(byte)'!', ..])
        {
            record.Kind = '!';
            text = text[1..];
        }
        var fields = new ListFields(text, server);
        record.Depth = (int)Math.Min(fields.Number(), int.MaxValue);
        record.Stat.Type = fields.Type();
        record.Stat.Permissions = (uint)fields.Number(8) & 0xFFF;
        record.Stat.Size = fields.Size();
        record.Stat.ModifiedTime = fields.Time();
        record.Stat.ChangeTime = fields.Time();
        record.Stat.AccessTime = fields.Time();
        record.Stat.Links = fields.Number();
        record.Stat.Device = fields.Number();
        record.Stat.Inode = fields.Number();
        record.Stat.UserId = fields.Id();
        record.Stat.GroupId = fields.Id();
        fields.End();
        return true;
    }

    private static bool TryTake(ReadOnlyMemory<byte> bytes, ref int length, out ReadOnlyMemory<byte> text)
    {
        int end = bytes.Span[length..].IndexOf((byte)0);
        text = end < 0 ? default : bytes.Slice(length, end);
        length += end + 1;
        return end >= 0;
    }

    /// <summary>A mark, a letter, the text, a line feed. An item's is numbers, times and a path, then a mark, <c>N</c> and the path once more with a link's target.</summary>
    private bool TryReadStat(ReadOnlyMemory<byte> bytes, bool isEnd, ref ListRecord record, out int length)
    {
        length = 0;
        if (!TryTakeStat(bytes, isEnd, ref length, out char kind, out var text)) return false;
        record.Kind = kind;
        record.Name = text;
        if (kind is not ('I' or '!')) return true;
        if (!TryTakeStat(bytes, isEnd, ref length, out char second, out var again)) return false;
        if (second != 'N') throw NotUnderstood("an item has no second part");
        ReadStat(text, again, ref record);
        return true;
    }

    private bool TryTakeStat(ReadOnlyMemory<byte> bytes, bool isEnd, ref int length, out char kind, out ReadOnlyMemory<byte> text)
    {
        kind = default;
        text = default;
        var rest = bytes.Span[length..];
        if (rest.Length <= mark!.Length) return false;
        if (!rest.StartsWith(mark)) throw NotUnderstood("a line does not begin as it should");
        kind = (char)rest[mark.Length];
        int start = mark.Length + 1, next = rest[start..].IndexOf(mark);
        if (next < 0 && !(isEnd || kind == 'Z')) return false;
        int end = next < 0 ? rest.Length : start + next;
        if (kind == 'Z' && next < 0 && rest[^1] != '\n') return false;
        // The first part of an item ends where the second begins; all else ends with a line feed.
        bool isFirst = kind is 'I' or '!';
        if (!isFirst && rest[end - 1] != '\n') throw NotUnderstood("a line is cut off");
        text = bytes.Slice(length + start, end - start - (isFirst ? 0 : 1));
        length += end;
        return true;
    }

    private void ReadStat(ReadOnlyMemory<byte> text, ReadOnlyMemory<byte> again, ref ListRecord record)
    {
        var numbers = Until(ref text);
        var fields = new ListFields(numbers.Span, server);
        uint mode = (uint)fields.Number(16);
        ref var stat = ref record.Stat;
        stat.Type = FileTypes.FromMode(mode);
        stat.Permissions = mode & 0xFFF;
        stat.Size = fields.Size();
        stat.Links = fields.Number();
        stat.Device = fields.Number();
        stat.Inode = fields.Number();
        stat.UserId = fields.Id();
        stat.GroupId = fields.Id();
        ulong major = fields.Number(16), minor = fields.Number(16);
        if (stat.Type is FileType.BlockDevice or FileType.CharacterDevice) stat.DeviceNumber = DeviceNumbers.Make(major, minor);
        fields.End();
        stat.AccessTime = TimeOf(Until(ref text).Span);
        stat.ModifiedTime = TimeOf(Until(ref text).Span);
        stat.ChangeTime = TimeOf(Until(ref text).Span);
        ReadOnlySpan<byte> path = text.Span;
        if (stat.Type == FileType.SymbolicLink) record.LinkTarget = TargetOf(path, again);
        var below = path[Math.Min(path.Length, _target.Length)..];
        record.Depth = below is [] or [(byte)'/'] ? 0 : below.Count((byte)'/');
        // By its name in its folder, as find tells it; what is looked at by its path, or is a target, keeps the path.
        record.Name = record.Depth == 0 || _target.Length == 0 && path is [(byte)'.', ..] ? text : text[(path.LastIndexOf((byte)'/') + 1)..];
    }

    /// <summary>stat writes <c>'PATH' -> 'TARGET'</c>, with nothing in it escaped.</summary>
    private ReadOnlyMemory<byte> TargetOf(ReadOnlySpan<byte> path, ReadOnlyMemory<byte> text)
    {
        ReadOnlySpan<byte> arrow = "' -> '"u8;
        var span = text.Span;
        int start = 1 + path.Length + arrow.Length;
        bool isQuoted = span.Length > start && span[0] == '\'' && span[1..].StartsWith(path) && span[(1 + path.Length)..].StartsWith(arrow) && span[^1] == '\'';
        return isQuoted ? text[start..^1] : throw NotUnderstood("a link has no target");
    }

    /// <summary><c>2026-11-22 10:20:30.123456789 +0000</c>; older versions leave the fraction out.</summary>
    private UnixTime TimeOf(ReadOnlySpan<byte> text)
    {
        int dash = text.Length > 1 ? text[1..].IndexOf((byte)'-') + 1 : 0;
        if (dash < 1 || text.Length < dash + 15) throw NotUnderstood("a time is no time");
        long year = Part(text[..dash]), month = Part(text.Slice(dash + 1, 2)), day = Part(text.Slice(dash + 4, 2));
        long hour = Part(text.Slice(dash + 7, 2)), minute = Part(text.Slice(dash + 10, 2)), second = Part(text.Slice(dash + 13, 2));
        if (month is < 1 or > 12 || day is < 1 or > 31 || hour > 23 || minute > 59 || second > 60) throw NotUnderstood("a time is no time");
        int nanoseconds = 0;
        var rest = text[(dash + 15)..];
        if (rest is [(byte)'.', ..])
        {
            int end = rest.IndexOf((byte)' ');
            var fraction = end < 0 ? rest[1..] : rest[1..end];
            if (fraction.Length > 64) throw NotUnderstood("a time is no time");
            for (int i = 0; i < 9; i++) nanoseconds = nanoseconds * 10 + (i < fraction.Length ? Digit(fraction[i]) : 0);
        }
        return new UnixTime(CalendarDate.ToDay(year, (int)month, (int)day) * 86400 + hour * 3600 + minute * 60 + second, nanoseconds);
    }

    private long Part(ReadOnlySpan<byte> digits)
    {
        if (digits.Length > 9) throw NotUnderstood("a time is no time");
        long value = 0;
        foreach (byte b in digits) value = value * 10 + Digit(b);
        return value;
    }

    private int Digit(byte b) => b is >= (byte)'0' and <= (byte)'9' ? b - '0' : throw NotUnderstood("a time is no time");

    private ReadOnlyMemory<byte> Until(ref ReadOnlyMemory<byte> text)
    {
        int end = text.Span.IndexOf((byte)'/');
        if (end < 0) throw NotUnderstood("a line is cut off");
        var part = text[..end];
        text = text[(end + 1)..];
        return part;
    }

    private ProdOpsException NotUnderstood(string reason) => ServersErrors.ListingNotUnderstood(server, reason);
}
