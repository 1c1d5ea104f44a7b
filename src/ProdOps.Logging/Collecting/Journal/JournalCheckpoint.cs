using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ProdOps.Logging.Collecting.Journal;

/// <summary>How far a journal is read.</summary>
/// <param name="Cursor">The cursor of the last entry that is kept.</param>
/// <param name="Time">When that entry was written, in microseconds since 1970.</param>
/// <param name="Units">What of the journal is read.</param>
/// <param name="Sequences">The highest number that was read of each sequence: an entry is new if its number is higher, wherever reading begins.</param>
internal sealed record JournalCheckpoint(string Cursor, long Time, string Units, IReadOnlyDictionary<string, ulong> Sequences)
{
    private const int Version = 1, MaximumSequences = 16;

    public string ToJson() => JsonSerializer.Serialize(new JournalData(Version, Cursor, Time, Units, new Dictionary<string, ulong>(Sequences)), JournalCheckpointJson.Default.JournalData);

    /// <summary>Reads what <see cref="ToJson"/> wrote; <see langword="null"/> for anything else.</summary>
    public static JournalCheckpoint? TryParse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, JournalCheckpointJson.Default.JournalData) is { V: Version, Cursor: { } cursor } data ? new JournalCheckpoint(cursor, data.T, data.U ?? "", data.S ?? []) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether an entry was read before.</summary>
    public bool Has(string cursor) => cursor == Cursor || (Split(cursor) is var (sequence, number) && Sequences.TryGetValue(sequence, out ulong last) && number <= last);

    /// <summary>Whether an entry of the whole journal comes right after the last one: then none is gone, though that one may be.</summary>
    public bool IsNext(string cursor) => Units.Length == 0 && Split(cursor) is var (sequence, number) && Sequences.TryGetValue(sequence, out ulong last) && number - 1 == last;

    /// <summary>After one more entry.</summary>
    public JournalCheckpoint With(string cursor, long time)
    {
        if (Split(cursor) is not var (sequence, number)) return this with { Cursor = cursor, Time = time };
        var sequences = new Dictionary<string, ulong>(Sequences) { [sequence] = number };
        while (sequences.Count > MaximumSequences) sequences.Remove(sequences.Keys.First(key => key != sequence));
        return this with { Cursor = cursor, Time = time, Sequences = sequences };
    }

    /// <summary><c>s=SEQUENCE;i=NUMBER;b=…</c> (sd_journal_get_cursor(3)). Anything else is a cursor still.</summary>
    private static (string Sequence, ulong Number)? Split(string cursor)
    {
        string? sequence = null;
        ulong? number = null;
        foreach (string part in cursor.Split(';'))
        {
            if (part.StartsWith("s=", StringComparison.Ordinal)) sequence = part[2..];
            else if (part.StartsWith("i=", StringComparison.Ordinal) && ulong.TryParse(part.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong parsed)) number = parsed;
        }

        return sequence is { Length: > 0 and <= 64 } && number is { } known ? (sequence, known) : null;
    }

    public static string CursorOf(JournalEntry entry) => Encoding.UTF8.GetString(entry.Find("__CURSOR"u8));

    /// <summary>When an entry was written; 0 where it does not say.</summary>
    public static long TimeOf(JournalEntry entry) => long.TryParse(entry.Find("__REALTIME_TIMESTAMP"u8), NumberStyles.None, CultureInfo.InvariantCulture, out long time) ? time : 0;
}

internal sealed record JournalData(int V, string? Cursor, long T, string? U, Dictionary<string, ulong>? S);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(JournalData))]
internal sealed partial class JournalCheckpointJson : JsonSerializerContext;
