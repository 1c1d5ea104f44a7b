using System.Text;

namespace ProdOps.Logging.Formats.Values;

/// <summary>The words and numbers that say how severe a line is.</summary>
internal static class LevelText
{
    /// <summary>The level a word names, whatever its case; <see langword="null"/> if it names none.</summary>
    public static LogLevel? OfWord(ReadOnlySpan<byte> word) => word.Length switch
    {
        1 => (word[0] | 0x20) switch
        {
            'e' => LogLevel.Error,
            'w' => LogLevel.Warning,
            'i' => LogLevel.Informational,
            'd' or 't' or 'v' => LogLevel.Debug,
            'f' or 'c' => LogLevel.Critical,
            'n' => LogLevel.Notice,
            'a' => LogLevel.Alert,
            _ => null,
        },
        3 => Is(word, "err"u8) ? LogLevel.Error : Is(word, "inf"u8) ? LogLevel.Informational : Is(word, "dbg"u8) ? LogLevel.Debug
            : Is(word, "wrn"u8) ? LogLevel.Warning : Is(word, "ftl"u8) ? LogLevel.Critical : Is(word, "log"u8) ? LogLevel.Informational : null,
        4 => Is(word, "info"u8) ? LogLevel.Informational : Is(word, "warn"u8) ? LogLevel.Warning : Is(word, "crit"u8) ? LogLevel.Critical
            : Is(word, "note"u8) ? LogLevel.Informational : Is(word, "fine"u8) ? LogLevel.Debug : null,
        5 => Is(word, "error"u8) ? LogLevel.Error : Is(word, "debug"u8) || Is(word, "trace"u8) || Is(word, "finer"u8) ? LogLevel.Debug
            : Is(word, "fatal"u8) ? LogLevel.Critical : Is(word, "alert"u8) ? LogLevel.Alert : Is(word, "emerg"u8) || Is(word, "panic"u8) ? LogLevel.Emergency : null,
        6 => Is(word, "notice"u8) ? LogLevel.Notice : Is(word, "severe"u8) ? LogLevel.Error : Is(word, "finest"u8) ? LogLevel.Debug
            : IsNumbered(word) ? LogLevel.Debug : null,
        7 => Is(word, "warning"u8) ? LogLevel.Warning : Is(word, "verbose"u8) ? LogLevel.Debug : null,
        8 => Is(word, "critical"u8) ? LogLevel.Critical : null,
        9 => Is(word, "emergency"u8) ? LogLevel.Emergency : null,
        11 => Is(word, "information"u8) ? LogLevel.Informational : null,
        13 => Is(word, "informational"u8) ? LogLevel.Informational : null,
        _ => null,
    };

    /// <summary>The level a number stands for: 0 to 7 are syslog's, 10 to 60 those of Node's loggers.</summary>
    public static LogLevel? OfNumber(ReadOnlySpan<byte> digits)
    {
        if (digits.Length == 1) return digits[0] is >= (byte)'0' and <= (byte)'7' ? (LogLevel)(digits[0] - '0') : null;
        if (digits.Length != 2 || digits[1] is < (byte)'0' or > (byte)'9') return null;
        return digits[0] switch
        {
            (byte)'1' or (byte)'2' => LogLevel.Debug,
            (byte)'3' => LogLevel.Informational,
            (byte)'4' => LogLevel.Warning,
            (byte)'5' => LogLevel.Error,
            (byte)'6' => LogLevel.Critical,
            _ => null,
        };
    }

    /// <summary>The level of an answer of HTTP: the server's failures are errors, the client's warnings.</summary>
    public static LogLevel? OfStatus(ReadOnlySpan<byte> status)
    {
        if (status.Length != 3) return null;
        return status[0] switch
        {
            (byte)'5' => LogLevel.Error,
            (byte)'4' => LogLevel.Warning,
            (byte)'1' or (byte)'2' or (byte)'3' => LogLevel.Informational,
            _ => null,
        };
    }

    /// <summary>The level that a message begins with: <c>error: …</c>, <c>[warn] …</c>, <c>&lt;info&gt; …</c>.</summary>
    public static LogLevel? AtStart(ReadOnlySpan<byte> message)
    {
        if (message.Length < 4) return null;
        bool enclosed = message[0] is (byte)'[' or (byte)'<';
        int start = enclosed ? 1 : 0;
        int end = start;
        while (end < message.Length && end - start <= 13 && char.IsAsciiLetter((char)message[end])) end++;
        if (end - start < 3 || end == message.Length) return null;
        bool closed = enclosed ? message[end] is (byte)']' or (byte)'>' : message[end] == ':';
        return closed ? OfWord(message[start..end]) : null;
    }

    /// <summary>
    /// The level among the first words of free text: in capitals, in brackets, or with a colon behind it. A word in the middle of a sentence is no level.
    /// </summary>
    public static LogLevel? Near(ReadOnlySpan<byte> text)
    {
        int at = 0;
        for (int words = 0; words < 5 && at < text.Length && at < 80; words++)
        {
            while (at < text.Length && text[at] is (byte)' ' or (byte)'[' or (byte)'<' or (byte)'(' or (byte)'|' or (byte)'-' or (byte)'\t' or (byte)'*') at++;
            int start = at;
            bool capitals = true;
            while (at < text.Length && char.IsAsciiLetter((char)text[at])) capitals &= (text[at++] & 0x20) == 0;
            int length = at - start;
            if (length is >= 3 and <= 13)
            {
                byte before = start == 0 ? (byte)' ' : text[start - 1];
                byte behind = at == text.Length ? (byte)' ' : text[at];
                bool stands = behind is (byte)' ' or (byte)']' or (byte)'>' or (byte)')' or (byte)'|' or (byte)':' or (byte)'\t' or (byte)'\r';
                bool marked = capitals || (before is (byte)'[' or (byte)'<' && behind is (byte)']' or (byte)'>') || behind is (byte)':' or (byte)'|';
                if (stands && marked && OfWord(text.Slice(start, length)) is { } level) return level;
            }

            while (at < text.Length && text[at] is not ((byte)' ' or (byte)'\t' or (byte)'[' or (byte)'|')) at++;
        }

        return null;
    }

    /// <summary>PostgreSQL's <c>DEBUG1</c> and Apache's <c>trace8</c>.</summary>
    private static bool IsNumbered(ReadOnlySpan<byte> word) => word[5] is >= (byte)'1' and <= (byte)'8' && (Is(word[..5], "debug"u8) || Is(word[..5], "trace"u8));

    private static bool Is(ReadOnlySpan<byte> word, ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(word, name);
}
