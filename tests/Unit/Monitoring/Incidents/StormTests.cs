using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.States;

namespace ProdOps.Monitoring.Tests.Incidents;

/// <summary>What a round costs while there are thousands of problems. It is counted in what is allocated: time would depend on the machine.</summary>
public sealed class StormTests
{
    private const int Late = 200;

    [Fact]
    public void A_round_costs_what_changed_in_it_however_many_problems_there_are()
    {
        var (few, many) = (Measure(1_000), Measure(50_000));
        Assert.InRange(many.Quiet, 0, few.Quiet + 1_024);
        Assert.InRange(many.Announced, 0, few.Announced + 1_024);
        // Trees are some steps deeper, and lists have grown.
        Assert.InRange(many.Joining, 1, 2 * few.Joining);
        Assert.InRange(many.Leaving, 1, 2 * few.Leaving);
    }

    /// <summary>The least that a round allocates: one in which nothing happens, without and with announced work elsewhere; one in which ten problems join, and one in which ten are over.</summary>
    private static (long Quiet, long Announced, long Joining, long Leaving) Measure(int problems)
    {
        var servers = Enumerable.Range(0, problems + Late).Select(number => new MonitoredServer($"s{number:d5}")).ToList();
        var rule = new HealthRule { Name = "http", Check = "http", For = TimeSpan.Zero, Attempts = 1, RecoverFor = TimeSpan.Zero, RecoverAttempts = 1, Interval = TimeSpan.FromMinutes(10) };
        var plan = new MonitorPlan(servers, new RuleSet([rule]), [new NotificationRoute { Name = "admins" }, new NotificationRoute { Name = "nobody", Servers = ["x*"] }, new NotificationRoute { Name = "rest", Severity = HealthState.Critical, DigestAt = new TimeOnly(8, 0) }]);
        var monitor = new HealthMonitor(plan, new MonitorState());
        var now = new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
        monitor.Start(now);
        for (int from = 0; from < problems; from += 500) Say(from, 500, HealthState.Warning);
        // They are told of, and of what is new in them.
        for (int i = 0; i < 20; i++) monitor.Advance(now += TimeSpan.FromSeconds(30));
        var incident = Assert.Single(monitor.State.Incidents.Values);
        Assert.Equal((problems, HealthState.Warning), (incident.Members.Count, incident.Severity));
        Assert.NotEmpty(incident.Told);

        long quiet = Least(_ => monitor.Advance(now += TimeSpan.FromSeconds(1)));
        long joining = Least(round => Say(problems + (10 * round), 10, HealthState.Warning));
        long leaving = Least(round => Say(problems + (10 * round), 10, HealthState.OK));
        Assert.Equal(problems, incident.Members.Count);
        monitor.SetDowntime(now, new Downtime { Server = "elsewhere", From = now, Until = now.AddHours(1) });
        monitor.Advance(now += TimeSpan.FromSeconds(1));
        return (quiet, Least(_ => monitor.Advance(now += TimeSpan.FromSeconds(1))), joining, leaving);

        void Say(int from, int count, HealthState state) =>
            monitor.Observe(new Round(now += TimeSpan.FromSeconds(1), [.. servers.Skip(from).Take(Math.Min(count, from < problems ? problems - from : count)).Select(server => new Reading(new CheckKey(server.Name, "http", null), state))]));
    }

    private static long Least(Action<int> round) => Enumerable.Range(0, Late / 10).Min(number =>
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        round(number);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    });
}
