using System.Globalization;

namespace ProdOps.Servers.Clocks;

/// <summary>What runs on the server to read its clock: a loop that answers each line with the time, and after the last the facts around it.</summary>
internal static class ClockProbe
{
    /// <summary>What <see cref="Facts"/> needs before it.</summary>
    public const string Helpers = """
        LC_ALL=C; export LC_ALL
        PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
        part() { printf '\n==prodops %s\n' "$1"; }
        ask() { if command -v timeout >/dev/null 2>&1; then timeout 5 "$@"; else "$@"; fi 2>/dev/null; }
        have() { command -v "$1" >/dev/null 2>&1; }

        """;

    /// <summary>
    /// The answers come from whatever reads the clock fastest there: bash's own variable costs no process, date's %N and perl one each or
    /// one for all. Systems with none of them (BusyBox without %N, BSD) answer in whole seconds. Then whichever time service there is gets
    /// asked; none may take long.
    /// </summary>
    public const string Answers = Helpers + """
        bashed=$(bash -c 'echo "$EPOCHREALTIME"' 2>/dev/null)
        case $bashed.$(date +%N 2>/dev/null) in
            [0-9]*.[0-9]*.*) bash -c 'while read -r _; do echo "$EPOCHREALTIME"; done' ;;
            .[0-9]*[0-9]) while read -r _; do date +%s.%N; done ;;
            *)
                if perl -MTime::HiRes -e 1 2>/dev/null; then perl -MTime::HiRes -e '$| = 1; printf "%.6f\n", Time::HiRes::time() while <STDIN>'
                else while read -r _; do date +%s; done; fi ;;
        esac

        """;

    /// <summary>What stands around the clock, for <see cref="ClockFacts.Parse"/>.</summary>
    public const string Facts = """
        part zone; date '+%z'; readlink /etc/localtime 2>/dev/null; cat /etc/timezone 2>/dev/null
        part uptime; date +%s; cat /proc/uptime 2>/dev/null || sysctl -n kern.boottime 2>/dev/null
        if have timedatectl; then part timedatectl; ask timedatectl show; part timesync; ask timedatectl show-timesync; fi
        if have chronyc; then part chrony; ask chronyc -c -n tracking; fi
        if have ntpq; then part ntpq; ask ntpq -pn; part ntprv; ask ntpq -c rv; fi
        if have ntpctl; then part openntpd; ask ntpctl -s status; fi
        if have adjtimex; then part adjtimex; ask adjtimex; fi
        part end

        """;

    /// <summary>The answers, then the facts.</summary>
    public const string Script = Answers + Facts;

    /// <summary>A line of the loop: seconds since 1970, and how fine they are counted.</summary>
    public static bool TryParseAnswer(string line, out DateTimeOffset time, out TimeSpan resolution)
    {
        time = default;
        resolution = TimeSpan.Zero;
        // A date that does not know %N prints it as it is, or its letter.
        string text = line.Trim();
        int point = text.IndexOf('.');
        string whole = point < 0 ? text : text[..point], part = point < 0 ? "" : text[(point + 1)..];
        if (part.Length > 9 || part.Any(c => !char.IsAsciiDigit(c))) part = "";
        if (!long.TryParse(whole, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) || seconds > 200_000_000_000) return false;
        long ticks = part.Length == 0 ? 0 : long.Parse(part.PadRight(9, '0'), NumberStyles.None, CultureInfo.InvariantCulture) / 100;
        time = DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(ticks);
        resolution = TimeSpan.FromTicks((long)Math.Pow(10, Math.Max(0, 7 - part.Length)));
        return true;
    }
}
