using System.Text;
using ProdOps.Logging.Formats.Times;
using ProdOps.Logging.Formats.Values;

namespace ProdOps.Logging.Formats.Json;

/// <summary>What a member of a JSON line is for.</summary>
internal enum JsonRole : byte
{
    /// <summary>A field and no more.</summary>
    None,

    /// <summary>When.</summary>
    Time,

    /// <summary>How severe.</summary>
    Level,

    /// <summary>What.</summary>
    Message,
}

/// <summary>
/// A JSON object a line. Of several members that could be the time, the level or the message the first that can be read is it; roles are looked for in
/// the outermost object only. Nested objects become fields <c>outer.inner</c>; arrays stay text; <c>null</c> is no field.
/// </summary>
internal abstract class JsonLineFormat : LogFormat
{
    private const int DeepestField = 8;
    private const int LongestPath = 256;

    public override bool TryReadTime(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time)
    {
        var scanner = new JsonScanner(line);
        while (scanner.Next())
        {
            var key = line.Slice(scanner.KeyStart, scanner.KeyLength);
            if (Role(key) == JsonRole.Time && TryTime(line.Slice(scanner.ValueStart, scanner.ValueLength), scanner.Kind, context, out time)) return true;
        }

        time = default;
        return false;
    }

    public override LogLevel? ReadLevel(ReadOnlySpan<byte> line)
    {
        var scanner = new JsonScanner(line);
        LogLevel? level = null;
        Field? message = null;
        while (scanner.Next())
        {
            var role = Role(line.Slice(scanner.KeyStart, scanner.KeyLength));
            if (role == JsonRole.Level && (level = Level(line.Slice(scanner.ValueStart, scanner.ValueLength), scanner.Kind)) is not null) return level;
            if (role == JsonRole.Message && scanner.Kind != JsonValue.Null) message ??= MessageField(line, scanner);
        }

        return message is { } found ? LevelOfMessage(line.Slice(found.Start, found.Length)) : null;
    }

    public override bool TryReadTime(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time, out LogLevel? level)
    {
        var scanner = new JsonScanner(line);
        (time, level) = (default, null);
        bool timed = false;
        Field? message = null;
        while ((!timed || level is null) && scanner.Next())
        {
            switch (Role(line.Slice(scanner.KeyStart, scanner.KeyLength)))
            {
                case JsonRole.Time when !timed:
                    timed = TryTime(line.Slice(scanner.ValueStart, scanner.ValueLength), scanner.Kind, context, out time);
                    break;
                case JsonRole.Level:
                    level ??= Level(line.Slice(scanner.ValueStart, scanner.ValueLength), scanner.Kind);
                    break;
                case JsonRole.Message when scanner.Kind != JsonValue.Null:
                    message ??= MessageField(line, scanner);
                    break;
            }
        }

        if (level is null && message is { } found) level = LevelOfMessage(line.Slice(found.Start, found.Length));
        return timed;
    }

    public override bool TryReadFields(ReadOnlySpan<byte> line, TimeContext context, FieldList fields)
    {
        fields.Clear();
        fields.SetMessage(LineText.WithoutReturn(line), 0);
        Span<byte> path = stackalloc byte[LongestPath];
        bool hasMessage = false;
        var scanner = new JsonScanner(line);
        while (scanner.Next())
        {
            var key = line.Slice(scanner.KeyStart, scanner.KeyLength);
            var value = line.Slice(scanner.ValueStart, scanner.ValueLength);
            switch (Role(key))
            {
                case JsonRole.Time when fields.Time is null && TryTime(value, scanner.Kind, context, out var time):
                    fields.Time = time;
                    break;
                case JsonRole.Level when fields.Level is null:
                    fields.Level = Level(value, scanner.Kind);
                    break;
                case JsonRole.Message when !hasMessage && scanner.Kind != JsonValue.Null:
                    hasMessage = true;
                    fields.Message = MessageField(line, scanner);
                    if (!KeepsMessageAsField) continue;
                    break;
            }

            AddField(line, scanner, key, path, 0, 1, fields);
        }

        if (!scanner.IsComplete || !scanner.IsAtEnd()) return false;
        if (fields.Level is null && hasMessage) fields.Level = LevelOfMessage(line.Slice(fields.Message.Start, fields.Message.Length));
        return true;
    }

