using ProdOps.Monitoring.Notifications;

namespace ProdOps.Monitoring.Tests.Notifications;

public sealed class OutboxStateTests
{
    private readonly OutboxState _state = new(static name => name != "unknown", [], static () => 0.5);
    private TimeSpan _now;

    [Fact]
    public void After_a_failure_the_next_channel_is_used_at_once_and_as_long_as_the_first_one_is_dead()
    {
        Add(1, "mail", "chat");
        Add(2, "mail", "chat");
        Assert.Equal(["1 mail"], Start());
        _state.Failed(Entry(1), "mail", "no route", null, _now);
        Assert.Equal(["1 chat"], Start());
        _state.Delivered(Entry(1), "chat");
        Assert.Equal(["2 chat"], Start());
        _state.Delivered(Entry(2), "chat");
        Assert.Equal(["mail failed: no route", "1 by chat", "2 by chat"], Reports());
        // With nothing to send nothing is tried.
        Assert.Null(_state.Next(_now));
        _now += TimeSpan.FromHours(1);
        Assert.Empty(Start());
        Add(3, "mail", "chat");
        Assert.Equal(["3 mail"], Start());
        _state.Delivered(Entry(3), "mail");
        Assert.Equal(["mail works", "3 by mail"], Reports());
    }

    [Fact]
    public void Waits_grow_from_5_seconds_to_10_minutes_and_end_after_a_day()
    {
        Add(1, "mail");
        var waits = new List<double>();
        while (_state.Count > 0)
        {
            if (Start().Length == 0) continue;
            _state.Failed(Entry(1), "mail", "down", null, _now);
            if (_state.Next(_now) is not { } next) break;
            waits.Add((next - _now).TotalSeconds);
            _now = next;
        }

        Assert.Equal([5, 10, 20, 40, 80, 160, 320, 600, 600], waits.Take(9));
        Assert.All(waits, wait => Assert.InRange(wait, 0.1, 600));
        Assert.Equal(TimeSpan.FromHours(24), _now);
        Assert.Equal(["mail failed: down", "1 given up: It could not be delivered within 24 hours: down"], Reports());
    }

    [Fact]
    public void Who_asks_to_be_left_alone_is_but_no_longer_than_10_minutes()
    {
        Add(1, "hook");
        Start();
        _state.Failed(Entry(1), "hook", "429", TimeSpan.FromMinutes(2), _now);
        Assert.Equal(TimeSpan.FromMinutes(2), _state.Next(_now));
        _now = TimeSpan.FromMinutes(2);
        Assert.Equal(["1 hook"], Start());
        _state.Failed(Entry(1), "hook", "429", TimeSpan.FromDays(2), _now);
        Assert.Equal(TimeSpan.FromMinutes(12), _state.Next(_now));
    }

    [Fact]
    public void What_every_channel_refuses_is_given_up_and_holds_up_nothing()
    {
        Add(1, "mail", "chat");
        Add(2, "mail", "chat");
        Start();
        _state.Refused(Entry(1), "mail", "550 no");
        Assert.Equal(["1 chat", "2 mail"], Start().Order());
        _state.Refused(Entry(1), "chat", "400 no");
        _state.Delivered(Entry(2), "mail");
        Assert.Equal(["mail failed: 550 no", "chat failed: 400 no", "1 given up: Every channel of the route refuses it: 400 no", "mail works", "2 by mail"], Reports());
        Assert.Equal(0, _state.Count);
    }

    [Fact]
    public void A_slow_channel_holds_up_only_its_own_messages_and_those_in_order()
    {
        Add(1, "slow");
        Add(2, "slow");
        Add(3, "fast");
        Assert.Equal(["1 slow", "3 fast"], Start());
        Assert.Empty(Start());
        Assert.Null(_state.Next(_now));
        _state.Delivered(Entry(3), "fast");
        _state.Delivered(Entry(1), "slow");
        Assert.Equal(["2 slow"], Start());
    }

    [Fact]
    public void While_one_message_tries_a_dead_channel_the_others_go_on()
    {
        Add(1, "mail", "chat");
        Start();
        _state.Failed(Entry(1), "mail", "down", null, _now);
        Start();
        _state.Delivered(Entry(1), "chat");
        _now += TimeSpan.FromMinutes(1);
        Add(2, "mail", "chat");
        Add(3, "mail", "chat");
        Assert.Equal(["2 mail", "3 chat"], Start());
    }

