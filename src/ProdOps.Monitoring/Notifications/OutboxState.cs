namespace ProdOps.Monitoring.Notifications;

/// <summary>
/// Which message is tried next, by which channel and when. It knows no clock and sends nothing: moments are told it, as the time since any beginning.
/// </summary>
/// <remarks>
/// A channel takes one message at a time, the oldest first. One that fails is dead: messages go on to the next channel of their route, and when its wait is over the
/// next message that it is the first choice of tries it again. So a dead channel is tried only when there is something to send.
/// Messages of one route about one incident never overtake each other: whoever learns of the end first would take the beginning for a new one.
/// </remarks>
/// <param name="isKnown">Whether there is a channel of a name.</param>
/// <param name="dead">Channels that are known to be dead: it is told when they work again, not when they fail.</param>
/// <param name="chance">From 0 up to 1, for waits that are not all the same.</param>
internal sealed class OutboxState(Func<string, bool> isKnown, IEnumerable<string> dead, Func<double> chance)
{
    /// <summary>After so many failures a message lets those behind it go first: it may be what the channel stumbles over.</summary>
    private const int Patience = 5;

    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(5), LongestWait = TimeSpan.FromMinutes(10), Life = TimeSpan.FromHours(24);

    private readonly Dictionary<string, Line> _lines = dead.ToDictionary(static name => name, static _ => new Line { IsDead = true }, StringComparer.OrdinalIgnoreCase);
    private readonly List<OutboxEntry> _pending = [];

    /// <summary>What is to be told, in this order. Whoever tells it takes it out.</summary>
    public Queue<OutboxReport> Reports { get; } = [];

    /// <summary>How many messages wait or are under way.</summary>
    public int Count => _pending.Count;

    /// <summary>Takes a message on. One that is pending already is not taken twice.</summary>
    /// <param name="message">The message.</param>
    /// <param name="channels">Its route's channels.</param>
    /// <param name="age">How long ago it was decided.</param>
    /// <param name="now">The moment.</param>
    public void Add(NotificationMessage message, IReadOnlyList<string> channels, TimeSpan age, TimeSpan now)
    {
        if (_pending.Exists(entry => entry.Message.Id == message.Id)) return;
        foreach (string unknown in channels.Where(name => !isKnown(name))) Fail(unknown, "There is no such channel.");
        var known = channels.Where(isKnown).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        if (known.Count == 0) Reports.Enqueue(new OutboxReport.GivenUp(message.Id, $"The route '{message.Route}' has no channel to send by."));
        else _pending.Add(new OutboxEntry(message, known, now + Life - (age > TimeSpan.Zero ? age : TimeSpan.Zero)));
    }

    /// <summary>What is to be sent now. Each must be followed by <see cref="Delivered"/>, <see cref="Refused"/>, <see cref="Failed"/> or <see cref="Stopped"/>.</summary>
    public IReadOnlyList<(OutboxEntry Entry, string Channel)> Start(TimeSpan now)
    {
        var begun = new List<(OutboxEntry, string)>();
        var free = Unblocked();
        foreach (var entry in free.Where(static entry => entry.Failures < Patience).Concat(free.Where(static entry => entry.Failures >= Patience)))
        {
            if (entry.IsUnderWay || Choose(entry, now) is not { } channel || LineOf(channel).IsBusy) continue;
            entry.IsUnderWay = LineOf(channel).IsBusy = true;
            begun.Add((entry, channel));
        }

        // However old a message is, it is tried once by each of its channels.
        foreach (var entry in _pending.Where(entry => !entry.IsUnderWay && entry.Failures > 0 && now >= entry.Until && Choose(entry, now) is null).ToList())
            GiveUp(entry, $"It could not be delivered within {Life.TotalHours:0} hours: {entry.Error}");
        return begun;
    }

    /// <summary>When <see cref="Start"/> has something to do though nothing was reported or added; <see langword="null"/> for never.</summary>
    public TimeSpan? Next(TimeSpan now)
    {
        TimeSpan? next = null;
        foreach (var entry in Unblocked().Where(static entry => !entry.IsUnderWay))
        {
            if (Choose(entry, now) is { } channel)
            {
                if (!LineOf(channel).IsBusy) return now;
                continue;
            }

            if (entry.Failures > 0) next = Earlier(next, entry.Until);
            foreach (var line in entry.Open.Select(LineOf).Where(static line => !line.IsBusy)) next = Earlier(next, line.RetryAt);
        }

        return next;
    }

