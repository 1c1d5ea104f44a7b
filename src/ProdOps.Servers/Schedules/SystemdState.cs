using System.Globalization;
using System.Text.Json;

namespace ProdOps.Servers.Schedules;

/// <summary>Reads what the listing of systemd schedules printed: their definitions, and what systemctl and the journal say of their units.</summary>
internal sealed class SystemdState
{
    private const string PartPrefix = "==prodops ";

    // sd-messages.h: what systemd logs about a unit. After a reboot the journal alone knows how the last run ended.
    private const string Starting = "7d4958e842da4a758f6c1cdc7b36dcc5";
    private const string Started = "39f53479d3a045ac8e11786248231fbf";
    private const string Success = "7ad2d189f7e94e70a38c781354912448";
    private const string Failure = "d9b373ed55a64feb8242e02dbe79a49c";
    private const string ProcessExit = "98e322203f7a4ed290d09fe03c09fe15";

    private readonly Dictionary<string, string> _timer = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _service = new(StringComparer.Ordinal);
    private readonly List<string> _journal = [];
    private readonly DateTimeOffset? _boot;

    private SystemdState(ScheduleDefinition definition, DateTimeOffset? boot)
    {
        Definition = definition;
        _boot = boot;
    }

    public ScheduleDefinition Definition { get; }

    /// <summary>
    /// Prints the definition of every timer, and of every service without one, in a folder and what is known of it. With TZ=UTC systemctl prints moments in a form that all
    /// versions share.
    /// </summary>
    /// <param name="folder">The folder of the unit files, quoted.</param>
    /// <param name="isUser">Whether they are units of the user's own manager.</param>
    public static string Probe(string folder, bool isUser) => $$"""
        LC_ALL=C TZ=UTC; export LC_ALL TZ
        : "${XDG_RUNTIME_DIR:=/run/user/$(id -u)}"; export XDG_RUNTIME_DIR
        printf '==prodops clock %s %s\n' "$(date +%s)" "$(cut -d' ' -f1 /proc/uptime 2>/dev/null)"
        cd {{folder}} 2>/dev/null || exit 0
        for file in prodops-*.timer prodops-*.service; do
            [ -f "$file" ] || continue
            unit=${file%.*} kind=timer
            case $file in *.service) [ -f "$unit.timer" ] && continue; kind=always ;; esac
            printf '==prodops %s %s\n' "$kind" "$unit"
            sed -n '/^# prodops-schedule /{p;q;}' "$file"
            systemctl {{(isUser ? "--user " : "")}}show -p ActiveState -p UnitFileState -p NextElapseUSecRealtime -p NextElapseUSecMonotonic "$file" 2>/dev/null
            printf '==prodops service %s\n' "$unit"
            service=$(systemctl {{(isUser ? "--user " : "")}}show -p ActiveState -p Result -p ExecMainCode -p ExecMainStatus -p ExecMainStartTimestamp -p ExecMainStartTimestampMonotonic -p ExecMainExitTimestampMonotonic "$unit.service" 2>/dev/null)
            printf '%s\n' "$service"
            case $service in *ExecMainStartTimestampMonotonic=0*)
                printf '==prodops journal %s\n' "$unit"
                journalctl -q --no-pager -o json -r -n 8 {{(isUser ? "--user-unit" : "-u")}} "$unit.service" MESSAGE_ID={{Starting}} MESSAGE_ID={{Started}} MESSAGE_ID={{Success}} MESSAGE_ID={{Failure}} MESSAGE_ID={{ProcessExit}} 2>/dev/null
            esac
        done
        true
        """;

    /// <summary>The schedules in a listing. What carries no definition of ours is not ours.</summary>
    public static IReadOnlyList<SystemdState> Parse(string text)
    {
        var states = new List<SystemdState>();
        DateTimeOffset? boot = null;
        string[] part = [""];
        SystemdState? state = null;
        foreach (var range in text.AsSpan().Split('\n'))
        {
            string line = text[range].TrimEnd('\r');
            if (line.StartsWith(PartPrefix, StringComparison.Ordinal))
            {
                part = line[PartPrefix.Length..].Split(' ');
                if (part[0] is "timer" or "always") state = null;
                if (part[0] == "clock") boot = Boot(part);
            }
            else if (part[0] is "timer" or "always" && state is null && ScheduleDefinition.Find(line) is { } definition && definition.Always == (part[0] == "always") && part.Length > 1 && part[1] == SystemdUnits.UnitName(definition.Name))
            {
                states.Add(state = new SystemdState(definition, boot));
            }
            else if (state is not null)
            {
                state.Take(part[0], line);
            }
        }

        return states;
    }

    /// <summary>The schedule with all that is known of its runs.</summary>
    public ProdOpsSchedule ToModel(string server, ScheduleScope scope, string user)
    {
        var schedule = new ProdOpsSchedule
        {
            Server = server,
            Name = Definition.Name,
            Description = Definition.Description,
            Scheduler = ScheduleSystem.Systemd,
            Scope = scope,
            Schedule = Definition.Times.ToArray(),
            RandomDelay = Definition.RandomDelay,
            Command = Definition.Command,
            FilePath = Definition.FilePath,
            ArgumentList = Definition.Arguments ?? [],
            User = Definition.User ?? user,
            Enabled = Value(_timer, "UnitFileState") == "enabled" && Value(_timer, "ActiveState") == "active",
            NextRun = Earlier(Moment(Value(_timer, "NextElapseUSecRealtime")), SinceBoot(Value(_timer, "NextElapseUSecMonotonic"))),
        };
        return Value(_service, "ExecMainStartTimestampMonotonic") is "" or "0" ? WithJournal(schedule) : WithService(schedule);
    }

