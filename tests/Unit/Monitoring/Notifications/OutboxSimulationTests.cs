using ProdOps.Monitoring.Notifications;

namespace ProdOps.Monitoring.Tests.Notifications;

/// <summary>Days with channels that fail and come back, seen from outside.</summary>
public sealed class OutboxSimulationTests
{
    [Fact]
    public void Nothing_is_lost_or_told_twice_whatever_channels_do()
    {
        for (int seed = 0; seed < 10; seed++) new Run(seed).Go();
    }

    private sealed class Run(int seed)
    {
        private static readonly string[] Channels = ["mail", "chat", "pager"];

        private readonly Random _random = new(seed);
        private readonly Dictionary<long, (TimeSpan At, string Route, long Incident)> _added = [];
        private readonly HashSet<long> _done = [];
        private readonly Dictionary<string, bool> _down = Channels.ToDictionary(name => name, _ => false), _told = Channels.ToDictionary(name => name, _ => false);
        private readonly List<(TimeSpan Ends, OutboxEntry Entry, string Channel)> _underWay = [];
        private readonly Dictionary<string, int> _attempts = Channels.ToDictionary(name => name, _ => 0);
        private TimeSpan _now;

        public void Go()
        {
            var state = new OutboxState(static _ => true, [], _random.NextDouble);
            long id = 0;
            var end = TimeSpan.FromDays(3);
            while (_now < end || state.Count > 0)
            {
                if (_now < end && _random.Next(4) == 0)
                {
                    string route = _random.Next(2) == 0 ? "day" : "night";
                    long incident = _random.Next(5);
                    _added[++id] = (_now, route, incident);
                    state.Add(new NotificationMessage { Id = id, Route = route, Incidents = [new NotificationItem { Incident = incident }] }, route == "day" ? ["mail", "chat"] : ["pager"], TimeSpan.Zero, _now);
                }

                if (_random.Next(100) == 0) _down[Channels[_random.Next(3)]] = _now < end && _random.Next(3) > 0;
                foreach (var (entry, channel) in state.Start(_now))
                {
                    Assert.DoesNotContain(_underWay, sending => sending.Channel == channel || sending.Entry == entry);
                    _attempts[channel]++;
                    _underWay.Add((_now + TimeSpan.FromSeconds(_random.Next(1, 15)), entry, channel));
                }

                Check(state);
                _now = Next(state.Next(_now));
                foreach (var sent in _underWay.Where(sending => sending.Ends <= _now).ToList())
                {
                    _underWay.Remove(sent);
                    if (_down[sent.Channel]) state.Failed(sent.Entry, sent.Channel, "down", null, _now);
                    else if (_random.Next(50) == 0) state.Refused(sent.Entry, sent.Channel, "no");
                    else state.Delivered(sent.Entry, sent.Channel);
                }

                Check(state);
            }

            Assert.Equal(_added.Count, _done.Count);
            // A dead channel is asked some 150 times a day at most.
            Assert.All(_attempts, pair => Assert.InRange(pair.Value, 0, _added.Count + 4 * 160));
        }

        private TimeSpan Next(TimeSpan? wake)
        {
            var next = _underWay.Select(sending => sending.Ends).Append(_now + TimeSpan.FromSeconds(_random.Next(1, 1200))).Min();
            return wake < next ? wake.Value > _now ? wake.Value : _now : next;
        }

        private void Check(OutboxState state)
        {
            while (state.Reports.TryDequeue(out var report))
            {
                switch (report)
                {
                    case OutboxReport.Delivered delivered: Done(delivered.Id); break;
                    case OutboxReport.GivenUp lost:
                        Assert.True(lost.Reason.StartsWith("Every channel", StringComparison.Ordinal) || _now - _added[lost.Id].At >= TimeSpan.FromHours(24));
                        Done(lost.Id);
                        break;
                    case OutboxReport.ChannelFailed failed:
                        Assert.False(_told[failed.Channel]);
                        _told[failed.Channel] = true;
                        break;
                    case OutboxReport.ChannelWorks works:
                        Assert.True(_told[works.Channel]);
                        _told[works.Channel] = false;
                        break;
                }
            }
        }

        private void Done(long id)
        {
            Assert.True(_done.Add(id));
            var (_, route, incident) = _added[id];
            Assert.DoesNotContain(_added, other => other.Key < id && other.Value.Route == route && other.Value.Incident == incident && !_done.Contains(other.Key));
        }
    }
}
