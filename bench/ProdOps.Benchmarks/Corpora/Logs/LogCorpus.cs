using System.Text;
using System.Text.Json;

namespace ProdOps.Benchmarks.Corpora.Logs;

/// <summary>
/// The logs of a shop's eight servers over a week: nginx, HAProxy, an application's JSON and syslog, a file a server, source and day. The same seed and size give the same bytes.
/// </summary>
internal static class LogCorpus
{
    /// <summary>Raised when the generator changes, so that an older folder is not taken for the same data.</summary>
    private const int Generation = 1;

    private const int Days = 7;
    private const long Minute = 60_000_000;

    private static readonly DateOnly First = new(2026, 11, 4);

    public static string FactsOf(string folder) => Path.TrimEndingDirectorySeparator(folder) + ".facts.json";

    /// <summary>Makes the folder unless it is there, whole and of the same making; returns what is in it.</summary>
    public static async Task<LogFacts> EnsureAsync(string folder, long size, ulong seed, CancellationToken cancellationToken)
    {
        if (File.Exists(FactsOf(folder)) && Directory.Exists(folder))
        {
            var known = await ReadFactsAsync(folder, cancellationToken);
            if ((known.Seed, known.Size, known.Generation) == (seed, size, Generation))
                return known;
        }
        if (Directory.Exists(folder))
            throw new UsageException($"'{folder}' was made with other settings or was not finished; remove it first.");

        var plan = LogFile.Plan(seed, size, First, Days);
        var site = new Site(seed);
        var shapes = Enumerable.Range(0, Days).Select(day => new DayShape(SeededRandom.ForPart(seed ^ 0xDA15, day).Next())).ToArray();
        byte[] needle = Encoding.ASCII.GetBytes(new LogFacts(seed, size, Generation, 0, 0, 0, First, Days).Needle);
        long bytes = 0;
        long lines = 0;
        foreach (string server in plan.Select(file => file.Server).Distinct())
            Directory.CreateDirectory(Path.Combine(folder, server));
        // The longest first, so that the cores end together.
        await Parallel.ForEachAsync(
            plan.OrderByDescending(file => file.Bytes),
            new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount },
            (file, stop) =>
            {
                var (written, count) = Write(Path.Combine(folder, file.Path), file, shapes[file.Day.DayNumber - First.DayNumber], Maker(site, file), needle, stop);
                Interlocked.Add(ref bytes, written);
                Interlocked.Add(ref lines, count);
                return ValueTask.CompletedTask;
            });
        var facts = new LogFacts(seed, size, Generation, plan.Count, bytes, lines, First, Days);
        await File.WriteAllTextAsync(FactsOf(folder), JsonSerializer.Serialize(facts), cancellationToken);
        return facts;
    }

    public static async Task<LogFacts> ReadFactsAsync(string folder, CancellationToken cancellationToken) => File.Exists(FactsOf(folder))
        ? JsonSerializer.Deserialize<LogFacts>(await File.ReadAllTextAsync(FactsOf(folder), cancellationToken))!
        : throw new UsageException($"There are no logs in '{folder}': make them with 'logs generate'.");

    private static LineMaker Maker(Site site, LogFile file) => file.Source switch
    {
        LogFile.Nginx => new NginxLines(site),
        LogFile.Haproxy => new HaproxyLines(site, file.Server, file.Seed),
        LogFile.Json => new JsonLines(site, file.Server),
        _ => new SyslogLines(site, file.Server, file.Seed),
    };

    private static (long Bytes, long Lines) Write(string path, LogFile plan, DayShape shape, LineMaker maker, byte[] needle, CancellationToken cancellationToken)
    {
        var random = new SeededRandom(plan.Seed);
        var clock = new LogClock(plan.Day);
        byte[] buffer = new byte[1 << 20];
        long written = 0;
        long lines = 0;
        using (var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write))
        {
            var writer = new ByteWriter(buffer);
            for (int minute = 0; minute < DayShape.Minutes; minute++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                clock.Incident = shape.IsIncident(minute);
                long until = (long)(plan.Bytes * shape.Until(minute));
                bool planting = minute == plan.NeedleMinute;
                long time = minute * Minute;
                long last = time + Minute - 1;
                while (written + writer.Length < until || planting)
                {
                    long left = Math.Max(1, (until - written - writer.Length) / maker.TypicalLength);
                    // The first of so many that come at random in what is left of the minute.
                    time += (long)((last - time) * (1 - Math.Pow(random.Fraction(), 1.0 / left)));
                    clock.Set(time);
                    maker.Add(ref writer, ref random, clock, planting ? needle : []);
                    planting = false;
                    lines++;
                    if (writer.Room >= LineMaker.LongestLine)
                        continue;
                    RandomAccess.Write(file, writer.Written, written);
                    written += writer.Length;
                    writer = new ByteWriter(buffer);
                }
            }
            RandomAccess.Write(file, writer.Written, written);
            written += writer.Length;
        }
        // Times without a year are of the year in which the file was last written.
        File.SetLastWriteTimeUtc(path, plan.Day.AddDays(1).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc));
        return (written, lines);
    }
}
