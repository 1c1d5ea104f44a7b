using System.Text;
using System.Text.RegularExpressions;
using ProdOps.Logging.Formats;

namespace ProdOps.Logging.Grok;

/// <summary>A field of a compiled pattern.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Group">The number of the group that captures it.</param>
/// <param name="Kind">What its value is.</param>
internal readonly record struct GrokField(string Name, int Group, FieldKind Kind);

/// <summary>
/// Makes one regular expression of a pattern in the language of grok: <c>%{NAME}</c>, <c>%{NAME:field}</c>, <c>%{NAME:field:int}</c>, named groups <c>(?&lt;field&gt;…)</c>, and
/// anything else that .NET's regular expressions have. Without a type, a field of a pattern for numbers is a number, one of a pattern for addresses an address.
/// </summary>
internal sealed class GrokCompiler
{
    private const int DeepestPattern = 32;
    private const int LongestExpression = 64 * 1024;

    private readonly string _filter;
    private readonly IReadOnlyDictionary<string, string> _own;
    private readonly StringBuilder _expression = new();
    private readonly List<(string Name, FieldKind Kind)> _fields = [];
    private readonly List<string> _open = [];

    // Where pieces of the expression come from in the pattern, for telling the position of an error.
    private readonly List<(int Expression, int Pattern)> _origins = [];

    private GrokCompiler(string filter, IReadOnlyDictionary<string, string> own)
    {
        _filter = filter;
        _own = own;
    }

    /// <summary>Compiles a pattern.</summary>
    /// <param name="filter">The filter's name, for errors.</param>
    /// <param name="pattern">The pattern.</param>
    /// <param name="own">Patterns of the user's by name; they come before the standard ones.</param>
    /// <exception cref="ProdOpsException">The pattern cannot be used: errors <c>GrokPattern…</c>.</exception>
    public static (GrokMatcher Matcher, GrokField[] Fields) Compile(string filter, string pattern, IReadOnlyDictionary<string, string> own)
    {
        var compiler = new GrokCompiler(filter, own);
        compiler.Expand(pattern, 0);
        return compiler.Build();
    }

    private (GrokMatcher Matcher, GrokField[] Fields) Build()
    {
        try
        {
            var matcher = new GrokMatcher(_expression.ToString());
            return (matcher, [.. _fields.Select((field, index) => new GrokField(field.Name, matcher.GroupNumber(GroupName(index)), field.Kind))]);
        }
        catch (RegexParseException exception)
        {
            throw LoggingErrors.GrokPatternInvalid(_filter, Origin(exception.Offset), exception.Error.ToString(), exception);
        }
        catch (Exception exception) when (exception is ArgumentException or InsufficientExecutionStackException or OutOfMemoryException)
        {
            throw LoggingErrors.GrokPatternInvalid(_filter, 0, exception.GetType().Name, exception);
        }
    }

    /// <summary>Copies a pattern, with what it names in place of the names.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="origin">Where in the user's pattern it is named; of the user's pattern itself 0.</param>
    private void Expand(string pattern, int origin)
    {
        bool isTop = _open.Count == 0;
        int at = 0;
        while (at < pattern.Length)
        {
            int position = isTop ? at : origin;
            _origins.Add((_expression.Length, position));
            if (_expression.Length > LongestExpression) throw LoggingErrors.GrokPatternTooLarge(_filter, position, LongestExpression);
            if (pattern[at] == '\\')
            {
                CopyEscape(pattern, ref at);
            }
            else if (pattern[at] == '[')
            {
                CopyClass(pattern, ref at);
            }
            else if (pattern.AsSpan(at).StartsWith("%{"))
            {
                at = ExpandName(pattern, at, position);
            }
            else if (GroupNameStart(pattern, at) is > 0 and int name)
            {
                at = OpenGroup(pattern, at, name, position);
            }
            else
            {
                _expression.Append(pattern[at++]);
            }
        }
    }

    private int ExpandName(string pattern, int at, int position)
    {
        int close = pattern.IndexOf('}', at);
        if (close < 0) throw LoggingErrors.GrokPatternInvalid(_filter, position, "'%{' without '}'", null);
        string[] parts = pattern[(at + 2)..close].Split(':');
        string name = parts[0];
        string? field = parts.Length > 1 ? FieldName(parts[1]) : null;
        if (parts.Length > 3 || name.Length == 0 || field?.Length == 0) throw LoggingErrors.GrokPatternInvalid(_filter, position, $"'{pattern[at..(close + 1)]}' is not %{{NAME}}, %{{NAME:field}} or %{{NAME:field:int}}", null);
        if (!_own.TryGetValue(name, out string? text) && !GrokPatterns.Standard.TryGetValue(name, out text))
        {
            throw LoggingErrors.GrokPatternUnknown(_filter, position, name, _own.Keys.Concat(GrokPatterns.Standard.Keys));
        }

        if (_open.Contains(name)) throw LoggingErrors.GrokPatternRecursive(_filter, position, name);
        if (_open.Count == DeepestPattern) throw LoggingErrors.GrokPatternTooLarge(_filter, position, LongestExpression);
        if (field is null) _expression.Append("(?:");
        else Capture(field, parts.Length == 3 ? KindOfType(parts[2], position) : KindOfPattern(name));
        _open.Add(name);
        Expand(text, position);
        _open.RemoveAt(_open.Count - 1);
        _expression.Append(')');
        return close + 1;
    }

