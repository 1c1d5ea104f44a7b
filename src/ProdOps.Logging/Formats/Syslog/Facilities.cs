namespace ProdOps.Logging.Formats.Syslog;

/// <summary>The names of syslog's facilities, as syslog.h has them.</summary>
internal static class Facilities
{
    private static readonly string[] Names =
    [
        "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp", "audit", "alert", "clock",
        "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
    ];

    private static readonly byte[][] Utf8 = [.. Names.Select(System.Text.Encoding.ASCII.GetBytes)];

    /// <summary>The name for a number written in digits: of a facility, or of a priority that has one in it.</summary>
    public static bool TryName(ReadOnlySpan<byte> digits, FieldKind kind, out string name, out ReadOnlySpan<byte> utf8)
    {
        name = "";
        utf8 = default;
        if (digits.Length is 0 or > 3) return false;
        int number = 0;
        foreach (byte digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9') return false;
            number = number * 10 + digit - '0';
        }

        if (kind == FieldKind.Priority) number >>= 3;
        if (number >= Names.Length) return false;
        name = Names[number];
        utf8 = Utf8[number];
        return true;
    }
}
