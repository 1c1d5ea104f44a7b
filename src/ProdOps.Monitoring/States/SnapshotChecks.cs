using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace ProdOps.Monitoring.States;

/// <summary>
/// Reads a snapshot's checks by hand, or passes over them: of a thousand servers there are sixty thousand, and they are most of what reading it costs. Their names are
/// the same again and again, and made once.
/// </summary>
internal sealed class SnapshotChecks : JsonConverter<MonitorSnapshot.CheckEntry>
{
    private readonly bool _wanted;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _known;
    private readonly byte[] _momentText = new byte[64];
    private int _momentLength;
    private DateTimeOffset _moment;

    private SnapshotChecks(bool wanted) => (_wanted, _known) = (wanted, _names.GetAlternateLookup<ReadOnlySpan<char>>());

    /// <summary>How a snapshot is read. Checks that are not wanted are <see langword="null"/>, each.</summary>
    public static JsonTypeInfo<MonitorSnapshot> Reading(bool withChecks)
    {
        var options = new JsonSerializerOptions(MonitorJson.Default.Options);
        options.Converters.Add(new SnapshotChecks(withChecks));
        return new MonitorJson(options).MonitorSnapshot;
    }

    /// <remarks>The whole of it is in memory.</remarks>
    public override MonitorSnapshot.CheckEntry? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (!_wanted)
        {
            reader.TrySkip();
            return null;
        }

        CheckKey? key = null;
        CheckState? state = null;
        Begin(ref reader, JsonTokenType.StartObject);
        while (Property(ref reader))
        {
            if (Is(ref reader, "key"u8)) key = Key(ref reader);
            else if (Is(ref reader, "state"u8)) state = State(ref reader);
            else reader.TrySkip();
        }

        return new MonitorSnapshot.CheckEntry(key ?? throw new JsonException("A check without a key."), state ?? throw new JsonException("A check without a state."));
    }

    public override void Write(Utf8JsonWriter writer, MonitorSnapshot.CheckEntry value, JsonSerializerOptions options) => throw new NotSupportedException();

    private CheckKey Key(ref Utf8JsonReader reader)
    {
        string? server = null, rule = null, instance = null;
        Begin(ref reader, JsonTokenType.StartObject);
        while (Property(ref reader))
        {
            if (Is(ref reader, "server"u8)) server = Name(ref reader);
            else if (Is(ref reader, "rule"u8)) rule = Name(ref reader);
            else if (Is(ref reader, "instance"u8)) instance = Name(ref reader);
            else reader.TrySkip();
        }

        return new CheckKey(server ?? throw new JsonException("A key without a server."), rule ?? throw new JsonException("A key without a rule."), instance);
    }

    private CheckState State(ref Utf8JsonReader reader)
    {
        HealthState last = default, level = default;
        bool missing = false, flapping = false;
        double? value = null;
        string? message = null;
        DateTimeOffset since = default;
        Side warning = default, critical = default, unknown = default;
        IReadOnlyList<Change> changes = [];
        Begin(ref reader, JsonTokenType.StartObject);
        while (Property(ref reader))
        {
            if (Is(ref reader, "since"u8)) since = Moment(ref reader);
            else if (Is(ref reader, "warning"u8)) warning = SideOf(ref reader);
            else if (Is(ref reader, "critical"u8)) critical = SideOf(ref reader);
            else if (Is(ref reader, "unknown"u8)) unknown = SideOf(ref reader);
            else if (Is(ref reader, "changes"u8)) changes = Changes(ref reader);
            else if (Is(ref reader, "value"u8)) value = reader.TokenType == JsonTokenType.Null ? null : reader.GetDouble();
            else if (Is(ref reader, "message"u8)) message = reader.GetString();
            else if (Is(ref reader, "last"u8)) last = Health(ref reader);
            else if (Is(ref reader, "level"u8)) level = Health(ref reader);
            else if (Is(ref reader, "missing"u8)) missing = reader.GetBoolean();
            else if (Is(ref reader, "flapping"u8)) flapping = reader.GetBoolean();
            else reader.TrySkip();
        }

        return new CheckState
        {
            Last = last, Level = level, Missing = missing, Flapping = flapping, Value = value, Message = message, Since = since, Warning = warning, Critical = critical, Unknown = unknown, Changes = changes,
        };
    }

    private Side SideOf(ref Utf8JsonReader reader)
    {
        bool beyond = false;
        int count = 0;
        DateTimeOffset since = default;
        Begin(ref reader, JsonTokenType.StartObject);
        while (Property(ref reader))
        {
            if (Is(ref reader, "count"u8)) count = reader.GetInt32();
            else if (Is(ref reader, "beyond"u8)) beyond = reader.GetBoolean();
            else if (Is(ref reader, "since"u8)) since = Moment(ref reader);
            else reader.TrySkip();
        }

        return new Side(beyond, count, since);
    }

    private static IReadOnlyList<Change> Changes(ref Utf8JsonReader reader)
    {
        var changes = new List<Change>();
        Begin(ref reader, JsonTokenType.StartArray);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            DateTimeOffset time = default;
            HealthState to = default;
            Begin(ref reader, JsonTokenType.StartObject);
            while (Property(ref reader))
            {
                if (Is(ref reader, "time"u8)) time = reader.GetDateTimeOffset();
                else if (Is(ref reader, "to"u8)) to = Health(ref reader);
                else reader.TrySkip();
            }

            changes.Add(new Change(time, to));
        }

        return changes.Count == 0 ? [] : changes;
    }

    private static HealthState Health(ref Utf8JsonReader reader) => Enum.TryParse<HealthState>(reader.GetString(), out var state) ? state : throw new JsonException("Not a state.");

    /// <summary>What a check has seen mostly began at one moment, which is written down with each part of it.</summary>
    private DateTimeOffset Moment(ref Utf8JsonReader reader)
    {
        if (reader.HasValueSequence || reader.ValueSpan.Length > _momentText.Length) return reader.GetDateTimeOffset();
        if (_momentLength > 0 && reader.ValueSpan.SequenceEqual(_momentText.AsSpan(0, _momentLength))) return _moment;
        _moment = reader.GetDateTimeOffset();
        reader.ValueSpan.CopyTo(_momentText);
        _momentLength = reader.ValueSpan.Length;
        return _moment;
    }

    private string? Name(ref Utf8JsonReader reader)
    {
        const int Longest = 256;
        if (reader.TokenType != JsonTokenType.String || reader.HasValueSequence || reader.ValueSpan.Length > Longest) return reader.GetString();
        Span<char> text = stackalloc char[Longest];
        ReadOnlySpan<char> name = text[..reader.CopyString(text)];
        if (_known.TryGetValue(name, out string? known)) return known;
        _known.Add(name);
        return _known.TryGetValue(name, out known) ? known : name.ToString();
    }

    // Names are written without escapes, and any other name is passed over.
    private static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        if (!reader.ValueSpan.SequenceEqual(name)) return false;
        reader.Read();
        return true;
    }

    private static void Begin(ref Utf8JsonReader reader, JsonTokenType expected)
    {
        if (reader.TokenType != expected) throw new JsonException($"{expected} is expected, and {reader.TokenType} comes.");
    }

    /// <summary>Goes on to the next name, or to the end.</summary>
    private static bool Property(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;
}
