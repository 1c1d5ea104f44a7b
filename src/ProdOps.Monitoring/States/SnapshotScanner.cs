using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace ProdOps.Monitoring.States;

/// <summary>
/// Goes over JSON as the serializer writes it, without a space between tokens. The general reader takes several times as long in a process that lives for a second: what makes it
/// fast is compiled only while it runs. Whatever is not as expected is a <see cref="JsonException"/>.
/// </summary>
internal ref struct SnapshotScanner(ReadOnlySpan<byte> text, int at)
{
    private const int MostDepth = 64;

    private readonly ReadOnlySpan<byte> _text = text;

    /// <summary>Where it is.</summary>
    public int At { get; private set; } = at;

    private readonly byte Current => At < _text.Length ? _text[At] : throw Unexpected();

    /// <summary>Takes what comes next if it is this.</summary>
    public bool Take(char expected)
    {
        if (Current != expected) return false;
        At++;
        return true;
    }

    /// <summary>Takes what must come next.</summary>
    public void Expect(char expected)
    {
        if (!Take(expected)) throw Unexpected();
    }

    /// <summary>Goes on to the next property of an object that has begun, or behind its end.</summary>
    /// <param name="isFirst">Whether none was there yet.</param>
    /// <param name="name">Its name, as it stands there.</param>
    public bool Property(ref bool isFirst, out ReadOnlySpan<byte> name)
    {
        name = default;
        if (Take('}')) return false;
        if (!isFirst) Expect(',');
        isFirst = false;
        name = Raw(out _);
        Expect(':');
        return true;
    }

    /// <summary>Goes on to the next item of a list that has begun, or behind its end.</summary>
    public bool Item(ref bool isFirst)
    {
        if (Take(']')) return false;
        if (!isFirst) Expect(',');
        isFirst = false;
        return true;
    }

    public bool TakeNull() => Current == 'n' && Word("null"u8);

    public bool Boolean() => Current == 't' ? Word("true"u8) : !Word("false"u8);

    public int Whole() => Utf8Parser.TryParse(_text[At..NumberEnd()], out int value, out int used) && Go(used) ? value : throw Unexpected();

    public double Number() => Utf8Parser.TryParse(_text[At..NumberEnd()], out double value, out int used) && Go(used) ? value : throw Unexpected();

    /// <summary>A text as it stands there, without its quotation marks.</summary>
    /// <param name="isEscaped">Whether there are escapes in it.</param>
    public ReadOnlySpan<byte> Raw(out bool isEscaped)
    {
        Expect('"');
        int start = At;
        isEscaped = false;
        for (byte one; (one = Current) != '"'; At++)
        {
            if (one != '\\') continue;
            isEscaped = true;
            At++;
        }

        var found = _text[start..At];
        At++;
        return found;
    }

    public string Text()
    {
        int start = At;
        var raw = Raw(out bool isEscaped);
        if (!isEscaped) return Encoding.UTF8.GetString(raw);
        var reader = new Utf8JsonReader(_text[start..At]);
        reader.Read();
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // No UTF-8.
            throw Unexpected();
        }
    }

    /// <summary>Passes over a value, whatever it is.</summary>
    public void Skip(int depth = 0)
    {
        if (depth > MostDepth) throw Unexpected();
        bool isFirst = true;
        switch (Current)
        {
            case (byte)'{':
                At++;
                while (Property(ref isFirst, out _)) Skip(depth + 1);
                break;
            case (byte)'[':
                At++;
                while (Item(ref isFirst)) Skip(depth + 1);
                break;
            case (byte)'"':
                Raw(out _);
                break;
            case (byte)'t' or (byte)'f':
                Boolean();
                break;
            case (byte)'n':
                if (!TakeNull()) throw Unexpected();
                break;
            default:
                Number();
                break;
        }
    }

    public readonly JsonException Unexpected() => new($"At byte {At} something else was expected.");

    private readonly int NumberEnd()
    {
        int end = At;
        while (end < _text.Length && _text[end] is (>= (byte)'0' and <= (byte)'9') or (byte)'-' or (byte)'+' or (byte)'.' or (byte)'e' or (byte)'E') end++;
        return end;
    }

    private bool Go(int used)
    {
        if (used != NumberEnd() - At) return false;
        At += used;
        return true;
    }

    private bool Word(ReadOnlySpan<byte> word)
    {
        if (!_text[At..].StartsWith(word)) throw Unexpected();
        At += word.Length;
        return true;
    }
}
