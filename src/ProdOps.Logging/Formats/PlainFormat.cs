using ProdOps.Logging.Formats.Times;
using ProdOps.Logging.Formats.Values;

namespace ProdOps.Logging.Formats;

/// <summary>Lines of no format: a time of any spelling at the beginning, or behind a word or two, and a level among the first words.</summary>
internal sealed class PlainFormat : LogFormat
{
    public override string Name => "plain";

    public override bool TryReadTime(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time) => AnyTime.TryFind(line, context, out time, out _, out _);

    public override LogLevel? ReadLevel(ReadOnlySpan<byte> line)
    {
        bool timed = AnyTime.TryFind(line, AnyContext.Value, out _, out int start, out int end);
        return Level(line, timed, start, end);
    }

    public override bool TryReadFields(ReadOnlySpan<byte> line, TimeContext context, FieldList fields)
    {
        fields.Clear();
        bool timed = AnyTime.TryFind(line, context, out var time, out int start, out int end);
        fields.Level = Level(line, timed, start, end);
        line = LineText.WithoutReturn(line);
        if (timed) fields.Time = time;
        fields.SetMessage(line, timed ? MessageStart(line, start, end) : 0);
        return true;
    }

    public override bool IsContinuation(ReadOnlySpan<byte> line) => StackTraces.IsContinuation(line);

    /// <summary>Behind the time, where nothing but a bracket is before it; what stands before it otherwise belongs to the message.</summary>
    private static int MessageStart(ReadOnlySpan<byte> line, int start, int end)
    {
        if (start > 1) return 0;
        while (end < line.Length && line[end] is (byte)' ' or (byte)':' or (byte)'\t') end++;
        return end;
    }

    private static LogLevel? Level(ReadOnlySpan<byte> line, bool timed, int start, int end)
    {
        // klog's letter is part of its time.
        if (timed && start == 0 && char.IsAsciiLetterUpper((char)line[0]) && char.IsAsciiDigit((char)line[1])) return LevelText.OfWord(line[..1]);
        return LevelText.Near(timed && start <= 1 ? line[end..] : line);
    }
}
