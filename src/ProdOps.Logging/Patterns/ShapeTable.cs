using System.Buffers.Binary;
using System.Text;

namespace ProdOps.Logging.Patterns;

/// <summary>
/// Counts masked messages of one frame by their bytes; for one thread. A log has few kinds of line, so that all later work is done some dozens of times a frame and not for each line.
/// </summary>
internal sealed class ShapeTable
{
    private readonly Dictionary<ulong, int> _byHash = [];
    private readonly List<Shape> _shapes = [];
    private readonly byte[] _scratch = new byte[MessageMask.MostBytes];
    private byte[] _texts = new byte[64 * 1024];
    private int _textLength;

    /// <summary>Counts one entry.</summary>
    /// <param name="message">Its message.</param>
    /// <param name="entry">All of it.</param>
    /// <param name="offset">Where it stands in its file's content.</param>
    /// <param name="time">When it was written, in UTC ticks.</param>
    /// <param name="level">How severe it is.</param>
    /// <param name="before">Whether it is of the time before.</param>
    public void Add(ReadOnlySpan<byte> message, ReadOnlySpan<byte> entry, long offset, long time, LogLevel? level, bool before)
    {
        int length = MessageMask.Mask(message, _scratch);
        var masked = _scratch.AsSpan(0, length);
        var shape = Find(masked, HashOf(masked));
        if (before)
        {
            shape.Before++;
            return;
        }

        if (shape.Count++ == 0)
        {
            shape.First = shape.Last = time;
            shape.ExampleTime = time;
            shape.ExampleOffset = offset;
            shape.Example = entry.Length <= PatternExample.MostBytes ? entry.ToArray() : null;
        }

        if (time < shape.First) shape.First = time;
        if (time > shape.Last) shape.Last = time;
        if (level is { } own && !(shape.Level <= own)) shape.Level = own;
    }

    /// <summary>What was counted, in the order in which it came first; the table is empty then.</summary>
    public IReadOnlyList<Shape> Take()
    {
        Shape[] shapes = [.. _shapes];
        foreach (var shape in shapes) shape.Text = Encoding.UTF8.GetString(_texts, shape.TextStart, shape.TextLength);
        _shapes.Clear();
        _byHash.Clear();
        _textLength = 0;
        return shapes;
    }

    private Shape Find(ReadOnlySpan<byte> masked, ulong hash)
    {
        // Texts of the same hash go to the next numbers.
        while (_byHash.TryGetValue(hash, out int index))
        {
            var known = _shapes[index];
            if (masked.SequenceEqual(_texts.AsSpan(known.TextStart, known.TextLength))) return known;
            hash++;
        }

        if (_textLength + masked.Length > _texts.Length) Array.Resize(ref _texts, Math.Max(_texts.Length * 2, _textLength + masked.Length));
        masked.CopyTo(_texts.AsSpan(_textLength));
        var shape = new Shape { TextStart = _textLength, TextLength = masked.Length };
        _textLength += masked.Length;
        _byHash.Add(hash, _shapes.Count);
        _shapes.Add(shape);
        return shape;
    }

    private static ulong HashOf(ReadOnlySpan<byte> text)
    {
        const ulong Odd = 0x9E3779B97F4A7C15;
        ulong hash = (ulong)text.Length * Odd;
        while (text.Length >= 8)
        {
            hash = System.Numerics.BitOperations.RotateLeft((hash ^ BinaryPrimitives.ReadUInt64LittleEndian(text)) * Odd, 29);
            text = text[8..];
        }

        ulong rest = 0;
        for (int i = 0; i < text.Length; i++) rest |= (ulong)text[i] << (8 * i);
        hash = (hash ^ rest) * Odd;
        return hash ^ (hash >> 32);
    }
}

/// <summary>A masked message and what was counted of it.</summary>
internal sealed class Shape
{
    public string Text { get; set; } = "";

    public int TextStart { get; init; }

    public int TextLength { get; init; }

    public long Count { get; set; }

    /// <summary>How many are of the time before.</summary>
    public long Before { get; set; }

    /// <summary>UTC ticks; they mean something if there is a count.</summary>
    public long First { get; set; }

    /// <inheritdoc cref="First"/>
    public long Last { get; set; }

    public LogLevel? Level { get; set; }

    public byte[]? Example { get; set; }

    public long ExampleOffset { get; set; }

    public long ExampleTime { get; set; }
}

internal static class PatternExample
{
    /// <summary>Longer entries are not kept as examples.</summary>
    public const int MostBytes = 4096;
}