    /// <summary>What the member of this name in the outermost object is for.</summary>
    protected abstract JsonRole Role(ReadOnlySpan<byte> key);

    /// <summary>Whether the message's member is a field too.</summary>
    protected virtual bool KeepsMessageAsField => true;

    /// <summary>A member of the outermost object as a field: its name, and what it is.</summary>
    protected virtual (string Name, FieldKind Kind) Member(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, FieldKind kind) => (FieldNames.Of(key), kind);

    protected virtual Field MessageField(ReadOnlySpan<byte> line, in JsonScanner scanner) =>
        new("Message", scanner.ValueStart, scanner.ValueLength, scanner.Kind == JsonValue.EscapedString ? FieldKind.JsonText : FieldKind.Text);

    /// <summary>The level where none is said but in the message itself.</summary>
    protected virtual LogLevel? LevelOfMessage(ReadOnlySpan<byte> message) => null;

    protected virtual bool TryTime(ReadOnlySpan<byte> value, JsonValue kind, TimeContext context, out DateTimeOffset time)
    {
        time = default;
        if (kind == JsonValue.Number) return NumericTime.TryEpoch(value, out time);
        return kind == JsonValue.String && AnyTime.TryRead(value, context, out time, out _);
    }

    protected virtual LogLevel? Level(ReadOnlySpan<byte> value, JsonValue kind) => kind switch
    {
        JsonValue.String => LevelText.OfWord(value) ?? LevelText.OfNumber(value),
        JsonValue.Number => LevelText.OfNumber(value),
        _ => null,
    };

    private void AddField(ReadOnlySpan<byte> line, in JsonScanner scanner, ReadOnlySpan<byte> key, Span<byte> path, int prefix, int depth, FieldList fields)
    {
        var value = line.Slice(scanner.ValueStart, scanner.ValueLength);
        var kind = FieldKind.Text;
        switch (scanner.Kind)
        {
            case JsonValue.Null:
                return;
            case JsonValue.Object when depth < DeepestField && prefix + key.Length + 1 <= LongestPath && !scanner.IsKeyEscaped:
                key.CopyTo(path[prefix..]);
                path[prefix + key.Length] = (byte)'.';
                AddMembers(line, scanner.ValueStart, path, prefix + key.Length + 1, depth + 1, fields);
                return;
            case JsonValue.Number:
                kind = FieldKind.Number;
                break;
            case JsonValue.Boolean:
                kind = FieldKind.Boolean;
                break;
            case JsonValue.EscapedString:
                kind = FieldKind.JsonText;
                break;
            case JsonValue.String when ValueKind.Of(value) == FieldKind.Address:
                kind = FieldKind.Address;
                break;
        }

        string name;
        if (scanner.IsKeyEscaped)
        {
            name = Encoding.UTF8.GetString(path[..prefix]) + ValueObject.Text(line, new Field("", scanner.KeyStart, scanner.KeyLength, FieldKind.JsonText));
        }
        else if (prefix == 0)
        {
            (name, kind) = Member(key, value, kind);
        }
        else if (prefix + key.Length <= LongestPath)
        {
            key.CopyTo(path[prefix..]);
            name = FieldNames.Of(path[..(prefix + key.Length)]);
        }
        else
        {
            name = Encoding.UTF8.GetString(path[..prefix]) + Encoding.UTF8.GetString(key);
        }

        fields.Add(name, scanner.ValueStart, scanner.ValueLength, kind);
    }

    /// <summary>What is broken within a nested object shows at the end of the outermost one, or not at all: its members up to there are fields.</summary>
    private void AddMembers(ReadOnlySpan<byte> line, int start, Span<byte> path, int prefix, int depth, FieldList fields)
    {
        var scanner = new JsonScanner(line, start);
        while (scanner.Next()) AddField(line, scanner, line.Slice(scanner.KeyStart, scanner.KeyLength), path, prefix, depth, fields);
    }
}
