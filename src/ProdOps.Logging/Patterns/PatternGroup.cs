using System.Text;
using ProdOps.Logging.Collecting;

namespace ProdOps.Logging.Patterns;

/// <summary>Messages of one pattern, and what was counted of them.</summary>
internal sealed class PatternGroup(string[] tokens)
{
    private const string Wildcard = "<*>";

    private readonly string[] _tokens = tokens;

    public long Count { get; private set; }

    public long Before { get; private set; }

    public long First { get; private set; } = long.MaxValue;

    public long Last { get; private set; } = long.MinValue;

    public LogLevel? Level { get; private set; }

    public SortedSet<string> Servers { get; } = new(StringComparer.Ordinal);

    public SortedSet<string> Sources { get; } = new(StringComparer.Ordinal);

    public LogEntry? Example { get; private set; }

    /// <summary>The pattern: words that vary are <c>&lt;*&gt;</c>.</summary>
    public string Pattern
    {
        get
        {
            var text = new StringBuilder();
            for (int i = 0; i < _tokens.Length; i++)
            {
                if (i > 0 && !_tokens[i - 1].EndsWith('=')) text.Append(' ');
                text.Append(_tokens[i]);
            }

            return text.ToString();
        }
    }

    /// <summary>How many words are the same, and how many of the group's vary.</summary>
    public (int Same, int Open) Compare(string[] tokens)
    {
        int same = 0, open = 0;
        for (int i = 0; i < tokens.Length; i++)
        {
            if (_tokens[i] == Wildcard && tokens[i] != Wildcard) open++;
            else if (_tokens[i] == tokens[i]) same++;
        }

        // Words that vary fit everything, and alone they say nothing.
        return same == 0 && open < tokens.Length ? (0, 0) : (same, open);
    }

    /// <summary>Makes words vary that do.</summary>
    public void Generalize(string[] tokens)
    {
        for (int i = 0; i < tokens.Length; i++)
        {
            if (_tokens[i] != tokens[i] && _tokens[i] != Wildcard) _tokens[i] = Common(_tokens[i], tokens[i]);
        }
    }

    public void Add(Shape shape, LogStream stream, Func<Shape, LogEntry?> example)
    {
        Count += shape.Count;
        Before += shape.Before;
        if (shape.Count == 0) return;
        First = Math.Min(First, shape.First);
        Last = Math.Max(Last, shape.Last);
        if (shape.Level is { } level && !(Level <= level)) Level = level;
        Servers.Add(stream.Server);
        Sources.Add(stream.Source);
        Example ??= example(shape);
    }

    /// <summary>Takes in a group whose pattern has become the same.</summary>
    public void Add(PatternGroup other)
    {
        Count += other.Count;
        Before += other.Before;
        First = Math.Min(First, other.First);
        Last = Math.Max(Last, other.Last);
        if (other.Level is { } level && !(Level <= level)) Level = level;
        Servers.UnionWith(other.Servers);
        Sources.UnionWith(other.Sources);
        Example ??= other.Example;
    }

    /// <summary>A word that varies keeps the signs around it that do not: <c>[anna]:</c> and <c>[bob]:</c> are <c>[&lt;*&gt;]:</c>.</summary>
    private static string Common(string one, string other)
    {
        int shorter = Math.Min(one.Length, other.Length), start = 0, end = 0;
        while (start < shorter && one[start] == other[start] && IsSign(one[start])) start++;
        while (end < shorter - start && one[^(end + 1)] == other[^(end + 1)] && IsSign(one[^(end + 1)])) end++;
        return string.Concat(one.AsSpan(0, start), Wildcard, one.AsSpan(one.Length - end));
    }

    private static bool IsSign(char c) => !char.IsLetterOrDigit(c) && c is not ('<' or '*' or '>');
}
