using System.Globalization;

namespace ProdOps.Monitoring.Probing.Reading;

/// <summary>The answer cut into its sections. What a login shell's start-up files print comes before the first mark and is not looked at.</summary>
internal sealed class Sections
{
    /// <summary>The longest name of anything that is kept; Linux's paths are no longer.</summary>
    public const int MaximumName = 4096;

    /// <summary>The most of anything that is kept.</summary>
    public const int MaximumCount = 10_000;

    private const int MaximumSections = 100;

    private readonly string _text;
    private readonly Dictionary<string, (int Start, int End, int? Status)> _parts = new(StringComparer.Ordinal);

    private Sections(string text) => _text = text;

    /// <summary>Finds both marks and what is between them.</summary>
    /// <param name="server">For messages.</param>
    /// <param name="nonce">What the marks must hold.</param>
    /// <param name="text">All that was printed.</param>
    /// <exception cref="ProdOpsException">A mark is missing.</exception>
    public static Sections Find(string server, string nonce, string text)
    {
        int begin = Mark(text, $"@begin {nonce}", 0);
        if (begin < 0) throw MonitoringErrors.ProbeSilent(server, text);
        int end = Mark(text, $"@end {nonce}", begin);
        if (end < 0) throw MonitoringErrors.ProbeTruncated(server);
        var sections = new Sections(text);
        sections.Cut(begin, end);
        return sections;
    }

    public bool Has(string name) => _parts.ContainsKey(name);

    /// <summary>A section's text; empty if it is not there.</summary>
    public ReadOnlySpan<char> Text(string name) => _parts.TryGetValue(name, out var part) ? _text.AsSpan(part.Start, part.End - part.Start) : default;

    /// <summary>Whether the section is there and what printed it ended with 0.</summary>
    public bool Succeeded(string name) => _parts.TryGetValue(name, out var part) && part.Status == 0;

    /// <summary>Whether the section is there and what printed it ended by itself: its last lines are not missing.</summary>
    public bool Ended(string name) => _parts.TryGetValue(name, out var part) && part.Status < 124;

    /// <summary>The section's lines that have something in them.</summary>
    public Lines LinesOf(string name) => new(Text(name));

    /// <summary>The first line with something in it; empty without one.</summary>
    public ReadOnlySpan<char> FirstLine(string name) => LinesOf(name) is var lines && lines.MoveNext() ? lines.Current : default;

    /// <summary>A name as it may be kept and shown: not too long, nothing that a terminal would take for a command.</summary>
    public static string? Name(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > MaximumName) return null;
        foreach (char c in text)
            if (char.IsControl(c)) return string.Create(text.Length, text, static (name, source) => { for (int i = 0; i < name.Length; i++) name[i] = char.IsControl(source[i]) ? '?' : source[i]; });
        return text.ToString();
    }

    private void Cut(int begin, int end)
    {
        string? name = null;
        int start = 0;
        int? status = null;
        for (int at = NextLine(begin); at < end; at = NextLine(at))
        {
            if (_text[at] != '@') continue;
            int stop = _text.IndexOf('\n', at);
            var line = _text.AsSpan(at + 1, stop - at - 1).TrimEnd('\r');
            if (line.StartsWith("= ", StringComparison.Ordinal))
            {
                if (int.TryParse(line[2..], NumberStyles.None, CultureInfo.InvariantCulture, out int code)) status ??= code;
                Close(name, start, at, status);
                name = null;
                continue;
            }

            Close(name, start, at, status);
            (name, start, status) = (line.Length <= 40 ? line.ToString() : null, stop + 1, null);
        }

        Close(name, start, end, status);
    }

    // The first of a name counts: what comes later under the same one was not printed by the probe.
    private void Close(string? name, int start, int end, int? status)
    {
        if (name is not null && start <= end && _parts.Count < MaximumSections) _parts.TryAdd(name, (start, end, status));
    }

    /// <summary>The beginning of the next line; behind the text after the last one.</summary>
    private int NextLine(int at) => _text.IndexOf('\n', at) is >= 0 and var end ? end + 1 : _text.Length;

    /// <summary>Where a line begins that is nothing but the mark.</summary>
    private static int Mark(string text, string mark, int from)
    {
        for (int at = from; (at = text.IndexOf(mark, at, StringComparison.Ordinal)) >= 0; at += mark.Length)
        {
            int after = at + mark.Length;
            if (after < text.Length && text[after] == '\r') after++;
            if ((at == 0 || text[at - 1] == '\n') && after < text.Length && text[after] == '\n') return at;
        }

        return -1;
    }
}

/// <summary>The lines of a text that have something in them.</summary>
internal ref struct Lines(ReadOnlySpan<char> text)
{
    private ReadOnlySpan<char> _rest = text;

    public ReadOnlySpan<char> Current { get; private set; }

    public readonly Lines GetEnumerator() => this;

    public bool MoveNext()
    {
        while (_rest.Length > 0)
        {
            int end = _rest.IndexOf('\n');
            Current = (end < 0 ? _rest : _rest[..end]).TrimEnd('\r');
            _rest = end < 0 ? default : _rest[(end + 1)..];
            if (Current.Length > 0) return true;
        }

        return false;
    }
}
