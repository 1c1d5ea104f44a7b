using System.Collections.ObjectModel;

namespace ProdOps;

/// <summary>What a format or filter makes of one line.</summary>
public sealed record LogFilterTest
{
    /// <summary>The line, or the several of an entry.</summary>
    public required string Line { get; init; }

    /// <summary>The format: the one that was asked for, or that the line is most likely in.</summary>
    public required string Format { get; init; }

    /// <summary>Whether the line is of the format. If it is not, all of it is the message.</summary>
    public bool IsMatch { get; init; }

    /// <summary>When it was written, or <see langword="null"/> if it does not say.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>How severe it is, or <see langword="null"/> if it does not say.</summary>
    public LogLevel? Level { get; init; }

    /// <summary>What it says.</summary>
    public string Message { get; init; } = "";

    /// <summary>Its fields by name: numbers, addresses, durations, texts.</summary>
    public IReadOnlyDictionary<string, object> Fields { get; init; } = ReadOnlyDictionary<string, object>.Empty;

    /// <summary>Of a pattern that does not match: the beginning of it that does, or <see langword="null"/>.</summary>
    public string? MatchedPattern { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Format}: {(IsMatch ? "match" : "no match")}";
}

/// <summary>How much of a file a format or filter reads.</summary>
public sealed record LogFilterFileTest
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>The format: the one that was asked for, or that was found by the file's first lines.</summary>
    public required string Format { get; init; }

    /// <summary>How many entries it has: lines, with those that go on with the line before counted with it. Empty lines do not count.</summary>
    public long Entries { get; init; }

    /// <summary>How many of them are of the format.</summary>
    public long Matched { get; init; }

    /// <summary>The share of them, 0 to 1; 1 of an empty file.</summary>
    public double Share => Entries == 0 ? 1 : (double)Matched / Entries;

    /// <summary>How many of them say when they were written.</summary>
    public long WithTime { get; init; }

    /// <summary>The earliest time, or <see langword="null"/> if there is none.</summary>
    public DateTimeOffset? FirstTime { get; init; }

    /// <summary>The latest time, or <see langword="null"/> if there is none.</summary>
    public DateTimeOffset? LastTime { get; init; }

    /// <summary>The number of the first line that is not of the format, from 1; <see langword="null"/> if all are.</summary>
    public long? FirstUnmatchedLine { get; init; }

    /// <summary>That line, its first 4096 bytes; <see langword="null"/> if all are of the format.</summary>
    public string? FirstUnmatched { get; init; }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Path}: {Format}, {Matched} of {Entries}");
}
