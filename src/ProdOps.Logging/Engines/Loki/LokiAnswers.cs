using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ProdOps.Logging.Collecting;

namespace ProdOps.Logging.Engines.Loki;

/// <summary>A line of an answer.</summary>
/// <param name="Line">The line.</param>
/// <param name="Nanoseconds">Where it stands in time.</param>
/// <param name="Text">The line as Loki has it.</param>
internal readonly record struct LokiRow(EngineLine Line, long Nanoseconds, string Text);

/// <summary>Reads answers of Loki.</summary>
internal static class LokiAnswers
{
    /// <summary>Reads a body, or nothing if it is longer than is wanted.</summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadAllAsync(Stream body, EngineWatch watch, int longest)
    {
        var buffer = new ArrayBufferWriter<byte>(64 * 1024);
        while (true)
        {
            int read = await body.ReadAsync(buffer.GetMemory(32 * 1024), watch.Token).ConfigureAwait(false);
            watch.Alive();
            if (read == 0) return buffer.WrittenMemory;
            buffer.Advance(read);
            if (buffer.WrittenCount > longest) return null;
        }
    }

    /// <summary>The lines of a search, in no order.</summary>
    /// <exception cref="FormatException">It is no such answer.</exception>
    public static List<LokiRow> Lines(ReadOnlyMemory<byte> answer) => Read(answer, static root =>
    {
        var data = root.GetProperty("data"u8);
        if (data.GetProperty("resultType"u8).GetString() != "streams") throw new FormatException();
        return Rows(data.GetProperty("result"u8));
    });

    /// <summary>The lines of a message of the tail.</summary>
    /// <param name="answer">The message.</param>
    /// <param name="hasDropped">Whether there were others that it leaves out.</param>
    /// <exception cref="FormatException">It is no such message.</exception>
    public static List<LokiRow> Tail(ReadOnlyMemory<byte> answer, out bool hasDropped)
    {
        var (rows, dropped) = Read(answer, static root => (
            root.TryGetProperty("streams"u8, out var streams) && streams.ValueKind == JsonValueKind.Array ? Rows(streams) : [],
            root.TryGetProperty("dropped_entries"u8, out var entries) && entries.ValueKind == JsonValueKind.Array && entries.GetArrayLength() > 0));
        hasDropped = dropped;
        return rows;
    }

    /// <summary>The numbers of a metric query: the group's labels, the moment in UTC ticks, the number.</summary>
    /// <exception cref="FormatException">It is no such answer.</exception>
    public static List<(Dictionary<string, string> Group, long Ticks, long Count)> Numbers(ReadOnlyMemory<byte> answer) => Read(answer, static root =>
    {
        var data = root.GetProperty("data"u8);
        var numbers = new List<(Dictionary<string, string>, long, long)>();
        string? type = data.GetProperty("resultType"u8).GetString();
        if (type is not ("matrix" or "vector")) throw new FormatException();
        foreach (var series in data.GetProperty("result"u8).EnumerateArray())
        {
            var group = Labels(series.GetProperty("metric"u8));
            if (type == "vector") numbers.Add(Number(group, series.GetProperty("value"u8)));
            else numbers.AddRange(series.GetProperty("values"u8).EnumerateArray().Select(pair => Number(group, pair)));
        }

        return numbers;
    });

    /// <summary>Whether an answer lists anything.</summary>
    /// <exception cref="FormatException">It is no such answer.</exception>
    public static bool HasData(ReadOnlyMemory<byte> answer) => Read(answer, static root => root.TryGetProperty("data"u8, out var data) && data.ValueKind != JsonValueKind.Null && data.GetArrayLength() > 0);

    private static T Read<T>(ReadOnlyMemory<byte> answer, Func<JsonElement, T> read)
    {
        try
        {
            using var json = JsonDocument.Parse(answer);
            return read(json.RootElement);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException or OverflowException or ArgumentException)
        {
            throw new FormatException(null, error);
        }
    }

    private static List<LokiRow> Rows(JsonElement streams)
    {
        var rows = new List<LokiRow>();
        foreach (var stream in streams.EnumerateArray())
        {
            var labels = Labels(stream.GetProperty("stream"u8));
            var name = new LogStream(labels.GetValueOrDefault(LokiLabels.Server, ""), labels.GetValueOrDefault(LokiLabels.Source, ""));
            string? format = labels.GetValueOrDefault(LokiLabels.Format), zone = labels.GetValueOrDefault(LokiLabels.Zone);
            long received = long.TryParse(labels.GetValueOrDefault(LokiLabels.Received), NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number < 4e15 ? number : 0;
            bool isMarked = labels.ContainsKey(LokiLabels.Marked);
            foreach (var pair in stream.GetProperty("values"u8).EnumerateArray())
            {
                if (!long.TryParse(pair[0].GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long nanoseconds)) throw new FormatException();
                string text = pair[1].GetString() ?? throw new FormatException();
                rows.Add(new LokiRow(new EngineLine
                {
                    Text = Encoding.UTF8.GetBytes(isMarked ? EqualLines.Unmark(text) : text),
                    Ticks = LokiLine.TicksOf(nanoseconds),
                    Stream = name,
                    Format = format,
                    Zone = zone,
                    Received = received,
                }, nanoseconds, text));
            }
        }

        return rows;
    }

    private static Dictionary<string, string> Labels(JsonElement labels) => labels.EnumerateObject().ToDictionary(static label => label.Name, static label => label.Value.GetString() ?? throw new FormatException(), StringComparer.Ordinal);

    private static (Dictionary<string, string>, long, long) Number(Dictionary<string, string> group, JsonElement pair)
    {
        if (!decimal.TryParse(pair[1].GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal count)) throw new FormatException();
        return (group, DateTime.UnixEpoch.Ticks + (long)(pair[0].GetDecimal() * TimeSpan.TicksPerSecond), (long)count);
    }
}
