namespace ProdOps.Logging.Formats.Json;

/// <summary>
/// journald's entries as <c>journalctl -o json</c> prints them. The fields that other formats have too have their names (Host, Program, ProcessId, Facility);
/// all others keep those of journald.
/// </summary>
internal sealed class JournaldFormat : JsonLineFormat
{
    public override string Name => "journald";

    protected override bool KeepsMessageAsField => false;

    public override bool TryReadFields(ReadOnlySpan<byte> line, TimeContext context, FieldList fields) =>
        base.TryReadFields(line, context, fields) && fields.Time is not null;

    protected override JsonRole Role(ReadOnlySpan<byte> key) => key.Length switch
    {
        7 when key.SequenceEqual("MESSAGE"u8) => JsonRole.Message,
        8 when key.SequenceEqual("PRIORITY"u8) => JsonRole.Level,
        20 when key.SequenceEqual("__REALTIME_TIMESTAMP"u8) => JsonRole.Time,
        _ => JsonRole.None,
    };

    protected override bool TryTime(ReadOnlySpan<byte> value, JsonValue kind, TimeContext context, out DateTimeOffset time)
    {
        time = default;
        return kind is JsonValue.String or JsonValue.Number && Times.NumericTime.TryEpoch(value, out time);
    }

    protected override Field MessageField(ReadOnlySpan<byte> line, in JsonScanner scanner)
    {
        if (scanner.Kind != JsonValue.Array || line[scanner.ValueStart..(scanner.ValueStart + scanner.ValueLength)].Contains((byte)'"')) return base.MessageField(line, scanner);
        return new Field("Message", scanner.ValueStart + 1, scanner.ValueLength - 2, FieldKind.JsonBytes);
    }

    protected override (string Name, FieldKind Kind) Member(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, FieldKind kind) => key.Length switch
    {
        4 when key.SequenceEqual("_PID"u8) => ("ProcessId", FieldKind.Number),
        // The unit that a message of systemd itself is about, which is in no unit but its own.
        4 when key.SequenceEqual("UNIT"u8) => ("AboutUnit", kind),
        4 when key.SequenceEqual("_UID"u8) => ("UserId", FieldKind.Number),
        4 when key.SequenceEqual("_GID"u8) => ("GroupId", FieldKind.Number),
        5 when key.SequenceEqual("_COMM"u8) => ("Command", kind),
        4 when key.SequenceEqual("_EXE"u8) => ("Executable", kind),
        8 when key.SequenceEqual("_CMDLINE"u8) => ("CommandLine", kind),
        9 when key.SequenceEqual("_HOSTNAME"u8) => ("Host", kind),
        10 when key.SequenceEqual("_TRANSPORT"u8) => ("Transport", kind),
        13 when key.SequenceEqual("_SYSTEMD_UNIT"u8) => ("Unit", kind),
        15 when key.SequenceEqual("SYSLOG_FACILITY"u8) => ("Facility", FieldKind.Facility),
        17 when key.SequenceEqual("SYSLOG_IDENTIFIER"u8) => ("Program", kind),
        _ => (FieldNames.Of(key), kind),
    };
}
