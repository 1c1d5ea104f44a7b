using System.Globalization;

namespace ProdOps.Servers.Schedules;

/// <summary>Reads what the listing of cron's schedules printed: their definitions and the records that their scripts keep.</summary>
internal static class CronState
{
    private const string PartPrefix = "==prodops ";

    /// <summary>Prints the definition of every script in a folder and the record of its last run; <c>alive</c> if that run is at work.</summary>
    /// <param name="scripts">The folder of the scripts, quoted.</param>
    /// <param name="state">The folder of the records, quoted.</param>
    public static string Probe(string scripts, string state) => $$"""
        cd {{scripts}} 2>/dev/null || exit 0
        state={{state}}
        for script in *.sh; do
            [ -f "$script" ] || continue
            name=${script%.sh}
            printf '==prodops schedule %s\n' "$name"
            sed -n '/^# prodops-schedule /{p;q;}' "$script"
            printf '==prodops run %s\n' "$name"
            cat "$state/$name/run" 2>/dev/null
            pid=$(sed -n 's/^pid=//p' "$state/$name/run" 2>/dev/null)
            [ -n "$pid" ] && { [ -d "/proc/$pid" ] || kill -0 "$pid" 2>/dev/null; } && echo alive=yes
        done
        true
        """;

    public static IReadOnlyList<ProdOpsSchedule> Parse(string text, ScheduleHost host, DateTimeOffset now)
    {
        var schedules = new List<ProdOpsSchedule>();
        string[] part = [""];
        bool open = false;
        var run = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var range in text.AsSpan().Split('\n'))
        {
            string line = text[range].TrimEnd('\r');
            if (line.StartsWith(PartPrefix, StringComparison.Ordinal))
            {
                part = line[PartPrefix.Length..].Split(' ');
                if (part[0] != "schedule") continue;
                Close();
            }
            else if (part[0] == "schedule" && !open && part.Length > 1 && ScheduleDefinition.Find(line) is { } definition && definition.Name == part[1])
            {
                schedules.Add(ToModel(definition, host, now));
                open = true;
            }
            else if (part[0] == "run" && line.IndexOf('=') is > 0 and var equals)
            {
                run[line[..equals]] = line[(equals + 1)..];
            }
        }

        Close();
        return schedules;

        void Close()
        {
            if (open) schedules[^1] = WithRun(schedules[^1], run);
            open = false;
            run.Clear();
        }
    }

    /// <summary>The next time of five cron fields in a zone. Cronos wants both day fields to fit; cron, in some cases, only one.</summary>
    public static DateTimeOffset? Next(string time, DateTimeOffset after, TimeZoneInfo zone)
    {
        var cron = CronExpression.Parse(time);
        // Values instead of the text: Cronos takes no star within a list, cron does.
        string clock = $"{Values(cron.Minutes)} {Values(cron.Hours)}";
        string days = Values(cron.Days), months = Values(cron.Months), week = Values(cron.WeekDays);
        string[] texts = cron.EitherDay ? [$"{clock} {days} {months} *", $"{clock} * {months} {week}"] : [$"{clock} {days} {months} {week}"];
        return texts.Select(text => Cronos.CronExpression.Parse(text).GetNextOccurrence(after, zone)).Where(next => next is not null).Min();
    }

    private static string Values(ulong set) => string.Join(',', BitSet.Values(set));

    private static ProdOpsSchedule ToModel(ScheduleDefinition definition, ScheduleHost host, DateTimeOffset now) => new()
    {
        Server = host.Server,
        Name = definition.Name,
        Description = definition.Description,
        Scheduler = ScheduleSystem.Cron,
        Scope = host.Scope,
        Schedule = definition.Times.ToArray(),
        RandomDelay = definition.RandomDelay,
        Command = definition.Command,
        FilePath = definition.FilePath,
        ArgumentList = definition.Arguments ?? [],
        User = definition.User ?? host.User,
        Enabled = host.CronRuns,
        NextRun = NextOf(definition, host, now),
    };

    private static DateTimeOffset? NextOf(ScheduleDefinition definition, ScheduleHost host, DateTimeOffset now)
    {
        try
        {
            return CronJob.Times(definition, host.Server).Select(time => Next(time, now, host.Zone)).Where(next => next is not null).Min();
        }
        catch (ProdOpsException)
        {
            // The file was changed by hand into something cron cannot do.
            return null;
        }
    }

    private static ProdOpsSchedule WithRun(ProdOpsSchedule schedule, Dictionary<string, string> run)
    {
        if (Seconds(run, "start") is not { } start) return schedule;
        schedule = schedule with { LastRun = DateTimeOffset.FromUnixTimeSeconds(start) };
        if (Seconds(run, "end") is not { } end || !int.TryParse(run.GetValueOrDefault("code"), NumberStyles.None, CultureInfo.InvariantCulture, out int code))
            return schedule with { LastResult = run.ContainsKey("alive") ? ScheduleResult.Running : ScheduleResult.Failed };
        return schedule with { LastResult = code == 0 ? ScheduleResult.Succeeded : ScheduleResult.Failed, ExitCode = code, Duration = TimeSpan.FromSeconds(Math.Max(0, end - start)) };
    }

    private static long? Seconds(Dictionary<string, string> run, string name) =>
        long.TryParse(run.GetValueOrDefault(name), NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) && seconds < 200_000_000_000 ? seconds : null;
}
