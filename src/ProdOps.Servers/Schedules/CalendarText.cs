namespace ProdOps.Servers.Schedules;

/// <summary>systemd's calendar events (systemd.time(7)) that mean what a cron expression or a time of day means.</summary>
internal static class CalendarText
{
    private static readonly string[] WeekDays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

    /// <summary>One event, or two where either of cron's day fields is enough: an event wants both.</summary>
    public static IReadOnlyList<string> FromCron(CronExpression cron)
    {
        string months = List(cron.Months, 1, 12);
        string time = $"{List(cron.Hours, 0, 23)}:{List(cron.Minutes, 0, 59)}:00";
        string days = List(cron.Days, 1, 31);
        string week = WeekDayList(cron.WeekDays);
        if (!cron.EitherDay) return [$"{week}*-{months}-{days} {time}"];
        return [$"*-{months}-{days} {time}", $"{week}*-{months}-* {time}"];
    }

    /// <summary>Every day at one time.</summary>
    public static string Daily(TimeOnly time) => $"*-*-* {time:HH':'mm':'ss}";

    /// <summary>An event that repeats with the interval at even times, or <see langword="null"/> where days are no multiple of it.</summary>
    public static string? Every(TimeSpan interval)
    {
        if (interval.Ticks % TimeSpan.TicksPerSecond != 0) return null;
        long seconds = interval.Ticks / TimeSpan.TicksPerSecond;
        return seconds switch
        {
            1 => "*-*-* *:*:*",
            60 => "*-*-* *:*:00",
            3600 => "*-*-* *:00:00",
            86400 => "*-*-* 00:00:00",
            604800 => "Mon *-*-* 00:00:00",
            > 0 and < 60 when 60 % seconds == 0 => $"*-*-* *:*:0/{seconds}",
            > 60 and < 3600 when seconds % 60 == 0 && 3600 % seconds == 0 => $"*-*-* *:0/{seconds / 60}:00",
            > 3600 and < 86400 when seconds % 3600 == 0 && 86400 % seconds == 0 => $"*-*-* 0/{seconds / 3600}:00:00",
            _ => null,
        };
    }

    private static string List(ulong set, int minimum, int maximum)
    {
        int[] values = [.. BitSet.Values(set)];
        if (values.Length == maximum - minimum + 1) return "*";
        int step = values.Length > 2 ? values[1] - values[0] : 0;
        bool even = step > 1 && values[^1] + step > maximum;
        for (int i = 1; even && i < values.Length; i++) even = values[i] - values[i - 1] == step;
        return even ? $"{values[0]:00}/{step}" : string.Join(',', Ranges(values).Select(range => range.First == range.Last ? $"{range.First:00}" : $"{range.First:00}..{range.Last:00}"));
    }

    private static string WeekDayList(ulong set)
    {
        // cron's week begins on Sunday, systemd's on Monday.
        int[] days = [.. BitSet.Values((set >> 1) | ((set & 1) << 6))];
        if (days.Length == 7) return "";
        return string.Join(',', Ranges(days).Select(range => range.First == range.Last ? WeekDays[range.First] : $"{WeekDays[range.First]}..{WeekDays[range.Last]}")) + " ";
    }

    /// <summary>Runs of three or more numbers in a row as ranges, all others alone.</summary>
    private static IEnumerable<(int First, int Last)> Ranges(int[] values)
    {
        for (int i = 0; i < values.Length;)
        {
            int end = i;
            while (end + 1 < values.Length && values[end + 1] == values[end] + 1) end++;
            if (end - i < 2) end = i;
            yield return (values[i], values[end]);
            i = end + 1;
        }
    }
}
