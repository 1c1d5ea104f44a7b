using System.Globalization;
using System.Text;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Files;

/// <summary>What <see cref="ListScript"/> printed, taken apart without any I/O. Names that could lead out of the folder are refused.</summary>
internal sealed class RemoteListing
{
    private readonly Dictionary<string, string> _facts = new(StringComparer.Ordinal);

    private RemoteListing()
    {
    }

    /// <summary>What is there.</summary>
    public FileTree Tree { get; private set; } = FileTree.Nothing;

    /// <summary>Checksums of files by their paths, where they were asked for; a file that could not be read has none.</summary>
    public IReadOnlyDictionary<string, string> Checksums { get; private set; } = new Dictionary<string, string>();

    /// <summary>What the server could not look at, in its own words.</summary>
    public IReadOnlyList<string> Problems { get; set; } = [];

    /// <summary><c>gnu</c>, <c>busybox</c>, <c>bsd</c>, <c>other</c> or <c>none</c>.</summary>
    public string TarTool => Fact("tar");

    /// <summary>The server's tool for checksums, or <c>none</c>.</summary>
    public string SumTool => Fact("sum");

    /// <summary><c>folder</c>, <c>file</c>, <c>other</c> (a device, say), <c>denied</c> (a folder that may not be entered) or <c>none</c>.</summary>
    public string Kind => Fact("type");

    /// <summary>Bytes free where the path is, or <see langword="null"/>.</summary>
    public long? Free => long.TryParse(Fact("free"), NumberStyles.None, CultureInfo.InvariantCulture, out long blocks) && blocks < long.MaxValue / 1024 ? blocks * 1024 : null;

    /// <param name="output">The command's standard output.</param>
    /// <param name="mark">The word that was given to it.</param>
    /// <param name="server">For errors.</param>
    /// <exception cref="ProdOpsException">It is not what the command prints.</exception>
    public static RemoteListing Parse(ReadOnlySpan<byte> output, string mark, string server)
    {
        var listing = new RemoteListing();
        int end = output.IndexOf("\n\n"u8);
        if (end < 0) throw ServersErrors.ListingNotUnderstood(server, "it has no beginning");
        foreach (string line in Encoding.ASCII.GetString(output[..end]).Split('\n'))
            if (line.IndexOf('=') is > 0 and var equal) listing._facts[line[..equal]] = line[(equal + 1)..];
        if (listing.Fact("list") == "none") throw ServersErrors.ListingToolsMissing(server);
        var rest = output[(end + 2)..];
        int sums = rest.IndexOf("\0\0sums\0\0"u8);
        var records = sums < 0 ? rest : rest[..sums];
        var items = listing.Fact("list") == "find" ? ParseFind(records, server) : ParseStat(records, Encoding.ASCII.GetBytes(mark), server);
        bool isFile = listing.Kind == "file";
        var root = items.Count == 0 ? null : items[0] with { Path = "" };
        listing.Tree = isFile ? new FileTree(root, []) : new FileTree(root, items.Where(item => item.Path.Length > 0));
        if (sums >= 0)
        {
            var known = isFile ? null : listing.Tree.Items.Select(item => item.Path).ToHashSet(StringComparer.Ordinal);
            listing.Checksums = ChecksumList.Parse(rest[(sums + 8)..], listing.SumTool, name => isFile ? "" : TryName(name), known);
        }
        return listing;
    }

    private string Fact(string name) => _facts.GetValueOrDefault(name, "none");

    /// <summary>Five texts an item, each with a NUL after it: type and numbers, user, group, path, link target.</summary>
    private static List<TreeItem> ParseFind(ReadOnlySpan<byte> records, string server)
    {
        var items = new List<TreeItem>();
        while (!records.IsEmpty)
        {
            var numbers = Take(ref records, server);
            string user = KnownStrings.Get(Take(ref records, server)), group = KnownStrings.Get(Take(ref records, server));
            var path = Take(ref records, server);
            var target = Take(ref records, server);
            var reader = new ListFields(numbers, server);
            var type = reader.Type();
            var item = new TreeItem
            {
                Path = items.Count == 0 ? "" : NameOf(path, server),
                Type = type,
                Permissions = (uint)reader.Number(8) & 0xFFF,
                Size = reader.Size(),
                Modified = reader.Time(),
                Links = reader.Number(),
                Device = reader.Number(),
                Inode = reader.Number(),
                UserId = reader.Id(),
                GroupId = reader.Id(),
                User = IsNumber(user) ? "" : user,
                Group = IsNumber(group) ? "" : group,
                LinkTarget = type == FileType.SymbolicLink ? FileNames.Decode(target) : null,
            };
            items.Add(item);
        }
        return items;
    }

