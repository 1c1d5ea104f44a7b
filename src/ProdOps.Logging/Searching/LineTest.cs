using ProdOps.Logging.Conditions;
using ProdOps.Logging.Formats;
using ProdOps.Logging.Matching;

namespace ProdOps.Logging.Searching;

/// <summary>A query's conditions on single entries, compiled; for one thread.</summary>
internal sealed class LineTest
{
    private readonly LogQuery _query;
    private readonly ConditionTest? _condition;

    public LineTest(LogQuery query)
    {
        _query = query;
        // "Not" is applied here: what belongs to one entry is tested as one.
        Matcher = query.Patterns.Count == 0 ? null : LineMatchers.Create(query.Patterns, query.IsRegex, query.CaseSensitive, not: false);
        _condition = query.Where is null ? null : new ConditionTest(query.Where);
        Required = RequiredOf(query, Matcher);
    }

    private LineTest(LineTest other)
    {
        _query = other._query;
        Matcher = other.Matcher?.Clone();
        _condition = other._condition?.Clone();
        Required = other.Required;
    }

    /// <summary>Finds lines that hold a pattern; <see langword="null"/> without patterns.</summary>
    public LineMatcher? Matcher { get; }

    /// <summary>Whether the lines that are wanted are those that do not hold it.</summary>
    public bool IsNegated => _query.Not && Matcher is not null;

    /// <summary>Whether more than the patterns is asked of an entry.</summary>
    public bool LooksInside => _query.Level is not null || _condition is not null;

    /// <summary>Whether that takes the entry's time.</summary>
    public bool AsksForTime => _condition?.AsksForTime ?? false;

    /// <summary>What a line that matches holds.</summary>
    public RequiredLiterals Required { get; }

    public LineTest Clone() => new(this);

    /// <summary>Whether the condition needs no field of a line to be false for a stream.</summary>
    public bool MayMatchStream(string server, string source) => _condition?.MayMatchStream(server, source) ?? true;

    /// <summary>Whether an entry has what is asked for beside the patterns.</summary>
    public bool IsMatch(ReadOnlySpan<byte> entry, in EntryFacts facts)
    {
        if (_query.Level is { } level)
        {
            int end = entry.IndexOf((byte)'\n');
            if (facts.Format.ReadLevel(end < 0 ? entry : entry[..end]) is not { } own || own > level) return false;
        }

        return _condition is null || _condition.IsMatch(entry, facts);
    }

    private static RequiredLiterals RequiredOf(LogQuery query, LineMatcher? matcher)
    {
        var groups = new List<IReadOnlyList<Literal>>();
        if (matcher is not null && !query.Not) groups.AddRange(matcher.Required.Groups);
        if (query.Where is { } condition) groups.AddRange(ConditionLiterals.Of(condition).Groups);
        return groups.Count == 0 ? RequiredLiterals.None : new RequiredLiterals(groups);
    }
}

/// <summary>What is known of an entry beside its bytes.</summary>
/// <param name="Server">Its server.</param>
/// <param name="Source">Its source.</param>
/// <param name="Format">How it is read.</param>
/// <param name="Context">What completes its time.</param>
/// <param name="Time">Its time, in UTC ticks.</param>
internal readonly record struct EntryFacts(string Server, string Source, LogFormat Format, TimeContext Context, long Time)
{
    /// <summary>Where it stands in the content of its file, for visitors.</summary>
    public long Offset { get; init; }
}