    public void Delivered(OutboxEntry entry, string channel)
    {
        var line = Free(entry, channel);
        line.Failures = 0;
        _pending.Remove(entry);
        if (line.IsDead) Reports.Enqueue(new OutboxReport.ChannelWorks(channel));
        line.IsDead = false;
        Reports.Enqueue(new OutboxReport.Delivered(entry.Message.Id, channel));
    }

    /// <summary>The channel will never take this message. It may take others, so it is not waited for.</summary>
    public void Refused(OutboxEntry entry, string channel, string error)
    {
        Free(entry, channel).Failures = 0;
        Fail(channel, error);
        entry.Open.Remove(channel);
        entry.Error = error;
        if (entry.Open.Count == 0) GiveUp(entry, $"Every channel of the route refuses it: {error}");
    }

    /// <summary>The channel did not take it now.</summary>
    /// <param name="entry">What was sent.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="error">Why, for people.</param>
    /// <param name="retryAfter">How long the other side wants to be left alone, if it says so.</param>
    /// <param name="now">The moment.</param>
    public void Failed(OutboxEntry entry, string channel, string error, TimeSpan? retryAfter, TimeSpan now)
    {
        var line = Free(entry, channel);
        var wait = TimeSpan.FromTicks(Math.Min(FirstWait.Ticks << Math.Min(line.Failures, 20), LongestWait.Ticks)) * (0.8 + 0.4 * chance());
        if (retryAfter > wait) wait = retryAfter.Value;
        line.RetryAt = now + (wait < LongestWait ? wait : LongestWait);
        line.Failures++;
        entry.Failures++;
        entry.Error = error;
        Fail(channel, error);
    }

    /// <summary>Sending was called off: whether it was taken is not known.</summary>
    public void Stopped(OutboxEntry entry, string channel) => Free(entry, channel);

    /// <summary>The first channel that the message may go to now. A dead one whose wait is over is tried by one message; meanwhile the others go on.</summary>
    private string? Choose(OutboxEntry entry, TimeSpan now) =>
        entry.Open.Find(channel => LineOf(channel) is var line && (line.Failures == 0 || (now >= line.RetryAt && !line.IsBusy)));

    /// <summary>The messages that wait for no earlier one of their route about the same incident, the oldest first.</summary>
    private List<OutboxEntry> Unblocked()
    {
        var earlier = new HashSet<(string, long)>();
        var free = new List<OutboxEntry>();
        foreach (var entry in _pending)
        {
            bool waits = false;
            foreach (var item in entry.Message.Incidents) waits |= !earlier.Add((entry.Message.Route, item.Incident));
            if (!waits) free.Add(entry);
        }

        return free;
    }

    private void Fail(string channel, string error)
    {
        var line = LineOf(channel);
        if (!line.IsDead) Reports.Enqueue(new OutboxReport.ChannelFailed(channel, error));
        line.IsDead = true;
    }

    private void GiveUp(OutboxEntry entry, string reason)
    {
        _pending.Remove(entry);
        Reports.Enqueue(new OutboxReport.GivenUp(entry.Message.Id, reason));
    }

    private Line Free(OutboxEntry entry, string channel)
    {
        var line = LineOf(channel);
        entry.IsUnderWay = line.IsBusy = false;
        return line;
    }

    private Line LineOf(string channel)
    {
        if (!_lines.TryGetValue(channel, out var line)) _lines.Add(channel, line = new Line());
        return line;
    }

    private static TimeSpan Earlier(TimeSpan? one, TimeSpan other) => one < other ? one.Value : other;

    /// <summary>What is known of a channel.</summary>
    private sealed class Line
    {
        /// <summary>How often it failed in a row.</summary>
        public int Failures { get; set; }

        public TimeSpan RetryAt { get; set; }

        public bool IsBusy { get; set; }

        /// <summary>Whether it was told that it is dead.</summary>
        public bool IsDead { get; set; }
    }
}

/// <summary>A message on its way.</summary>
/// <param name="message">The message.</param>
/// <param name="channels">Where it may go, in this order.</param>
/// <param name="until">When it is given up.</param>
internal sealed class OutboxEntry(NotificationMessage message, List<string> channels, TimeSpan until)
{
    public NotificationMessage Message { get; } = message;

    /// <summary>The channels that have not refused it.</summary>
    public List<string> Open { get; } = channels;

    public TimeSpan Until { get; } = until;

    public bool IsUnderWay { get; set; }

    public int Failures { get; set; }

    /// <summary>What went wrong last.</summary>
    public string Error { get; set; } = "";
}
