using System.Threading.Channels;
using ProdOps.Monitoring.States;

namespace ProdOps.Monitoring.Running;

/// <summary>What a monitor has decided, on its way to who looks on. It never waits for them: who does not take what comes loses the oldest, which the store has.</summary>
internal sealed class EventQueue
{
    /// <summary>So many rounds are kept, which are hours of what mostly happens.</summary>
    public const int Most = 256;

    private readonly Channel<HappenedRound> _channel;
    private long _lost;

    public EventQueue() => _channel = Channel.CreateBounded<HappenedRound>(
        new BoundedChannelOptions(Most) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest }, dropped => Interlocked.Add(ref _lost, dropped.Events.Count));

    public void Offer(HappenedRound round) => _channel.Writer.TryWrite(round);

    /// <summary>Nothing more comes.</summary>
    public void Complete() => _channel.Writer.TryComplete();

    public IAsyncEnumerable<HappenedRound> ReadAllAsync(CancellationToken cancellationToken) => _channel.Reader.ReadAllAsync(cancellationToken);

    /// <summary>How many events were lost since this was asked for last.</summary>
    public long TakeLost() => Interlocked.Exchange(ref _lost, 0);
}

/// <summary>What was decided in one go.</summary>
/// <param name="Events">What happened.</param>
/// <param name="Counts">How all is, in a few words, where it was counted.</param>
internal readonly record struct HappenedRound(IReadOnlyList<MonitorEvent> Events, string? Counts);
