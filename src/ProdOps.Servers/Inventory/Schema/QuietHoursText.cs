using System.Globalization;

namespace ProdOps.Servers.Inventory.Schema;

/// <summary>Hours of days of the week as people write them: <c>22:00-06:00</c>, <c>Mon-Fri 18:00-08:00</c>, <c>Sat,Sun</c>.</summary>
internal static class QuietHoursText
{
    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    /// <summary>The hours, or <see langword="null"/> if the text is not understood.</summary>
    public static QuietHours? Parse(string text)
    {
        string[] parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        // A dash with spaces around it divides hours too.
        if (parts.Length > 2 && parts[^2] == "-") parts = [.. parts[..^3], parts[^3] + "-" + parts[^1]];
        return parts switch
        {
            [var one] when ParseHours(one) is { } hours => hours,
            [var one] when ParseDays(one) is { } days => new QuietHours(TimeOnly.MinValue, TimeOnly.MinValue) { Days = days },
            [var first, var second] when ParseDays(first) is { } days && ParseHours(second) is { } hours => hours with { Days = days },
            _ => null,
        };
    }

    /// <summary><c>08:00</c>; midnight at the end of a day may be <c>24:00</c>.</summary>
    public static TimeOnly? ParseTime(string text) => text == "24:00" ? TimeOnly.MinValue
        : TimeOnly.TryParseExact(text, ["H:mm", "HH:mm"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time : null;

    private static QuietHours? ParseHours(string text) =>
        text.Split('-') is [var from, var until] && ParseTime(from.Trim()) is { } begin && ParseTime(until.Trim()) is { } end ? new QuietHours(begin, end) : null;

    private static DayOfWeek[]? ParseDays(string text)
    {
        var days = new List<DayOfWeek>();
        foreach (string part in text.Split(','))
        {
            int[] ends = [.. part.Split('-').Select(static name => Array.FindIndex(Days, day => day.Equals(name, StringComparison.OrdinalIgnoreCase)))];
            if (ends.Length > 2 || ends.Contains(-1)) return null;
            for (int day = ends[0]; ; day = (day + 1) % 7)
            {
                days.Add((DayOfWeek)day);
                if (day == ends[^1]) break;
            }
        }

        return [.. days.Distinct()];
    }
}
