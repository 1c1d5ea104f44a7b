using System.Threading.Channels;
using ProdOps.Servers.Secrets;

namespace ProdOps.Monitoring.Notifications;

/// <summary>
/// Delivers messages: by the first channel of their route that works, again and again for a day. It keeps nothing on disk: what was decided and not reported as
/// delivered or given up is enqueued again by whoever starts anew. A message may arrive twice then, and says by its number that it does.
/// </summary>
internal sealed class Outbox
{
    private readonly IReadOnlyDictionary<string, INotificationSender> _senders;
    private readonly IReadOnlyDictionary<string, IReadOnlyList<string>> _channelsOfRoute;
    private readonly Func<OutboxReport, ValueTask> _report;
    private readonly TimeProvider _time;
    private readonly OutboxState _state;
    private readonly long _began;
    private readonly Channel<object> _inbox = Channel.CreateUnbounded<object>(new UnboundedChannelOptions { SingleReader = true });
    private readonly HashSet<Task> _sending = [];

    /// <param name="senders">The channels that can be sent by.</param>
    /// <param name="channelsOfRoute">The channels of each route, the preferred one first.</param>
    /// <param name="report">Told what happened, one after another; what it throws ends the delivery.</param>
    /// <param name="time">The clock.</param>
    /// <param name="dead">Channels that were reported as dead before.</param>
    /// <param name="chance">From 0 up to 1, for waits that are not all the same; <see langword="null"/> for chance.</param>
    public Outbox(IReadOnlyDictionary<string, INotificationSender> senders, IReadOnlyDictionary<string, IReadOnlyList<string>> channelsOfRoute, Func<OutboxReport, ValueTask> report,
        TimeProvider time, IEnumerable<string>? dead = null, Func<double>? chance = null)
    {
        (_senders, _channelsOfRoute, _report, _time, _began) = (senders, channelsOfRoute, report, time, time.GetTimestamp());
        _state = new OutboxState(senders.ContainsKey, dead ?? [], chance ?? Random.Shared.NextDouble);
    }

    /// <summary>How many messages wait or are under way, as of the last step.</summary>
    public int Pending { get; private set; }

    /// <summary>Adds a message; from any thread, before or while it runs. Messages are delivered in the order in which they are added.</summary>
    public void Enqueue(NotificationMessage message) => _inbox.Writer.TryWrite(message);

    /// <summary>Delivers until it is called off. What is under way then is called off too, and what was taken all the same is still reported.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                await StepAsync().ConfigureAwait(false);
                foreach (var (entry, channel) in _state.Start(Now)) Send(entry, channel, stop.Token);
                await ReportAsync().ConfigureAwait(false);
                await WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(_sending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _sending.Clear();
        }

        await StepAsync().ConfigureAwait(false);
    }

    private TimeSpan Now => _time.GetElapsedTime(_began);

    /// <summary>Takes in what was added and what was sent, and tells of it.</summary>
    private async Task StepAsync()
    {
        while (_inbox.Reader.TryRead(out object? item))
        {
            if (item is NotificationMessage message) _state.Add(message, _channelsOfRoute.GetValueOrDefault(message.Route) ?? [], _time.GetUtcNow() - message.Time, Now);
            else if (item is Outcome outcome) Take(outcome);
        }

        await ReportAsync().ConfigureAwait(false);
    }

    private void Take(Outcome outcome)
    {
        var (entry, channel, error) = outcome;
        string text = error is null ? "" : PlainLine.Of(SecretRedactor.Shared.Redact(error.Message), MessageText.LongestTitle * 2);
        switch (error)
        {
            case null: _state.Delivered(entry, channel); break;
            case OperationCanceledException: _state.Stopped(entry, channel); break;
            case ProdOpsException { Kind: ErrorKind.InvalidData }: _state.Refused(entry, channel, text); break;
            default: _state.Failed(entry, channel, text, (error as NotificationTroubleException)?.RetryAfter, Now); break;
        }
    }

    private async Task ReportAsync()
    {
        while (_state.Reports.TryPeek(out var report))
        {
            await _report(report).ConfigureAwait(false);
            _state.Reports.Dequeue();
        }

        Pending = _state.Count;
    }

    private void Send(OutboxEntry entry, string channel, CancellationToken cancellationToken)
    {
        _sending.RemoveWhere(static task => task.IsCompleted);
        _sending.Add(Task.Run(async () =>
        {
            Exception? error = null;
            try
            {
                await _senders[channel].SendAsync(entry.Message, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                // Whatever a channel stumbles over must not end the others.
                error = exception is OperationCanceledException && !cancellationToken.IsCancellationRequested ? new TimeoutException(exception.Message, exception) : exception;
            }

            _inbox.Writer.TryWrite(new Outcome(entry, channel, error));
        }, CancellationToken.None));
    }

    /// <summary>Waits for a message, an outcome, or the moment when a channel is tried again.</summary>
    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        var now = Now;
        if (_state.Next(now) is not { } next)
        {
            await WaitForInboxAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        if (next <= now) return;
        using var wake = new CancellationTokenSource(next - now, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, wake.Token);
        await WaitForInboxAsync(both.Token).ConfigureAwait(false);
    }

    private async Task WaitForInboxAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _inbox.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
        }
    }

    private sealed record Outcome(OutboxEntry Entry, string Channel, Exception? Error);
}
