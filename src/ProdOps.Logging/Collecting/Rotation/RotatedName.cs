using System.Globalization;

namespace ProdOps.Logging.Collecting.Rotation;

/// <summary>What a rotated file's name says: which log it was, how many rotations ago or when, and how it is packed.</summary>
/// <param name="BasePath">The path of the log that it was.</param>
/// <param name="Number">The 3 of <c>x.log.3.gz</c>.</param>
/// <param name="Stamp">The digits of <c>x.log-20261126</c>, <c>x-2026-11-26.log</c>.</param>
/// <param name="Packing">How it is packed.</param>
internal readonly record struct RotatedName(string BasePath, int? Number, string? Stamp, Packing Packing)
{
    // .12345 is a number of rotations; -2026 is a year, and -123 a number. More digits are a date (dateext) or a time (dateformat -%s).
    private const int MaximumDottedDigits = 5, MaximumDashedDigits = 3;

    // logrotate's createOutputFile: what is in the way of a file that it makes becomes NAME-YYYYMMDDHH.backup. In the way is a log that its writer has
    // made anew between the renaming and the creating, a rotated file that was not packed last time, or a packed one that was not finished.
    private const string Backup = ".backup";
    private const int BackupStampDigits = 10;

    /// <summary>Whether logrotate put the file out of its way. When that was, or after which other files, its name does not tell.</summary>
    public bool IsBackup { get; init; }

    /// <summary>What stands before the number or the date; nothing where there is neither.</summary>
    public char Separator { get; init; }

    /// <summary>Whether the name says more than how the file is packed.</summary>
    public bool IsMarked => Number is not null || Stamp is not null || IsBackup;

    /// <summary>Whether <see cref="Stamp"/> is a date, with or without a time behind it, or seconds since 1970.</summary>
    public bool HasDate => Stamp is { Length: >= 8 } stamp
        && ((DateTime.TryParseExact(stamp.AsSpan(0, 8), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) && date.Year is > 1980 and < 2200) || stamp is { Length: 10 } and ['1', ..]);

    /// <summary>How a file is packed, by the end of its name, and the name without that end. Of what logrotate put out of its way, the name before that mark tells it.</summary>
    public static (string Path, Packing Packing) Unpacked(string path)
    {
        if (WithoutBackup(path) is not { } before) return WithoutPacking(path);
        var (plain, packing) = WithoutPacking(before);
        return (plain + path[before.Length..], packing);
    }

    /// <summary>
    /// All readings of a path as a rotated file's: <c>x.log.1</c> is of <c>x.log</c>, <c>x-20261126.log</c> of <c>x.log</c> too (logrotate's <c>extension</c>),
    /// <c>x.log.gz</c> of <c>x.log</c>, <c>x.log.1.gz-2026112611.backup</c> of <c>x.log.1</c> and of <c>x.log</c>. Whether there is such a log, the caller knows.
    /// </summary>
    public static IEnumerable<RotatedName> ReadingsOf(string path)
    {
        if (WithoutBackup(path) is not { } before) return PlainReadingsOf(path);
        var (name, packing) = WithoutPacking(before);
        return PlainReadingsOf(before).Where(reading => reading.BasePath != name).Prepend(new(name, null, null, packing)).Select(reading => reading with { IsBackup = true });
    }

    /// <summary>Whether one was rotated before another, as far as names tell: more rotations ago, or an earlier date.</summary>
    /// <returns>Below zero for earlier, above for later, <see langword="null"/> where names do not tell.</returns>
    public static int? Compare(RotatedName a, RotatedName b)
    {
        if (a.IsBackup || b.IsBackup) return null;
        if (a.Number is { } x && b.Number is { } y) return y.CompareTo(x);
        // Stamps of one form compare as texts do; of different lengths they are different forms.
        if (a.Stamp is { } s && b.Stamp is { } t && s.Length == t.Length) return string.CompareOrdinal(s, t);
        return null;
    }

    private static IEnumerable<RotatedName> PlainReadingsOf(string path)
    {
        var (plain, packing) = WithoutPacking(path);
        if (packing != Packing.None) yield return new(plain, null, null, packing);
        int name = plain.AsSpan().LastIndexOfAny('/', '\\') + 1;
        if (TakeEnd(plain, name, plain.Length) is var (start, number, stamp)) yield return new(plain[..start], number, stamp, packing) { Separator = plain[start] };
        int extension = plain.LastIndexOf('.');
        if (extension > name && !plain.AsSpan(extension + 1).ContainsAnyInRange('0', '9') && TakeEnd(plain, name, extension) is var (inner, innerNumber, innerStamp))
            yield return new(plain[..inner] + plain[extension..], innerNumber, innerStamp, packing) { Separator = plain[inner] };
    }

    private static string? WithoutBackup(string path)
    {
        int end = path.Length - Backup.Length, start = end - BackupStampDigits;
        bool isBackup = start > 1 && path.EndsWith(Backup, StringComparison.Ordinal) && path[start - 1] == '-' && !path.AsSpan(start, BackupStampDigits).ContainsAnyExceptInRange('0', '9');
        return isBackup ? path[..(start - 1)] : null;
    }

    private static (string Path, Packing Packing) WithoutPacking(string path) => path switch
    {
        [.. var rest, '.', 'g', 'z'] => (rest, Packing.Gzip),
        [.. var rest, '.', 'x', 'z'] => (rest, Packing.Xz),
        [.. var rest, '.', 'z', 's', 't'] => (rest, Packing.Zstd),
        [.. var rest, '.', 'b', 'z', '2'] => (rest, Packing.Bzip2),
        _ => (path, Packing.None),
    };

    /// <summary>A rotation's mark at the end of a part of a path: a separator and a number, a date, or the word "old".</summary>
    private static (int Start, int? Number, string? Stamp)? TakeEnd(string path, int name, int end)
    {
        var text = path.AsSpan(name, end - name);
        if (text.EndsWith(".old", StringComparison.Ordinal) && text.Length > 4) return (end - 4, 1, null);
        int digits = text.Length;
        while (digits > 0 && text[digits - 1] is (>= '0' and <= '9') or '-' or '_' or ':' or 'T' or '.') digits--;
        // The mark begins with the first separator that a digit follows: x.log-2026-11-26, but not x1.log.
        int start = digits;
        while (start < text.Length && !(text[start] is '-' or '_' or '.' && start + 1 < text.Length && char.IsAsciiDigit(text[start + 1]))) start++;
        if (start == 0 || start >= text.Length - 1 || !char.IsAsciiDigit(text[^1])) return null;
        var mark = text[(start + 1)..];
        string all = string.Concat(mark.ToString().Where(char.IsAsciiDigit));
        int most = text[start] == '.' ? MaximumDottedDigits : MaximumDashedDigits;
        if (mark.Length <= most && mark.Length == all.Length) return (name + start, int.Parse(all, CultureInfo.InvariantCulture), null);
        return all.Length is >= 4 and <= 20 ? (name + start, null, all) : null;
    }
}

/// <summary>How a rotated file is packed.</summary>
internal enum Packing : byte
{
    None,
    Gzip,
    Xz,
    Zstd,
    Bzip2,
}
