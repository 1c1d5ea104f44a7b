using System.Globalization;
using System.Text;
using ProdOps.Logging.Collecting;

namespace ProdOps.Logging.Store;

/// <summary>
/// What folders and files of a store are called: <c>server/source/2026-11-23T14.0001.log.zst</c>. Names of servers and sources are hostile until they are here:
/// whatever is not a letter, a digit, a dash, an underscore or a dot inside becomes <c>%XX</c>, byte by byte of UTF-8.
/// </summary>
internal static class StoreNames
{
    public const string SegmentSuffix = ".log.zst", IndexSuffix = ".idx", DamagedSuffix = ".damaged", LockName = "stream.lock", CollectLockName = "collect.lock", HoldName = "hold.json";

    private const string HourFormat = "yyyy-MM-dd'T'HH";

    public static string FolderOf(string store, LogStream stream) => Path.Combine(store, Encode(stream.Server), Encode(stream.Source));

    public static string Encode(string name)
    {
        var text = new StringBuilder(name.Length);
        foreach (byte b in Encoding.UTF8.GetBytes(name))
        {
            char c = (char)b;
            if (char.IsAsciiLetterOrDigit(c) || c is '-' or '_' || (c == '.' && text.Length > 0)) text.Append(c);
            else text.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        }

        return text.ToString();
    }

    public static string Decode(string name) => Uri.UnescapeDataString(name);

    /// <summary>The name of the segment that begins at a time, the <paramref name="number"/>th of the stream's with that hour.</summary>
    public static string Segment(DateTimeOffset time, int number) => string.Create(CultureInfo.InvariantCulture,
        $"{time.UtcDateTime.ToString(HourFormat, CultureInfo.InvariantCulture)}.{number:0000}{SegmentSuffix}");

    /// <summary>The hour and the number in a segment's name; false for any other file.</summary>
    public static bool TryParse(ReadOnlySpan<char> name, out DateTime hour, out int number)
    {
        number = 0;
        hour = default;
        if (!name.EndsWith(SegmentSuffix, StringComparison.Ordinal)) return false;
        name = name[..^SegmentSuffix.Length];
        int dot = name.IndexOf('.');
        return dot > 0
            && DateTime.TryParseExact(name[..dot], HourFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out hour)
            && int.TryParse(name[(dot + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>What a damaged segment is kept as. What is kept already is not overwritten.</summary>
    public static string KeptAs(string segment)
    {
        string kept = segment + DamagedSuffix;
        for (int number = 2; File.Exists(kept); number++) kept = string.Create(CultureInfo.InvariantCulture, $"{segment}{DamagedSuffix}{number}");
        return kept;
    }

    public static string IndexOf(string segment) => string.Concat(segment.AsSpan(0, segment.Length - SegmentSuffix.Length), IndexSuffix);
}
