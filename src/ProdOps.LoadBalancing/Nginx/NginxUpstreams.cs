using System.Globalization;

namespace ProdOps.LoadBalancing.Nginx;

/// <summary>The pools of a configuration of nginx, and changes of single words of their servers' lines.</summary>
/// <param name="Text">The configuration.</param>
/// <param name="Pools">Its pools.</param>
internal sealed record NginxUpstreams(string Text, IReadOnlyList<NginxUpstream> Pools)
{
    /// <summary>Reads a configuration, or a part of one.</summary>
    public static NginxUpstreams Parse(string text)
    {
        var pools = new List<NginxUpstream>();
        Collect(text, NginxParser.Parse(text), pools);
        return new NginxUpstreams(text, pools);
    }

    /// <summary>The text with a server out of its pool, or back in it.</summary>
    public string WithDown(NginxUpstreamServer server, bool down)
    {
        var marks = server.Line.Words.Skip(2).Where(word => word.Text == "down").ToList();
        if (down) return marks.Count > 0 ? Text : Text.Insert(server.Line.Words[^1].End, " down");
        string text = Text;
        foreach (var mark in Enumerable.Reverse(marks)) text = text.Remove(Before(mark), mark.End - Before(mark));
        return text;
    }

    /// <summary>The text with another weight of a server.</summary>
    public string WithWeight(NginxUpstreamServer server, int weight)
    {
        string word = string.Create(CultureInfo.InvariantCulture, $"weight={weight}");
        foreach (var old in server.Line.Words.Skip(2))
            if (old.Text.StartsWith("weight=", StringComparison.Ordinal)) return Replace(old, word);
        return Text.Insert(server.Line.Words[1].End, $" {word}");
    }

    /// <summary>The text with another address of a server.</summary>
    public string WithAddress(NginxUpstreamServer server, string address) => Replace(server.Line.Words[1], address);

    private string Replace(NginxWord word, string text) => string.Concat(Text.AsSpan(0, word.Start), text, Text.AsSpan(word.End));

    /// <summary>Where the white space before a word begins, as far as it is on its line.</summary>
    private int Before(NginxWord word)
    {
        int start = word.Start;
        while (start > 0 && Text[start - 1] is ' ' or '\t') start--;
        // A word that begins its line leaves the line's indentation, which separates it from what follows.
        return start > 0 && Text[start - 1] is not ('\n' or '\r') ? start : word.Start;
    }

    private static void Collect(string text, IReadOnlyList<NginxDirective> directives, List<NginxUpstream> pools)
    {
        foreach (var directive in directives)
        {
            if (directive is { Name: "upstream", Words.Count: 2 })
                pools.Add(new NginxUpstream(directive.Words[1].Text, [.. directive.Block.Where(line => line is { Name: "server", Words.Count: > 1 }).Select(line => new NginxUpstreamServer(line, CommentOf(text, line)))]));
            else Collect(text, directive.Block, pools);
        }
    }

    /// <summary>The comment behind a line, if it is one word that can be a name.</summary>
    private static string? CommentOf(string text, NginxDirective line)
    {
        int end = text.IndexOf('\n', line.Words[^1].End);
        string rest = text[line.Words[^1].End..(end < 0 ? text.Length : end)].Trim();
        if (!rest.StartsWith(';')) return null;
        rest = rest[1..].TrimStart();
        string name = rest.StartsWith('#') ? rest[1..].Trim() : "";
        return name.Length is > 0 and < 256 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-') ? name : null;
    }
}

/// <summary>An <c>upstream</c>.</summary>
internal sealed record NginxUpstream(string Name, IReadOnlyList<NginxUpstreamServer> Servers);

/// <summary>A <c>server</c> of an <c>upstream</c>.</summary>
/// <param name="Line">Its line.</param>
/// <param name="Comment">The word in the comment behind it, as Publish-LoadBalancer writes it; <see langword="null"/> without one.</param>
internal sealed record NginxUpstreamServer(NginxDirective Line, string? Comment)
{
    /// <summary>Its name. nginx knows servers by addresses alone: it stands in the comment, or it is the address.</summary>
    public string Name => Comment ?? Address;

    /// <summary>Its address as it is written, with the port 80 where none is written.</summary>
    public string Address
    {
        get
        {
            string text = Line.Words[1].Text;
            bool hasPort = text.StartsWith("unix:", StringComparison.Ordinal) || (text.StartsWith('[') ? text.Contains("]:", StringComparison.Ordinal) : text.Contains(':'));
            return hasPort ? text : $"{text}:80";
        }
    }

    public bool IsDown => Line.Words.Skip(2).Any(word => word.Text == "down");

    public bool IsBackup => Line.Words.Skip(2).Any(word => word.Text == "backup");

    public int Weight => Line.Words.Skip(2).Select(word => word.Text).FirstOrDefault(word => word.StartsWith("weight=", StringComparison.Ordinal)) is { } text
        && int.TryParse(text["weight=".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int weight) ? weight : 1;
}