    [Fact]
    public void A_message_does_not_overtake_an_earlier_one_about_the_same_incident()
    {
        Add(1, [42], "mail", "chat");
        Start();
        Add(2, [42, 43], "mail", "chat");
        Add(3, [44], "chat");
        Assert.Equal(["3 chat"], Start());
        _state.Delivered(Entry(3), "chat");
        _state.Failed(Entry(1), "mail", "down", null, _now);
        Assert.Equal(["1 chat"], Start());
        Assert.Empty(Start());
        _state.Delivered(Entry(1), "chat");
        Assert.Equal(["2 chat"], Start());
    }

    [Fact]
    public void What_a_channel_stumbles_over_lets_those_behind_it_go_first()
    {
        Add(1, "hook");
        Add(2, "hook");
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(["1 hook"], Start());
            _state.Failed(Entry(1), "hook", "500", null, _now);
            _now = _state.Next(_now)!.Value;
        }

        Assert.Equal(["2 hook"], Start());
        _state.Delivered(Entry(2), "hook");
        Assert.Equal(["1 hook"], Start());
    }

    [Fact]
    public void However_old_a_message_is_each_channel_is_tried_once()
    {
        _state.Add(Message(1, []), ["mail", "chat"], TimeSpan.FromDays(3), _now);
        Assert.Equal(["1 mail"], Start());
        _state.Failed(Entry(1), "mail", "down", null, _now);
        Assert.Equal(["1 chat"], Start());
        _state.Failed(Entry(1), "chat", "down too", null, _now);
        Assert.Empty(Start());
        Assert.Equal(["mail failed: down", "chat failed: down too", "1 given up: It could not be delivered within 24 hours: down too"], Reports());
    }

    [Fact]
    public void A_route_without_channels_and_a_channel_that_is_not_there_are_told()
    {
        Add(1);
        Add(2, "unknown");
        Add(3, "unknown", "mail");
        Assert.Equal(["3 mail"], Start());
        Assert.Equal(
            ["1 given up: The route 'oncall' has no channel to send by.", "unknown failed: There is no such channel.", "2 given up: The route 'oncall' has no channel to send by."],
            Reports());
        Add(3, "mail");
        Assert.Equal(1, _state.Count);
    }

    [Fact]
    public void A_channel_that_was_dead_before_is_told_of_when_it_works()
    {
        var state = new OutboxState(static _ => true, ["mail"], static () => 0.5);
        state.Add(Message(1, []), ["mail"], TimeSpan.Zero, TimeSpan.Zero);
        var (entry, channel) = Assert.Single(state.Start(TimeSpan.Zero));
        state.Delivered(entry, channel);
        Assert.Equal(new OutboxReport.ChannelWorks("mail"), state.Reports.Dequeue());
    }

    private readonly Dictionary<long, OutboxEntry> _entries = [];

    private OutboxEntry Entry(long id) => _entries[id];

    private void Add(long id, params string[] channels) => Add(id, [], channels);

    private void Add(long id, long[] incidents, params string[] channels) => _state.Add(Message(id, incidents), channels, TimeSpan.Zero, _now);

    private static NotificationMessage Message(long id, long[] incidents) => new() { Id = id, Route = "oncall", Incidents = [.. incidents.Select(incident => new NotificationItem { Incident = incident })] };

    private string[] Start() => [.. _state.Start(_now).Select(begun =>
    {
        _entries[begun.Entry.Message.Id] = begun.Entry;
        return $"{begun.Entry.Message.Id} {begun.Channel}";
    })];

    private List<string> Reports()
    {
        var told = new List<string>();
        while (_state.Reports.TryDequeue(out var report))
        {
            told.Add(report switch
            {
                OutboxReport.Delivered done => $"{done.Id} by {done.Channel}",
                OutboxReport.GivenUp lost => $"{lost.Id} given up: {lost.Reason}",
                OutboxReport.ChannelFailed failed => $"{failed.Channel} failed: {failed.Error}",
                OutboxReport.ChannelWorks works => $"{works.Channel} works",
                _ => "?",
            });
        }

        return told;
    }
}
