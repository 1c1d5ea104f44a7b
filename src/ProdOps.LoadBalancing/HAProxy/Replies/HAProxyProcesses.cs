using System.Globalization;
using System.Text.RegularExpressions;

namespace ProdOps.LoadBalancing.HAProxy.Replies;

/// <summary>
/// What the master says to <c>show proc</c> (Management Guide, section 9.4): the master with how often it was reloaded and how often that failed since it last succeeded,
/// the workers, and behind <c># old workers</c> those that finish their connections. Up to 2.4 there is a worker's relative number before its reloads. The first
/// of 2.4 tell nothing about failures: the worker that goes on serving stands among the old ones then, and there is no other.
/// </summary>
internal sealed partial record HAProxyProcesses
{
    private const int MostProcesses = 10_000;

    /// <summary>The master; <see langword="null"/> where none is told.</summary>
    public HAProxyProcess? Master { get; private init; }

    /// <summary>The workers that serve.</summary>
    public IReadOnlyList<HAProxyProcess> Workers { get; private init; } = [];

    /// <summary>The workers that finish what they have.</summary>
    public IReadOnlyList<HAProxyProcess> OldWorkers { get; private init; } = [];

    /// <summary>How many reloads have failed since the last that did not; at most 1 where HAProxy does not count them.</summary>
    public int Failed { get; private init; }

    public static HAProxyProcesses Parse(string text)
    {
        HAProxyProcess? master = null;
        List<HAProxyProcess> workers = [], old = [];
        int? failed = null;
        bool isOld = false;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith('#'))
            {
                isOld = line.Contains("old workers", StringComparison.Ordinal);
                continue;
            }

            if (Line().Match(line.ToString()) is not { Success: true } match || workers.Count + old.Count >= MostProcesses) continue;
            var process = new HAProxyProcess(Number("pid"), Number("reloads"), UptimeOf(match.Groups["uptime"].Value), match.Groups["version"].Value);
            if (match.Groups["type"].Value == "master") (master, failed) = (process, match.Groups["failed"].Success ? Number("failed") : null);
            else if (match.Groups["type"].Value == "worker") (isOld ? old : workers).Add(process);

            int Number(string group) => int.TryParse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
        }

        return new HAProxyProcesses { Master = master, Workers = workers, OldWorkers = old, Failed = failed ?? (workers.Count == 0 && old.Count > 0 ? 1 : 0) };
    }

    /// <summary><c>0d00h03m12s</c>.</summary>
    private static TimeSpan UptimeOf(string text)
    {
        var match = Uptime().Match(text);
        return match.Success ? new TimeSpan(Part(1), Part(2), Part(3), Part(4)) : TimeSpan.Zero;

        int Part(int group) => int.Parse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^(?<pid>[0-9]{1,10})\s+(?<type>[a-z]+)\s+(?:(?:\[was: [0-9]+\]|[0-9]+)\s+)?(?<reloads>[0-9]{1,9})(?:\s+\[failed: (?<failed>[0-9]{1,9})\])?\s+(?<uptime>[0-9]+d[0-9]+h[0-9]+m[0-9]+s)\s*(?<version>\S*)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Line();

    [GeneratedRegex(@"^([0-9]{1,5})d([0-9]{1,2})h([0-9]{1,2})m([0-9]{1,2})s$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Uptime();
}

/// <summary>A process of HAProxy's.</summary>
/// <param name="Pid">Its number.</param>
/// <param name="Reloads">How often the master was reloaded since it began; of the master in all.</param>
/// <param name="Uptime">How long it has run.</param>
/// <param name="Version">Its version.</param>
internal sealed record HAProxyProcess(int Pid, int Reloads, TimeSpan Uptime, string Version);
