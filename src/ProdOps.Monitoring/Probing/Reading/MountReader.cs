using System.Text;
using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Probing.Reading;

/// <summary>A line of /proc/mounts.</summary>
/// <param name="Source">What is mounted.</param>
/// <param name="Type">Its kind.</param>
/// <param name="ReadOnly">Whether nothing can be written to it.</param>
/// <param name="GivenUp">Whether the kernel stopped writing after an error, as it says itself: ext4 since Linux 6.15, whose other options stay as they were.</param>
internal readonly record struct MountEntry(string Source, string Type, bool? ReadOnly, bool GivenUp)
{
    /// <summary>The line's fourth field.</summary>
    public static MountEntry Of(string source, string type, ReadOnlySpan<char> options)
    {
        bool given = Has(options, "emergency_ro") || Has(options, "shutdown");
        return new MountEntry(source, type, given || Has(options, "ro") ? true : Has(options, "rw") ? false : null, given);
    }

    /// <summary>Whether one of the options is this one.</summary>
    public static bool Has(ReadOnlySpan<char> options, string option)
    {
        foreach (var range in options.Split(',')) if (options[range].SequenceEqual(option)) return true;
        return false;
    }

    /// <summary>Spaces, tabs, line ends and backslashes stand there as <c>\040</c> and so on (getmntent(3)); df shows control characters as question marks.</summary>
    public static string? Decode(ReadOnlySpan<char> text)
    {
        if (text.IndexOf('\\') < 0) return Sections.Name(text);
        if (text.Length > Sections.MaximumName) return null;
        var decoded = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length && text[i + 1] is >= '0' and <= '3' && text[i + 2] is >= '0' and <= '7' && text[i + 3] is >= '0' and <= '7')
            {
                decoded.Append((char)(((text[i + 1] - '0') << 6) | ((text[i + 2] - '0') << 3) | (text[i + 3] - '0')));
                i += 3;
            }
            else decoded.Append(text[i]);
        }

        return Sections.Name(decoded.ToString());
    }
}

/// <summary>Puts what df says and what is mounted together.</summary>
internal static class MountReader
{
    private const ulong Kilobyte = 1024;

    /// <summary>All that df has told of; <see langword="null"/> if it has told nothing.</summary>
    public static IReadOnlyList<MountReport>? Read(Sections sections, IReadOnlyDictionary<string, MountEntry> mounts, IReadOnlySet<string> writable)
    {
        var found = new Dictionary<string, MountReport>(StringComparer.Ordinal);
        foreach (var line in sections.LinesOf("df")) Extended(line, found);
        foreach (var line in sections.LinesOf("df-blocks")) Blocks(line, found);
        foreach (var line in sections.LinesOf("df-inodes")) Inodes(line, found);
        return found.Count == 0 ? null : [.. found.Values.Select(mount => mounts.TryGetValue(mount.Target, out var entry) ? mount with { Source = entry.Source, Type = entry.Type, ReadOnly = entry.ReadOnly, IsMeantToBeWritten = entry.GivenUp || writable.Contains(mount.Target) } : mount)];
    }

    /// <summary>GNU df --output=size,used,avail,itotal,iused,iavail,target; a dash where there is nothing to say.</summary>
    private static void Extended(ReadOnlySpan<char> line, Dictionary<string, MountReport> found)
    {
        var fields = new Fields(line);
        ulong? size = Fields.Scaled(fields.NextNumber(), Kilobyte), used = Fields.Scaled(fields.NextNumber(), Kilobyte), available = Fields.Scaled(fields.NextNumber(), Kilobyte);
        ulong? inodes = fields.NextNumber(), inodesUsed = fields.NextNumber(), inodesFree = fields.NextNumber();
        if (Target(fields.Rest) is not { } target || !Room(found, target)) return;
        found[target] = new MountReport { Target = target, Size = size, Used = used, Available = available, Inodes = inodes is 0 ? null : inodes, InodesUsed = inodes is 0 ? null : inodesUsed, InodesFree = inodes is 0 ? null : inodesFree };
    }

    /// <summary>POSIX: file system, blocks, used, available, capacity, target. A source with spaces in it is not understood.</summary>
    private static void Blocks(ReadOnlySpan<char> line, Dictionary<string, MountReport> found)
    {
        var fields = new Fields(line);
        fields.Next();
        ulong? size = Fields.Scaled(fields.NextNumber(), Kilobyte), used = Fields.Scaled(fields.NextNumber(), Kilobyte), available = Fields.Scaled(fields.NextNumber(), Kilobyte);
        if (!IsCapacity(fields.Next()) || Target(fields.Rest) is not { } target || !Room(found, target)) return;
        found[target] = new MountReport { Target = target, Size = size, Used = used, Available = available };
    }

    private static void Inodes(ReadOnlySpan<char> line, Dictionary<string, MountReport> found)
    {
        var fields = new Fields(line);
        fields.Next();
        ulong? all = fields.NextNumber(), used = fields.NextNumber(), free = fields.NextNumber();
        if (!IsCapacity(fields.Next()) || all is null or 0 || Target(fields.Rest) is not { } target || !found.TryGetValue(target, out var mount)) return;
        found[target] = mount with { Inodes = all, InodesUsed = used, InodesFree = free };
    }

    private static bool IsCapacity(ReadOnlySpan<char> word) => word is "-" || (word.Length > 1 && word[^1] == '%' && Fields.Number(word[..^1]) is not null);

    private static string? Target(ReadOnlySpan<char> text) => text.Length > 0 && text[0] == '/' ? Sections.Name(text) : null;

    private static bool Room(Dictionary<string, MountReport> found, string target) => found.Count < Sections.MaximumCount || found.ContainsKey(target);
}
