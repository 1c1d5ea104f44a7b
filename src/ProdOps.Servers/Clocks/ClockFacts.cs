using System.Globalization;
using ProdOps.Servers.Schedules;

namespace ProdOps.Servers.Clocks;

/// <summary>What stands around a server's clock, read from what the probe printed after its answers.</summary>
internal sealed record ClockFacts
{
    private const string PartPrefix = "==prodops ";

    public string? TimeZone { get; init; }

    public TimeSpan? UtcOffset { get; init; }

    public string? NtpService { get; init; }

    public string? NtpSource { get; init; }

    public int? Stratum { get; init; }

    public TimeSpan? EstimatedError { get; init; }

    public bool? IsSynchronized { get; init; }

    public LeapStatus Leap { get; init; }

    public DateTimeOffset? BootTime { get; init; }

    /// <summary>Reads it. Any text gives facts; what is not understood is left out.</summary>
    public static ClockFacts Parse(string text)
    {
        var parts = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        List<string>? part = null;
        foreach (var range in text.AsSpan().Split('\n'))
        {
            string line = text[range].Trim();
            if (line.StartsWith(PartPrefix, StringComparison.Ordinal)) parts[line[PartPrefix.Length..]] = part = [];
            else if (line.Length > 0) part?.Add(line);
        }

        List<string> Lines(string name) => parts.GetValueOrDefault(name, []);
        var facts = new ClockFacts();
        // From what the kernel says to what a service says of itself: the later one knows more.
        facts = facts.WithKernel(Lines("adjtimex")).WithSystemd(Lines("timedatectl")).WithZone(Lines("zone")).WithUptime(Lines("uptime"));
        return facts.WithTimesync(Lines("timesync")).WithOpenNtpd(Lines("openntpd")).WithNtpd(Lines("ntpq"), Lines("ntprv")).WithChrony(Lines("chrony"));
    }

    private ClockFacts WithZone(List<string> lines)
    {
        if (lines.Count == 0) return this;
        string? name = lines.Skip(1).Select(line => line.IndexOf("zoneinfo/", StringComparison.Ordinal) is >= 0 and var at ? line[(at + 9)..] : line).FirstOrDefault(line => !line.StartsWith('/'));
        return this with { UtcOffset = ScheduleHost.UtcOffset(lines[0]), TimeZone = TimeZone ?? name };
    }

    private ClockFacts WithUptime(List<string> lines)
    {
        if (lines.Count < 2 || !long.TryParse(lines[0], NumberStyles.None, CultureInfo.InvariantCulture, out long now)) return this;
        // Linux: "12345.67 89.01"; BSD: "{ sec = 1764000000, usec = 0 } Tue …".
        string[] words = lines[1].Split((char[]?)[' ', ','], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0) return this;
        double? boot = words[0] == "{" && words.Length > 3 ? Number(words[3]) : now - Number(words[0]);
        return boot is > 0 and < 2e11 ? this with { BootTime = DateTimeOffset.FromUnixTimeMilliseconds((long)(boot.Value * 1000)) } : this;
    }

    /// <summary>BusyBox's and Debian's adjtimex: <c>status: 64 (UNSYNC)</c>; bit 64 is STA_UNSYNC (linux/timex.h).</summary>
    private ClockFacts WithKernel(List<string> lines)
    {
        string? status = lines.FirstOrDefault(line => line.StartsWith("status:", StringComparison.Ordinal));
        if (status is null || !int.TryParse(status[7..].Trim().Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int bits)) return this;
        return this with { IsSynchronized = (bits & 64) == 0 };
    }

    /// <summary><c>timedatectl show</c>: the kernel's state as systemd tells it, and the zone.</summary>
    private ClockFacts WithSystemd(List<string> lines)
    {
        var values = Values(lines);
        return this with
        {
            TimeZone = values.GetValueOrDefault("Timezone") is { Length: > 0 } zone ? zone : TimeZone,
            IsSynchronized = values.GetValueOrDefault("NTPSynchronized") switch { "yes" => true, "no" => false, _ => IsSynchronized },
        };
    }

