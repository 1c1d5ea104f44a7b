using System.Globalization;
using System.Text.RegularExpressions;

namespace ProdOps.Logging.Engines.Loki;

/// <summary>Why Loki did not take some lines of a push, read from its answer. The others it has taken.</summary>
internal sealed partial record LokiRefusal
{
    /// <summary>Lines from before this moment are too old to be taken at all.</summary>
    public DateTimeOffset? Oldest { get; init; }

    /// <summary>Lines from before this moment are too far behind others of their stream.</summary>
    public DateTimeOffset? OldestOfStream { get; init; }

    /// <summary>How many are too far behind.</summary>
    public int Ignored { get; init; }

    /// <summary>Of how many.</summary>
    public int Total { get; init; }

    /// <summary>The length in bytes that no line may exceed.</summary>
    public int? LongestLine { get; init; }

    /// <summary>Whether some lines are from the future.</summary>
    public bool IsTooNew { get; init; }

    /// <summary>Reads an answer of status 400.</summary>
    /// <returns><see langword="null"/> if it says something else.</returns>
    public static LokiRefusal? Read(string answer)
    {
        var old = TooOld().Match(answer);
        var behind = TooFarBehind().Match(answer);
        var size = TooLong().Match(answer);
        var count = Counts().Match(answer);
        var result = new LokiRefusal
        {
            Oldest = Time(old),
            OldestOfStream = Time(behind),
            Ignored = Number(count, "ignored") ?? 0,
            Total = Number(count, "total") ?? 0,
            LongestLine = Number(size, "size"),
            IsTooNew = answer.Contains("has timestamp too new", StringComparison.Ordinal),
        };
        return result.Oldest is null && result.OldestOfStream is null && result.LongestLine is null && !result.IsTooNew ? null : result;
    }

    private static DateTimeOffset? Time(Match match) =>
        match.Success && DateTimeOffset.TryParse(match.Groups["time"].Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private static int? Number(Match match, string name) => match.Success && int.TryParse(match.Groups[name].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    [GeneratedRegex(@"has timestamp too old: \S{1,64} oldest acceptable timestamp is: (?<time>[0-9T:Z+\-]{1,40})", RegexOptions.CultureInvariant)]
    private static partial Regex TooOld();

    [GeneratedRegex(@"too far behind, entry timestamp is: \S{1,64} oldest acceptable timestamp is: (?<time>[0-9T:Z+\-]{1,40})", RegexOptions.CultureInvariant)]
    private static partial Regex TooFarBehind();

    [GeneratedRegex(@"total ignored: (?<ignored>[0-9]{1,9}) out of (?<total>[0-9]{1,9}) for stream", RegexOptions.CultureInvariant)]
    private static partial Regex Counts();

    [GeneratedRegex(@"Max entry size '?(?<size>[0-9]{1,9})'? bytes exceeded", RegexOptions.CultureInvariant)]
    private static partial Regex TooLong();
}
