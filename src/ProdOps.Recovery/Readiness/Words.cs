using ProdOps.Servers.Commands;
using static System.FormattableString;

namespace ProdOps.Recovery.Readiness;

/// <summary>Figures and names as messages and advice have them.</summary>
internal static class Words
{
    public static string Of(TimeSpan time)
    {
        double seconds = Math.Abs(time.TotalSeconds);
        return seconds switch
        {
            > 0 and < 172_800 when seconds % 3600 == 0 => Invariant($"{time.TotalHours:0} h"),
            < 1 => Invariant($"{time.TotalMilliseconds:0} ms"),
            < 120 => Invariant($"{time.TotalSeconds:0.#} s"),
            < 7200 => Invariant($"{time.TotalMinutes:0.#} min"),
            < 172_800 => Invariant($"{time.TotalHours:0.#} h"),
            _ => Invariant($"{time.TotalDays:0.#} days"),
        };
    }

    public static string Percent(double share) => Invariant($"{Math.Floor(share * 1e5) / 1e3:0.###} %");

    /// <summary>How old, and what that leaves of a proof.</summary>
    public static string Age(DateTimeOffset proved, DateTimeOffset now)
    {
        double share = Decay.Share(proved, now);
        if (now - proved < -Decay.Skew) return Invariant($"its time, {proved.UtcDateTime:yyyy-MM-dd HH:mm} UTC, is in the future: it counts for nothing");
        string old = $"{Of(now > proved ? now - proved : TimeSpan.Zero)} ago";
        return share >= 1 ? old : share <= 0 ? $"{old}: too long to count" : Invariant($"{old}: counts {share * 100:0} %");
    }

    /// <summary>A word of a command line of PowerShell. Names of files and servers are anybody's: what PowerShell takes for a quote is doubled.</summary>
    public static string Argument(string text) => text.Length > 0 && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') && text[0] != '-'
        ? text : PowerShellQuote.Text(string.Concat(text.Where(static c => !char.IsControl(c))));

    public static string List(IEnumerable<string> names, int most = 3)
    {
        string[] all = [.. names];
        return all.Length <= most ? string.Join(", ", all) : $"{string.Join(", ", all.Take(most))} and {all.Length - most} more";
    }
}
