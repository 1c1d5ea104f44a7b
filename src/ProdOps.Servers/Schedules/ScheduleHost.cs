using System.Globalization;
using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Schedules;

/// <summary>What a server has for running schedules: the facts that decide how one is registered there.</summary>
internal sealed record ScheduleHost
{
    /// <summary>
    /// Prints one fact a line, as <c>name=value</c>. Where the PATH of a login is short, the usual folders are looked into as well.
    /// XDG_RUNTIME_DIR is what systemctl --user finds the user's manager by, and logins without PAM do not set it.
    /// </summary>
    public const string Probe = """
        LC_ALL=C; export LC_ALL
        PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/microsoft/powershell/7:/snap/bin; export PATH
        say() { printf '%s=%s\n' "$1" "$2"; }
        uid=$(id -u)
        say uid "$uid"
        say user "$(id -un)"
        say home "$HOME"
        say config "${XDG_CONFIG_HOME:-$HOME/.config}"
        say state "${XDG_STATE_HOME:-$HOME/.local/state}"
        if [ -d /run/systemd/system ]; then
            say systemd "$(systemctl --version 2>/dev/null | head -n 1)"
            if [ "$uid" != 0 ]; then
                : "${XDG_RUNTIME_DIR:=/run/user/$uid}"; export XDG_RUNTIME_DIR
                systemctl --user show -p Version >/dev/null 2>&1 && say manager user
                say linger "$(loginctl show-user "$uid" -p Linger --value 2>/dev/null)"
            fi
        fi
        command -v crontab >/dev/null 2>&1 && say crontab "$(readlink -f "$(command -v crontab)" 2>/dev/null)"
        [ -d /etc/cron.d ] && say crond /etc/cron.d
        { pidof cron crond || pgrep -x 'cron|crond'; } >/dev/null 2>&1 && say cronruns yes
        for runner in pwsh prodops; do
            path=$(command -v "$runner") && [ -x "$path" ] && say runner "$path"
        done
        [ -x "$HOME/.dotnet/tools/pwsh" ] && say runner "$HOME/.dotnet/tools/pwsh"
        say zone "$(timedatectl show -p Timezone --value 2>/dev/null || cat /etc/timezone 2>/dev/null || readlink /etc/localtime)"
        say offset "$(date +%z)"
        true
        """;

    public string Server { get; init; } = "";

    public bool IsRoot { get; init; }

    public string User { get; init; } = "";

    public string Config { get; init; } = "";

    public string State { get; init; } = "";

    /// <summary>systemd's version, or <see langword="null"/> where it does not run.</summary>
    public int? Systemd { get; init; }

    /// <summary>Whether systemd has a manager for this user.</summary>
    public bool HasUserManager { get; init; }

    /// <summary>Whether the user's manager outlives the user's logins.</summary>
    public bool Lingers { get; init; }

    public bool HasCrontab { get; init; }

    /// <summary>Whether cron reads /etc/cron.d; BusyBox's does not.</summary>
    public bool HasCronFolder { get; init; }

    public bool CronRuns { get; init; }

    /// <summary>The program that runs schedules: pwsh before prodops.</summary>
    public string? Runner { get; init; }

    /// <summary>The server's time zone; cron's times are in it.</summary>
    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>True where systemd takes this user's schedules.</summary>
    public bool UsesSystemd => Systemd is not null && (IsRoot || HasUserManager);

    /// <summary>True where cron does, systemd not.</summary>
    public bool UsesCron => !UsesSystemd && (HasCrontab || (IsRoot && HasCronFolder));

    public ScheduleScope Scope => IsRoot ? ScheduleScope.System : ScheduleScope.User;

    /// <summary>Asks the server.</summary>
    public static async Task<ScheduleHost> LookAsync(IServerShell shell, bool asRoot, CancellationToken cancellationToken)
    {
        var output = await shell.RunAsync(new ServerCommand(Probe) { AsRoot = asRoot, Idempotent = true }, cancellationToken).ConfigureAwait(false);
        return Parse(output.EnsureSuccess().Text) with { Server = shell.Name };
    }

    /// <summary>Reads what the probe printed. Anything else in between counts for nothing.</summary>
    public static ScheduleHost Parse(string text)
    {
        var host = new ScheduleHost();
        string zone = "", offset = "";
        bool busyBoxCron = false;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            int equals = line.IndexOf('=');
            if (equals < 0) continue;
            string value = line[(equals + 1)..].Trim().ToString();
            if (value.Length == 0) continue;
            switch (line[..equals])
            {
                case "uid": host = host with { IsRoot = value == "0" }; break;
                case "user": host = host with { User = value }; break;
                case "config": host = host with { Config = value.TrimEnd('/') }; break;
                case "state": host = host with { State = value.TrimEnd('/') }; break;
                case "systemd": host = host with { Systemd = Version(value) }; break;
                case "manager": host = host with { HasUserManager = true }; break;
                case "linger": host = host with { Lingers = value == "yes" }; break;
                case "crontab": (host, busyBoxCron) = (host with { HasCrontab = true }, value.EndsWith("busybox", StringComparison.Ordinal)); break;
                case "crond": host = host with { HasCronFolder = true }; break;
                case "cronruns": host = host with { CronRuns = true }; break;
                case "runner" when value[0] == '/': host = host with { Runner = host.Runner ?? value }; break;
                case "zone": zone = value; break;
                case "offset": offset = value; break;
            }
        }

        return host with { HasCronFolder = host.HasCronFolder && !busyBoxCron, Zone = FindZone(zone, offset) };
    }

    /// <summary><c>systemd 252 (252.39-1~deb12u2)</c>. An unknown spelling counts as an old version.</summary>
    private static int Version(string text)
    {
        string[] words = text.Split(' ');
        return words.Length > 1 && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int version) ? version : 0;
    }

    /// <summary>A zone by its name or the path of its file, else by what the clock says of it.</summary>
    internal static TimeZoneInfo FindZone(string name, string offset)
    {
        int folder = name.IndexOf("zoneinfo/", StringComparison.Ordinal);
        if (folder >= 0) name = name[(folder + "zoneinfo/".Length)..];
        if (name.Length > 0 && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone)) return zone;
        return UtcOffset(offset) is { } fix && fix != TimeSpan.Zero ? TimeZoneInfo.CreateCustomTimeZone(offset, fix, offset, offset) : TimeZoneInfo.Utc;
    }

    /// <summary><c>+0530</c> as a time span.</summary>
    internal static TimeSpan? UtcOffset(string text)
    {
        if (text.Length != 5 || text[0] is not ('+' or '-') || !int.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out int number)) return null;
        var span = new TimeSpan(number / 100, number % 100, 0);
        if (number % 100 > 59 || span > TimeSpan.FromHours(14)) return null;
        return text[0] == '-' ? -span : span;
    }
}
