using System.Buffers;

namespace ProdOps.Logging.Receiving.Protocol;

/// <summary>
/// What a syslog message says of where it comes from. Reads RFC 5424, RFC 3164 and what is sent as the latter: times of ISO 8601, with a year or parts of a second,
/// no host name. What is not there is empty.
/// </summary>
internal readonly ref struct SyslogHeader
{
    /// <summary>RFC 5424, section 6: an APP-NAME has at most 48 characters.</summary>
    private const int MaximumProgramLength = 48;

    private const int MaximumHostLength = 255;

    // What ends a TAG of RFC 3164, section 4.1.3, without being part of the name.
    private static readonly SearchValues<byte> ProgramEnds = SearchValues.Create(" :[(,;"u8);

    private SyslogHeader(int priority, ReadOnlySpan<byte> host, ReadOnlySpan<byte> program)
    {
        Priority = priority;
        Host = host;
        Program = program;
    }

    /// <summary>Facility times 8 plus severity, or -1 where the message has none.</summary>
    public int Priority { get; }

    /// <summary>The host's name or address.</summary>
    public ReadOnlySpan<byte> Host { get; }

    /// <summary>The APP-NAME, or the TAG without the process id.</summary>
    public ReadOnlySpan<byte> Program { get; }

    public static SyslogHeader Parse(ReadOnlySpan<byte> message)
    {
        int priority = -1;
        var rest = message;
        if (TryReadPriority(ref rest, out int read)) priority = read;
        if (priority >= 0 && rest.StartsWith("1 "u8)) return ParseNew(priority, rest[2..]);
        // Cisco numbers its messages, and marks times of a clock that is not set.
        SkipNumber(ref rest);
        if (rest.Length > 0 && rest[0] is (byte)'*' or (byte)'.') rest = rest[1..];
        return TrySkipTime(ref rest) ? ParseOld(priority, rest) : new SyslogHeader(priority, default, default);
    }

    private static bool TryReadPriority(scoped ref ReadOnlySpan<byte> rest, out int priority)
    {
        priority = 0;
        if (rest.IsEmpty || rest[0] != '<') return false;
        int i = 1;
        while (i < rest.Length && i <= 3 && char.IsAsciiDigit((char)rest[i])) priority = (priority * 10) + (rest[i++] - '0');
        // 23 facilities of 8 severities.
        if (i == 1 || i >= rest.Length || rest[i] != '>' || priority > 191) return false;
        rest = rest[(i + 1)..];
        return true;
    }

    /// <summary>TIMESTAMP SP HOSTNAME SP APP-NAME SP …; a part that is not known is a dash.</summary>
    private static SyslogHeader ParseNew(int priority, ReadOnlySpan<byte> rest)
    {
        TakeWord(ref rest);
        var host = TakeWord(ref rest);
        var program = TakeWord(ref rest);
        return new SyslogHeader(priority, Known(host, MaximumHostLength), Known(program, MaximumProgramLength));
    }

    private static SyslogHeader ParseOld(int priority, ReadOnlySpan<byte> rest)
    {
        rest = rest.TrimStart((byte)' ');
        int end = rest.IndexOf((byte)' ');
        var word = end < 0 ? rest : rest[..end];
        // "tag[123]:" and "tag:" have no host before them; "host tag:" does, and so has an address with colons within.
        bool isTag = word.IsEmpty || word[^1] == ':' || word.Contains((byte)'[');
        var host = isTag || end < 0 ? default : word;
        if (!host.IsEmpty) rest = rest[end..].TrimStart((byte)' ');
        end = rest.IndexOfAny(ProgramEnds);
        // Without a colon or a bracket behind it the first word of a text is not a program's name.
        var program = end > 0 && rest[end] is (byte)':' or (byte)'[' ? rest[..end] : default;
        return new SyslogHeader(priority, Known(host, MaximumHostLength), Known(program, MaximumProgramLength));
    }

    private static void SkipNumber(scoped ref ReadOnlySpan<byte> rest)
    {
        int digits = 0;
        while (digits < rest.Length && digits < 10 && char.IsAsciiDigit((char)rest[digits])) digits++;
        if (digits > 0 && digits + 1 < rest.Length && rest[digits] == ':' && rest[digits + 1] == ' ') rest = rest[(digits + 2)..];
    }

    private static bool TrySkipTime(scoped ref ReadOnlySpan<byte> rest)
    {
        var time = rest;
        if (time.Length > 10 && char.IsAsciiDigit((char)time[0]) && time[4] == '-' && time[7] == '-')
        {
            TakeWord(ref time);
        }
        else if (time.Length > 15 && char.IsAsciiLetterUpper((char)time[0]) && char.IsAsciiLetterLower((char)time[1]) && char.IsAsciiLetterLower((char)time[2]) && time[3] == ' ')
        {
            // Mmm dd hh:mm:ss, with a year before or after the time, parts of a second, a zone's name or a colon behind it.
            time = time[4..].TrimStart((byte)' ');
            if (!char.IsAsciiDigit((char)FirstOf(TakeWord(ref time)))) return false;
            if (!IsTimeOfDay(time)) TakeWord(ref time);
            if (!IsTimeOfDay(time)) return false;
            TakeWord(ref time);
        }
        else
        {
            return false;
        }

        rest = time;
        return true;
    }

    private static bool IsTimeOfDay(ReadOnlySpan<byte> text) =>
        text.Length >= 8 && char.IsAsciiDigit((char)text[0]) && char.IsAsciiDigit((char)text[1]) && text[2] == ':' && text[5] == ':';

    private static byte FirstOf(ReadOnlySpan<byte> text) => text.IsEmpty ? (byte)0 : text[0];

    /// <summary>The text up to the next space, or all of it.</summary>
    private static ReadOnlySpan<byte> TakeWord(scoped ref ReadOnlySpan<byte> rest)
    {
        int end = rest.IndexOf((byte)' ');
        var word = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        return word;
    }

    private static ReadOnlySpan<byte> Known(ReadOnlySpan<byte> word, int maximum) => word.SequenceEqual("-"u8) || word.Length > maximum ? default : word;
}
