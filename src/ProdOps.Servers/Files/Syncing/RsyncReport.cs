using System.Globalization;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Files.Syncing;

/// <summary>
/// Reads what the source's rsync says, line by line: items as <see cref="RsyncScripts.ItemMark"/> has them, statistics, and complaints. All of
/// it comes from a server and is believed for nothing but telling.
/// </summary>
internal sealed class RsyncReport
{
    private const int MaximumComplaints = 40, MaximumComplaint = 2000;
    private const string Items = "Number of files: ", Size = "Total file size: ";
    private static readonly string[] Statistics = ["Number of ", "Total ", "Literal data: ", "Matched data: ", "File list ", "sent ", "total size is ", "created directory "];

    private readonly List<string> _complaints = [];

    /// <summary>Told each item.</summary>
    public Action<RsyncItem>? OnItem { get; init; }

    /// <summary>Files and links that were sent.</summary>
    public long Files { get; private set; }

    /// <summary>Items of which permissions, owner or time alone were set.</summary>
    public long Corrected { get; private set; }

    public long Deleted { get; private set; }

    /// <summary>Items that the source has.</summary>
    public long TotalItems { get; private set; }

    /// <summary>The size of the source's files.</summary>
    public long TotalSize { get; private set; }

    /// <summary>The beginning of what it complained.</summary>
    public IReadOnlyList<string> Complaints => _complaints;

    public void Add(string line)
    {
        if (line.StartsWith(RsyncScripts.ItemMark, StringComparison.Ordinal))
        {
            if (RsyncItem.TryParse(line.AsSpan(RsyncScripts.ItemMark.Length)) is { } item) Count(item);
        }
        else if (line.StartsWith(Items, StringComparison.Ordinal)) TotalItems = NumberIn(line.AsSpan(Items.Length));
        else if (line.StartsWith(Size, StringComparison.Ordinal)) TotalSize = NumberIn(line.AsSpan(Size.Length));
        else if (line.Length > 0 && _complaints.Count < MaximumComplaints && !Array.Exists(Statistics, start => line.StartsWith(start, StringComparison.Ordinal)))
            _complaints.Add(line.Length > MaximumComplaint ? line[..MaximumComplaint] : line);
    }

    private void Count(RsyncItem item)
    {
        switch (item.Action)
        {
            case ServerCopyAction.Delete: Deleted++; break;
            case ServerCopyAction.Metadata: Corrected++; break;
            case ServerCopyAction.Create or ServerCopyAction.Replace when !item.IsFolder: Files++; break;
        }

        OnItem?.Invoke(item);
    }

    private static long NumberIn(ReadOnlySpan<char> text)
    {
        long number = 0;
        foreach (char c in text)
        {
            if (char.IsAsciiDigit(c) && number < long.MaxValue / 20) number = number * 10 + (c - '0');
            else break;
        }

        return number;
    }
}

/// <summary>One item, as rsync itemizes it.</summary>
/// <param name="Flags">Eleven characters: what is done, to what, and why (rsync's manual, --itemize-changes).</param>
/// <param name="Action">What is done; <see langword="null"/> for what is the same.</param>
/// <param name="Path">The path below what is synchronised; empty for itself.</param>
/// <param name="Size">The size of a file that is sent.</param>
internal sealed record RsyncItem(string Flags, ServerCopyAction? Action, string Path, long Size)
{
    private const int FlagsLength = 11;

    public bool IsFolder => Flags[1] == 'd';

    /// <summary>Reads <c>%i %l %b %n</c>.</summary>
    public static RsyncItem? TryParse(ReadOnlySpan<char> text)
    {
        if (text.Length < FlagsLength + 2 || text[FlagsLength] != ' ') return null;
        string flags = text[..FlagsLength].ToString();
        if (flags[0] is not ('<' or 'c' or 'h' or '.' or '*')) return null;
        var rest = text[(FlagsLength + 1)..];
        if (!TryTakeNumber(ref rest, out long size) || !TryTakeNumber(ref rest, out _) || rest.IsEmpty) return null;
        string path = Unescape(rest);
        return new RsyncItem(flags, ActionOf(flags), path is "./" or "." ? "" : path.TrimEnd('/'), flags is ['<', 'f', ..] ? size : 0);
    }

    /// <summary>In the POSIX locale rsync writes any other byte than printable ASCII as <c>\#ooo</c>, and so a backslash that would look like that.</summary>
    private static string Unescape(ReadOnlySpan<char> text)
    {
        if (text.IndexOf("\\#") < 0) return text.ToString();
        var bytes = new List<byte>(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i..] is ['\\', '#', >= '0' and <= '3' and var a, >= '0' and <= '7' and var b, >= '0' and <= '7' and var c, ..])
            {
                bytes.Add((byte)((a - '0') * 64 + (b - '0') * 8 + (c - '0')));
                i += 4;
            }
            else bytes.AddRange(FileNames.Encode(text.Slice(i, 1)));
        }

        return FileNames.Decode(bytes.ToArray());
    }

    private static ServerCopyAction? ActionOf(string flags) => flags switch
    {
        ['*', ..] => flags.StartsWith("*deleting", StringComparison.Ordinal) ? ServerCopyAction.Delete : null,
        [_, _, '+', ..] => ServerCopyAction.Create,
        ['<' or 'c' or 'h', ..] => ServerCopyAction.Replace,
        _ => flags.AsSpan(2).ContainsAnyExcept('.', ' ') ? ServerCopyAction.Metadata : null,
    };

    private static bool TryTakeNumber(ref ReadOnlySpan<char> text, out long number)
    {
        int space = text.IndexOf(' ');
        number = 0;
        if (space < 0 || !long.TryParse(text[..space], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number)) return false;
        text = text[(space + 1)..];
        return true;
    }
}
