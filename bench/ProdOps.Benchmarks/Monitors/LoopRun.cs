using System.Diagnostics;
using System.Threading.Channels;
using ProdOps.Monitoring.Notifications;
using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.Running;

namespace ProdOps.Benchmarks.Monitors;

/// <summary>A monitor at work, by the machine's clock or by a quicker one, watched from within.</summary>
internal sealed class LoopRun(MonitorSetup setup, MonitoringFolder folder, Func<Server, ProbeRequest, CancellationToken, Task<ProbeAnswer>> ask, TimeProvider? time = null) : INotificationSender
{
    public const string ChannelName = "recorder";

    private readonly Channel<(NotificationMessage Message, long At)> _messages = Channel.CreateUnbounded<(NotificationMessage, long)>();
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private long _rounds;
    private int _checks, _events;

    NotificationChannel INotificationSender.Channel { get; } = new() { Name = ChannelName };

    /// <summary>What people were told, and when by <see cref="Stopwatch.GetTimestamp"/>.</summary>
    public ChannelReader<(NotificationMessage Message, long At)> Messages => _messages.Reader;

    public Task SendAsync(NotificationMessage message, CancellationToken cancellationToken)
    {
        _messages.Writer.TryWrite((message, Stopwatch.GetTimestamp()));
        return Task.CompletedTask;
    }

    /// <summary>Runs it while something else is done.</summary>
    public async Task RunAsync(Func<Task> meanwhile, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var loop = new HealthLoop(setup, folder, new LoopServices
        {
            Ask = (server, request, token) =>
            {
                Interlocked.Increment(ref _rounds);
                return ask(server, request, token);
            },
            Senders = new Dictionary<string, INotificationSender> { [ChannelName] = this },
            Actions = new ActionRunner((_, _) => throw new UnreachableException(), _time),
            Time = _time,
            Happened = (events, state) =>
            {
                _events += events.Count;
                _checks = state.Checks.Count;
            },
        });
        var running = loop.RunAsync(stop.Token);
        try
        {
            await await Task.WhenAny(running, meanwhile());
        }
        finally
        {
            await stop.CancelAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Lets it warm up, and measures it.</summary>
    public async Task MeasureAsync(TimeSpan warm, TimeSpan length, TextWriter output, CancellationToken cancellationToken)
    {
        await RunAsync(async () =>
        {
            await Task.Delay(warm, cancellationToken);
            long begun = Stopwatch.GetTimestamp(), rounds = Interlocked.Read(ref _rounds), allocated = GC.GetTotalAllocatedBytes();
            var used = Environment.CpuUsage;
            int collections = GC.CollectionCount(0), eventsBefore = _events;
            await Task.Delay(length, cancellationToken);
            var taken = Stopwatch.GetElapsedTime(begun);
            double cpu = (Environment.CpuUsage.TotalTime - used.TotalTime).TotalSeconds;
            rounds = Interlocked.Read(ref _rounds) - rounds;
            double wanted = setup.Servers.Count * taken.TotalSeconds / setup.Pace.Interval.TotalSeconds, perServer = (double)_checks / setup.Servers.Count;
            output.WriteLine(Invariant($"{setup.Servers.Count:N0} servers every {setup.Pace.Interval.TotalSeconds} s, {perServer:F1} checks each, for {taken.TotalSeconds:F0} s"));
            output.WriteLine(Invariant($"server-rounds: {rounds:N0} of {wanted:N0} ({Math.Max(0, 100 - 100 * rounds / wanted):F1} % missed)"));
            output.WriteLine(Invariant($"CPU: {1000 * cpu / rounds:F3} ms a server-round, {100 * cpu / taken.TotalSeconds:F1} % of a core; {rounds * perServer / taken.TotalSeconds:N0} checks judged a second"));
            output.WriteLine(Invariant($"allocated: {(GC.GetTotalAllocatedBytes() - allocated) / (double)rounds / 1024:F1} KiB a server-round; {GC.CollectionCount(0) - collections} collections"));
            output.WriteLine(Invariant($"memory: {Environment.WorkingSet / 1e6:F0} MB resident, at most {MemoryCensus.Peak:F0} MB; managed {GC.GetTotalMemory(false) / 1e6:F0} MB"));
            output.WriteLine(Invariant($"events: {_events:N0}, of these {_events - eventsBefore:N0} while it was measured; messages: {_messages.Reader.Count}"));
        }, cancellationToken);
        output.WriteLine(Invariant($"store: {StoreSize() / 1e6:F1} MB"));
    }

    /// <summary>Measures it for hours of its own clock, and tells every so many minutes of it how it is.</summary>
    public async Task FollowAsync(TimeSpan length, TimeSpan step, TextWriter output, CancellationToken cancellationToken)
    {
        output.WriteLine(Invariant($"{setup.Servers.Count:N0} servers every {setup.Pace.Interval.TotalSeconds} s"));
        output.WriteLine($"| after | server-rounds missed | CPU ms a server-round | {MemoryCensus.Titles} | MB of store and log | longest wait to write, ms |");
        output.WriteLine($"| ---: | ---: | ---: | {MemoryCensus.Alignment} | ---: | ---: |");
        await RunAsync(async () =>
        {
            using var waits = new StoreWaits(Path.Combine(folder.Path, "metrics.db"));
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var waiting = waits.RunAsync(stop.Token);
            long begun = _time.GetTimestamp(), rounds = 0;
            var (from, used) = (TimeSpan.Zero, Environment.CpuUsage.TotalTime);
            while (from < length)
            {
                await Task.Delay(step, _time, cancellationToken);
                var (now, cpu, all) = (_time.GetElapsedTime(begun), Environment.CpuUsage.TotalTime, Interlocked.Read(ref _rounds));
                double wanted = setup.Servers.Count * (now - from).TotalSeconds / setup.Pace.Interval.TotalSeconds, made = all - rounds;
                output.WriteLine(Invariant($"| {now:h\\:mm} | {Math.Max(0, 100 - 100 * made / wanted):F1} % | {(cpu - used).TotalMilliseconds / made:F2} | {MemoryCensus.Take()} | {StoreSize() / 1e6:F0} | {waits.TakeLongest().TotalMilliseconds:F0} |"));
                output.Flush();
                (from, used, rounds) = (now, cpu, all);
            }

            await stop.CancelAsync();
            await waiting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }, cancellationToken);
        output.WriteLine(Invariant($"events: {_events:N0}; messages: {_messages.Reader.Count}"));
    }

    private double StoreSize() => new DirectoryInfo(folder.Path).EnumerateFiles("metrics.db*").Sum(static file => file.Length);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
