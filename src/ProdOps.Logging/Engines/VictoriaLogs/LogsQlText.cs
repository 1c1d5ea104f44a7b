using System.Globalization;

namespace ProdOps.Logging.Engines.VictoriaLogs;

/// <summary>Writes names, texts and moments into LogsQL. Nothing in them ends the quotes around them.</summary>
internal static class LogsQlText
{
    /// <summary>A text between double quotes, which are read as Go's strings are.</summary>
    public static string Quote(string text) => GoText.Quote(text);

    /// <summary>A moment, exact to the tick.</summary>
    public static string Time(long ticks) => new DateTime(ticks, DateTimeKind.Utc).ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>A number without an exponent, or <see langword="null"/> where that would not be exact.</summary>
    public static string? Number(double number) =>
        Math.Abs(number) < 1e15 && number.ToString("R", CultureInfo.InvariantCulture) is var text && !text.Contains('E', StringComparison.Ordinal) ? text : null;

    /// <summary>A duration as it is sent: in seconds, with their unit.</summary>
    public static string Duration(long ticks) => (ticks / (decimal)TimeSpan.TicksPerSecond).ToString("0.#######", CultureInfo.InvariantCulture) + "s";
}
