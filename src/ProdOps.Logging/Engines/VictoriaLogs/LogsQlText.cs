using System.Globalization;
using System.Text;

namespace ProdOps.Logging.Engines.VictoriaLogs;

/// <summary>Writes names, texts and moments into LogsQL. Nothing in them ends the quotes around them.</summary>
internal static class LogsQlText
{
    /// <summary>A text between double quotes, which are read as Go's strings are.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 8).Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is '"' or '\\') quoted.Append('\\').Append((char)rune.Value);
            else if (rune.Value < 0x20 || rune.Value is >= 0x7F and < 0xA0 or 0x2028 or 0x2029 or 0xFEFF) quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            else quoted.Append(rune.ToString());
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>A moment, exact to the tick.</summary>
    public static string Time(long ticks) => new DateTime(ticks, DateTimeKind.Utc).ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>A number without an exponent, or <see langword="null"/> where that would not be exact.</summary>
    public static string? Number(double number) =>
        Math.Abs(number) < 1e15 && number.ToString("R", CultureInfo.InvariantCulture) is var text && !text.Contains('E', StringComparison.Ordinal) ? text : null;

    /// <summary>A duration as it is sent: in seconds, with their unit.</summary>
    public static string Duration(long ticks) => (ticks / (decimal)TimeSpan.TicksPerSecond).ToString("0.#######", CultureInfo.InvariantCulture) + "s";
}
