using System.Text.Json;
using ProdOps.Monitoring.Engines;
using ProdOps.Monitoring.Notifications;
using ProdOps.Monitoring.States;

namespace ProdOps.Monitoring.Silences;

/// <summary>Reads what Alertmanager's API v2 answers for its silences (github.com/prometheus/alertmanager, api/v2/openapi.yaml). Its content is not trusted.</summary>
internal static class SilenceReader
{
    private const int MostSilences = 10_000, MostMatchers = 64, LongestText = 500, LongestValue = 4096;

    /// <param name="location">The Alertmanager, for messages.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="environment">Our environment's name: a silence for another one means nothing of ours.</param>
    /// <param name="odd">Told of silences that cannot be told apart from others here: whose expressions are none.</param>
    /// <returns>Those that are not over.</returns>
    /// <exception cref="ProdOpsException">It is no such answer.</exception>
    public static IReadOnlyList<Downtime> Read(string location, EngineAnswer answer, string environment, Action<string> odd)
    {
        try
        {
            using var document = JsonDocument.Parse(answer.Body, new JsonDocumentOptions { MaxDepth = 16 });
            var silences = new Dictionary<string, Downtime>(StringComparer.Ordinal);
            foreach (var one in document.RootElement.EnumerateArray())
            {
                if (one.GetProperty("status").GetProperty("state").GetString() is not ("active" or "pending")) continue;
                if (silences.Count >= MostSilences) throw new FormatException("There are too many silences.");
                if (Silence(location, one, environment, odd) is { } silence) silences[silence.Silence!] = silence;
            }

            return [.. silences.Values];
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw MonitoringErrors.EngineMisbehaves(location, "what it says of its silences is not what Alertmanager's API says", error);
        }
    }

    private static Downtime? Silence(string location, JsonElement one, string environment, Action<string> odd)
    {
        string id = PlainLine.Of(one.GetProperty("id").GetString(), LongestText);
        var from = one.GetProperty("startsAt").GetDateTimeOffset();
        var until = one.GetProperty("endsAt").GetDateTimeOffset();
        var matchers = one.GetProperty("matchers").EnumerateArray().Select(Matcher).Take(MostMatchers + 1).ToList();
        if (id.Length == 0 || until <= from || matchers.Count > MostMatchers) throw new FormatException("A silence is none.");
        if (matchers.Find(static matcher => !matcher.IsValid || matcher.Value.Length > LongestValue) is { } bad)
        {
            odd($"The silence {id} of {location} is not honoured: {PlainLine.Of(bad.ToString(), LongestText)} cannot be told here.");
            return null;
        }

        if (matchers.Exists(matcher => matcher.Name == SilenceLabels.Environment && !matcher.Matches(environment))) return null;
        matchers.RemoveAll(static matcher => matcher.Name == SilenceLabels.Environment);
        return new Downtime
        {
            // For those who read it; what it covers, its matchers say.
            Server = Named(matchers, SilenceLabels.Server) ?? "*",
            Rule = Named(matchers, SilenceLabels.Check) ?? (Named(matchers, SilenceLabels.AlertName) is { } name and not SilenceLabels.OwnAlert ? name : null),
            From = from,
            Until = until,
            Reason = Text(one, "comment"),
            By = Text(one, "createdBy"),
            Matchers = matchers,
            Silence = id,
            Source = location,
        };
    }

    private static LabelMatcher Matcher(JsonElement one) => new(
        one.GetProperty("name").GetString() ?? "", one.GetProperty("value").GetString() ?? "", one.GetProperty("isRegex").GetBoolean(),
        // Older ones do not say it.
        !one.TryGetProperty("isEqual", out var isEqual) || isEqual.GetBoolean());

    private static string? Named(List<LabelMatcher> matchers, string label) => matchers.Find(matcher => matcher is { IsRegex: false, IsEqual: true } && matcher.Name == label)?.Value is { Length: > 0 } value ? PlainLine.Of(value, LongestText) : null;

    private static string Text(JsonElement one, string name) => one.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? PlainLine.Of(text.GetString(), LongestText) : "";
}
