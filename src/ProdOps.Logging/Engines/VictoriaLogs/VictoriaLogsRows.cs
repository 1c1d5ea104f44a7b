using System.Globalization;
using System.Text;
using System.Text.Json;
using ProdOps.Logging.Collecting;

namespace ProdOps.Logging.Engines.VictoriaLogs;

/// <summary>Reads answers of VictoriaLogs: an object of texts a line. Whatever comes, it takes no more memory than a line may have.</summary>
internal static class VictoriaLogsRows
{
    private const int LongestRow = 4 * 1024 * 1024;

    /// <summary>The fields of one line of an answer.</summary>
    /// <exception cref="FormatException">It is no object of texts.</exception>
    public static Dictionary<string, string> Parse(ReadOnlySpan<byte> line)
    {
        var row = new Dictionary<string, string>(12, StringComparer.Ordinal);
        var json = new Utf8JsonReader(line);
        try
        {
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject) throw new FormatException();
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                string name = json.GetString()!;
                if (!json.Read() || json.TokenType != JsonTokenType.String) throw new FormatException();
                row[name] = json.GetString()!;
            }

            if (json.TokenType != JsonTokenType.EndObject || json.Read()) throw new FormatException();
            return row;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new FormatException(null, error);
        }
    }

    /// <summary>A row of a search.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static EngineLine ToLine(Dictionary<string, string> row)
    {
        if (!row.TryGetValue("_time", out string? time) || !TryTicks(time, out long ticks)) throw new FormatException();
        string text = row.ContainsKey(LogsQlFields.Blank) ? "" : row.GetValueOrDefault("_msg", "");
        return new EngineLine
        {
            Text = Encoding.UTF8.GetBytes(text),
            Ticks = ticks,
            Stream = new LogStream(row.GetValueOrDefault(LogsQlFields.Server, ""), row.GetValueOrDefault(LogsQlFields.Source, "")),
            Format = row.GetValueOrDefault(LogsQlFields.Format),
            Zone = row.GetValueOrDefault(LogsQlFields.Zone),
            Received = long.TryParse(row.GetValueOrDefault(LogsQlFields.Received), NumberStyles.None, CultureInfo.InvariantCulture, out long received) && received < 4e15 ? received : 0,
        };
    }

    /// <summary>A moment as RFC 3339 has it, with up to nine digits of a second, of which seven count here.</summary>
    public static bool TryTicks(string text, out long ticks)
    {
        ticks = 0;
        int point = text.IndexOf('.', StringComparison.Ordinal);
        if (!text.EndsWith('Z') || text.Length > 40) return false;
        string whole = point < 0 ? text[..^1] : text[..point], fraction = point < 0 ? "" : text[(point + 1)..^1];
        if (!DateTime.TryParseExact(whole, "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var seconds)) return false;
        if (fraction.Length > 9 || fraction.AsSpan().ContainsAnyExceptInRange('0', '9')) return false;
        ticks = seconds.Ticks + long.Parse(fraction.PadRight(7, '0').AsSpan(0, 7), NumberStyles.None, CultureInfo.InvariantCulture);
        return true;
    }

    /// <summary>Reads a body line by line.</summary>
    /// <param name="body">The body.</param>
    /// <param name="watch">Told that it goes on.</param>
    /// <param name="take">Takes a line.</param>
    /// <param name="location">The engine, for errors.</param>
    /// <param name="mostRows">More lines are not taken.</param>
    public static async Task ReadAsync(Stream body, EngineWatch watch, Action<Dictionary<string, string>> take, string location, int mostRows)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(128 * 1024);
        int filled = 0, rows = 0;
        while (true)
        {
            int read = await body.ReadAsync(buffer.AsMemory(filled), watch.Token).ConfigureAwait(false);
            watch.Alive();
            filled += read;
            int start = 0;
            while (start < filled)
            {
                int length = buffer.AsSpan(start, filled - start).IndexOf((byte)'\n');
                if (length < 0 && read > 0) break;
                var line = buffer.AsSpan(start, length < 0 ? filled - start : length);
                start += line.Length + 1;
                if (line.Trim((byte)' ').IsEmpty) continue;
                if (++rows > mostRows) throw LoggingErrors.EngineMisbehaves(location, "it sends more lines than it counted");
                Take(line, take, location);
            }

            if (read == 0) return;
            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            filled -= start;
            if (filled < buffer.Length) continue;
            if (filled >= LongestRow) throw LoggingErrors.EngineMisbehaves(location, $"a line of its answer is longer than {LongestRow / 1024 / 1024} MiB");
            Array.Resize(ref buffer, buffer.Length * 2);
        }
    }

    private static void Take(ReadOnlySpan<byte> line, Action<Dictionary<string, string>> take, string location)
    {
        try
        {
            take(Parse(line));
        }
        catch (FormatException)
        {
            // An error in the middle of an answer is written into it.
            throw LoggingErrors.EngineMisbehaves(location, $"its answer holds '{EngineText.Clean(Encoding.UTF8.GetString(line[..Math.Min(line.Length, 2000)]))}'");
        }
    }
}
