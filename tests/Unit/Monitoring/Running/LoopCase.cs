using System.Collections.Concurrent;
using System.Threading.Channels;
using ProdOps.Backup.Tests.Storage;
using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Notifications;
using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.Probing.Report;
using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.Running.Outlets;
using ProdOps.Monitoring.Silences;
using ProdOps.Monitoring.States;
using ProdOps.Servers.Commands;

namespace ProdOps.Monitoring.Tests.Running;

/// <summary>A monitor at work by the real clock, at a pace of milliseconds, with servers that are what the test says.</summary>
internal sealed class LoopCase : IAsyncDisposable, INotificationSender
{
    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<MonitorEvent> _events = Channel.CreateUnbounded<MonitorEvent>();
    private HealthLoop? _loop;
    private int _asked;
    private Task _running = Task.CompletedTask;

    /// <param name="setup">What there is.</param>
    /// <param name="folder">Where it is kept; one that goes with the test, where none is named.</param>
    public LoopCase(MonitorSetup? setup = null, string? folder = null)
    {
        Setup = setup ?? Default;
        Folder = new MonitoringFolder(folder ?? _folder["monitoring"]);
    }

    /// <summary>The Alertmanagers whose silences hold.</summary>
    public IReadOnlyList<SilenceWatch> Silences { get; init; } = [];

    /// <summary>What asks servers, where they are not what the test says.</summary>
    public Func<Server, ProbeRequest, CancellationToken, Task<ProbeAnswer>>? Ask { get; init; }

    /// <summary>The ways by which what is measured gets to others.</summary>
    public OutletOptions Outlets { get; init; } = new();

    /// <summary>Two servers, and rules that believe at once.</summary>
    public static MonitorSetup Default { get; } = new()
    {
        Servers = [new Server { Name = "web1" }, new Server { Name = "db1" }],
        Rules = [.. DefaultRules.All.Select(rule => rule with { For = TimeSpan.Zero, Attempts = 1, RecoverFor = TimeSpan.Zero, RecoverAttempts = 1 })],
        Routes = [new NotificationRoute { Name = "admins", Channels = ["recorder"], MaxPerHour = 10_000 }],
        Pace = new MonitorPace(TimeSpan.FromMilliseconds(50)),
    };

    public MonitorSetup Setup { get; }

    public MonitoringFolder Folder { get; }

    /// <summary>Channels beside the recorder.</summary>
    public Dictionary<string, INotificationSender> MoreSenders { get; } = [];

    /// <summary>How often servers were asked.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>What the thread that decides is held up by whenever something happens.</summary>
    public Action HoldUp { get; init; } = static () => { };

    /// <summary>Servers that do not answer, and why.</summary>
    public ConcurrentDictionary<string, string> Down { get; } = new();

    /// <summary>Messages that arrived.</summary>
    public Channel<NotificationMessage> Messages { get; } = Channel.CreateUnbounded<NotificationMessage>();

    NotificationChannel INotificationSender.Channel { get; } = new() { Name = "recorder" };

    public LoopCase Start()
    {
        _loop = new HealthLoop(Setup, Folder, new LoopServices
        {
            Ask = Ask ?? AskAsync,
            Senders = new Dictionary<string, INotificationSender>(MoreSenders) { ["recorder"] = this },
            Actions = new ActionRunner((_, _) => Task.FromResult<IServerShell>(new LocalShell("here")), TimeProvider.System),
            Silences = Silences,
            Outlets = Outlets,
            Happened = (events, _) =>
            {
                foreach (var happened in events) _events.Writer.TryWrite(happened);
                HoldUp();
            },
        });
        _running = _loop.RunAsync(_stop.Token);
        return this;
    }

    /// <summary>Waits for an event.</summary>
    public async Task<T> NextAsync<T>(Func<T, bool> fits) where T : MonitorEvent
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await foreach (var happened in _events.Reader.ReadAllAsync(limit.Token)) if (happened is T wanted && fits(wanted)) return wanted;
        throw new InvalidOperationException("It ended.");
    }

    public async Task<NotificationMessage> NextMessageAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return await Messages.Reader.ReadAsync(limit.Token);
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _loop?.Dispose();
        _loop = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_running.IsFaulted) await _running;
        _stop.Dispose();
        _folder.Dispose();
    }

    public Task SendAsync(NotificationMessage message, CancellationToken cancellationToken)
    {
        Messages.Writer.TryWrite(message);
        return Task.CompletedTask;
    }

    private Task<ProbeAnswer> AskAsync(Server server, ProbeRequest request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _asked);
        return Down.TryGetValue(server.Name, out string? why) ? Task.FromException<ProbeAnswer>(new ProdOpsException("ConnectFailed", ErrorKind.ResourceUnavailable, why))
            : Task.FromResult(new ProbeAnswer(new ProbeReport { Uptime = Environment.TickCount64 / 1000.0 }, new ProbeTiming(TimeProvider.System.GetUtcNow(), TimeSpan.Zero)));
    }
}
