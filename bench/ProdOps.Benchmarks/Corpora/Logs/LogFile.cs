using System.Globalization;

namespace ProdOps.Benchmarks.Corpora.Logs;

/// <summary>A log that is to be made: of one server, source and day.</summary>
/// <param name="Server">The server.</param>
/// <param name="Source">The source.</param>
/// <param name="Day">The day.</param>
/// <param name="Bytes">About how long it becomes: less than a line more.</param>
/// <param name="Seed">What decides on its content.</param>
internal sealed record LogFile(string Server, string Source, DateOnly Day, long Bytes, ulong Seed)
{
    public const string Nginx = "nginx-access", Haproxy = "haproxy", Json = "app", Syslog = "syslog";

    // What a server writes, as parts of all.
    private static readonly (string Source, string[] Servers, double Share)[] Sources =
    [
        (Nginx, ["web01", "web02", "web03", "web04"], 0.42), (Haproxy, ["lb01", "lb02"], 0.22), (Json, ["app01", "app02"], 0.26),
        (Syslog, ["web01", "web02", "web03", "web04", "lb01", "lb02", "app01", "app02"], 0.10),
    ];

    /// <summary>The minute of its day in which a line with the needle is written, or none.</summary>
    public int? NeedleMinute { get; init; }

    public string Path => System.IO.Path.Combine(Server, $"{Source}-{Day.ToString("yyyyMMdd", CultureInfo.InvariantCulture)}.log");

    /// <summary>The files of a corpus; servers differ, and weekends are quieter.</summary>
    public static IReadOnlyList<LogFile> Plan(ulong seed, long size, DateOnly first, int days)
    {
        var files = new List<(LogFile File, double Share)>();
        foreach (var (source, servers, share) in Sources)
        {
            for (int server = 0; server < servers.Length; server++)
            {
                for (int day = 0; day < days; day++)
                {
                    var date = first.AddDays(day);
                    double busy = date.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 0.7 : 1;
                    // A request passes the balancer, a web server and an application.
                    bool planted = day == days / 2 && (source, servers[server]) is (Haproxy, "lb01") or (Nginx, "web02") or (Json, "app01");
                    var file = new LogFile(servers[server], source, date, 0, SeededRandom.ForPart(seed, files.Count).Next()) { NeedleMinute = planted ? 877 : null };
                    files.Add((file, share * busy / (server + 4)));
                }
            }
        }
        // Each source gets its share of all.
        var sums = files.GroupBy(item => item.File.Source).ToDictionary(group => group.Key, group => group.Sum(item => item.Share));
        return [.. files.Select(item => item.File with { Bytes = (long)(size * Sources.First(source => source.Source == item.File.Source).Share * item.Share / sums[item.File.Source]) })];
    }
}
