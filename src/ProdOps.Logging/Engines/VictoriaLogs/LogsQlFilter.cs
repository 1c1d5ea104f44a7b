using ProdOps.Logging.Conditions;
using ProdOps.Logging.Matching;
using ProdOps.Logging.Matching.Regular;
using ProdOps.Logging.Searching;

namespace ProdOps.Logging.Engines.VictoriaLogs;

/// <summary>Says a query in LogsQL.</summary>
internal static class LogsQlFilter
{
    private const string Message = "_msg";

    /// <summary>All of a query's conditions but its window of time.</summary>
    public static Certainty<LogsQl> Of(LogQuery query)
    {
        var test = new LineTest(query);
        var result = Patterns(query, test.Matcher).And(Level(query.Level));
        if (query.Where is { } condition)
        {
            result = result.And(LogsQlConditions.Of(condition));
            // What any line that fulfils it holds.
            foreach (var group in ConditionLiterals.Of(condition).Groups) result = result.Within(AnyLiteral(group));
        }

        return result.And(Stream(query));
    }

    /// <summary>The window of time as a filter, or all times.</summary>
    public static LogsQl Window(long? from, long? to) => (from, to) switch
    {
        (null, null) => LogsQl.Everything,
        ({ } first, null) => $"_time:>={LogsQlText.Time(first)}",
        (null, { } end) => $"_time:<{LogsQlText.Time(end)}",
        ({ } first, { } end) => $"_time:[{LogsQlText.Time(first)},{LogsQlText.Time(end)})",
    };

    /// <summary>One source of one server.</summary>
    public static string Stream(Collecting.LogStream stream) => $"({LogsQlFields.Server}:={LogsQlText.Quote(stream.Server)} and {LogsQlFields.Source}:={LogsQlText.Quote(stream.Source)})";

    private static Certainty<LogsQl> Stream(LogQuery query)
    {
        var result = Stream(query.Servers, query.Sources);
        if (query.Streams.Count == 0) return result;
        var any = Certainty<LogsQl>.Never;
        foreach (var names in query.Streams) any = any.Or(Stream(names.Servers, names.Sources));
        return result.And(any);
    }

    private static Certainty<LogsQl> Stream(IReadOnlyList<string> servers, IReadOnlyList<string> sources)
    {
        var result = Certainty<LogsQl>.Always;
        if (servers.Count > 0) result = result.And(Certainty<LogsQl>.Exactly(Names(LogsQlFields.Server, servers)));
        return sources.Count > 0 ? result.And(Certainty<LogsQl>.Exactly(Names(LogsQlFields.Source, sources))) : result;
    }

    // Not a filter of streams: the engine may remember for long that it knew none, if it is asked in the second in which they come. All lines of a block have the same, so this costs little more.
    private static string Names(string label, IReadOnlyList<string> patterns) =>
        $"{label}:~{LogsQlText.Quote(string.Join('|', patterns.Select(pattern => $"(?:{GoRegex.OfWildcards(pattern, caseSensitive: false)})")))}";

    private static Certainty<LogsQl> Level(LogLevel? level)
    {
        if (level is not { } least) return Certainty<LogsQl>.Always;
        return Certainty<LogsQl>.Exactly(LogsQlConditions.Levels(Enum.GetValues<LogLevel>().Where(each => each <= least))).Unless(LogsQlFields.Foreign);
    }

    private static Certainty<LogsQl> Patterns(LogQuery query, LineMatcher? matcher)
    {
        if (matcher is null) return Certainty<LogsQl>.Always;
        var any = Certainty<LogsQl>.Never;
        foreach (string pattern in query.Patterns) any = any.Or(Pattern(pattern, query));
        // What the matcher knows of any line that matches helps where an expression cannot be said.
        if (!any.IsExact)
        {
            foreach (var group in matcher.Required.Groups) any = any.Within(AnyLiteral(group));
        }

        return query.Not ? any.Not() : any;
    }

    private static Certainty<LogsQl> Pattern(string pattern, LogQuery query)
    {
        if (pattern.Length == 0) return Certainty<LogsQl>.Always;
        var node = query.IsRegex ? RegexParser.Parse(pattern, !query.CaseSensitive) : RegexParser.OfText(pattern, !query.CaseSensitive);
        if (node is null || GoRegex.Of(node, withinLine: true) is not { } regex) return Certainty<LogsQl>.Unknown;
        string filter = $"{Message}:~{LogsQlText.Quote(regex.Text)}";
        return regex.IsExact ? Certainty<LogsQl>.Exactly(filter) : Certainty<LogsQl>.Perhaps(filter);
    }

    private static string AnyLiteral(IReadOnlyList<Literal> literals)
    {
        var texts = literals.Select(literal => System.Text.Unicode.Utf8.IsValid(literal.Bytes.Span)
            ? GoRegex.Of(System.Text.Encoding.UTF8.GetString(literal.Bytes.Span), caseSensitive: !literal.IgnoreCase)?.Text : null).ToList();
        return texts.Contains(null) ? "*" : $"{Message}:~{LogsQlText.Quote(string.Join('|', texts))}";
    }
}
