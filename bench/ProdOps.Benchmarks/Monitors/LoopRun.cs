using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using ProdOps.Monitoring.Notifications;
using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.Running;

namespace ProdOps.Benchmarks.Monitors;

/// <summary>A monitor at work by the real clock, watched from within.</summary>
internal sealed class LoopRun(MonitorSetup setup, MonitoringFolder folder, Func<Server, ProbeRequest, CancellationToken, Task<ProbeAnswer>> ask) : INotificationSender
{
    public const string ChannelName = "recorder";

    private readonly Channel<(NotificationMessage Message, long At)> _messages = Channel.CreateUnbounded<(NotificationMessage, long)>();
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
            Actions = new ActionRunner((_, _) => throw new UnreachableException(), TimeProvider.System),
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
            output.WriteLine(Invariant($"memory: {Environment.WorkingSet / 1e6:F0} MB resident, at most {Peak() / 1e6:F0} MB; managed {GC.GetTotalMemory(false) / 1e6:F0} MB"));
            output.WriteLine(Invariant($"events: {_events:N0}, of these {_events - eventsBefore:N0} while it was measured; messages: {_messages.Reader.Count}"));
        }, cancellationToken);
        output.WriteLine(Invariant($"store: {new DirectoryInfo(folder.Path).EnumerateFiles("metrics.db*").Sum(static file => file.Length) / 1e6:F1} MB"));
    }

    private static double Peak() => File.ReadLines("/proc/self/status").First(static line => line.StartsWith("VmHWM:", StringComparison.Ordinal)) is var line
        ? double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024 : 0;

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
