using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using ProdOps.Monitoring.Notifications;

namespace ProdOps.Monitoring.Tests.Notifications;

public sealed class OutboxTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();
    private readonly Channel<OutboxReport> _reports = Channel.CreateUnbounded<OutboxReport>();

    [Fact]
    public async Task Messages_are_delivered_and_reported_in_order()
    {
        var mail = new Sender("mail");
        await using var running = Run(mail);
        for (int id = 1; id <= 50; id++) running.Outbox.Enqueue(Message(id));
        for (int id = 1; id <= 50; id++) Assert.Equal(new OutboxReport.Delivered(id, "mail"), await ReadAsync());
        Assert.Equal(Enumerable.Range(1, 50).Select(id => (long)id), mail.Sent);
    }

    [Fact]
    public async Task A_channel_that_is_down_is_tried_again_when_its_wait_is_over()
    {
        var mail = new Sender("mail") { Failure = () => new InvalidOperationException("a sender's own mistake") };
        await using var running = Run(mail);
        running.Outbox.Enqueue(Message(1));
        Assert.Equal(new OutboxReport.ChannelFailed("mail", "a sender's own mistake"), await ReadAsync());
        mail.Failure = null;
        Assert.Equal(new OutboxReport.ChannelWorks("mail"), await AdvanceToAsync());
        Assert.Equal(new OutboxReport.Delivered(1, "mail"), await ReadAsync());
    }

    [Fact]
    public async Task A_channel_that_hangs_holds_up_no_other_one()
    {
        var (mail, chat) = (new Sender("mail") { Hangs = true }, new Sender("chat"));
        await using var running = Run(mail, chat);
        running.Outbox.Enqueue(Message(1));
        running.Outbox.Enqueue(Message(2) with { Route = "chat" });
        running.Outbox.Enqueue(Message(3) with { Route = "none" });
        OutboxReport[] reports = [await ReadAsync(), await ReadAsync()];
        Assert.Contains(new OutboxReport.Delivered(2, "chat"), reports);
        Assert.Contains(reports, report => report is OutboxReport.GivenUp { Id: 3 });
        await running.StopAsync();
        Assert.Equal(1, running.Outbox.Pending);
    }

    [Fact]
    public async Task What_is_refused_goes_on_and_what_is_called_off_is_no_failure()
    {
        var mail = new Sender("mail") { Failure = () => MonitoringErrors.NotificationRefused("mail", "550 no such user") };
        var chat = new Sender("chat") { Hangs = true };
        await using var running = Run(mail, chat);
        running.Outbox.Enqueue(Message(1));
        Assert.Equal("The channel 'mail' refuses the message: 550 no such user", Assert.IsType<OutboxReport.ChannelFailed>(await ReadAsync()).Error);
        await chat.Begun.Task.WaitAsync(Limit);
        await running.StopAsync();
        Assert.False(_reports.Reader.TryRead(out _));
        Assert.Equal(1, running.Outbox.Pending);
    }

    [Fact]
    public async Task What_was_taken_while_it_was_called_off_is_still_reported()
    {
        var mail = new Sender("mail") { Hangs = true, TakesWhenCalledOff = true };
        await using var running = Run(mail);
        running.Outbox.Enqueue(Message(1));
        await mail.Begun.Task.WaitAsync(Limit);
        await running.StopAsync();
        Assert.Equal(new OutboxReport.Delivered(1, "mail"), await ReadAsync());
    }

    [Fact]
    public async Task What_the_report_throws_ends_the_delivery()
    {
        var mail = new Sender("mail");
        var outbox = new Outbox(new Dictionary<string, INotificationSender> { ["mail"] = mail }, Routes("mail"), _ => throw new IOException("The disk is full."), _time);
        outbox.Enqueue(Message(1));
        await Assert.ThrowsAsync<IOException>(() => outbox.RunAsync(CancellationToken.None).WaitAsync(Limit));
    }

    private static Dictionary<string, IReadOnlyList<string>> Routes(params string[] channels) => new() { ["all"] = channels, ["chat"] = ["chat"], ["none"] = [] };

    private NotificationMessage Message(long id) => new() { Id = id, Route = "all", Time = _time.GetUtcNow() };

    private Running Run(params Sender[] senders) => new(new Outbox(senders.ToDictionary(sender => sender.Channel.Name, sender => (INotificationSender)sender), Routes([.. senders.Select(sender => sender.Channel.Name)]), report => _reports.Writer.WriteAsync(report), _time, chance: () => 0.5));

    private async Task<OutboxReport> ReadAsync() => await _reports.Reader.ReadAsync().AsTask().WaitAsync(Limit);

    /// <summary>Lets the clock go until something is reported: the outbox may begin to wait a moment later.</summary>
    private async Task<OutboxReport> AdvanceToAsync()
    {
        for (int i = 0; i < 3000; i++)
        {
            if (_reports.Reader.TryRead(out var report)) return report;
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10);
        }

        throw new TimeoutException("Nothing was reported.");
    }

    private sealed class Sender(string name) : INotificationSender
    {
        public NotificationChannel Channel { get; } = new() { Name = name };

        public ConcurrentQueue<long> Sent { get; } = [];

        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Func<Exception>? Failure { get; set; }

        public bool Hangs { get; init; }

        public bool TakesWhenCalledOff { get; init; }

        public async Task SendAsync(NotificationMessage message, CancellationToken cancellationToken)
        {
            Begun.TrySetResult();
            if (Hangs) await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(TakesWhenCalledOff ? ConfigureAwaitOptions.SuppressThrowing : ConfigureAwaitOptions.None);
            if (Failure is { } failure) throw failure();
            Sent.Enqueue(message.Id);
        }
    }

    private sealed class Running : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;

        public Running(Outbox outbox)
        {
            Outbox = outbox;
            _running = Task.Run(() => outbox.RunAsync(_stop.Token));
        }

        public Outbox Outbox { get; }

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await _running.WaitAsync(Limit);
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            _stop.Dispose();
        }
    }
}
