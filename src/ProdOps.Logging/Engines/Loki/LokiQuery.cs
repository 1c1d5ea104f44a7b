using System.Text.RegularExpressions;
using ProdOps.Logging.Conditions;
using ProdOps.Logging.Matching;
using ProdOps.Logging.Matching.Regular;
using ProdOps.Logging.Searching;

namespace ProdOps.Logging.Engines.Loki;

/// <summary>A query in LogQL, all but its window of time: which streams, what their lines hold, and what they were sent with.</summary>
/// <param name="Streams">The streams.</param>
/// <param name="Lines">The streams and the filters of lines.</param>
/// <param name="Labels">What lines were sent with.</param>
/// <param name="AreLinesExact">Whether the filters of lines find just what is looked for.</param>
internal sealed record LokiQuery(string Streams, string Lines, Certainty<LokiFilter> Labels, bool AreLinesExact)
{
    // Loki refuses queries of more than 128 KiB.
    private const int LongestFilter = 16 * 1024;

    /// <summary>Whether something may be found that is not looked for.</summary>
    public bool IsExact => AreLinesExact && Labels.IsExact;

    public static LokiQuery Of(LogQuery query)
    {
        var test = new LineTest(query);
        var filters = new List<string>();
        bool exact = Patterns(query, filters);
        var required = exact || query.Not || test.Matcher is null ? [] : test.Matcher.Required.Groups;
        var wanted = query.Where is { } where ? ConditionLiterals.Of(where).Groups : [];
        foreach (var group in required.Concat(wanted))
        {
            if (AnyLiteral(group) is { } filter) filters.Add(filter);
        }

        var labels = query.Level is { } least ? LokiConditions.Levels([.. Enum.GetValues<LogLevel>().Where(each => each <= least)], orNone: false) : Certainty<LokiFilter>.Always;
        if (query.Where is { } condition) labels = labels.And(LokiConditions.Of(condition));
        if (query.Streams.Count > 0) labels = labels.And(query.Streams.Aggregate(Certainty<LokiFilter>.Never, static (any, names) => any.Or(Certainty<LokiFilter>.Exactly(Names(names.Servers, names.Sources)))));
        // The mark behind a line may be what an expression finds.
        if (query.IsRegex && query.Patterns.Count > 0) labels = labels.Unless(LokiFilter.Is(LokiLabels.Marked, "").Not());
        string streams = Selector(query);
        return new LokiQuery(streams, $"{streams}{string.Concat(filters.Distinct().Select(static filter => " " + filter))}", labels, exact);
    }

    /// <summary>One source of one server.</summary>
    public static string Of(Collecting.LogStream stream) => $"{{{LokiLabels.Server}={GoText.Quote(stream.Server)}, {LokiLabels.Source}={GoText.Quote(stream.Source)}}}";

    /// <summary>The query with a filter of what lines were sent with.</summary>
    public string With(LokiFilter filter) => filter == LokiFilter.Everything ? Lines : $"{Lines} | {filter}";

    // Loki wants one condition that no empty value fulfils; what is not of a server is not of logs that are collected.
    private static string Selector(LogQuery query)
    {
        string selector = $"{{{LokiLabels.Server}=~\".+\"";
        if (query.Servers.Count > 0) selector = $"{selector}, {LokiLabels.Server}=~{GoText.Quote(Names(query.Servers))}";
        return query.Sources.Count == 0 ? selector + "}" : $"{selector}, {LokiLabels.Source}=~{GoText.Quote(Names(query.Sources))}}}";
    }

    private static LokiFilter Names(IReadOnlyList<string> servers, IReadOnlyList<string> sources)
    {
        var filter = servers.Count == 0 ? LokiFilter.Everything : LokiFilter.Fits(LokiLabels.Server, Names(servers));
        return sources.Count == 0 ? filter : filter.And(LokiFilter.Fits(LokiLabels.Source, Names(sources)));
    }

    private static string Names(IReadOnlyList<string> patterns) => string.Join('|', patterns.Select(static pattern => $"(?:{GoRegex.OfWildcards(pattern, caseSensitive: false)})"));

    /// <summary>Adds the filter for a query's patterns.</summary>
    /// <returns>Whether it finds just what is looked for.</returns>
    private static bool Patterns(LogQuery query, List<string> filters)
    {
        if (query.Patterns.Count == 0) return true;
        if (query.Patterns is [var only] && !query.IsRegex && only.Length > 0 && query.CaseSensitive)
        {
            filters.Add($"{(query.Not ? "!=" : "|=")} {GoText.Quote(only)}");
            return true;
        }

        var texts = new List<string>();
        bool exact = true;
        foreach (string pattern in query.Patterns)
        {
            if (Pattern(pattern, query) is not { } found) return false;
            texts.Add(found.Text);
            exact &= found.IsExact;
        }

        // What is not said exactly lets more through: of what is left out it would leave out too much. The mark behind a line is nothing that a text holds.
        if (query.Not && (!exact || query.IsRegex)) return false;
        string text = texts is [var single] ? single : string.Join('|', texts.Select(static each => $"(?:{each})"));
        if (text.Length > LongestFilter) return false;
        filters.Add($"{(query.Not ? "!~" : "|~")} {GoText.Quote(text)}");
        return exact;
    }

    private static (string Text, bool IsExact)? Pattern(string pattern, LogQuery query)
    {
        if (!query.IsRegex) return TextOf(pattern, query.CaseSensitive) is { } text ? (text, true) : null;
        if (RegexParser.Parse(pattern, !query.CaseSensitive) is not { } node || GoRegex.Of(node, withinLine: true) is not { } regex) return null;
        return (regex.Text, regex.IsExact);
    }

    // An ASCII text in either case Loki looks for without its machine for expressions, if it is written so.
    private static string? TextOf(string text, bool caseSensitive) =>
        !caseSensitive && text.Length > 0 && text.All(static c => c is >= ' ' and < '\x7F') ? $"(?i){Regex.Escape(text)}" : GoRegex.Of(text, caseSensitive)?.Text;

    private static string? AnyLiteral(IReadOnlyList<Literal> literals)
    {
        var texts = literals.Select(static literal => System.Text.Unicode.Utf8.IsValid(literal.Bytes.Span)
            ? GoRegex.Of(System.Text.Encoding.UTF8.GetString(literal.Bytes.Span), caseSensitive: !literal.IgnoreCase)?.Text : null).ToList();
        return texts.Contains(null) || texts.Sum(static text => text!.Length) > LongestFilter ? null : $"|~ {GoText.Quote(string.Join('|', texts))}";
    }
}
