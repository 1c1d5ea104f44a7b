using System.Globalization;
using System.Text;
using ProdOps.Servers;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Archiving.Servers;

/// <summary>Who a server is and what tools it has, as <see cref="ServerScripts.Probe"/> tells.</summary>
internal sealed class ServerFacts
{
    private readonly Dictionary<string, string> _facts = new(StringComparer.Ordinal);

    private ServerFacts()
    {
    }

    /// <summary>The host's own name, which restic on the server would record too.</summary>
    public string HostName => Fact("host");

    /// <summary>The user that logged in, whoever reads.</summary>
    public string UserName => Fact("user");

    /// <summary>The user that reads.</summary>
    public uint UserId { get; private init; }

    public uint GroupId { get; private init; }

    /// <summary>find is GNU's; else stat tells.</summary>
    public bool HasFind => Fact("list") == "find";

    public bool IsGnuTar => Fact("tar") == "gnu";

    /// <summary>tar tells extended attributes.</summary>
    public bool TarHasAttributes => Fact("xattrs") == "yes";

    /// <summary>tar tells none, and getfattr does.</summary>
    public bool HasGetfattr => Fact("xattrs") == "getfattr" && !IsGnuTar;

    /// <summary>Something tells extended attributes.</summary>
    public bool HasAttributes => TarHasAttributes || HasGetfattr;

    /// <summary>Names by number, from the server's passwd file.</summary>
    public Dictionary<uint, string> Users { get; private init; } = [];

    public Dictionary<uint, string> Groups { get; private init; } = [];

    /// <param name="facts">Lines of <c>name=value</c>.</param>
    /// <param name="users">The passwd file.</param>
    /// <param name="groups">The group file.</param>
    /// <param name="server">For errors.</param>
    /// <exception cref="ProdOpsException">These are no facts, or the server lacks what a backup takes.</exception>
    public static ServerFacts Parse(ReadOnlySpan<byte> facts, ReadOnlySpan<byte> users, ReadOnlySpan<byte> groups, string server)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in Encoding.UTF8.GetString(facts).Split('\n'))
            if (line.IndexOf('=') is > 0 and var equal) values[line[..equal]] = line[(equal + 1)..];
        uint Id(string name) => uint.TryParse(values.GetValueOrDefault(name), NumberStyles.None, CultureInfo.InvariantCulture, out uint id)
            ? id : throw ServersErrors.ListingNotUnderstood(server, $"it does not say who reads ({name})");
        var parsed = new ServerFacts { UserId = Id("uid"), GroupId = Id("gid"), Users = NamesOf(users), Groups = NamesOf(groups) };
        foreach (var (name, value) in values) parsed._facts[name] = value;
        if (parsed.HostName.Length == 0) throw ServersErrors.ListingNotUnderstood(server, "it does not say its name");
        if (parsed.Fact("list") is not ("find" or "stat")) throw ServersErrors.ListingToolsMissing(server);
        if (parsed.Fact("tar") is "none" or "") throw ServersErrors.TarMissing(server);
        return parsed;
    }

    private string Fact(string name) => _facts.GetValueOrDefault(name, "");

    /// <summary>name:password:number:… lines; the first line of a number counts, as for the system.</summary>
    private static Dictionary<uint, string> NamesOf(ReadOnlySpan<byte> text)
    {
        var names = new Dictionary<uint, string>();
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = text[range];
            int first = line.IndexOf((byte)':'), second = first < 0 ? -1 : line[(first + 1)..].IndexOf((byte)':');
            if (first < 1 || second < 0) continue;
            var rest = line[(first + second + 2)..];
            int end = rest.IndexOf((byte)':');
            if (uint.TryParse(end < 0 ? rest : rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out uint id)) names.TryAdd(id, FileNames.Decode(line[..first]));
        }
        return names;
    }
}
