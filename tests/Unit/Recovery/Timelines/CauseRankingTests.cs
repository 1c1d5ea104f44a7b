using ProdOps.Recovery.Tests.Topology;
using ProdOps.Recovery.Timelines;
using ProdOps.Recovery.Topology;

namespace ProdOps.Recovery.Tests.Timelines;

public sealed class CauseRankingTests
{
    private static readonly DateTimeOffset Begin = new(2026, 11, 27, 14, 3, 0, TimeSpan.Zero);

    private static readonly TopologyModel Model = TopologyBuilder.Build(EnvironmentText.Read("""
        Servers = @( @{ Name = 'lb1' }, @{ Name = 'web1'; DependsOn = 'db1'; Rack = 'a' }, @{ Name = 'web2'; DependsOn = 'db1' }, @{ Name = 'db1' }, @{ Name = 'mail1'; Rack = 'a' }, @{ Name = 'far1' } )
        LoadBalancers = @{ web = @{ Servers = 'lb1'; Pool = 'web1', 'web2' } }
        """));

    [Fact]
    public void A_bad_configuration_goes_before_the_noise_of_the_same_minutes()
    {
        var symptom = Event(0, "web1", TimelineKind.Health, "http fails", TimelineSeverity.Critical);
        TimelineEvent[] story =
        [
            .. Enumerable.Range(1, 30).Select(i => Event(-i * 10, "web1", TimelineKind.Sudo, $"backup ran job {i} as root")),
            Event(-40, "web1", TimelineKind.Login, "admin logged in"), Event(-25, "web1", TimelineKind.Configuration, "/etc/nginx/sites-enabled/shop changed"),
            Event(-24, "web1", TimelineKind.Service, "Reloaded nginx.service"), Event(-20, "far1", TimelineKind.Deployment, "update of something else"), Event(-5, "web2", TimelineKind.Metric, "cpu.busy rises"),
            symptom, Event(3, "web1", TimelineKind.OomKill, "too late"), Event(10, "lb1", TimelineKind.Health, "pool has a server less", TimelineSeverity.Warning),
        ];
        Assert.Equal(symptom, CauseRanking.Symptom(story.OrderBy(told => told.Time)));
        var ranked = new CauseRanking(Model).Rank(story, symptom);
        Assert.Equal("/etc/nginx/sites-enabled/shop changed", ranked[0].Text);
        Assert.DoesNotContain(ranked, told => told.Text == "too late" || told == symptom);
        Assert.Contains("25 s before", ranked[0].Reason);
        Assert.Contains("the same server (1.00)", ranked[0].Reason);
        Assert.Equal(ranked.Select(told => told.Score).OrderDescending(), ranked.Select(told => told.Score));
    }

    [Fact]
    public void What_the_server_needs_goes_before_what_needs_it_and_before_strangers()
    {
        var symptom = Event(0, "web1", TimelineKind.Health, "http fails", TimelineSeverity.Critical);
        var ranked = new CauseRanking(Model).Rank([symptom, .. new[] { "far1", "lb1", "mail1", "db1", "web1" }.Select(server => Event(-60, server, TimelineKind.Package, $"upgrade on {server}"))], symptom);
        Assert.Equal(["web1", "db1", "mail1", "lb1", "far1"], ranked.Select(told => told.Server));
    }

    [Fact]
    public void A_database_killed_for_want_of_memory_explains_the_application_that_fails()
    {
        var symptom = Event(0, "web2", TimelineKind.Health, "http fails", TimelineSeverity.Critical);
        var ranked = new CauseRanking(Model).Rank([Event(-300, "web2", TimelineKind.Login, "admin logged in"), Event(-30, "db1", TimelineKind.OomKill, "killed postgres"), Event(-10, "web2", TimelineKind.LogPattern, "new: connection refused", TimelineSeverity.Warning), symptom], symptom);
        Assert.Equal("killed postgres", ranked[0].Text);
    }

