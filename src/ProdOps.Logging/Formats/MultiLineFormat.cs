using ProdOps.Logging.Matching;

namespace ProdOps.Logging.Formats;

/// <summary>
/// A format whose entries begin where a rule says and not where the format itself would: at each line (<c>None</c>), or at lines in which a regular expression is found.
/// The rule is part of its name, and with it of what is stored, so that whoever reads needs no environment.
/// </summary>
internal sealed class MultiLineFormat : LogFormat
{
    /// <summary>The rule by which the format itself decides.</summary>
    public const string Auto = "Auto";

    private const string None = "None", Separator = " begins ";

    private readonly string _rule;

    // What matches keeps caches of its own: one for each thread.
    private readonly ThreadLocal<LineMatcher>? _begins;

    /// <param name="inner">How lines are read.</param>
    /// <param name="rule">What an entry's first line holds, or <c>None</c>.</param>
    /// <exception cref="ProdOpsException">The rule is no regular expression, or too large a one.</exception>
    public MultiLineFormat(LogFormat inner, string rule)
    {
        Inner = inner;
        _rule = rule;
        if (rule.Equals(None, StringComparison.OrdinalIgnoreCase)) return;
        var matcher = LineMatchers.Create([rule], isRegex: true, caseSensitive: true, not: false);
        _begins = new ThreadLocal<LineMatcher>(matcher.Clone);
    }

    /// <summary>How lines are read.</summary>
    public LogFormat Inner { get; }

    public override string Name => Inner.Name + Separator + _rule;

    /// <summary>A format with a rule; the format itself for none or <c>Auto</c>.</summary>
    /// <exception cref="ProdOpsException">The rule is no regular expression, or too large a one.</exception>
    public static LogFormat Of(LogFormat format, string? rule) => IsRule(rule) ? new MultiLineFormat(format, rule) : format;

    /// <summary>The name of a format with a rule; the format's own, whatever rule it had, for none or <c>Auto</c>.</summary>
    public static string NameOf(string format, string? rule)
    {
        string inner = Split(format).Inner;
        return IsRule(rule) ? inner + Separator + (rule.Equals(None, StringComparison.OrdinalIgnoreCase) ? None : rule) : inner;
    }

    /// <summary>What a name is made of.</summary>
    public static (string Inner, string? Rule) Split(string name) =>
        name.IndexOf(Separator, StringComparison.Ordinal) is var at and > 0 ? (name[..at], name[(at + Separator.Length)..]) : (name, null);

    /// <summary>Whether two names are of the same format and rule.</summary>
    public static bool IsSame(string name, string other)
    {
        var (one, two) = (Split(name), Split(other));
        return one.Inner.Equals(two.Inner, StringComparison.OrdinalIgnoreCase) && one.Rule == two.Rule;
    }

    /// <summary>Refuses what is no rule.</summary>
    /// <exception cref="ProdOpsException">It is no regular expression, or too large a one.</exception>
    public static void Check(string? rule) => _ = Of(LogFormats.Plain, rule);

    public override bool TryReadTime(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time) => Inner.TryReadTime(line, context, out time);

    public override LogLevel? ReadLevel(ReadOnlySpan<byte> line) => Inner.ReadLevel(line);

    public override bool TryReadTime(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time, out LogLevel? level) => Inner.TryReadTime(line, context, out time, out level);

    public override bool TryReadFields(ReadOnlySpan<byte> line, TimeContext context, FieldList fields) => Inner.TryReadFields(line, context, fields);

    public override bool IsContinuation(ReadOnlySpan<byte> line)
    {
        if (_begins is null) return false;
        try
        {
            return !_begins.Value!.IsMatch(LineText.WithoutReturn(line));
        }
        catch (ProdOpsException)
        {
            // An expression that takes for ever on some line: the line stands for itself.
            return false;
        }
    }

    private static bool IsRule([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] string? rule) => rule is { Length: > 0 } && !rule.Equals(Auto, StringComparison.OrdinalIgnoreCase);
}
