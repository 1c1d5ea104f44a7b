using System.Globalization;
using System.Text;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Files.Tar;

/// <summary>Seconds since 1970 with a decimal fraction, as pax headers and <c>find -printf %T@</c> have them.</summary>
internal static class TimeText
{
    /// <param name="text">The text.</param>
    /// <param name="time">The moment.</param>
    /// <param name="floored">The fraction counts upwards before 1970, too: find writes -1.5 as -2.5.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, out UnixTime time, bool floored = false)
    {
        time = default;
        int point = text.IndexOf((byte)'.');
        var whole = point < 0 ? text : text[..point];
        if (whole.Length > 19 || !long.TryParse(whole, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long seconds)) return false;
        int nanoseconds = 0;
        if (point >= 0)
        {
            var fraction = text[(point + 1)..];
            if (fraction.Length > 64 || fraction.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return false;
            for (int i = 0; i < 9; i++) nanoseconds = nanoseconds * 10 + (i < fraction.Length ? fraction[i] - '0' : 0);
            if (!floored && whole[0] == '-' && nanoseconds != 0)
            {
                if (seconds == long.MinValue) return false;
                (seconds, nanoseconds) = (seconds - 1, 1_000_000_000 - nanoseconds);
            }
        }
        time = new UnixTime(seconds, nanoseconds);
        return true;
    }

    public static string Format(UnixTime time)
    {
        var (seconds, nanoseconds) = time;
        string sign = "";
        if (seconds < 0 && nanoseconds != 0) (sign, seconds, nanoseconds) = ("-", -(seconds + 1), 1_000_000_000 - nanoseconds);
        var text = new StringBuilder(sign).Append(CultureInfo.InvariantCulture, $"{seconds}");
        return nanoseconds == 0 ? text.ToString() : text.Append(CultureInfo.InvariantCulture, $".{nanoseconds:D9}").ToString();
    }
}
