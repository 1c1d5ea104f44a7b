using System.Buffers.Text;
using System.Text;

namespace ProdOps.Benchmarks.Corpora;

/// <summary>Writes text into a buffer of fixed size; what does not fit is cut, so a file gets exactly its planned size.</summary>
internal ref struct ByteWriter(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;

    public int Length { get; private set; }

    public readonly bool IsFull => Length == _buffer.Length;

    public readonly int Room => _buffer.Length - Length;

    public readonly ReadOnlySpan<byte> Written => _buffer[..Length];

    public void Add(scoped ReadOnlySpan<byte> text)
    {
        text = text[..Math.Min(text.Length, Room)];
        text.CopyTo(_buffer[Length..]);
        Length += text.Length;
    }

    public void Add(byte character)
    {
        if (!IsFull)
            _buffer[Length++] = character;
    }

    /// <summary>Repeats text written before; it never overlaps what is being written.</summary>
    public void Repeat(int start, int count) => Add(_buffer.Slice(start, Math.Min(count, Length - start)));

    public void AddNumber(long value)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(value, digits, out int count);
        Add(digits[..count]);
    }

    public void AddDigits(int value, int width)
    {
        Span<byte> digits = stackalloc byte[width];
        for (int i = width - 1; i >= 0; i--, value /= 10)
            digits[i] = (byte)('0' + (value % 10));
        Add(digits);
    }

    public void AddTime(long unixSeconds)
    {
        var time = DateTimeOffset.FromUnixTimeSeconds(unixSeconds);
        Span<byte> text = stackalloc byte[20];
        Encoding.ASCII.TryGetBytes(time.ToString("yyyy-MM-ddTHH:mm:ssZ", null), text, out int count);
        Add(text[..count]);
    }

    public void AddHex(ref SeededRandom random, int bytes)
    {
        var digits = "0123456789abcdef"u8;
        for (int i = 0; i < bytes; i += 8)
        {
            ulong value = random.Next();
            for (int j = 0; j < 2 * Math.Min(8, bytes - i); j++, value >>= 4)
                Add(digits[(int)(value & 15)]);
        }
    }

    public void AddBase64(ref SeededRandom random, int bytes)
    {
        var digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"u8;
        int count = (bytes * 4 + 2) / 3;
        for (int i = 0; i < count; i += 10)
        {
            ulong value = random.Next();
            for (int j = 0; j < Math.Min(10, count - i); j++, value >>= 6)
                Add(digits[(int)(value & 63)]);
        }
    }

    public void AddUuid(ref SeededRandom random)
    {
        AddHex(ref random, 4);
        Add((byte)'-');
        AddHex(ref random, 2);
        Add((byte)'-');
        AddHex(ref random, 2);
        Add((byte)'-');
        AddHex(ref random, 2);
        Add((byte)'-');
        AddHex(ref random, 6);
    }
}
