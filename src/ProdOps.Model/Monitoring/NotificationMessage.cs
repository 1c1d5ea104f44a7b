namespace ProdOps;

/// <summary>What somebody is told.</summary>
public sealed record NotificationMessage
{
    /// <summary>The message's number, the same whenever it is sent again: a receiver can tell by it that it has it already.</summary>
    public long Id { get; init; }

    /// <summary>The environment it is about; empty where there is none.</summary>
    public string Environment { get; init; } = "";

    /// <summary>The route that it goes by.</summary>
    public string Route { get; init; } = "";

    /// <summary>Why.</summary>
    public NotificationKind Kind { get; init; }

    /// <summary>The worst of what it is about.</summary>
    public HealthState Severity { get; init; }

    /// <summary>The first line, which says it all where there is room for one line only.</summary>
    public string Title { get; init; } = "";

    /// <summary>What somebody wrote below it; may have several lines. Empty in what the monitor sends.</summary>
    public string Text { get; init; } = "";

    /// <summary>What it tells of each incident.</summary>
    public IReadOnlyList<NotificationItem> Incidents { get; init => field = Indexable.Of(value); } = [];

    /// <summary>When it was decided, by the monitor's clock.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>The first line.</summary>
    /// <returns><see cref="Title"/>.</returns>
    public override string ToString() => Title;
}

/// <summary>What a message tells of one incident.</summary>
public sealed record NotificationItem
{
    /// <summary>The incident's number.</summary>
    public long Incident { get; init; }

    /// <summary>Why it is told.</summary>
    public NotificationKind Kind { get; init; }

    /// <summary>The worst of its checks.</summary>
    public HealthState Severity { get; init; }

    /// <summary>What it is about, in a line.</summary>
    public string Title { get; init; } = "";

    /// <summary>The cause as far as is known: a server.</summary>
    public string Server { get; init; } = "";

    /// <summary>The cause as far as is known: a check of it, and of several instances the one.</summary>
    public string Check { get; init; } = "";

    /// <summary>When it began, by the monitor's clock.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>Its checks, as they are when the message is written: the cause first.</summary>
    public IReadOnlyList<HealthCheckResult> Checks { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What was seen on the server when it became a problem, in lines; empty where nobody looked.</summary>
    public string Diagnosis { get; init; } = "";

    /// <summary>What an admin does about it.</summary>
    public string Advice { get; init; } = "";
}

/// <summary>Why somebody is told.</summary>
public enum NotificationKind
{
    /// <summary>Something became a problem.</summary>
    Problem,

    /// <summary>It got worse.</summary>
    Worse,

    /// <summary>It comes and goes.</summary>
    Flapping,

    /// <summary>There is more to it than was told.</summary>
    Update,

    /// <summary>It is still so.</summary>
    Reminder,

    /// <summary>Nobody has taken it on.</summary>
    Escalation,

    /// <summary>It is over.</summary>
    Recovery,

    /// <summary>Several incidents in one message, and what was held back.</summary>
    Summary,

    /// <summary>What was not told at once, once a day.</summary>
    Digest,

    /// <summary>Somebody tries whether messages arrive.</summary>
    Test,

    /// <summary>Somebody's own words.</summary>
    Message,
}
