using System.Globalization;
using ProdOps.Servers.Clocks;
using ProdOps.Servers.Commands;

namespace ProdOps.Recovery.Timelines;

/// <summary>Asks a server what happened on it: logins, sudo, services, packages, changed files, its start, processes killed for want of memory. Nothing is installed or changed there.</summary>
/// <param name="window">From when until when, by this machine's clock.</param>
/// <param name="time">The clock.</param>
internal sealed class ServerTimeline(TimelineWindow window, TimeProvider time)
{
    private const int MostOutput = 8 * 1024 * 1024;

    // Each line begins with a letter that says what it is of; what a server does not have is left out. Lines and their number are bounded there.
    private const string Script = """
        from=$1 to=$2
        lines() { tail -n 3000 | cut -c1-400 | sed "s/^/$1 /"; }
        printf 'Z %s\n' "$(date +%z)"
        sed -n 's/^btime /B /p' /proc/stat
        if command -v journalctl >/dev/null 2>&1 && [ -n "$(journalctl -q -n 1 -o cat 2>/dev/null)" ]; then
            journalctl -q --no-pager -o short-unix --since "@$from" --until "@$to" -t sshd -t sshd-session -t sudo -t su -t kernel -t systemd 2>/dev/null |
                grep -a -E ' (sshd|sshd-session|su|sudo)(\[[0-9]+\])?: |Killed process|systemd\[1\]: ' | lines J
        else
            cat /var/log/auth.log.1 /var/log/auth.log /var/log/secure /var/log/kern.log /var/log/syslog /var/log/messages 2>/dev/null | grep -a -E 'Accepted |COMMAND=|Killed process|systemd\[1\]: ' | lines A
        fi
        command -v last >/dev/null 2>&1 && last -w --time-format iso -s "$(date -d "@$from" '+%Y-%m-%d %H:%M:%S' 2>/dev/null)" 2>/dev/null | head -n 1000 | lines W
        cat /var/log/dpkg.log.1 /var/log/dpkg.log 2>/dev/null | grep -a -E '^[-0-9]+ [0-9:]+ (install|upgrade|remove|purge) ' | lines P
        command -v rpm >/dev/null 2>&1 && [ -d /var/lib/rpm ] && rpm -qa --qf '%{INSTALLTIME} %{NAME} %{VERSION}-%{RELEASE}\n' 2>/dev/null | awk -v f="$from" -v t="$to" '$1 >= f && $1 < t' | lines R
        find /etc -xdev -type f -newermt "@$from" ! -newermt "@$to" -printf '%T@ %p\n' 2>/dev/null | head -n 500 | lines F
        true
        """;

    /// <summary>What happened, in the order of time, by this machine's clock.</summary>
    /// <param name="shell">The server.</param>
    /// <param name="asRoot">Whether to ask as root: journals and logs of others are closed to most users.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ProdOpsException">It cannot be asked.</exception>
    public async Task<IReadOnlyList<TimelineEvent>> EventsAsync(IServerShell shell, bool asRoot, CancellationToken cancellationToken)
    {
        var clock = await new ClockReader(time).MeasureAsync(shell, cancellationToken).ConfigureAwait(false);
        string[] range = [Seconds(Moments.Add(window.From, clock.Offset)), Seconds(Moments.Add(window.To, clock.Offset + TimeSpan.FromSeconds(1)))];
        var command = new ServerCommand($"set -- {ShellQuote.Words(range)}\n{Script}") { AsRoot = asRoot, Idempotent = true, PosixLocale = true };
        var output = await shell.RunAsync(command, new CommandRunOptions { MaximumOutput = MostOutput }, cancellationToken).ConfigureAwait(false);
        var now = Moments.Add(time.GetUtcNow(), clock.Offset);
        return [.. new ServerTimelineParser(shell.Name, window.To < now ? window.To : now).Parse(output.Text)
            .Select(told => told with { Time = Moments.Subtract(told.Time, clock.Offset), Uncertainty = told.Uncertainty + clock.Uncertainty })
            .Where(told => window.Covers(told.Time)).OrderBy(told => told.Time)];
    }

    private static string Seconds(DateTimeOffset moment) => moment.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
}
