using System.Buffers;

namespace ProdOps.Logging.Patterns;

/// <summary>
/// Writes a message with <c>&lt;*&gt;</c> in place of what is different each time by its looks: numbers, times, addresses, ids, hexadecimal, texts in quotes. Words keep their digits
/// (<c>ssh2</c>, <c>eth0</c>) unless they are mostly an id. Spaces become one, and of a message only the first line counts.
/// </summary>
internal static class MessageMask
{
    /// <summary>No masked message is longer, nor has more words.</summary>
    public const int MostBytes = 1024, MostTokens = 64;

    private const byte Other = 0, Letter = 1, Digit = 2, Joiner = 3;
    private const int ShortestHex = 8, DigitsOfId = 4;

    private static readonly byte[] Kinds = MakeKinds();
    private static readonly SearchValues<byte> Hexadecimal = SearchValues.Create("0123456789abcdefABCDEF"u8);

    public static ReadOnlySpan<byte> Wildcard => "<*>"u8;

    /// <summary>Masks a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="output">At least <see cref="MostBytes"/> long.</param>
    /// <returns>How many bytes were written.</returns>
    public static int Mask(ReadOnlySpan<byte> message, Span<byte> output)
    {
        output = output[..MostBytes];
        int length = 0, tokens = 1, closing = -1;
        bool space = false;
        for (int i = 0; i < message.Length;)
        {
            byte b = message[i];
            if (b is (byte)'\n' or (byte)'\r') break;
            if (b is (byte)' ' or (byte)'\t')
            {
                space = length > 0;
                i++;
                continue;
            }

            if (space)
            {
                if (++tokens > MostTokens) return Cut(output, length);
                if (length >= output.Length) return Cut(output, length);
                output[length++] = (byte)' ';
                space = false;
            }

            if (b is (byte)'"' or (byte)'\'' && i != closing && Closing(message, i) is > 0 and int close)
            {
                if (length + Wildcard.Length + 2 > output.Length - Wildcard.Length - 1) return Cut(output, length);
                output[length++] = b;
                closing = close;
                if (IsRequest(message[(i + 1)..close]))
                {
                    i++;
                    continue;
                }

                Wildcard.CopyTo(output[length..]);
                length += Wildcard.Length;
                i = close;
                continue;
            }

            int end = Piece(message, i, out bool varies);
            var piece = varies ? Wildcard : message[i..end];
            if (length + piece.Length > output.Length - Wildcard.Length - 1) return Cut(output, length);
            piece.CopyTo(output[length..]);
            length += piece.Length;
            i = end;
        }

        return length;
    }

    /// <summary>Where the piece ends that begins at a place, and whether it is one that varies.</summary>
    private static int Piece(ReadOnlySpan<byte> message, int start, out bool varies)
    {
        varies = false;
        byte first = message[start];
        switch (Kinds[first])
        {
            case Digit:
                varies = true;
                return EndOfNumber(message, start);
            case Letter:
                int end = EndOfWord(message, start, out int digits);
                varies = digits >= DigitsOfId || (end - start >= ShortestHex && message[start..end].IndexOfAnyExcept(Hexadecimal) < 0);
                return end;
        }

        // A sign belongs to its number unless it stands between two things.
        bool begins = start == 0 || Kinds[message[start - 1]] is not (Letter or Digit);
        if (begins && first is (byte)'-' or (byte)'+' && start + 1 < message.Length && Kinds[message[start + 1]] == Digit)
        {
            varies = true;
            return EndOfNumber(message, start + 1);
        }

        return start + 1;
    }

    /// <summary>Dates, times, addresses and versions are one: 2026-11-20T10:00:00.5Z, 192.0.2.1:8080, 1,024, 50%.</summary>
    private static int EndOfNumber(ReadOnlySpan<byte> message, int at)
    {
        while (++at < message.Length)
        {
            byte kind = Kinds[message[at]];
            if (kind is Letter or Digit) continue;
            if (message[at] == '%') return at + 1;
            bool joins = kind == Joiner || message[at] is (byte)':' or (byte)',' or (byte)'+';
            if (!joins || at + 1 == message.Length || !(Kinds[message[at + 1]] is Letter or Digit || message[at + 1] == ':')) return at;
        }

        return at;
    }

    private static int EndOfWord(ReadOnlySpan<byte> message, int at, out int digits)
    {
        digits = 0;
        while (++at < message.Length)
        {
            byte kind = Kinds[message[at]];
            if (kind == Digit) digits++;
            else if (kind != Letter && !(kind == Joiner && at + 1 < message.Length && Kinds[message[at + 1]] is Letter or Digit)) return at;
        }

        return at;
    }

    /// <summary>Where the text ends that a quote opens; 0 if it opens none: the apostrophe of "can't" is no quote.</summary>
    private static int Closing(ReadOnlySpan<byte> message, int at)
    {
        byte quote = message[at];
        if (quote == '\'' && at > 0 && Kinds[message[at - 1]] is Letter or Digit) return 0;
        for (int i = at + 1; i < message.Length && message[i] is not ((byte)'\n' or (byte)'\r'); i++)
        {
            if (message[i] == '\\') i++;
            else if (message[i] == quote && (quote == '"' || i + 1 == message.Length || Kinds[message[i + 1]] is not (Letter or Digit))) return i > at + 1 ? i : 0;
        }

        return 0;
    }

    /// <summary>The request of an access log says too much to be hidden: <c>GET /api/orders/7 HTTP/1.1</c>.</summary>
    private static bool IsRequest(ReadOnlySpan<byte> text)
    {
        int method = text.IndexOfAnyExceptInRange((byte)'A', (byte)'Z');
        return method is >= 3 and <= 9 && method + 1 < text.Length && text[method] == ' ' && text[method + 1] == '/';
    }

    private static int Cut(Span<byte> output, int length)
    {
        if (length > 0 && output[length - 1] == ' ') length--;
        if (length > output.Length - Wildcard.Length - 1) length = output.Length - Wildcard.Length - 1;
        if (length > 0) output[length++] = (byte)' ';
        Wildcard.CopyTo(output[length..]);
        return length + Wildcard.Length;
    }

    private static byte[] MakeKinds()
    {
        byte[] kinds = new byte[256];
        for (int i = 0; i < 256; i++)
        {
            char c = (char)i;
            // What is not ASCII is a part of a letter of some alphabet.
            kinds[i] = char.IsAsciiDigit(c) ? Digit : char.IsAsciiLetter(c) || i >= 0x80 ? Letter : c is '.' or '-' or '_' ? Joiner : Other;
        }

        return kinds;
    }
}
