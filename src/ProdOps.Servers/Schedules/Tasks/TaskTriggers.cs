namespace ProdOps.Servers.Schedules.Tasks;

/// <summary>Which days a trigger is about: sets as <see cref="CronExpression"/> has them.</summary>
internal readonly record struct TaskDays(ulong Days, ulong Months, ulong WeekDays)
{
    public const ulong AllDays = 0xFFFF_FFFE, AllMonths = 0x1FFE, AllWeekDays = 0x7F;

    public static TaskDays Every { get; } = new(AllDays, AllMonths, AllWeekDays);
}

/// <summary>A trigger of the Task Scheduler: at a time of certain days, and from there again after each interval.</summary>
/// <param name="Days">The days, or <see langword="null"/> for one that begins once and repeats for ever.</param>
/// <param name="Start">The first time of the day.</param>
/// <param name="Interval">The time between runs; zero for one run a day.</param>
/// <param name="Count">How many runs a day.</param>
internal sealed record TaskTrigger(TaskDays? Days, TimeOnly Start, TimeSpan Interval = default, int Count = 1)
{
    /// <summary>Whether the runs are evenly spread over all days, so that any of them may be the first.</summary>
    public bool IsGrid => Days == TaskDays.Every && Interval * Count == TimeSpan.FromDays(1);

    public TimeSpan Length => Interval * (Count - 1);
}

/// <summary>What a definition means in triggers, as few as there can be: a task has 48 at most.</summary>
internal static class TaskTriggers
{
    private const string Scheduler = "the Task Scheduler";
    private const int Maximum = 48;
    private const int MinutesOfDay = 24 * 60;

    /// <exception cref="ProdOpsException">The Task Scheduler cannot do one of the times.</exception>
    public static IReadOnlyList<TaskTrigger> Of(ScheduleDefinition definition, string server)
    {
        if (definition.Calendar is { Count: > 0 } calendar) throw ServersErrors.ScheduleNeedsSystemd(definition.Name, server, $"the calendar event '{calendar[0]}'", Scheduler);
        List<TaskTrigger> triggers = [.. (definition.Daily ?? []).Select(time => new TaskTrigger(TaskDays.Every, time))];
        if (definition.Every > TimeSpan.Zero)
            triggers.Add(Every(definition.Every) ?? throw ServersErrors.ScheduleNeedsSystemd(definition.Name, server, $"an interval of {definition.Every}", Scheduler));
        foreach (string text in definition.Cron ?? [])
        {
            var cron = CronExpression.Parse(text);
            var days = DaysOf(cron) ?? throw ServersErrors.ScheduleNeedsSystemd(definition.Name, server, $"days of the month that are certain days of the week ('{text}')", Scheduler);
            var times = TimesOf(cron);
            triggers.AddRange(days.SelectMany(day => times.Select(time => time with { Days = day })));
        }

        return triggers.Count <= Maximum ? triggers
            : throw ServersErrors.ScheduleNeedsSystemd(definition.Name, server, $"{triggers.Count} separate times, of which a task has {Maximum} at most,", Scheduler);
    }

    private static TaskTrigger? Every(TimeSpan interval)
    {
        if (interval.Ticks % TimeSpan.TicksPerMinute != 0) return null;
        var midnight = TimeOnly.MinValue;
        long minutes = interval.Ticks / TimeSpan.TicksPerMinute;
        return minutes switch
        {
            MinutesOfDay => new TaskTrigger(TaskDays.Every, midnight),
            // As with the other kinds, a week begins on Monday.
            7 * MinutesOfDay => new TaskTrigger(TaskDays.Every with { WeekDays = 1 << 1 }, midnight),
            < MinutesOfDay when MinutesOfDay % minutes == 0 => new TaskTrigger(TaskDays.Every, midnight, interval, (int)(MinutesOfDay / minutes)),
            _ => new TaskTrigger(null, midnight, interval),
        };
    }

    /// <summary>One set of days, or two where either of cron's day fields is enough. <see langword="null"/> where both must fit and both say something.</summary>
    private static TaskDays[]? DaysOf(CronExpression cron)
    {
        var days = new TaskDays(cron.Days, cron.Months, cron.WeekDays);
        if (!cron.EitherDay) return days.Days == TaskDays.AllDays || days.WeekDays == TaskDays.AllWeekDays ? [days] : null;
        if (days.Days == TaskDays.AllDays || days.WeekDays == TaskDays.AllWeekDays) return [TaskDays.Every with { Months = days.Months }];
        return [days with { WeekDays = TaskDays.AllWeekDays }, days with { Days = TaskDays.AllDays }];
    }

    /// <summary>The times of a day: either as they follow each other, or each minute of the hour by itself, whichever takes fewer triggers.</summary>
    private static List<TaskTrigger> TimesOf(CronExpression cron)
    {
        int[] hours = [.. BitSet.Values(cron.Hours)], minutes = [.. BitSet.Values(cron.Minutes)];
        var together = Runs([.. hours.SelectMany(hour => minutes.Select(minute => hour * 60 + minute))]);
        var apart = minutes.SelectMany(minute => Runs([.. hours.Select(hour => hour * 60 + minute)])).ToList();
        return together.Count <= apart.Count ? together : apart;
    }

    /// <summary>Cuts ascending minutes of a day into runs with even steps.</summary>
    private static List<TaskTrigger> Runs(int[] times)
    {
        var runs = new List<TaskTrigger>();
        for (int i = 0; i < times.Length;)
        {
            int count = 1;
            int step = i + 1 < times.Length ? times[i + 1] - times[i] : 0;
            while (step > 0 && i + count < times.Length && times[i + count] - times[i + count - 1] == step) count++;
            // Two are a run only at the end: the second may begin a longer one.
            if (count == 2 && i + 2 < times.Length) count = 1;
            runs.Add(new TaskTrigger(TaskDays.Every, new TimeOnly(times[i] / 60, times[i] % 60), TimeSpan.FromMinutes(count > 1 ? step : 0), count));
            i += count;
        }

        return runs;
    }
}
