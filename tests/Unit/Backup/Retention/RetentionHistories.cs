using ProdOps.Backup.Repositories;
using ProdOps.Backup.Retention;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Tests.Retention;

/// <summary>Random histories of snapshots, each of a server of its own: what schedules, time zones, lazy admins and wrong clocks make.</summary>
internal sealed class RetentionHistories(int seed, DateTimeOffset now)
{
    private static readonly int[] OffsetMinutes = [0, 60, 120, 330, -480, -210];

    private static readonly string[][] TagSets = [[], [], [], ["keep"], ["keep", "monthly"], ["monthly", "db"], ["db"]];

    private readonly Random _random = new(seed);

    public IEnumerable<SnapshotFile> Make(int histories)
    {
        for (int number = 0; number < histories; number++)
        {
            string[] paths = _random.Next(3) == 0 ? ["/srv/www", "/etc"] : ["/etc"];
            foreach (var snapshot in MakeOne($"host{number / 2}", [.. paths, $"/data{number % 2}"])) yield return snapshot;
        }
    }

    private IEnumerable<SnapshotFile> MakeOne(string host, string[] paths)
    {
        // Whole hours and days meet the edges of the rules; the odd seconds keep histories from meeting each other.
        var step = _random.Next(6) switch
        {
            0 => TimeSpan.FromMinutes(20),
            1 => TimeSpan.FromHours(1),
            2 => TimeSpan.FromHours(7),
            3 => TimeSpan.FromDays(1),
            4 => TimeSpan.FromDays(6),
            _ => TimeSpan.FromDays(40),
        };
        bool jitters = _random.Next(2) == 0;
        int offset = OffsetMinutes[_random.Next(OffsetMinutes.Length)];
        var time = now - TimeSpan.FromSeconds(_random.Next(60, 400_000)) + TimeSpan.FromTicks(_random.Next(10_000_000));
        if (_random.Next(8) == 0) time = now + TimeSpan.FromHours(_random.Next(2, 2000));
        if (_random.Next(8) == 0) time = new DateTimeOffset(time.Year, _random.Next(1, 13), 28, 23, 30, 0, TimeSpan.Zero) + TimeSpan.FromDays(_random.Next(-370, 4));
        int nanoseconds = _random.Next(100);
        for (int count = _random.Next(1, 14); count > 0; count--)
        {
            if (_random.Next(5) == 0) offset = OffsetMinutes[_random.Next(OffsetMinutes.Length)];
            var unix = UnixTime.From(time);
            var snapshot = new SnapshotFile
            {
                Time = new Rfc3339Time(unix with { Nanoseconds = unix.Nanoseconds / 100 * 100 + nanoseconds }, TimeSpan.FromMinutes(offset)),
                Tree = ObjectId.Of("tree"u8), HostName = host, Paths = paths, UserName = "root", Tags = TagSets[_random.Next(TagSets.Length)],
            };
            yield return snapshot;
            if (_random.Next(12) == 0) yield return snapshot;
            time -= jitters ? step * (0.5 + _random.NextDouble()) : step;
            if (_random.Next(15) == 0) time -= TimeSpan.FromDays(_random.Next(800));
        }
    }
}

/// <summary>A random policy, as restic's options and as ours.</summary>
internal sealed record RandomPolicy(RetentionPolicy Policy, IReadOnlyList<string> Options)
{
    private static readonly string[] Periods = ["1h", "30h", "1d", "10d", "1m", "1m15d", "3m", "1y", "1y2m3d4h", "13m", "5y"];

    private static readonly string[] TagLists = ["keep", "monthly", "keep,monthly", "db,none", ""];

    /// <param name="random">The source of chance.</param>
    /// <param name="unlimited">Whether restic knows counts without limit (since 0.16).</param>
    /// <param name="tags">Whether rules of tags may be among them.</param>
    public static RandomPolicy Make(Random random, bool unlimited, bool tags)
    {
        var rules = new System.Collections.Hashtable();
        var options = new List<string>();
        void Add(string rule, string option, object value)
        {
            rules[rule] = value;
            options.AddRange([option, value is -1 ? "unlimited" : value.ToString()!]);
        }

        while (rules.Count == 0)
        {
            foreach (string name in (string[])["Last", "Hourly", "Daily", "Weekly", "Monthly", "Yearly"])
            {
                if (random.Next(4) == 0) Add(name, $"--keep-{name.ToLowerInvariant()}", unlimited && random.Next(6) == 0 ? -1 : random.Next(1, 9));
                string within = name == "Last" ? "Within" : $"Within{name}";
                if (random.Next(7) == 0) Add(within, name == "Last" ? "--keep-within" : $"--keep-within-{name.ToLowerInvariant()}", Periods[random.Next(Periods.Length)]);
            }

            if (!tags || random.Next(3) != 0) continue;
            string[] lists = [.. TagLists.Where(_ => random.Next(3) == 0)];
            if (lists.Length == 0) continue;
            rules["Tags"] = lists;
            options.AddRange(lists.SelectMany(list => new[] { "--keep-tag", list }));
        }

        return new RandomPolicy(RetentionPolicy.Parse(rules), options);
    }
}
