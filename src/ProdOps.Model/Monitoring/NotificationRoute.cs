namespace ProdOps;

/// <summary>Who is told of which problems, and when.</summary>
public sealed record NotificationRoute
{
    /// <summary>The route's name.</summary>
    public required string Name { get; init; }

    /// <summary>The channels that its messages go to; a later one is used where an earlier one is dead.</summary>
    public IReadOnlyList<string> Channels { get; init => field = Indexable.Of(value); } = [];

    /// <summary>How bad it must be: <see cref="HealthState.Warning"/> or <see cref="HealthState.Critical"/>.</summary>
    public HealthState Severity { get; init; } = HealthState.Warning;

    /// <summary>The servers it is about; may have wildcards. With no servers and no roles: all.</summary>
    public IReadOnlyList<string> Servers { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The roles of the servers it is about.</summary>
    public IReadOnlyList<string> Roles { get; init => field = Indexable.Of(value); } = [];

    /// <summary>How long a problem must go on, with nobody having acknowledged it, before this route is told: an escalation. Zero: at once.</summary>
    public TimeSpan After { get; init; }

    /// <summary>When it is quiet: only what is critical is told then, the rest when it is over.</summary>
    public IReadOnlyList<QuietHours> Quiet { get; init => field = Indexable.Of(value); } = [];

    /// <summary>True to be told nothing in quiet hours, not even what is critical.</summary>
    public bool QuietForCritical { get; init; }

    /// <summary>When the daily digest goes out: what was not told at once, since it was not bad enough or the hours were quiet. <see langword="null"/>: there is none.</summary>
    public TimeOnly? DigestAt { get; init; }

    /// <summary>The time zone of hours; <see langword="null"/>: this machine's.</summary>
    public string? TimeZone { get; init; }

    /// <summary>How often it is reminded of something critical; zero: never.</summary>
    public TimeSpan Repeat { get; init; } = TimeSpan.FromHours(4);

    /// <summary>How often it is reminded of a warning; zero: never.</summary>
    public TimeSpan RepeatWarning { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How many messages an hour at most. The last of them says that others are held back; the next summary says which.</summary>
    public int MaxPerHour { get; init; } = 20;

    /// <summary>The name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}

/// <summary>Hours of days of the week.</summary>
/// <param name="From">When they begin.</param>
/// <param name="Until">When they end; before <paramref name="From"/>: on the next day. The same: the whole day.</param>
public sealed record QuietHours(TimeOnly From, TimeOnly Until)
{
    /// <summary>The days that they begin on. None: every day.</summary>
    public IReadOnlyList<DayOfWeek> Days { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Whether a moment is within.</summary>
    /// <param name="local">The moment, in the hours' time zone.</param>
    /// <returns>True if it is.</returns>
    public bool Contains(DateTime local)
    {
        var time = TimeOnly.FromDateTime(local);
        if (From < Until) return time >= From && time < Until && IsOn(local.DayOfWeek);
        return (time >= From && IsOn(local.DayOfWeek)) || (time < Until && IsOn(local.AddDays(-1).DayOfWeek));
    }

    private bool IsOn(DayOfWeek day) => Days.Count == 0 || Days.Contains(day);
}
