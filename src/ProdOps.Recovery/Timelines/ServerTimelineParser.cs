using System.Globalization;
using System.Text.RegularExpressions;

namespace ProdOps.Recovery.Timelines;

/// <summary>Reads what <see cref="ServerTimeline"/> asks for. What cannot be read is passed over; every text is hostile until it is a plain line.</summary>
/// <param name="server">The server's name.</param>
/// <param name="about">About when it was: old logs leave the year out.</param>
internal sealed partial class ServerTimelineParser(string server, DateTimeOffset about)
{
    private const int MostText = 300;

    // sshd writes both: the journal says more.
    private static readonly TimeSpan SameLogin = TimeSpan.FromSeconds(10);

    private readonly List<(string User, DateTimeOffset Time)> _logins = [];
    private TimeSpan _zone;

    /// <summary>What happened, by the server's clock, in the order in which it stands there.</summary>
    public IEnumerable<TimelineEvent> Parse(string text)
    {
        foreach (string line in text.Split('\n'))
        {
            if (line.Length < 3 || line[1] != ' ') continue;
            string rest = line[2..].TrimEnd('\r');
            if (line[0] == 'Z') _zone = Zone(rest);
            else if (line[0] == 'W')
            {
                if (OfSession(rest) is { } session) yield return session with { Server = server, Text = Plain(session.Text) };
            }
            else if (Read(line[0], rest) is { } told) yield return told with { Server = server, Text = Plain(told.Text) };
        }
    }

    private TimelineEvent? Read(char sort, string rest) => sort switch
    {
        'B' => Epoch(rest) is { } boot ? Event(boot, TimelineKind.Reboot, TimelineSeverity.Warning, "the system started") with { Uncertainty = TimeSpan.FromSeconds(1) } : null,
        'J' => Split(rest) is ({ } moment, var message) && Epoch(moment) is { } time ? OfLog(time, AfterHost(message)) : null,
        'A' => OfFile(rest),
        'P' => OfPackage(rest),
        'R' => rest.Split(' ') is [var seconds, var name, var version] && Epoch(seconds) is { } installed ? Event(installed, TimelineKind.Package, TimelineSeverity.Info, $"installed {name} {version}") with { Uncertainty = TimeSpan.FromSeconds(1) } : null,
        'F' => Split(rest) is ({ } changed, var path) && Epoch(changed) is { } when ? Event(when, TimelineKind.Configuration, TimelineSeverity.Info, $"{path} changed") : null,
        _ => null,
    };

    /// <summary>
    /// A line of last(1), which reads wtmp: <c>alice tty1 2026-11-27T04:01:02+01:00 - …</c>, with a host before the time where there is one. Of a login that sshd has told about it says nothing new.
    /// </summary>
    private TimelineEvent? OfSession(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int at = Array.FindIndex(words, static word => word.Length >= 19 && word[4] == '-' && word[10] == 'T');
        if (at is not (2 or 3) || words[0] is "reboot" or "runlevel" or "shutdown" || words[1] == "begins" || !DateTimeOffset.TryParse(words[at], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) || time.Year is <= 1970 or >= 2100) return null;
        if (_logins.Exists(login => login.User == words[0] && (login.Time - time).Duration() < SameLogin)) return null;
        return Event(time, TimelineKind.Login, TimelineSeverity.Info, $"{words[0]} logged in {(at == 3 ? $"from {words[2]} " : "")}at {words[1]}") with { Uncertainty = TimeSpan.FromSeconds(1) };
    }