    /// <summary><c>timedatectl show-timesync</c>; it says nothing where systemd-timesyncd does not run.</summary>
    private ClockFacts WithTimesync(List<string> lines)
    {
        if (lines.Count == 0) return this;
        var values = Values(lines);
        var facts = this with { NtpService = "systemd-timesyncd", NtpSource = First(values.GetValueOrDefault("ServerName"), values.GetValueOrDefault("ServerAddress")) };
        // NTPMessage={ Leap=0, Version=4, Mode=4, Stratum=2, … }
        foreach (string item in values.GetValueOrDefault("NTPMessage", "").Split((char[]?)[' ', ',', '{', '}'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (item.StartsWith("Leap=", StringComparison.Ordinal)) facts = facts with { Leap = LeapOf(item[5..]) };
            if (item.StartsWith("Stratum=", StringComparison.Ordinal)) facts = facts with { Stratum = StratumOf(item[8..]) };
        }

        return facts;
    }

    /// <summary><c>ntpctl -s status</c>: <c>4/4 peers valid, 1/1 sensors valid, clock synced, stratum 3</c>.</summary>
    private ClockFacts WithOpenNtpd(List<string> lines)
    {
        string? line = lines.FirstOrDefault(line => line.Contains("clock ", StringComparison.Ordinal));
        if (line is null) return this;
        int stratum = line.IndexOf("stratum ", StringComparison.Ordinal);
        return this with
        {
            NtpService = "openntpd",
            IsSynchronized = line.Contains("clock synced", StringComparison.Ordinal),
            Stratum = stratum < 0 ? null : StratumOf(line[(stratum + 8)..].Split((char[]?)[' ', ','])[0]),
        };
    }

    /// <summary><c>ntpq -pn</c>, where a star marks the peer that is followed, and the system variables of <c>ntpq -c rv</c>.</summary>
    private ClockFacts WithNtpd(List<string> peers, List<string> variables)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string item in string.Join(' ', variables).Split(','))
        {
            int equals = item.IndexOf('=');
            if (equals > 0) values[item[..equals].Trim()] = item[(equals + 1)..].Trim();
        }

        string? followed = peers.FirstOrDefault(line => line[0] is '*' or 'o');
        if (!values.ContainsKey("leap") && followed is null) return this;
        var leap = LeapOf(values.GetValueOrDefault("leap", ""));
        return this with
        {
            NtpService = "ntpd",
            NtpSource = followed?[1..].Split(' ')[0],
            Stratum = StratumOf(values.GetValueOrDefault("stratum", "")),
            Leap = leap,
            EstimatedError = Number(values.GetValueOrDefault("offset", "")) is { } offset and > -1e9 and < 1e9 ? TimeSpan.FromMilliseconds(offset) : null,
            IsSynchronized = leap == LeapStatus.Unknown ? followed is not null : leap != LeapStatus.NotSynchronized && followed is not null,
        };
    }

    /// <summary>
    /// <c>chronyc -c tracking</c>: reference id, source, stratum, time of reference, offset of the system clock, … , leap status last.
    /// An older chronyc or a daemon that is off prints something else.
    /// </summary>
    private ClockFacts WithChrony(List<string> lines)
    {
        string[] fields = lines.Count > 0 ? lines[^1].Split(',') : [];
        if (fields.Length < 14) return this;
        var leap = fields[^1].Trim() switch
        {
            "Normal" => LeapStatus.Normal,
            "Insert second" => LeapStatus.InsertSecond,
            "Delete second" => LeapStatus.DeleteSecond,
            "Not synchronised" => LeapStatus.NotSynchronized,
            _ => LeapStatus.Unknown,
        };
        bool follows = fields[0].Trim('0').Length > 0;
        return this with
        {
            NtpService = "chrony",
            // 7F7F0101 is the local clock that serves itself (127.127.1.1).
            NtpSource = follows && fields[0] != "7F7F0101" ? First(fields[1], fields[0]) : null,
            Stratum = StratumOf(fields[2]),
            EstimatedError = Number(fields[4]) is { } offset and > -1e9 and < 1e9 ? TimeSpan.FromSeconds(offset) : null,
            Leap = leap,
            IsSynchronized = leap == LeapStatus.Unknown ? IsSynchronized : leap != LeapStatus.NotSynchronized && follows,
        };
    }

    private static Dictionary<string, string> Values(List<string> lines)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in lines)
        {
            int equals = line.IndexOf('=');
            if (equals > 0) values[line[..equals]] = line[(equals + 1)..];
        }

        return values;
    }

    private static LeapStatus LeapOf(string text) => text.TrimStart('0') switch
    {
        "" when text.Length > 0 => LeapStatus.Normal,
        "1" => LeapStatus.InsertSecond,
        // timesyncd prints the number, ntpq its two bits.
        "2" or "10" => LeapStatus.DeleteSecond,
        "3" or "11" => LeapStatus.NotSynchronized,
        _ => LeapStatus.Unknown,
    };

    private static int? StratumOf(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int stratum) && stratum is > 0 and < 16 ? stratum : null;

    private static double? Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;

    private static string? First(params string?[] texts) => Array.Find(texts, text => !string.IsNullOrWhiteSpace(text));
}
