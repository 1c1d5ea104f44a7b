using System.Globalization;

namespace ProdOps.Logging.Files;

/// <summary>A log and the files it was rotated to: <c>syslog.2.gz</c>, <c>syslog.1</c>, <c>syslog</c>; oldest first.</summary>
/// <param name="Base">The path of the log itself, whether it is there or not.</param>
/// <param name="Files">The files.</param>
internal sealed record RotatedSet(string Base, IReadOnlyList<string> Files)
{
    private static readonly string[] Compressions = [".gz", ".zst", ".xz", ".bz2"];

    /// <summary>Puts files together that are of one log.</summary>
    public static List<RotatedSet> Group(IEnumerable<string> paths) =>
    [
        .. paths.Distinct(StringComparer.Ordinal).Select(path => (Path: path, Name: Parse(path)))
            .GroupBy(item => item.Name.Base, StringComparer.Ordinal)
            .Select(group => new RotatedSet(group.Key, [.. group.OrderBy(item => item.Name.Age, AgeOrder.Instance).ThenBy(item => item.Path, StringComparer.Ordinal).Select(item => item.Path)])),
    ];

    /// <summary>A name for the source: the file's, with its folder's before it where that says what writes it (<c>nginx-access</c>).</summary>
    public string SourceName
    {
        get
        {
            string name = Path.GetFileName(Base);
            if (name.EndsWith(".log", StringComparison.OrdinalIgnoreCase) && name.Length > 4) name = name[..^4];
            string folder = Path.GetDirectoryName(Base) ?? "", parent = Path.GetFileName(folder);
            bool tells = folder.StartsWith("/var/log/", StringComparison.Ordinal) && !name.Contains(parent, StringComparison.OrdinalIgnoreCase);
            return tells ? $"{parent}-{name}" : name;
        }
    }

    /// <summary>Takes a name apart. Ages: a number of rotations, or a date; the log itself has neither.</summary>
    internal static (string Base, RotationAge Age) Parse(string path)
    {
        string rest = path;
        foreach (string compression in Compressions)
        {
            if (rest.EndsWith(compression, StringComparison.OrdinalIgnoreCase) && rest.Length > compression.Length)
            {
                rest = rest[..^compression.Length];
                break;
            }
        }

        int name = rest.AsSpan().LastIndexOfAny('/', '\\') + 1;
        // logrotate: .1; dateext: -20261123, also with an hour or a time behind; and before the extension: access-20261123.log, access.1.log.
        string extension = rest.EndsWith(".log", StringComparison.OrdinalIgnoreCase) ? rest[^4..] : "";
        foreach (string tail in extension.Length > 0 ? [extension, ""] : new[] { "" })
        {
            string stem = rest[..^tail.Length];
            int at = stem.AsSpan().LastIndexOfAny('.', '-', '_');
            if (at <= name) continue;
            string suffix = stem[(at + 1)..];
            if (stem[at] == '.' && suffix.Length is > 0 and <= 4 && int.TryParse(suffix, NumberStyles.None, CultureInfo.InvariantCulture, out int number)) return (stem[..at] + tail, new RotationAge(number, default));
            if (TryDate(stem, name, out int begin, out var date)) return (stem[..begin] + tail, new RotationAge(0, date));
        }

        return (rest, default);
    }

    private static bool TryDate(string stem, int name, out int begin, out DateTime date)
    {
        // The longest form first: a short one is the beginning of a longer one.
        foreach (string format in new[] { "yyyyMMdd-HHmmss", "yyyyMMddHHmmss", "yyyy-MM-dd-HH", "yyyyMMddHH", "yyyy-MM-dd", "yyyyMMdd" })
        {
            begin = stem.Length - format.Length - 1;
            if (begin <= name - 1 || stem[begin] is not ('.' or '-' or '_')) continue;
            if (DateTime.TryParseExact(stem.AsSpan(begin + 1), format, CultureInfo.InvariantCulture, DateTimeStyles.None, out date) && date.Year is > 1980 and < 2200) return true;
        }

        begin = 0;
        date = default;
        return false;
    }

    private sealed class AgeOrder : IComparer<RotationAge>
    {
        public static AgeOrder Instance { get; } = new();

        public int Compare(RotationAge one, RotationAge other)
        {
            // The log itself is the newest; numbers count back from it; dates forward.
            if (one == other) return 0;
            if (one == default) return 1;
            if (other == default) return -1;
            if (one.Date != default && other.Date != default) return one.Date.CompareTo(other.Date);
            return one.Date == default && other.Date == default ? other.Number.CompareTo(one.Number) : one.Date != default ? -1 : 1;
        }
    }
}

/// <summary>How old a rotated file is, by its name.</summary>
internal readonly record struct RotationAge(int Number, DateTime Date);
