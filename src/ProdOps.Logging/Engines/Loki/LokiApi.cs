using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ProdOps.Logging.Engines.Loki;

/// <summary>The questions that Loki answers. Moments are in nanoseconds since 1970, and spans are from a moment up to, and without, another.</summary>
internal sealed partial class LokiApi(EngineHttp http, IActivity activity)
{
    private const string Api = "/loki/api/v1";

    // An answer in memory; it may hold lines of 256 KiB each.
    private const int LongestAnswer = 64 * 1024 * 1024;

    /// <summary>How many lines Loki gives at once, as far as is known.</summary>
    public int MostLines { get; private set; } = 5000;

    public string Location => http.Location;

    /// <summary>Lines of a span: the earliest or the latest so many, in no order. Fewer than <paramref name="limit"/> are all there are.</summary>
    /// <returns>The lines, and how many could have been given.</returns>
    public async Task<(List<LokiRow> Rows, int Limit)> LinesAsync(string query, long start, long end, int limit, bool backwards, CancellationToken cancellationToken)
    {
        while (true)
        {
            limit = Math.Min(limit, MostLines);
            try
            {
                var answer = await AskAsync("/query_range", [("query", query), ("start", Text(start)), ("end", Text(end)), ("limit", Text(limit)), ("direction", backwards ? "backward" : "forward")], LokiAnswers.Lines, cancellationToken).ConfigureAwait(false);
                if (answer is not null) return (answer, limit);
                if (limit == 1) throw LoggingErrors.EngineMisbehaves(http.Location, $"its answer with a single line is longer than {LongestAnswer / 1024 / 1024} MiB");
                limit = Math.Max(1, limit / 8);
            }
            catch (EngineRefusalException error) when (MostEntries().Match(error.Answer) is { Success: true } match
                && int.TryParse(match.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int most) && most > 0 && most < limit)
            {
                MostLines = most;
            }
        }
    }

    /// <summary>What a metric query counts at one moment.</summary>
    public Task<List<(Dictionary<string, string> Group, long Ticks, long Count)>> NumbersAsync(string query, long time, CancellationToken cancellationToken) =>
        AskNumbersAsync("/query", [("query", query), ("time", Text(time))], cancellationToken);

    /// <summary>What a metric query counts at several moments, some seconds apart.</summary>
    public Task<List<(Dictionary<string, string> Group, long Ticks, long Count)>> NumbersAsync(string query, long first, long last, long seconds, CancellationToken cancellationToken) =>
        AskNumbersAsync("/query_range", [("query", query), ("start", Text(first)), ("end", Text(last)), ("step", Text(seconds))], cancellationToken);

    /// <summary>Whether there are streams with lines in a span. Values of labels Loki names whatever the span, and its statistics leave out what is not flushed yet.</summary>
    public async Task<bool> HasStreamsAsync(string selector, long start, long end, CancellationToken cancellationToken) =>
        await AskAsync("/series", [("match[]", selector), ("start", Text(start)), ("end", Text(end))], static answer => (object)LokiAnswers.HasData(answer), cancellationToken).ConfigureAwait(false) is not false;

    /// <summary>Where lines are handed on as they come.</summary>
    public Uri TailAddress(string query, long start) => new(string.Create(CultureInfo.InvariantCulture,
        $"ws{http.Location.AsSpan("http".Length)}{Api}/tail?query={Uri.EscapeDataString(query)}&start={start}&limit=1&delay_for=0"));

    /// <summary>Whether Loki takes no span of this length.</summary>
    public static bool IsTooLong(EngineRefusalException error) => error.Answer.Contains("time range exceeds the limit", StringComparison.Ordinal);

    /// <summary>Whether Loki counts no so many groups.</summary>
    public static bool HasTooManyGroups(EngineRefusalException error) => error.Answer.Contains("series", StringComparison.Ordinal) && error.Answer.Contains("reached", StringComparison.Ordinal);

    private async Task<List<(Dictionary<string, string> Group, long Ticks, long Count)>> AskNumbersAsync(string path, List<(string Name, string Value)> form, CancellationToken cancellationToken) =>
        await AskAsync(path, form, LokiAnswers.Numbers, cancellationToken).ConfigureAwait(false) ?? throw LoggingErrors.EngineMisbehaves(http.Location, $"its answer is longer than {LongestAnswer / 1024 / 1024} MiB");

    /// <summary>Asks, and reads the answer; <see langword="null"/> if that is too long.</summary>
    private async Task<T?> AskAsync<T>(string path, List<(string Name, string Value)> form, Func<ReadOnlyMemory<byte>, T> read, CancellationToken cancellationToken)
        where T : class
    {
        activity.Verbose($"Asking {http.Location}: {string.Join(' ', form.Select(static pair => $"{pair.Name}={pair.Value}"))}");
        var answer = await http.RunAsync("search", token =>
        {
            var request = new HttpRequestMessage(HttpMethod.Post, http.Location + Api + path) { Content = new FormUrlEncodedContent(form.Select(static pair => KeyValuePair.Create(pair.Name, pair.Value))) };
            return http.AskAsync(request, static (body, watch) => LokiAnswers.ReadAllAsync(body, watch, LongestAnswer), token);
        }, cancellationToken).ConfigureAwait(false);
        if (answer is not { } whole) return null;
        try
        {
            return read(whole);
        }
        catch (FormatException)
        {
            throw LoggingErrors.EngineMisbehaves(http.Location, $"its answer is '{EngineText.Clean(Encoding.UTF8.GetString(whole.Span[..Math.Min(whole.Length, 2000)]))}'");
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"limit > max_entries_limit(?:_per_query)? \([0-9]{1,9} > ([0-9]{1,9})\)", RegexOptions.CultureInvariant)]
    private static partial Regex MostEntries();
}
