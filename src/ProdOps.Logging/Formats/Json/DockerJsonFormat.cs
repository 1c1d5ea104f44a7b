using ProdOps.Logging.Formats.Values;

namespace ProdOps.Logging.Formats.Json;

/// <summary>The files of Docker's json-file driver: <c>{"log":"what the program wrote\n","stream":"stderr","time":"…"}</c>. The level is one that stands out in what the program wrote.</summary>
internal sealed class DockerJsonFormat : JsonLineFormat
{
    public override string Name => "docker-json";

    protected override bool KeepsMessageAsField => false;

    public override bool TryReadFields(ReadOnlySpan<byte> line, TimeContext context, FieldList fields)
    {
        if (!base.TryReadFields(line, context, fields) || fields.Time is null || fields.Message.Start == 0) return false;
        foreach (ref readonly var field in fields.Fields)
        {
            if (field.Name == "Stream") return true;
        }

        return false;
    }

    protected override JsonRole Role(ReadOnlySpan<byte> key) => key.Length switch
    {
        3 when key.SequenceEqual("log"u8) => JsonRole.Message,
        4 when key.SequenceEqual("time"u8) => JsonRole.Time,
        _ => JsonRole.None,
    };

    protected override (string Name, FieldKind Kind) Member(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, FieldKind kind) =>
        key.SequenceEqual("stream"u8) ? ("Stream", kind) : base.Member(key, value, kind);

    protected override Field MessageField(ReadOnlySpan<byte> line, in JsonScanner scanner)
    {
        var field = base.MessageField(line, scanner);
        var text = line.Slice(field.Start, field.Length);
        if (!text.EndsWith("\\n"u8)) return field;
        int backslashes = text.Length - 1 - text[..^1].LastIndexOfAnyExcept((byte)'\\') - 1;
        return backslashes % 2 == 1 ? field with { Length = field.Length - 2 } : field;
    }

    protected override LogLevel? LevelOfMessage(ReadOnlySpan<byte> message) => LevelText.Near(message);
}
