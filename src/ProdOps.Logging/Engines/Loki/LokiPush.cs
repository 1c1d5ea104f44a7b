using System.Globalization;
using System.Net;

namespace ProdOps.Logging.Engines.Loki;

/// <summary>
/// Sends lines to Loki (<c>/loki/api/v1/push</c>). It may take a part of what is sent and refuse the rest: what is too far behind its stream goes to a stream of its hour, what is too long is cut,
/// and what is older than Loki takes at all is told about. What is sent again because an answer was lost has the same nanoseconds as before, and Loki drops it.
/// </summary>
internal sealed class LokiPush(EngineHttp http, IActivity activity) : IEnginePush
{
    private const string MediaType = "application/json", Path = "/loki/api/v1/push";

    // Loki's own limits of a line and, in all it has, of a stream's burst; its senders send some 1 MB at once.
    private const int LongestLine = 256 * 1024, LongestBody = 1000 * 1000, Surroundings = 160;

    // Refusals may follow one another: too far behind, then too long for the stream of its hour.
    private const int MostRefusals = 8;

    private int _longestLine = LongestLine;

    public async Task<string?> PushAsync(CutBatch batch, string? note, CancellationToken cancellationToken)
    {
        var equal = new EqualLines(note);
        var lines = LokiLine.Make(batch, equal, _longestLine - 64, out int cut);
        for (int start = 0; start < lines.Count;)
        {
            int end = start, length = 0;
            while (end < lines.Count && (end == start || length + lines[end].Text.Length <= LongestBody)) length += lines[end++].Text.Length + Surroundings;
            // In the order of time: a line is refused if it is too far behind any before it.
            await SendAsync(batch, lines[start..end].OrderBy(static line => line.Nanoseconds).ToList(), late: null, MostRefusals, cancellationToken).ConfigureAwait(false);
            start = end;
        }

        if (cut > 0) WarnOfCut(batch, cut);
        return equal.Note();
    }

    private async Task SendAsync(CutBatch batch, List<LokiLine> lines, string? late, int refusals, CancellationToken cancellationToken)
    {
        try
        {
            await http.RunAsync("send lines", async token =>
            {
                using var body = new PushBody();
                Write(body, batch, lines, late);
                var request = new HttpRequestMessage(HttpMethod.Post, http.Location + Path) { Content = body.ToContent(MediaType) };
                return await http.AskAsync(request, static (_, _) => Task.FromResult(true), token).ConfigureAwait(false);
            }, cancellationToken).ConfigureAwait(false);
        }
        catch (EngineRefusalException error) when (error.Status == HttpStatusCode.BadRequest && refusals > 0 && LokiRefusal.Read(error.Answer) is { } refusal)
        {
            // What is from the future may be taken when its time has come.
            if (refusal.IsTooNew || (refusal.OldestOfStream is not null && late is not null)) throw;
            await MendAsync(batch, lines, late, refusal, refusals - 1, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sends what was refused in a way that it may be taken, and tells what cannot be.</summary>
    private async Task MendAsync(CutBatch batch, List<LokiLine> lines, string? late, LokiRefusal refusal, int refusals, CancellationToken cancellationToken)
    {
        if (refusal.Oldest is { } oldest)
        {
            // Moments are told without parts of a second.
            int old = lines.FindIndex(line => line.Nanoseconds >= LokiLine.NanosecondsOf(oldest.UtcTicks + TimeSpan.TicksPerSecond)) is >= 0 and var first ? first : lines.Count;
            activity.Warning(string.Create(CultureInfo.InvariantCulture,
                $"{old} lines of {batch.Stream} are older than Loki takes ({oldest.UtcDateTime:u}) and are not kept. Its limits reject_old_samples and reject_old_samples_max_age say how old lines may be."));
            lines = lines[old..];
        }

        if (refusal.LongestLine is { } longest)
        {
            var tooLong = lines.Where(line => line.Text.Length > longest).ToList();
            _longestLine = Math.Min(_longestLine, Math.Max(longest, 1024));
            if (longest < 1024 || tooLong.Count == 0) throw LoggingErrors.EngineRefused(http.Location, $"it takes no lines of more than {longest} bytes", HttpStatusCode.BadRequest, "");
            lines = lines.Except(tooLong).ToList();
            await SendAsync(batch, tooLong.ConvertAll(line => line with { Text = LokiLine.Cut(line.Text.Span, longest - 64), IsMarked = false }), late, refusals, cancellationToken).ConfigureAwait(false);
            WarnOfCut(batch, tooLong.Count);
        }

        if (refusal.OldestOfStream is not { } behind) return;
        // In the order of time those are the first. Where it does not count what was sent, it counts a part of it, and may have refused others for other reasons.
        bool isWhole = refusal.Total == lines.Count && refusal.Ignored <= lines.Count;
        int count = isWhole ? refusal.Ignored : lines.TakeWhile(line => line.Nanoseconds < LokiLine.NanosecondsOf(behind.UtcTicks + TimeSpan.TicksPerSecond)).Count();
        activity.Verbose(string.Create(CultureInfo.InvariantCulture, $"{count} lines of {batch.Stream} come too late for their stream in Loki: they go to streams of their hours."));
        foreach (var hour in lines.Take(count).GroupBy(static line => HourOf(line.Nanoseconds)))
            await SendAsync(batch, [.. hour], hour.Key, refusals, cancellationToken).ConfigureAwait(false);
        if (!isWhole && count < lines.Count) await SendAsync(batch, lines[count..], late, count == 0 ? 0 : refusals, cancellationToken).ConfigureAwait(false);
    }

    private void WarnOfCut(CutBatch batch, int cut) =>
        activity.Warning(string.Create(CultureInfo.InvariantCulture, $"{cut} lines of {batch.Stream} are longer than Loki takes ({_longestLine / 1024} KiB) and were sent without their end."));

    private static string HourOf(long nanoseconds) => new DateTime(LokiLine.TicksOf(nanoseconds), DateTimeKind.Utc).ToString("yyyy-MM-dd'T'HH", CultureInfo.InvariantCulture);

    private static void Write(PushBody body, CutBatch batch, List<LokiLine> lines, string? late)
    {
        var json = body.Json;
        json.WriteStartObject();
        json.WriteStartArray("streams"u8);
        json.WriteStartObject();
        json.WriteStartObject("stream"u8);
        json.WriteString(LokiLabels.Server, batch.Stream.Server);
        json.WriteString(LokiLabels.Source, batch.Stream.Source);
        json.WriteString(LokiLabels.Service, batch.Stream.Source);
        if (late is not null) json.WriteString(LokiLabels.Late, late);
        json.WriteEndObject();
        json.WriteStartArray("values"u8);
        foreach (var line in lines)
        {
            json.WriteStartArray();
            json.WriteStringValue(line.Nanoseconds.ToString(CultureInfo.InvariantCulture));
            json.WriteStringValue(line.Text.Span);
            json.WriteStartObject();
            json.WriteString(LokiLabels.Format, batch.Format.Name);
            json.WriteString(LokiLabels.Received, line.Place.Received.ToString(CultureInfo.InvariantCulture));
            if (batch.Context.Zone.Id != "UTC") json.WriteString(LokiLabels.Zone, batch.Context.Zone.Id);
            if (batch.Format.ReadLevel(batch.FirstLineOf(line.Place)) is { } level) json.WriteString(LokiLabels.Level, level.ToString().ToLowerInvariant());
            if (line.IsMarked) json.WriteString(LokiLabels.Marked, "1");
            json.WriteEndObject();
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
