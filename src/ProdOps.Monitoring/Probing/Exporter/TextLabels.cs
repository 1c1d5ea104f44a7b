using System.Text;

namespace ProdOps.Monitoring.Probing.Exporter;

/// <summary>The labels of a line, one after the other: <c>name="value"</c> with commas between them, one of which may stand behind the last, up to a brace.</summary>
/// <param name="text">What stands behind the opening brace.</param>
internal ref struct TextLabels(ReadOnlySpan<char> text)
{
    private ReadOnlySpan<char> _rest = text;

    /// <summary>Whether that is none of the format.</summary>
    public bool IsBroken { get; private set; }

    public ReadOnlySpan<char> Name { get; private set; }

    /// <summary>The value as it stands there, escapes and all.</summary>
    public ReadOnlySpan<char> Value { get; private set; }

    /// <summary>What stands behind the closing brace, once there is no other label.</summary>
    public readonly ReadOnlySpan<char> Rest => _rest;

    public bool MoveNext()
    {
        _rest = _rest.TrimStart(" \t");
        if (_rest is ['}', ..])
        {
            _rest = _rest[1..];
            return false;
        }

        int name = TextSample.NameLength(_rest, colons: false);
        Name = _rest[..name];
        var behind = _rest[name..].TrimStart(" \t");
        if (name == 0 || behind is not ['=', ..]) return Break();
        behind = behind[1..].TrimStart(" \t");
        int end = behind is ['"', .. var quoted] ? End(quoted) : -1;
        if (end < 0) return Break();
        Value = behind.Slice(1, end);
        _rest = behind[(end + 2)..].TrimStart(" \t");
        if (_rest is [',', ..]) _rest = _rest[1..];
        else if (_rest is not ['}', ..]) return Break();
        return true;
    }

    /// <summary>A value without its escapes: <c>\\</c>, <c>\"</c> and <c>\n</c>. Any other stays as it is.</summary>
    public static string Decode(ReadOnlySpan<char> value)
    {
        if (value.IndexOf('\\') < 0) return value.ToString();
        var text = new StringBuilder(value.Length);
        for (int i = 0; i < value.Length; i++)
        {
            char next = value[i] == '\\' && i + 1 < value.Length ? value[i + 1] : '\0';
            if (next is '\\' or '"' or 'n')
            {
                text.Append(next == 'n' ? '\n' : next);
                i++;
            }
            else text.Append(value[i]);
        }

        return text.ToString();
    }

    /// <summary>Where the quotation mark is that ends a value; -1 without one.</summary>
    private static int End(ReadOnlySpan<char> text)
    {
        for (int at = 0; at < text.Length; at++)
        {
            at += text[at..].IndexOfAny('"', '\\') is >= 0 and var next ? next : text.Length;
            if (at < text.Length && text[at] == '"') return at;
            // What is behind a backslash ends nothing.
            at++;
        }

        return -1;
    }

    private bool Break()
    {
        IsBroken = true;
        return false;
    }
}
