using System.Globalization;

namespace ProdOps.LoadBalancing.HAProxy.Configuration;

/// <summary>A line of HAProxy's configuration.</summary>
/// <param name="Words">Its words, the keyword first; a leading <c>no</c> counts as one.</param>
/// <param name="File">The file.</param>
/// <param name="Number">The line, from 1.</param>
internal sealed record HAProxyLine(IReadOnlyList<string> Words, string File, int Number)
{
    public string Keyword => Words[0];

    /// <summary>A word behind the keyword; empty where there is none.</summary>
    public string this[int index] => index < Words.Count ? Words[index] : "";

    /// <summary>Whether a word stands there, from the given place on.</summary>
    public bool Has(string word, int from = 1) => Words.Skip(from).Contains(word, StringComparer.Ordinal);

    /// <summary>The word behind a word, from the given place on; <see langword="null"/> where it does not stand there.</summary>
    public string? After(string word, int from = 1)
    {
        for (int i = from; i < Words.Count - 1; i++)
            if (Words[i] == word) return Words[i + 1];
        return null;
    }
}

/// <summary>A section of HAProxy's configuration.</summary>
/// <param name="Kind"><c>global</c>, <c>defaults</c>, <c>frontend</c>, <c>backend</c>, <c>listen</c>, or what else there is.</param>
/// <param name="Name">Its name; empty without one.</param>
/// <param name="Defaults">The defaults that it takes what it does not say from.</param>
/// <param name="Lines">Its lines.</param>
internal sealed record HAProxySection(string Kind, string Name, HAProxySection? Defaults, IReadOnlyList<HAProxyLine> Lines)
{
    public bool IsFrontend => Kind is "frontend" or "listen";

    public bool IsBackend => Kind is "backend" or "listen";

    /// <summary>Its own lines with a keyword.</summary>
    public IEnumerable<HAProxyLine> All(string keyword) => Lines.Where(line => line.Keyword == keyword);

    /// <summary>The line with a keyword, of which the last counts; its defaults' where it has none.</summary>
    public HAProxyLine? Find(string keyword) => Lines.LastOrDefault(line => line.Keyword == keyword) ?? Defaults?.Find(keyword);

    /// <summary>Whether an option is on: the last word on it counts, its defaults' where it has none.</summary>
    public bool HasOption(string option)
    {
        var line = Lines.LastOrDefault(line => (line.Keyword == "option" && line[1] == option) || (line.Keyword == "no" && line[1] == "option" && line[2] == option));
        return line is not null ? line.Keyword != "no" : Defaults?.HasOption(option) ?? false;
    }

    /// <summary><c>http</c> or <c>tcp</c>.</summary>
    public string Mode => Find("mode")?[1] is { Length: > 0 } mode ? mode : "tcp";

    /// <summary>How many connections it takes at once; <see langword="null"/> where that does not stand there.</summary>
    public long? MaxConnections => long.TryParse(Find("maxconn")?[1], NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;

    /// <summary>The cookie that keeps a client at its server; <see langword="null"/> without one.</summary>
    public string? Cookie => Find("cookie")?[1] is { Length: > 0 } name ? name : null;

    /// <summary>Where its servers' state is read from when the process begins: <c>global</c>, <c>local</c> or <c>none</c>.</summary>
    public string LoadsStateFrom => Find("load-server-state-from-file")?[1] is { Length: > 0 } place ? place : "none";

    /// <summary>A time-out as it is written; <see langword="null"/> where none of the name stands there.</summary>
    public string? TimeoutOf(string name) => All("timeout").LastOrDefault(line => line[1] == name)?[2] ?? Defaults?.TimeoutOf(name);

    /// <summary>What stands for all servers behind it, of the defaults' first.</summary>
    public IEnumerable<HAProxyLine> DefaultServers => [.. Defaults?.DefaultServers ?? [], .. All("default-server")];
}
