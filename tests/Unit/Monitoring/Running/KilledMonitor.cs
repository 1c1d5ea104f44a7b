using System.Globalization;
using System.Text;
using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Notifications;
using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.Probing.Report;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.States;
using ProdOps.Servers.Commands;

namespace ProdOps.Monitoring.Tests.Running;

/// <summary>
/// The process that <see cref="KilledMonitorTests"/> kills: a monitor whose servers are down when a file of their name is there, and whose messages go to a file. It says
/// <c>quiet</c> when nothing is wrong and everybody knows.
/// </summary>
internal sealed class KilledMonitor(string folder) : INotificationSender
{
    public NotificationChannel Channel { get; } = new() { Name = "recorder" };

    public static async Task<int> RunAsync(string folder)
    {
        var monitor = new KilledMonitor(folder);
        // It ends by itself if the test that should kill it was killed.
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        using var loop = new HealthLoop(LoopCase.Default, new MonitoringFolder(Path.Combine(folder, "store")), new LoopServices
        {
            Ask = monitor.AskAsync,
            Senders = new Dictionary<string, INotificationSender> { ["recorder"] = monitor },
            Actions = new ActionRunner((_, _) => Task.FromResult<IServerShell>(new LocalShell("here")), TimeProvider.System),
            Happened = (events, state) =>
            {
                // What somebody asked for has happened, and this is before they are told.
                if (File.Exists(Path.Combine(folder, "mortal")) && events.Any(static one => one is DowntimeSet or CheckDropped)) System.Diagnostics.Process.GetCurrentProcess().Kill();
                System.Console.Out.WriteLine(state.Incidents.Count == 0 && state.Outbox.Count == 0 ? "quiet" : "trouble");
            },
        });
        try
        {
            await loop.RunAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
        }

        return 0;
    }

    public Task SendAsync(NotificationMessage message, CancellationToken cancellationToken)
    {
        string line = string.Create(CultureInfo.InvariantCulture, $"{message.Id}\t{message.Kind}\t{string.Join(',', message.Incidents.Select(item => item.Incident))}\t{message.Title}\n");
        using var file = new FileStream(Path.Combine(folder, "messages"), FileMode.Append);
        file.Write(Encoding.UTF8.GetBytes(line));
        file.Flush(flushToDisk: true);
        return Task.CompletedTask;
    }

    private Task<ProbeAnswer> AskAsync(Server server, ProbeRequest request, CancellationToken cancellationToken) => File.Exists(Path.Combine(folder, server.Name))
        ? Task.FromException<ProbeAnswer>(new ProdOpsException("ConnectFailed", ErrorKind.ResourceUnavailable, "It is down."))
        : Task.FromResult(new ProbeAnswer(new ProbeReport { Uptime = Environment.TickCount64 / 1000.0 }, new ProbeTiming(TimeProvider.System.GetUtcNow(), TimeSpan.Zero)));
}
