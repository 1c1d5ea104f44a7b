using System.Globalization;

namespace ProdOps.LoadBalancing.HAProxy.Configuration;

/// <summary>
/// HAProxy's configuration as it was written, by whomever (Configuration Manual, sections 2 to 4). It is read for what operating needs; what is not understood is left
/// alone, and conditional blocks (<c>.if</c>) are taken with all of their branches.
/// </summary>
internal sealed class HAProxyConfiguration
{
    private const int MostLines = 1_000_000;

    private static readonly HashSet<string> SectionKinds = new(StringComparer.Ordinal)
    {
        "global", "defaults", "frontend", "backend", "listen", "peers", "resolvers", "userlist", "mailers", "program", "cache", "http-errors", "ring", "log-forward",
        "fcgi-app", "crt-store", "traces", "log-profile", "acme",
    };

    private HAProxyConfiguration(IReadOnlyList<HAProxySection> sections) => Sections = sections;

    /// <summary>All sections, in order.</summary>
    public IReadOnlyList<HAProxySection> Sections { get; }

    /// <summary>What stands in <c>global</c>: there may be several such sections.</summary>
    public IEnumerable<HAProxyLine> Global => Sections.Where(section => section.Kind == "global").SelectMany(section => section.Lines);

    public IEnumerable<HAProxySection> Frontends => Sections.Where(section => section.IsFrontend);

    public IEnumerable<HAProxySection> Backends => Sections.Where(section => section.IsBackend);

    public HAProxySection? Backend(string name) => Backends.FirstOrDefault(section => section.Name == name);

    /// <summary>The admin sockets, those that may do everything first: full paths, or <c>host:port</c> as the server itself reaches them.</summary>
    public IReadOnlyList<string> AdminSockets =>
    [
        .. Global.Where(line => line.Keyword == "stats" && line[1] == "socket").OrderBy(line => line.After("level") == "admin" ? 0 : 1)
            .Select(line => HAProxyAddress.Reachable(line[2])).OfType<string>(),
    ];

    /// <summary>How many connections the process takes at once; <see langword="null"/> where that does not stand there.</summary>
    public long? MaxConnections => long.TryParse(LastGlobal("maxconn")?[1], NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;

    /// <summary>The full path of the file that a pool's state is read from when the process begins; <see langword="null"/> if none is.</summary>
    public string? StateFileOf(HAProxySection backend)
    {
        string? name = backend.LoadsStateFrom switch
        {
            "global" => LastGlobal("server-state-file")?[1],
            "local" => backend.Find("server-state-file-name")?[1] is { Length: > 0 } named && named != "use-backend-name" ? named : backend.Name,
            _ => null,
        };
        if (string.IsNullOrEmpty(name)) return null;
        if (name.StartsWith('/')) return name;
        return LastGlobal("server-state-base")?[1] is { Length: > 0 } folder && folder.StartsWith('/') ? $"{folder.TrimEnd('/')}/{name}" : null;
    }

    /// <summary>Reads it.</summary>
    /// <param name="files">The files' names and texts, in the order that HAProxy reads them.</param>
    public static HAProxyConfiguration Parse(IEnumerable<(string Path, string Text)> files)
    {
        var sections = new List<HAProxySection>();
        HAProxySection? defaults = null;
        List<HAProxyLine> lines = [];
        int count = 0;
        foreach (var (path, text) in files)
        {
            int number = 0;
            foreach (var line in text.AsSpan().EnumerateLines())
            {
                number++;
                if (++count > MostLines) return new HAProxyConfiguration(sections);
                var words = HAProxyWords.Split(line);
                if (words.Count == 0 || words[0].StartsWith('.')) continue;
                if (SectionKinds.Contains(words[0]))
                {
                    lines = [];
                    // From 2.4 on a section can name its defaults; else the last ones before it count.
                    string? from = new HAProxyLine(words, path, number).After("from");
                    var named = from is null ? null : sections.LastOrDefault(section => section.Kind == "defaults" && section.Name == from);
                    string name = words.Count > 1 && words[1] != "from" ? words[1] : "";
                    var section = new HAProxySection(words[0], name, words[0] == "defaults" ? named : words[0] is "frontend" or "backend" or "listen" ? named ?? defaults : null, lines);
                    if (section.Kind == "defaults") defaults = section;
                    sections.Add(section);
                }
                else
                {
                    lines.Add(new HAProxyLine(words, path, number));
                }
            }
        }

        return new HAProxyConfiguration(sections);
    }

    private HAProxyLine? LastGlobal(string keyword) => Global.LastOrDefault(line => line.Keyword == keyword);
}
