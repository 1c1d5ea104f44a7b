using FsCheck.Xunit;
using Microsoft.Extensions.Time.Testing;
using ProdOps.Recovery.Readiness;

namespace ProdOps.Recovery.Tests.Readiness;

/// <summary>What holds whatever was proved, and whenever: by chance, from seeds that FsCheck draws and shrinks.</summary>
public sealed class ReadinessPropertyTests
{
    /// <summary>A good proof more never lowers the score of any item, nor the one over all.</summary>
    [Property(MaxTest = 40)]
    public void More_evidence_never_lowers_a_score(int seed)
    {
        var random = new Random(seed);
        var more = Some(ReadyShop.Facts, random, 0.8);
        var less = Some(more, random, 0.7);
        AssertNotBetter(Judge(less, ReadyShop.Now), Judge(more, ReadyShop.Now));
    }

    /// <summary>The same evidence, looked at later, never raises one.</summary>
    [Property(MaxTest = 40)]
    public void Older_evidence_never_raises_a_score(int seed, byte days, byte hours)
    {
        var random = new Random(seed);
        var facts = Some(ReadyShop.Facts, random, 0.8);
        var now = ReadyShop.Now.AddDays(random.Next(0, 100));
        AssertNotBetter(Judge(facts, now.AddDays(days % 100).AddHours(hours % 24)), Judge(facts, now));
    }

    /// <summary>What cannot be gathered counts like what is not there: it never makes anything better.</summary>
    [Property(MaxTest = 40)]
    public void What_cannot_be_gathered_never_raises_a_score(int seed)
    {
        var random = new Random(seed);
        var facts = Some(ReadyShop.Facts, random, 0.9);
        var lost = Lose(facts, random);
        var items = Judge(lost, ReadyShop.Now);
        AssertNotBetter(items, Judge(facts, ReadyShop.Now));
        Assert.All(items.Where(static item => item.Status == ReadinessStatus.Unknown), static item => Assert.Equal((0.0, true), (item.Score, item.Message.Length > 0)));
    }

    /// <summary>Scores add up: the score over all, and what is to be gained, are a hundred.</summary>
    [Property(MaxTest = 40)]
    public void What_is_left_to_be_gained_is_what_the_score_lacks(int seed)
    {
        var items = Judge(Some(ReadyShop.Facts, new Random(seed), 0.5), ReadyShop.Now);
        double score = Sum(items).Score;
        Assert.Equal(100, score + items.Sum(static item => item.Gain), 4.0);
        Assert.InRange(score, 0, 100);
    }

    private static void AssertNotBetter(IReadOnlyList<ReadinessItem> worse, IReadOnlyList<ReadinessItem> better)
    {
        Assert.Equal(better.Select(static item => item.Name), worse.Select(static item => item.Name));
        foreach (var (one, other) in worse.Zip(better)) Assert.True(one.Score <= other.Score, $"{one.Name}: {one.Score} ({one.Message}) is more than {other.Score} ({other.Message})");
        Assert.True(Sum(worse).Score <= Sum(better).Score);
    }

    /// <summary>Some of the proofs. Of runs the later ones go first: what was not seen between two of them is proof of another kind.</summary>
    private static ReadinessFacts Some(ReadinessFacts facts, Random random, double share)
    {
        var until = ReadyShop.Now.AddHours(random.NextDouble() < share ? 0 : -random.Next(1, 30));
        return facts with
        {
            BackupRuns = Kept(facts.BackupRuns, run => run.Time <= until),
            BackupTests = Kept(facts.BackupTests, _ => random.NextDouble() < share),
            LoadTests = Kept(facts.LoadTests, _ => random.NextDouble() < share),
            LoadBalancers = Kept(facts.LoadBalancers, _ => random.NextDouble() < share),
            Failovers = Kept(facts.Failovers, _ => random.NextDouble() < share),
            Publications = Kept(facts.Publications, _ => random.NextDouble() < share),
            Notifications = Kept(facts.Notifications, _ => random.NextDouble() < share),
            RollingUpdates = Kept(facts.RollingUpdates, _ => random.NextDouble() < share),
            Schedules = Kept(facts.Schedules, _ => random.NextDouble() < share),
            Plans = facts.Plans.Value is not { } plans ? facts.Plans : ReadyShop.Of<RecoveryPlanFact>([.. plans.Select(plan => plan with { Runs = random.NextDouble() < share ? plan.Runs : [], LastCheck = random.NextDouble() < share ? plan.LastCheck : null })]),
            Monitor = facts.Monitor.Value is not { } monitor ? facts.Monitor : Fact<MonitorFacts>.Of(monitor with
            {
                LastAlive = random.NextDouble() < share ? monitor.LastAlive : null,
                LatestOfServers = [.. monitor.LatestOfServers.Where(_ => random.NextDouble() < share)],
                Checks = [.. monitor.Checks.Where(_ => random.NextDouble() < share)],
            }),
            Logs = facts.Logs.Value is not { } logs ? facts.Logs : Fact<LogFacts>.Of(logs with { Sources = [.. logs.Sources.Where(_ => random.NextDouble() < share)] }),
        };
    }

    private static ReadinessFacts Lose(ReadinessFacts facts, Random random) => facts with
    {
        BackupRuns = Lost(facts.BackupRuns, random), BackupTests = Lost(facts.BackupTests, random), LoadTests = Lost(facts.LoadTests, random), LoadBalancers = Lost(facts.LoadBalancers, random), Failovers = Lost(facts.Failovers, random),
        Publications = Lost(facts.Publications, random), Notifications = Lost(facts.Notifications, random), RollingUpdates = Lost(facts.RollingUpdates, random), Schedules = Lost(facts.Schedules, random), Plans = Lost(facts.Plans, random),
        Monitor = Lost(facts.Monitor, random), Logs = Lost(facts.Logs, random), SinglePoints = Lost(facts.SinglePoints, random), EnvironmentFile = Lost(facts.EnvironmentFile, random),
    };

    private static Fact<IReadOnlyList<T>> Kept<T>(Fact<IReadOnlyList<T>> fact, Func<T, bool> kept) => fact.Value is { } list ? ReadyShop.Of<T>([.. list.Where(kept)]) : fact;

    private static Fact<T> Lost<T>(Fact<T> fact, Random random)
        where T : class => random.Next(4) == 0 ? Fact<T>.Unknown("the disk is gone") : fact;

    private static IReadOnlyList<ReadinessItem> Judge(ReadinessFacts facts, DateTimeOffset now) => new ReadinessJudge(new FakeTimeProvider(now)).Judge(facts);

    private static ReadinessSummary Sum(IReadOnlyList<ReadinessItem> items) => new ReadinessJudge(new FakeTimeProvider(ReadyShop.Now)).Sum(ReadyShop.Environment, items);
}
