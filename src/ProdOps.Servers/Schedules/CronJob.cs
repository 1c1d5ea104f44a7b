using System.Globalization;
using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Schedules;

/// <summary>
/// The text of a schedule where cron starts it: a script that does what cron does not (no overlap, output to syslog, a record of the
/// run), and the lines that start the script. So nothing of the admin's text stands in a crontab, where % and line ends are special.
/// </summary>
internal static class CronJob
{
    private const string Header = "# Made by ProdOps (Register-ProdOpsSchedule). Registering it again writes this file anew.";

    /// <summary>The times as cron's five fields.</summary>
    /// <exception cref="ProdOpsException">cron cannot say one of them.</exception>
    public static IReadOnlyList<string> Times(ScheduleDefinition definition, string server)
    {
        if (definition.Calendar is { Count: > 0 } calendar) throw ServersErrors.ScheduleNeedsSystemd(definition.Name, server, $"the calendar event '{calendar[0]}'");
        var times = new List<string>();
        foreach (var time in definition.Daily ?? [])
        {
            if (time.Second != 0) throw ServersErrors.ScheduleNeedsSystemd(definition.Name, server, "seconds");
            times.Add(string.Create(CultureInfo.InvariantCulture, $"{time.Minute} {time.Hour} * * *"));
        }

        if (definition.Every > TimeSpan.Zero) times.Add(Every(definition.Every) ?? throw ServersErrors.ScheduleNeedsSystemd(definition.Name, server, $"an interval of {definition.Every}"));
        times.AddRange((definition.Cron ?? []).Select(cron => CronExpression.Parse(cron).Text));
        return times;
    }

    /// <summary>A file of /etc/cron.d.</summary>
    public static string SystemFile(ScheduleDefinition definition, string server, string user, string script) =>
        $"{Header}\n{definition.ToMarker()}\n{string.Concat(Times(definition, server).Select(time => $"{time} {user} {Command(script)}\n"))}";

    /// <summary>A user's crontab with this schedule's lines, and everything else as it was. Without a definition its lines are taken out.</summary>
    public static string Crontab(string current, string name, ScheduleDefinition? definition, string server, string script)
    {
        string tag = LineTag(name);
        var lines = current.Split('\n').ToList();
        // In their place: moved to the end, they would change the file, and the lines of others among them.
        int place = lines.FindIndex(line => line.EndsWith(tag, StringComparison.Ordinal));
        lines.RemoveAll(line => line.EndsWith(tag, StringComparison.Ordinal));
        while (lines.Count > 0 && lines[^1].Length == 0) lines.RemoveAt(lines.Count - 1);
        if (definition is not null) lines.InsertRange(place < 0 ? lines.Count : Math.Min(place, lines.Count), Times(definition, server).Select(time => $"{time} {Command(script)}{tag}"));
        return string.Concat(lines.Select(line => line + "\n"));
    }

    /// <summary>The script that cron starts.</summary>
    public static string Script(ScheduleDefinition definition, string runner, string state)
    {
        string delay = definition.RandomDelay < TimeSpan.FromSeconds(1) ? "" : string.Create(
            CultureInfo.InvariantCulture, $"sleep \"$(( $(od -An -N4 -tu4 /dev/urandom) % {(long)definition.RandomDelay.TotalSeconds + 1} ))\"\n");
        return Template
            .Replace("@HEADER@", Header, StringComparison.Ordinal)
            .Replace("@STATE@", ShellQuote.Word(state), StringComparison.Ordinal)
            .Replace("@TAG@", ShellQuote.Word(SystemdUnits.UnitName(definition.Name)), StringComparison.Ordinal)
            .Replace("@ENVIRONMENT@", string.Join(' ', SystemdUnits.Environment), StringComparison.Ordinal)
            .Replace("@DELAY@", delay, StringComparison.Ordinal)
            .Replace("@MARKER@", definition.ToMarker(), StringComparison.Ordinal)
            .ReplaceOnce("@COMMAND@", ShellQuote.Words(definition.Words(runner)));
    }

    /// <summary>A word of a crontab line: quoted for its shell, and for cron, to which % is the end of the line.</summary>
    public static string Escape(string text) => ShellQuote.Word(text).Replace("%", "\\%", StringComparison.Ordinal);

    private static string Command(string script) => $"/bin/sh {Escape(script)}";

    private static string LineTag(string name) => $" # prodops-schedule {name}";

    private static string? Every(TimeSpan interval)
    {
        if (interval.Ticks % TimeSpan.TicksPerMinute != 0) return null;
        long minutes = interval.Ticks / TimeSpan.TicksPerMinute;
        return minutes switch
        {
            1 => "* * * * *",
            < 60 when 60 % minutes == 0 => $"*/{minutes} * * * *",
            60 => "0 * * * *",
            < 1440 when minutes % 60 == 0 && 1440 % minutes == 0 => $"0 */{minutes / 60} * * *",
            1440 => "0 0 * * *",
            10080 => "0 0 * * 1",
            _ => null,
        };
    }

    /// <summary>Puts text in that must not be searched again: it is the admin's and may hold anything.</summary>
    private static string ReplaceOnce(this string text, string place, string value)
    {
        int at = text.LastIndexOf(place, StringComparison.Ordinal);
        return string.Concat(text.AsSpan(0, at), value, text.AsSpan(at + place.Length));
    }

    // Without flock the lock is a symbolic link, made in one step with its owner's number and boot in it: after a crash, or where the
    // number has gone to another process, it counts for nothing. Only one at a time takes such a link away (the folder "take", held
    // for an instant), or a second one would take away the new owner's.
    private const string Template = """
        #!/bin/sh
        @HEADER@
        @MARKER@
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
        export PATH @ENVIRONMENT@
        state=@STATE@
        tag=@TAG@
        log() { if command -v logger >/dev/null 2>&1; then logger -t "$tag"; else cat >"$state/output"; fi; }
        skip() { echo 'The run before is still at work: this one is left out.' | log; exit 0; }
        mkdir -p "$state" || exit 1
        if command -v flock >/dev/null 2>&1; then
            exec 9>"$state/lock"
            flock -n 9 || skip
        else
            boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)
            lock=$state/owner tries=0
            until ln -s "$$ $boot" "$lock" 2>/dev/null; do
                owner=$(readlink "$lock")
                [ "${owner#* }" = "$boot" ] && kill -0 "${owner%% *}" 2>/dev/null && skip
                if mkdir "$state/take" 2>/dev/null; then
                    [ -n "$owner" ] && [ "$(readlink "$lock")" = "$owner" ] && rm -f "$lock"
                    rmdir "$state/take"
                else
                    sleep 1
                    tries=$((tries + 1))
                    [ "$tries" -lt 5 ] || { tries=0; rmdir "$state/take" 2>/dev/null; }
                fi
            done
            trap 'rm -f "$lock"' EXIT
            trap 'exit 143' HUP INT TERM
        fi
        @DELAY@start=$(date +%s)
        record() { printf '%s\n' "pid=$$" "start=$start" "$@" >"$state/run.new" && mv -f "$state/run.new" "$state/run"; }
        record
        code=$({ { @COMMAND@ </dev/null 3>&- 9>&-; echo $? >&3; } 2>&1 | log >/dev/null 2>&1; } 3>&1)
        record "end=$(date +%s)" "code=$code"
        exit "$code"

        """;
}
