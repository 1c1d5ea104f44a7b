using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.States;

namespace ProdOps.Monitoring.Tests.Running;

public sealed class EventQueueTests
{
    [Fact]
    public async Task Who_does_not_take_what_comes_loses_the_oldest_and_is_told_how_many()
    {
        var queue = new EventQueue();
        for (int round = 0; round < EventQueue.Most + 3; round++) queue.Offer(new HappenedRound([.. Enumerable.Range(0, 2).Select(_ => Event(round))], null));
        Assert.Equal(6, queue.TakeLost());
        Assert.Equal(0, queue.TakeLost());
        queue.Complete();
        var left = new List<string>();
        await foreach (var round in queue.ReadAllAsync(default)) left.AddRange(round.Events.OfType<ServerChanged>().Select(happened => happened.Server));
        Assert.Equal(2 * EventQueue.Most, left.Count);
        Assert.Equal(("3", $"{EventQueue.Most + 2}"), (left[0], left[^1]));
    }

    [Fact]
    public async Task Who_takes_what_comes_loses_nothing_and_the_end_is_the_end()
    {
        var queue = new EventQueue();
        var reading = Task.Run(async () =>
        {
            var read = new List<string>();
            await foreach (var round in queue.ReadAllAsync(default)) read.AddRange(round.Events.OfType<ServerChanged>().Select(happened => happened.Server));
            return read;
        });
        for (int round = 0; round < 100; round++) queue.Offer(new HappenedRound([Event(round)], null));
        queue.Complete();
        Assert.Equal(100, (await reading).Count);
        Assert.Equal(0, queue.TakeLost());
    }

    private static ServerChanged Event(int number) => new($"{number}", HealthState.OK, HealthState.Critical);
}