    /// <summary>Records that begin with the mark: S for what stat tells, L and T for a link and its target.</summary>
    private static List<TreeItem> ParseStat(ReadOnlySpan<byte> records, ReadOnlySpan<byte> mark, string server)
    {
        var items = new List<TreeItem>();
        var targets = new Dictionary<string, string>(StringComparer.Ordinal);
        string? link = null;
        while (!records.IsEmpty)
        {
            if (!records.StartsWith(mark)) throw ServersErrors.ListingNotUnderstood(server, "a line does not begin as it should");
            records = records[mark.Length..];
            int next = records.IndexOf(mark);
            var record = next < 0 ? records : records[..next];
            records = next < 0 ? default : records[next..];
            if (record is not [var kind, .. var text, (byte)'\n']) throw ServersErrors.ListingNotUnderstood(server, "a line is cut off");
            switch (kind)
            {
                case (byte)'S':
                    items.Add(ParseStatLine(text, items.Count == 0, server));
                    break;
                case (byte)'L':
                    link = NameOf(text, server);
                    break;
                case (byte)'T' when link is not null:
                    targets[link] = FileNames.Decode(text);
                    link = null;
                    break;
                default:
                    throw ServersErrors.ListingNotUnderstood(server, "a line is of an unknown kind");
            }
        }
        return [.. items.Select(item => item.Type == FileType.SymbolicLink && targets.TryGetValue(item.Path, out string? target) ? item with { LinkTarget = target } : item)];
    }

    private static TreeItem ParseStatLine(ReadOnlySpan<byte> text, bool isRoot, string server)
    {
        var numbers = Until(ref text, server);
        string user = KnownStrings.Get(Until(ref text, server)), group = KnownStrings.Get(Until(ref text, server));
        var reader = new ListFields(numbers, server);
        uint mode = (uint)reader.Number(16);
        return new TreeItem
        {
            Path = isRoot ? "" : NameOf(text, server),
            Type = FileTypes.FromMode(mode),
            Permissions = mode & 0xFFF,
            Size = reader.Size(),
            Modified = reader.Time(),
            Links = reader.Number(),
            Device = reader.Number(),
            Inode = reader.Number(),
            UserId = reader.Id(),
            GroupId = reader.Id(),
            User = user == "UNKNOWN" || IsNumber(user) ? "" : user,
            Group = group == "UNKNOWN" || IsNumber(group) ? "" : group,
        };
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> records, string server)
    {
        int end = records.IndexOf((byte)0);
        if (end < 0) throw ServersErrors.ListingNotUnderstood(server, "it stops in the middle of an item");
        var text = records[..end];
        records = records[(end + 1)..];
        return text;
    }

    private static ReadOnlySpan<byte> Until(ref ReadOnlySpan<byte> text, string server)
    {
        int end = text.IndexOf((byte)'/');
        if (end < 0) throw ServersErrors.ListingNotUnderstood(server, "a line is cut off");
        var part = text[..end];
        text = text[(end + 1)..];
        return part;
    }

    private static string NameOf(ReadOnlySpan<byte> path, string server) => TryName(path) ?? throw ServersErrors.ListingNotUnderstood(server, "a name leads out of the folder");

    /// <summary>The path below the root, without the <c>./</c> that find puts before it, or null for one that is no such path.</summary>
    private static string? TryName(ReadOnlySpan<byte> path)
    {
        if (path is not [(byte)'.', (byte)'/', ..]) return null;
        string text = FileNames.Decode(path[2..]);
        return SafePath.IsSafe(text) ? text : null;
    }

    private static bool IsNumber(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExceptInRange('0', '9');
}
