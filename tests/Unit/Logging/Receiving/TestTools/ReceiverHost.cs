using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ProdOps.Logging.Receiving;

namespace ProdOps.Logging.Tests.Receiving.TestTools;

/// <summary>A receiver on loopback for one test.</summary>
internal sealed class ReceiverHost : IAsyncDisposable
{
    private readonly Lazy<Task> _stopped;

    private ReceiverHost(LogReceiver receiver, RecordingSink sink, RecordingActivity activity)
    {
        Receiver = receiver;
        Sink = sink;
        Activity = activity;
        _stopped = new Lazy<Task>(receiver.StopAsync);
    }

    public LogReceiver Receiver { get; }

    public RecordingSink Sink { get; }

    public RecordingActivity Activity { get; }

    public static ReceiverHost Start(LogReceiverProtocol protocol, Func<LogReceiverOptions, LogReceiverOptions>? change = null, RecordingSink? sink = null) => Start([protocol], change, sink);

    public static ReceiverHost Start(IEnumerable<LogReceiverProtocol> protocols, Func<LogReceiverOptions, LogReceiverOptions>? change = null, RecordingSink? sink = null)
    {
        var options = new LogReceiverOptions { Ports = [.. protocols.Select(protocol => (protocol, 0))], Addresses = [IPAddress.Loopback], StoreTimeout = TimeSpan.FromSeconds(2) };
        sink ??= new RecordingSink();
        var activity = new RecordingActivity();
        return new ReceiverHost(LogReceiver.Start(change?.Invoke(options) ?? options, sink, activity, TimeProvider.System), sink, activity);
    }

    public int PortOf(LogReceiverProtocol protocol) => Receiver.Endpoints.First(endpoint => endpoint.Protocol == protocol).Endpoint.Port;

    public async Task<TcpClient> ConnectAsync(LogReceiverProtocol protocol)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, PortOf(protocol));
        return client;
    }

    /// <summary>Sends text on a connection of its own and closes that.</summary>
    public async Task SendAsync(LogReceiverProtocol protocol, string text)
    {
        using var client = await ConnectAsync(protocol);
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text));
    }

    public Task StopAsync() => _stopped.Value;

    /// <summary>Waits until something is so.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what, double seconds = 60)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        while (!condition())
        {
            if (limit.IsCancellationRequested) Assert.Fail($"It did not come about: {what}.");
            await Task.Delay(10, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync();
        }
        catch (ProdOpsException)
        {
            // A test that is about it has looked.
        }
    }
}

/// <summary>Keeps what was told.</summary>
internal sealed class RecordingActivity : IActivity
{
    public ConcurrentQueue<string> Warnings { get; } = [];

    public ConcurrentQueue<string> Details { get; } = [];

    public void Verbose(string message) => Details.Enqueue(message);

    public void Warning(string message) => Warnings.Enqueue(message);

    public void Error(ProdOpsException error) => Warnings.Enqueue(error.Message);

    public void Progress(ActivityProgress progress)
    {
    }
}
