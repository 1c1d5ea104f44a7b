namespace ProdOps.Logging.Receiving.Protocol;

/// <summary>Makes one line of a message: as it was sent, but for line feeds within, which are escaped as rsyslog does it (<c>#012</c>).</summary>
internal static class LineText
{
    /// <summary>No line is longer, its mark and its line feed included, in bytes.</summary>
    public const int MaximumLength = SyslogFramer.BufferSize + 64;

    /// <summary>What a line ends with that was cut.</summary>
    public static ReadOnlySpan<byte> CutMark => " [cut at 64 KiB]"u8;

    private static ReadOnlySpan<byte> EscapedLineFeed => "#012"u8;

    /// <summary>Without what senders end a message with.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> message) => message[..(message.LastIndexOfAnyExcept((byte)'\n', (byte)'\r', (byte)'\0') + 1)];

    /// <summary>How many bytes <see cref="Write"/> may need.</summary>
    public static int GetMaximumLength(ReadOnlySpan<byte> message) =>
        Math.Min(MaximumLength, message.Length + (message.Count((byte)'\n') * (EscapedLineFeed.Length - 1)) + CutMark.Length + 1);

    /// <summary>Writes a line and its line feed.</summary>
    /// <param name="message">The message, trimmed.</param>
    /// <param name="isCut">Whether the message was longer. It is set where the escapes make the line too long.</param>
    /// <param name="line">Where to.</param>
    /// <returns>How many bytes were written.</returns>
    public static int Write(ReadOnlySpan<byte> message, ref bool isCut, Span<byte> line)
    {
        int length = 0;
        while (true)
        {
            int feed = message.IndexOf((byte)'\n');
            var part = feed < 0 ? message : message[..feed];
            if (part.Length > SyslogFramer.MaximumLength - length)
            {
                part = part[..(SyslogFramer.MaximumLength - length)];
                isCut = true;
            }

            part.CopyTo(line[length..]);
            length += part.Length;
            if (feed < 0) break;
            if (length + EscapedLineFeed.Length > SyslogFramer.MaximumLength)
            {
                isCut = true;
                break;
            }

            EscapedLineFeed.CopyTo(line[length..]);
            length += EscapedLineFeed.Length;
            message = message[(feed + 1)..];
        }

        if (isCut)
        {
            length = WholeCharacters(line[..length]);
            CutMark.CopyTo(line[length..]);
            length += CutMark.Length;
        }

        line[length] = (byte)'\n';
        return length + 1;
    }

    /// <summary>The length without the beginning of a character (UTF-8) whose rest was cut off.</summary>
    private static int WholeCharacters(ReadOnlySpan<byte> text)
    {
        for (int back = 1; back <= Math.Min(3, text.Length); back++)
        {
            byte value = text[^back];
            if ((value & 0xC0) == 0x80) continue;
            int needed = value >= 0xF0 ? 4 : value >= 0xE0 ? 3 : value >= 0xC0 ? 2 : 1;
            return needed > back ? text.Length - back : text.Length;
        }

        return text.Length;
    }
}