    private void Take(string part, string line)
    {
        if (part == "journal") _journal.Add(line);
        var values = part switch { "timer" or "always" => _timer, "service" => _service, _ => null };
        int equals = line.IndexOf('=');
        if (values is not null && equals > 0) values[line[..equals]] = line[(equals + 1)..];
    }

    private ProdOpsSchedule WithService(ProdOpsSchedule schedule)
    {
        // One that always runs and has failed is "activating" until it is started again.
        bool running = Value(_service, "ActiveState") is "active" or "deactivating"
            || (Value(_service, "ActiveState") == "activating" && (!Definition.Always || Value(_service, "Result") == "success"));
        schedule = schedule with { LastRun = Moment(Value(_service, "ExecMainStartTimestamp")), LastResult = ScheduleResult.Running };
        if (running || !int.TryParse(Value(_service, "ExecMainStatus"), NumberStyles.None, CultureInfo.InvariantCulture, out int status)) return schedule;
        long started = Number(Value(_service, "ExecMainStartTimestampMonotonic")), ended = Number(Value(_service, "ExecMainExitTimestampMonotonic"));
        // CLD_EXITED is 1; otherwise a signal has ended it.
        int code = Value(_service, "ExecMainCode") == "1" ? status : 128 + (status & 0x7F);
        return schedule with
        {
            // One that always runs is ended by a signal.
            LastResult = Value(_service, "Result") == "success" && (code == 0 || Definition.Always) ? ScheduleResult.Succeeded : ScheduleResult.Failed,
            ExitCode = code,
            Duration = ended > started ? TimeSpan.FromMicroseconds(ended - started) : null,
        };
    }

    /// <summary>Newest first: how it ended, with which code, and when it began.</summary>
    private ProdOpsSchedule WithJournal(ProdOpsSchedule schedule)
    {
        DateTimeOffset? end = null;
        foreach (var (id, time, status) in _journal.Select(ParseEntry))
        {
            switch (id)
            {
                case Success or Started or Failure when end is null:
                    end = time;
                    bool failed = id == Failure;
                    schedule = schedule with { LastResult = failed ? ScheduleResult.Failed : ScheduleResult.Succeeded, ExitCode = failed ? schedule.ExitCode : 0 };
                    break;
                case ProcessExit:
                    schedule = schedule with { ExitCode = status };
                    break;
                case Starting:
                    return schedule with { LastRun = time, Duration = end - time };
            }
        }

        return schedule;
    }

    private static (string Id, DateTimeOffset? Time, int? Status) ParseEntry(string line)
    {
        try
        {
            using var entry = JsonDocument.Parse(line);
            if (entry.RootElement.ValueKind != JsonValueKind.Object) return default;
            string Field(string name) => entry.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
            long time = Number(Field("__REALTIME_TIMESTAMP"));
            return (Field("MESSAGE_ID"), FromUnix(time / 1e6), int.TryParse(Field("EXIT_STATUS"), NumberStyles.None, CultureInfo.InvariantCulture, out int status) ? status : null);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private static string Value(Dictionary<string, string> values, string name) => values.GetValueOrDefault(name, "");

    private static long Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : 0;

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other : one;

    /// <summary><c>Wed 2026-11-25 22:15:00 UTC</c>, with parts of a second in some versions.</summary>
    private static DateTimeOffset? Moment(string text)
    {
        string[] words = text.Split(' ');
        return words.Length == 4 && words[3] == "UTC"
            && DateTimeOffset.TryParseExact($"{words[1]} {words[2]}", ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ss.FFFFFFF"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
            ? moment : null;
    }

    private DateTimeOffset? SinceBoot(string text)
    {
        double seconds = 0;
        foreach (string word in text.Split(' '))
        {
            int length = 0;
            while (length < word.Length && (char.IsAsciiDigit(word[length]) || word[length] == '.')) length++;
            double unit = word[length..] switch { "us" => 1e-6, "ms" => 1e-3, "s" => 1, "min" => 60, "h" => 3600, "d" => 86400, "w" => 604800, "month" => 2629800, "y" => 31557600, _ => 0 };
            if (unit == 0 || !double.TryParse(word.AsSpan(0, length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)) return null;
            seconds += number * unit;
        }

        return _boot is { } boot && seconds > 0 && seconds < 1e10 && boot.Year < 9000 ? boot.AddSeconds(seconds) : null;
    }

    private static DateTimeOffset? Boot(string[] part)
    {
        if (part.Length != 3 || !double.TryParse(part[2], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double uptime)) return null;
        return FromUnix(Number(part[1]) - uptime);
    }

    private static DateTimeOffset? FromUnix(double seconds) => seconds is > 0 and < 2e11 ? DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000)) : null;
}
