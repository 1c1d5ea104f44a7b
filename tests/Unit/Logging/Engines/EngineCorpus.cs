using System.Globalization;
using System.Text;
using ProdOps.Logging.Collecting;

namespace ProdOps.Logging.Tests.Engines;

/// <summary>Lines of every sort, from a seed: what the store and the engines are compared with.</summary>
internal static class EngineCorpus
{
    private static readonly string[] Words = ["error", "Timeout", "upstream", "user=42", "refused", "naïve", "Straße", "ΑΘΗΝΑ", "a\\b", "\"quoted\"", "tab\there", "{brace}", "100%", "$HOME", "`tick`", "it's", "😀", "[x]", "k8s"];

    /// <summary>Batches of several sources; servers' names end as is said, so that several corpora may be in one engine.</summary>
    public static IReadOnlyList<LogBatch> Make(DateTimeOffset begin, string ending)
    {
        var random = new Random(20261126);
        return
        [
            Batch(begin, $"web1{ending}", "nginx-access", "nginx-access", 900, i => Nginx(begin, i, random)),
            Batch(begin, $"Web2{ending}", "nginx-access", "nginx-access", 400, i => Nginx(begin, i * 2, random)),
            Batch(begin, $"app1{ending}", "syslog", "syslog", 600, i => Syslog(begin, i, random)),
            Batch(begin, $"app1{ending}", "events", "json", 500, i => Json(begin, i, random)),
            // Equal to the last byte, all of one moment.
            Batch(begin, $"db1{ending}", "again.log", "plain", 250, static i => i % 50 == 7 ? "another" : "the same again"),
            Batch(begin, $"db1{ending}", "plain.log", "plain", 300, i => i % 7 == 3 ? "" : $"{Words[random.Next(Words.Length)]} {Words[random.Next(Words.Length)]} {i % 5}"),
        ];
    }

    private static LogBatch Batch(DateTimeOffset begin, string server, string source, string format, int count, Func<int, string> line)
    {
        var text = new StringBuilder();
        for (int i = 0; i < count; i++) text.Append(line(i)).Append('\n');
        return new LogBatch(new LogStream(server, source), Encoding.UTF8.GetBytes(text.ToString())) { ReceivedTime = begin.AddHours(2), Format = format, Checkpoint = $"at {count}" };
    }

    private static string Nginx(DateTimeOffset begin, int i, Random random)
    {
        // Several lines a second, some of them the same.
        string time = begin.AddSeconds(i / 3).ToString("dd/MMM/yyyy:HH:mm:ss '+0000'", CultureInfo.InvariantCulture);
        int status = random.Next(10) switch { 0 => 500, 1 => 404, 2 => 301, _ => 200 };
        return string.Create(CultureInfo.InvariantCulture, $"10.0.{i % 4}.{i % 9} - - [{time}] \"GET /api/{Pick(random)}/{i % 11} HTTP/1.1\" {status} {random.Next(4) * 512} \"-\" \"curl/8.{i % 3}\"");
    }

    private static string Syslog(DateTimeOffset begin, int i, Random random)
    {
        string time = begin.AddSeconds(i).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        return $"<{(3 * 8) + random.Next(8)}>1 {time} app1 shop {1000 + (i % 3)} - - {Pick(random)} {Pick(random)}";
    }

    private static string Json(DateTimeOffset begin, int i, Random random)
    {
        string time = begin.AddSeconds(i * 2).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        string level = random.Next(5) switch { 0 => "error", 1 => "warn", 2 => "debug", _ => "info" };
        string odd = random.Next(6) switch
        {
            0 => "\"1000\"", 1 => "\"0042\"", 2 => "17", 3 => "1.5", 4 => "true", _ => "\"1e3\"",
        };
        return $"{{\"time\":\"{time}\",\"level\":\"{level}\",\"msg\":{System.Text.Json.JsonSerializer.Serialize(Pick(random))},\"Odd\":{odd},\"Shop\":\"{Pick(random).Trim('"').Replace("\\", "", StringComparison.Ordinal).Replace("\t", "", StringComparison.Ordinal)}\",\"n\":{i % 13}}}";
    }

    private static string Pick(Random random) => Words[random.Next(Words.Length)];
}