    /// <summary>A line of dpkg's log: <c>2026-11-27 04:01:02 upgrade nginx:amd64 1.22 1.24</c>, in the server's zone.</summary>
    private TimelineEvent? OfPackage(string line)
    {
        string[] words = line.Split(' ');
        if (words.Length < 6 || !DateTime.TryParseExact($"{words[0]} {words[1]}", "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var local) || !IsPossible(local)) return null;
        string versions = words[4] == "<none>" ? words[5] : words[5] == "<none>" ? words[4] : $"{words[4]} to {words[5]}";
        return Event(new DateTimeOffset(local, _zone), TimelineKind.Package, TimelineSeverity.Info, $"{words[2]} {words[3]} {versions}") with { Uncertainty = TimeSpan.FromSeconds(1) };
    }

    /// <summary>A line of a log of syslog: with a time of RFC 3339, or the old one, whose year is the one that puts it nearest.</summary>
    private TimelineEvent? OfFile(string line)
    {
        if (Split(line) is ({ } first, var message) && first.Contains('T', StringComparison.Ordinal)
            && DateTimeOffset.TryParse(first, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var exact)) return IsPossible(exact.DateTime) ? OfLog(exact, AfterHost(message)) : null;
        if (line.Length < 16) return null;
        // A server may have the new year already.
        foreach (int year in (int[])[about.Year + 1, about.Year, about.Year - 1])
        {
            if (!DateTime.TryParseExact($"{year} {line[..15]}", ["yyyy MMM d HH:mm:ss", "yyyy MMM  d HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var local) || !IsPossible(local)) continue;
            var moment = new DateTimeOffset(local, _zone);
            if (moment <= about + TimeSpan.FromDays(2)) return OfLog(moment, AfterHost(line[16..])) is { } told ? told with { Uncertainty = TimeSpan.FromSeconds(1) } : null;
        }

        return null;
    }

    private TimelineEvent? OfLog(DateTimeOffset time, string line)
    {
        int colon = line.IndexOf(": ", StringComparison.Ordinal);
        if (colon <= 0) return null;
        string program = line[..colon].Split('[')[0].Trim(), message = line[(colon + 2)..].Trim();
        switch (program)
        {
            case "sshd" or "sshd-session" when LoginText().Match(message) is { Success: true } login:
                _logins.Add((login.Groups[2].Value, time));
                return Event(time, TimelineKind.Login, TimelineSeverity.Info, $"{login.Groups[2].Value} logged in from {login.Groups[3].Value} by {login.Groups[1].Value}");
            case "sudo" when SudoText().Match(message) is { Success: true } sudo:
                // The program alone: what follows may hold what must not be shown.
                return Event(time, TimelineKind.Sudo, TimelineSeverity.Info, $"{sudo.Groups[1].Value} ran {sudo.Groups[3].Value} as {sudo.Groups[2].Value}");
            case "kernel" when KilledText().Match(message) is { Success: true } killed:
                return Event(time, TimelineKind.OomKill, TimelineSeverity.Critical, $"the kernel killed {killed.Groups[2].Value} (process {killed.Groups[1].Value}) for want of memory");
            case "systemd" when ServiceText().Match(message) is { Success: true } service && !SessionText().IsMatch(message):
                bool failed = message.Contains("Failed", StringComparison.OrdinalIgnoreCase) || message.Contains("exited", StringComparison.Ordinal);
                return Event(time, TimelineKind.Service, failed ? TimelineSeverity.Critical : TimelineSeverity.Info, message);
            default:
                return null;
        }
    }

    private static TimelineEvent Event(DateTimeOffset time, TimelineKind kind, TimelineSeverity severity, string text) => new() { Time = time, Kind = kind, Severity = severity, Text = text };

    private static (string? First, string Others) Split(string line) => line.IndexOf(' ', StringComparison.Ordinal) is > 0 and var space ? (line[..space], line[(space + 1)..]) : (null, line);

    private static string AfterHost(string line) => Split(line).Others;

    private static DateTimeOffset? Epoch(string text) =>
        decimal.TryParse(text.Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal seconds) && seconds is > 0 and < 4_102_444_800 ? DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000)) : null;

    private static TimeSpan Zone(string text) => text.Length == 5 && text[0] is '+' or '-' && int.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= 1400 && number % 100 < 60
        ? (text[0] == '-' ? -1 : 1) * new TimeSpan(number / 100, number % 100, 0) : TimeSpan.Zero;

    // Its offset must leave it a moment.
    private static bool IsPossible(DateTime local) => local.Year is > 1970 and < 2100;

    private static string Plain(string text) => ProdOps.Servers.ServersErrors.Printable(text.Length > MostText ? text[..MostText] + "…" : text);

    [GeneratedRegex(@"^Accepted (\S{1,40}) for (\S{1,64}) from (\S{1,64}) port", RegexOptions.NonBacktracking)]
    private static partial Regex LoginText();

    [GeneratedRegex(@"^(\S{1,64}) : .*USER=(\S{1,64}) ; .*COMMAND=(\S{1,200})", RegexOptions.NonBacktracking)]
    private static partial Regex SudoText();

    [GeneratedRegex(@"Killed process (\d{1,10}) \(([^)]{1,64})\)", RegexOptions.NonBacktracking)]
    private static partial Regex KilledText();

    [GeneratedRegex(@"^(Started|Stopped|Reloaded|Failed to start) |: (Failed with result|Main process exited)", RegexOptions.NonBacktracking)]
    private static partial Regex ServiceText();

    [GeneratedRegex(@"[Ss]ession|user-runtime-dir|User Manager|\.timer|\.scope|\.slice", RegexOptions.NonBacktracking)]
    private static partial Regex SessionText();
}
