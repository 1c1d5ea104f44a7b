using ProdOps.Logging.Conditions;
using ProdOps.Servers.Inventory;

namespace ProdOps.Logging.Searching;

/// <summary>What is looked for. It says nothing about where: the store, files and engines elsewhere all take it.</summary>
internal sealed record LogQuery
{
    /// <summary>What a line must hold: any one of these. None: every line.</summary>
    public IReadOnlyList<string> Patterns { get; init; } = [];

    /// <summary>Whether the patterns are regular expressions.</summary>
    public bool IsRegex { get; init; }

    public bool CaseSensitive { get; init; }

    /// <summary>Only lines that hold none of the patterns.</summary>
    public bool Not { get; init; }

    /// <summary>Only entries as severe as this or worse; those that do not say are left out.</summary>
    public LogLevel? Level { get; init; }

    /// <summary>Names or wildcards; none: all.</summary>
    public IReadOnlyList<string> Servers { get; init; } = [];

    /// <summary>Names or wildcards; none: all.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>Only of these: one of the servers of a member, and one of the sources of the same. None: as <see cref="Servers"/> and <see cref="Sources"/> say.</summary>
    public IReadOnlyList<StreamNames> Streams { get; init; } = [];

    /// <summary>Only entries of this moment or later.</summary>
    public DateTimeOffset? After { get; init; }

    /// <summary>Only entries before this moment.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>Only the earliest so many.</summary>
    public int? First { get; init; }

    /// <summary>Only the latest so many; still in the order of time.</summary>
    public int? Newest { get; init; }

    /// <summary>How many entries of the same source to show around each one found.</summary>
    public int ContextBefore { get; init; }

    /// <inheritdoc cref="ContextBefore"/>
    public int ContextAfter { get; init; }

    /// <summary>A condition on fields.</summary>
    public LogCondition? Where { get; init; }

    /// <summary>Order, and cut by time, by the servers' times less what their clocks were ahead.</summary>
    public bool CorrectClock { get; init; }

    /// <summary>Whether a time window or its lack lets a moment (UTC ticks) through.</summary>
    public bool Covers(long ticks) => ticks >= (After?.UtcTicks ?? long.MinValue) && ticks < (Before?.UtcTicks ?? long.MaxValue);

    public bool HasContext => ContextBefore > 0 || ContextAfter > 0;

    public LogQuery WithoutContext() => this with { ContextBefore = 0, ContextAfter = 0 };

    /// <summary>Whether lines of a source of a server are looked for.</summary>
    public bool Wants(string server, string source) => Fits(Servers, server) && Fits(Sources, source)
        && (Streams.Count == 0 || Streams.Any(names => Fits(names.Servers, server) && Fits(names.Sources, source)));

    private static bool Fits(IReadOnlyList<string> patterns, string name) => patterns.Count == 0 || patterns.Any(pattern => NamePattern.IsMatch(pattern, name));
}

/// <summary>Servers and sources that belong together, by names or wildcards; none: all.</summary>
internal sealed record StreamNames(IReadOnlyList<string> Servers, IReadOnlyList<string> Sources);
