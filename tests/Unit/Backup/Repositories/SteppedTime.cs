using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace ProdOps.Backup.Tests.Repositories;

/// <summary>A clock that moves exactly to the next moment somebody waits for, and only when somebody does.</summary>
internal sealed class SteppedTime(DateTimeOffset start) : FakeTimeProvider(start)
{
    private readonly ConcurrentQueue<DateTimeOffset> _due = new();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (period == Timeout.InfiniteTimeSpan && dueTime > TimeSpan.Zero) _due.Enqueue(GetUtcNow() + dueTime);
        return timer;
    }

    /// <summary>Runs a task that waits for this clock now and then to its end.</summary>
    public async Task<T> RunAsync<T>(Task<T> task)
    {
        while (!task.IsCompleted)
        {
            if (!_due.TryDequeue(out var due)) await Task.WhenAny(task, Task.Delay(1));
            else if (due > GetUtcNow()) SetUtcNow(due);
        }

        return await task;
    }
}