    /// <summary>A named group gets a number for a name: fields may be called what groups may not.</summary>
    private int OpenGroup(string pattern, int at, int name, int position)
    {
        int close = pattern.IndexOf(pattern[name - 1] == '\'' ? '\'' : '>', name);
        if (close <= name) throw LoggingErrors.GrokPatternInvalid(_filter, position, "a group without a name", null);
        Capture(FieldName(pattern[name..close]), FieldKind.Text);
        return close + 1;
    }

    private void Capture(string field, FieldKind kind)
    {
        _expression.Append("(?<").Append(GroupName(_fields.Count)).Append('>');
        _fields.Add((field, kind));
    }

    /// <summary>Where the name of a group begins that opens here, or 0: <c>(?&lt;name&gt;</c>, <c>(?P&lt;name&gt;</c>, <c>(?'name'</c>.</summary>
    private static int GroupNameStart(string pattern, int at)
    {
        var rest = pattern.AsSpan(at);
        if (rest.StartsWith("(?P<")) return at + 4;
        if (rest.StartsWith("(?'")) return at + 3;
        return rest.StartsWith("(?<") && rest.Length > 3 && rest[3] is not ('=' or '!') ? at + 3 : 0;
    }

    private void CopyEscape(string pattern, ref int at)
    {
        int length = Math.Min(2, pattern.Length - at);
        // A hexadecimal digit, in the regular expressions that grok was made for.
        if (length == 2 && pattern[at + 1] == 'h') _expression.Append("[0-9A-Fa-f]");
        else _expression.Append(pattern, at, length);
        at += length;
    }

    /// <summary>A class of characters, in which <c>[:alpha:]</c> is one of POSIX: .NET would take it for letters and colons.</summary>
    private void CopyClass(string pattern, ref int at)
    {
        int start = at;
        _expression.Append(pattern[at++]);
        if (at < pattern.Length && pattern[at] == '^') _expression.Append(pattern[at++]);
        if (at < pattern.Length && pattern[at] == ']') _expression.Append(pattern[at++]);
        while (at < pattern.Length && pattern[at] != ']')
        {
            if (pattern[at] == '[' && at + 1 < pattern.Length && pattern[at + 1] == ':' && pattern.IndexOf(":]", Math.Min(at + 2, pattern.Length), StringComparison.Ordinal) is > 0 and int end && Posix(pattern[(at + 2)..end]) is { } set)
            {
                _expression.Append(set);
                at = end + 2;
                continue;
            }

            int length = pattern[at] == '\\' ? Math.Min(2, pattern.Length - at) : 1;
            _expression.Append(pattern, at, length);
            at += length;
        }

        if (at < pattern.Length) _expression.Append(pattern[at++]);
        else if (_open.Count == 0) throw LoggingErrors.GrokPatternInvalid(_filter, start, "'[' without ']'", null);
    }

    private static string? Posix(string name) => name switch
    {
        "alpha" => "a-zA-Z",
        "digit" => "0-9",
        "alnum" => "a-zA-Z0-9",
        "upper" => "A-Z",
        "lower" => "a-z",
        "space" => @"\s",
        "blank" => @" \t",
        "xdigit" => "0-9A-Fa-f",
        "word" => @"\w",
        "punct" => @"!-/:-@\[-`{-~",
        "print" => " -~",
        "graph" => "!-~",
        "cntrl" => @"\x00-\x1f\x7f",
        _ => null,
    };

    /// <summary><c>[http][status]</c> of Logstash is <c>http.status</c>.</summary>
    private static string FieldName(string text) => text.StartsWith('[') && text.EndsWith(']') ? text[1..^1].Replace("][", ".", StringComparison.Ordinal) : text;

    private FieldKind KindOfType(string type, int position) => type switch
    {
        "int" or "long" or "integer" or "float" or "double" => FieldKind.Number,
        "string" => FieldKind.Text,
        _ => throw LoggingErrors.GrokTypeUnknown(_filter, position, type),
    };

    private static FieldKind KindOfPattern(string name) => name switch
    {
        "NUMBER" or "BASE10NUM" or "INT" or "POSINT" or "NONNEGINT" => FieldKind.Number,
        "IP" or "IPV4" or "IPV6" or "IPORHOST" => FieldKind.Address,
        _ => FieldKind.Text,
    };

    private static string GroupName(int index) => FormattableString.Invariant($"f{index}");

    private int Origin(int offset)
    {
        int index = _origins.FindLastIndex(origin => origin.Expression <= offset);
        return index < 0 ? 0 : _origins[index].Pattern;
    }
}