    [Theory]
    [InlineData("statement: drop table orders")]
    [InlineData("statement: ALTER  TABLE \"orders\" drop column <*>")]
    [InlineData("<*> Query create unique index <*> on orders (id)")]
    public void A_statement_that_changed_the_tables_goes_before_all_that_fails_of_it(string statement)
    {
        TimelineEvent Line(double seconds, string server, string pattern, TimelineSeverity severity) => Event(seconds, server, TimelineKind.LogPattern, $"new in log, 1 times: {pattern}", severity) with { Source = new LogPattern { Pattern = pattern } };
        var symptom = Event(0, "db1", TimelineKind.Health, "orders query", TimelineSeverity.Critical);
        var ranked = new CauseRanking(Model).Rank(
        [
            Line(-4, "db1", statement, TimelineSeverity.Info), Line(-4, "db1", "relation <*> does not exist", TimelineSeverity.Critical), Line(-4, "db1", "the user table orders drop", TimelineSeverity.Info),
            Event(-1, "db1", TimelineKind.Metric, "tcp.connections falls"), Line(-3, "web1", "ERROR POST /orders", TimelineSeverity.Critical), symptom,
        ], symptom);
        Assert.EndsWith(statement, ranked[0].Text);
        Assert.Equal("new in log, 1 times: the user table orders drop", ranked.Last(told => told.Server == "db1").Text);
    }

    [Fact]
    public void A_server_that_is_gone_explains_what_needs_it_although_that_is_known_a_moment_later()
    {
        var symptom = Event(0, "web1", TimelineKind.Health, "http fails", TimelineSeverity.Critical);
        TimelineEvent Gone(double seconds, string server) => Event(seconds, server, TimelineKind.Health, "It cannot be reached.", TimelineSeverity.Critical) with { Source = new HealthEvent { Kind = HealthEventKind.Server, Server = server, State = HealthState.Critical } };
        var ranked = new CauseRanking(Model).Rank([Event(-30, "far1", TimelineKind.Configuration, "/etc/hosts changed"), symptom, Gone(9, "db1"), Gone(10, "far1"), Gone(200, "web1")], symptom);
        Assert.Equal(["db1", "far1"], ranked.Select(told => told.Server));
        Assert.Equal("It cannot be reached.", ranked[0].Text);
        // A change on the server itself says more than that it is gone.
        Assert.Equal(["/etc/iptables changed", "It cannot be reached."], new CauseRanking(Model).Rank([Event(-30, "web1", TimelineKind.Configuration, "/etc/iptables changed"), symptom, Gone(9, "web1")], symptom).Select(told => told.Text));
    }

    [Fact]
    public void Servers_of_one_site_have_no_more_to_do_with_each_other_than_others()
    {
        var model = TopologyBuilder.Build(EnvironmentText.Read("Servers = @( @{ Name = 'web1'; Site = 'main' }, @{ Name = 'ops'; Site = 'main' }, @{ Name = 'far1'; Site = 'far' } )"));
        var symptom = Event(0, "web1", TimelineKind.Health, "http fails", TimelineSeverity.Critical);
        var ranked = new CauseRanking(model).Rank([symptom, Event(-60, "ops", TimelineKind.Configuration, "changed"), Event(-60, "far1", TimelineKind.Configuration, "changed")], symptom);
        Assert.Equal(ranked[0].Score, ranked[1].Score);
    }

    [Fact]
    public void Without_a_state_that_is_bad_the_first_bad_line_is_the_symptom()
    {
        Assert.Equal("new error", CauseRanking.Symptom([Event(-5, "a", TimelineKind.Login, "x"), Event(-4, "a", TimelineKind.LogPattern, "new error", TimelineSeverity.Warning)])?.Text);
        Assert.Null(CauseRanking.Symptom([Event(-5, "a", TimelineKind.Login, "x"), Event(-5, "a", TimelineKind.Health, "well again")]));
    }

    [Fact]
    public async Task Streams_are_merged_by_time_and_no_more_is_read_of_each_than_is_needed()
    {
        int read = 0;
        async IAsyncEnumerable<TimelineEvent> Endless(int offset)
        {
            for (int i = 0; ; i++)
            {
                await Task.Yield();
                read++;
                yield return Event((i * 10) + offset, $"s{offset}", TimelineKind.Login, $"{i}");
            }
        }

        var first = await TimelineMerge.MergeAsync([Endless(3), Endless(1), Endless(2)], CancellationToken.None).Take(300).ToListAsync();
        Assert.Equal(first.OrderBy(told => told.Time), first);
        Assert.InRange(read, 300, 303);
    }

    private static TimelineEvent Event(double seconds, string server, TimelineKind kind, string text, TimelineSeverity severity = TimelineSeverity.Info) =>
        new() { Time = Begin.AddSeconds(seconds), Server = server, Kind = kind, Text = text, Severity = severity };
}
