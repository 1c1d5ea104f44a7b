using ProdOps.Backup.Repositories;
using ProdOps.Backup.Sets;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Tests.Sets;

/// <summary>How recent backups are, against what was promised.</summary>
public sealed class BackupStateTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    private static readonly BackupSet Db = new() { Name = "db", Repository = "local", CopyTo = ["offsite"], Schedule = ["0 * * * *"] };

    private readonly Dictionary<string, ObjectId> _ids = [];

    [Fact]
    public void A_set_that_never_ran_is_missing()
    {
        var state = Of([Snapshot("x", hours: 1, tags: ["set:other", "server:a"]), Snapshot("y", hours: 1, tags: ["set:db", "server:b"])], TimeSpan.FromHours(2));
        Assert.Equal((BackupStanding.Missing, false), (state.Standing, state.MeetsObjective!.Value));
        Assert.True(state is { Snapshot: null, Age: null, LargestGap: null, DueAt: null, RecentCount: 0 });
        Assert.False(Of([], promised: null).MeetsObjective);
    }

    [Fact]
    public void That_the_newest_is_incomplete_is_a_problem_with_the_time_since_when()
    {
        string[] incomplete = ["set:db", "server:a", "incomplete"];
        Assert.Equal("it is incomplete; the newest complete one is of 2026-11-26 07:00", Of([Snapshot("x", hours: 5), Snapshot("y", hours: 2, tags: incomplete), Snapshot("z", hours: 1, tags: incomplete)], null).Problem);
        Assert.Equal("it is incomplete; there is no complete one", Of([Snapshot("z", hours: 1, tags: incomplete)], null).Problem);
        Assert.Null(Of([Snapshot("y", hours: 2, tags: incomplete), Snapshot("x", hours: 1)], null).Problem);
    }

    [Theory]
    [InlineData(1.0, 2.0, BackupStanding.Met)]
    [InlineData(2.0, 2.0, BackupStanding.Met)]
    [InlineData(2.1, 2.0, BackupStanding.Late)]
    [InlineData(2.1, null, BackupStanding.Unpromised)]
    public void The_newest_snapshots_age_decides(double hours, double? promised, BackupStanding expected)
    {
        var state = Of([Snapshot("x", hours: 30), Snapshot("y", hours)], promised is { } value ? TimeSpan.FromHours(value) : null);
        Assert.Equal(expected, state.Standing);
        Assert.Equal(expected switch { BackupStanding.Met => true, BackupStanding.Late => false, _ => null }, state.MeetsObjective);
        Assert.Equal(TimeSpan.FromHours(hours), state.Age);
        Assert.Equal(2, state.RecentCount);
        Assert.True(state.DueAt > Now.AddHours(-hours) && state.DueAt <= Now.AddHours(1 - hours));
    }

    [Fact]
    public void The_largest_gap_is_measured_between_snapshots_that_followed_each_other()
    {
        var first = Snapshot("1", hours: 10);
        Assert.Equal(TimeSpan.FromHours(6), Of([first, Snapshot("2", hours: 4, parent: "1"), Snapshot("3", hours: 3, parent: "2")]).LargestGap);
        // Since the last one counts as well.
        Assert.Equal(TimeSpan.FromHours(7), Of([first, Snapshot("2", hours: 7, parent: "1")]).LargestGap);
        // Between these retention has removed some.
        Assert.Equal(TimeSpan.FromHours(4), Of([first, Snapshot("2", hours: 4, parent: "gone")]).LargestGap);
        // What is longer ago than 30 days is forgotten, with the gap that ended then.
        Assert.Equal(TimeSpan.FromDays(2), Of([Snapshot("a", hours: 24 * 90), Snapshot("b", hours: 24 * 31, parent: "a"), Snapshot("c", hours: 24 * 30 - 1, parent: "b"), .. Days(2, 28, "c")]).LargestGap);
        // A copy names no parent.
        Assert.Null(Of([first with { Original = Id("x") }, Snapshot("2", hours: 4) with { Original = Id("y") }]).LargestGap);
    }

    [Fact]
    public void A_snapshot_from_the_future_counts_for_nothing() =>
        Assert.Equal(TimeSpan.FromHours(5), Of([Snapshot("x", hours: 5), Snapshot("y", hours: -2)]).Age);

    [Fact]
    public void The_worst_comes_first()
    {
        BackupState[] states =
        [
            State("met", BackupStanding.Met, 1, 2), State("late", BackupStanding.Late, 30, 26), State("later", BackupStanding.Late, 3, 1), State("free", BackupStanding.Unpromised, 99, null),
            State("none", BackupStanding.Missing, null, 1), BackupStates.Unreadable(Db with { Name = "closed" }, Server("a"), "offsite", null, "it is closed"),
        ];
        Assert.Equal(["none", "closed", "later", "late", "free", "met"], BackupStates.Sort(states).Select(state => state.Name));
    }

    [Fact]
    public void Without_sets_each_server_and_set_of_paths_has_a_state()
    {
        var states = new BackupStates(Now, TimeZoneInfo.Utc).OfGroups(TimeSpan.FromHours(2),
            [Snapshot("1", 5), Snapshot("2", 1), Snapshot("3", 1) with { HostName = "web2" }, Snapshot("4", 1) with { Paths = ["/srv"] }], "/backup").ToList();
        Assert.Equal([("web1", "/etc", BackupStanding.Met), ("web2", "/etc", BackupStanding.Met), ("web1", "/srv", BackupStanding.Met)], states.Select(state => (state.Server, state.Paths.Single(), state.Standing)));
    }

    [Fact]
    public void Retention_looks_at_the_snapshots_of_the_set_on_this_server_and_host_alone()
    {
        var random = new Random(20261126);
        string[] sets = ["db", "www"], servers = ["a", "b"], hosts = ["web1", "*", "web2"];
        for (int round = 0; round < 200; round++)
        {
            string Pick(string[] from) => from[random.Next(from.Length)];
            var snapshot = Snapshot($"{round}", random.Next(1, 1000), [$"set:{Pick(sets)}", .. random.Next(4) == 0 ? [] : new[] { $"server:{Pick(servers)}" }]) with { HostName = Pick(hosts) };
            bool isOurs = snapshot.HostName == "web1" && snapshot.Tags.Contains("set:db") && snapshot.Tags.Contains("server:a");
            Assert.Equal(isOurs, SetRetention.CreateRequest(Db, Server("a"), new Dictionary<string, object> { ["Last"] = 1 }, "web1").Filter.Matches(snapshot));
        }
    }

    private IEnumerable<SnapshotFile> Days(int every, int from, string parent)
    {
        for (int day = from; day > 0; parent = $"day{day}", day -= every) yield return Snapshot($"day{day}", 24 * day, parent: parent);
    }

    private static BackupState Of(IReadOnlyList<SnapshotFile> snapshots, TimeSpan? promised = null) =>
        new BackupStates(Now, TimeZoneInfo.Utc).OfSet(Db, Server("a"), "local", promised, snapshots, "/backup");

    private static BackupState State(string name, BackupStanding standing, double? age, double? promised) => new()
    {
        Name = name, Standing = standing, Age = age is { } hours ? TimeSpan.FromHours(hours) : null, RecoveryPoint = promised is { } limit ? TimeSpan.FromHours(limit) : null,
    };

    private static Server Server(string name) => new() { Name = name };

    private SnapshotFile Snapshot(string id, double hours, string[]? tags = null, string? parent = null) => new()
    {
        Id = Id(id), Time = new Rfc3339Time(UnixTime.From(Now.AddHours(-hours)), TimeSpan.Zero), HostName = "web1", Paths = ["/etc"],
        Tags = tags ?? ["set:db", "server:a"], Parent = parent is null ? null : Id(parent),
    };

    private ObjectId Id(string name) => _ids.TryGetValue(name, out var id) ? id : _ids[name] = ObjectId.Of(System.Text.Encoding.UTF8.GetBytes(name));
}
