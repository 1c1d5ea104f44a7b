using ProdOps.Logging.Formats.Json;
using ProdOps.Logging.Formats.Times;

namespace ProdOps.Logging.Formats.Pairs;

/// <summary>Free text with pairs in it: <c>2026-11-04 00:00:05 WARN payment refused, order=17 amount="12.50" peer=192.0.2.7</c>. Two pairs at least.</summary>
internal sealed class KeyValueFormat : LogFormat
{
    public override string Name => "key-value";

    public override bool TryReadTime(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time)
    {
        if (AnyTime.TryFind(line, context, out time, out _, out _)) return true;
        var pairs = new PairScanner(LineText.WithoutReturn(line));
        while (pairs.NextAnywhere())
        {
            if (CommonKeys.Role(pairs.Name) == JsonRole.Time && AnyTime.TryRead(pairs.Value, context, out time, out _)) return true;
        }

        return false;
    }

    public override LogLevel? ReadLevel(ReadOnlySpan<byte> line)
    {
        if (LogFormats.Plain.ReadLevel(line) is { } level) return level;
        var pairs = new PairScanner(LineText.WithoutReturn(line));
        while (pairs.NextAnywhere())
        {
            if (CommonKeys.Role(pairs.Name) == JsonRole.Level && PairRoles.Level(pairs.Value) is { } named) return named;
        }

        return null;
    }

    public override bool TryReadFields(ReadOnlySpan<byte> line, TimeContext context, FieldList fields)
    {
        // Time, level and message as free text has them, and what it has not from the pairs.
        LogFormats.Plain.TryReadFields(line, context, fields);
        var pairs = new PairScanner(LineText.WithoutReturn(line));
        bool hasMessage = false;
        while (pairs.NextAnywhere()) PairRoles.Add(pairs, context, fields, ref hasMessage);
        return fields.Count >= 2;
    }

    public override bool IsContinuation(ReadOnlySpan<byte> line) => StackTraces.IsContinuation(line);
}
