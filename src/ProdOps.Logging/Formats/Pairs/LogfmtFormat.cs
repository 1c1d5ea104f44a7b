using ProdOps.Logging.Formats.Json;
using ProdOps.Logging.Formats.Times;
using ProdOps.Logging.Formats.Values;

namespace ProdOps.Logging.Formats.Pairs;

/// <summary>logfmt: <c>time=2026-11-04T00:00:05Z level=info msg="listening on" port=8080</c>. Two pairs at least, and few words that are none.</summary>
internal sealed class LogfmtFormat : LogFormat
{
    public override string Name => "logfmt";

    public override bool TryReadTime(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time)
    {
        var pairs = new PairScanner(LineText.WithoutReturn(line));
        while (pairs.NextWord())
        {
            if (CommonKeys.Role(pairs.Name) == JsonRole.Time && AnyTime.TryRead(pairs.Value, context, out time, out _)) return true;
        }

        time = default;
        return false;
    }

    public override LogLevel? ReadLevel(ReadOnlySpan<byte> line)
    {
        var pairs = new PairScanner(LineText.WithoutReturn(line));
        while (pairs.NextWord())
        {
            if (CommonKeys.Role(pairs.Name) == JsonRole.Level && PairRoles.Level(pairs.Value) is { } level) return level;
        }

        return null;
    }

    public override bool TryReadFields(ReadOnlySpan<byte> line, TimeContext context, FieldList fields)
    {
        fields.Clear();
        line = LineText.WithoutReturn(line);
        fields.SetMessage(line, 0);
        var pairs = new PairScanner(line);
        bool hasMessage = false;
        while (pairs.NextWord()) PairRoles.Add(pairs, context, fields, ref hasMessage);
        return fields.Count >= 2 && pairs.BareWords * 2 <= fields.Count;
    }

    public override bool IsContinuation(ReadOnlySpan<byte> line) => StackTraces.IsContinuation(line);
}

/// <summary>What logfmt and looser pairs share.</summary>
internal static class PairRoles
{
    public static LogLevel? Level(ReadOnlySpan<byte> value) => LevelText.OfWord(value) ?? LevelText.OfNumber(value);

    /// <summary>Adds a pair as a field, and takes time, level and message from it if it has them and none had before.</summary>
    public static void Add(in PairScanner pairs, TimeContext context, FieldList fields, ref bool hasMessage)
    {
        var kind = pairs.Kind;
        switch (CommonKeys.Role(pairs.Name))
        {
            case JsonRole.Time when fields.Time is null && AnyTime.TryRead(pairs.Value, context, out var time, out _):
                fields.Time = time;
                break;
            case JsonRole.Level when fields.Level is null:
                fields.Level = Level(pairs.Value);
                break;
            case JsonRole.Message when !hasMessage:
                hasMessage = true;
                fields.Message = new Field("Message", pairs.ValueStart, pairs.ValueLength, kind == FieldKind.JsonText ? kind : FieldKind.Text);
                break;
        }

        fields.Add(FieldNames.Of(pairs.Name), pairs.ValueStart, pairs.ValueLength, kind);
    }
}
