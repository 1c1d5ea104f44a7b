namespace ProdOps;

/// <summary>A server's clock, measured against the clock of the machine that ProdOps runs on.</summary>
public sealed record ServerClock
{
    /// <summary>The server.</summary>
    public required string Server { get; init; }

    /// <summary>How far the server's clock is ahead of this machine's; negative when it is behind.</summary>
    public required TimeSpan Offset { get; init; }

    /// <summary>The offset is off by no more than this: half of the best round trip, and the coarseness of the server's answer.</summary>
    public required TimeSpan Uncertainty { get; init; }

    /// <summary>The shortest time between a question and its answer.</summary>
    public required TimeSpan RoundTrip { get; init; }

    /// <summary>How many answers were measured.</summary>
    public required int SampleCount { get; init; }

    /// <summary>What the server's clock showed at the end, in its own UTC offset.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The time zone's name, e.g. <c>Europe/Berlin</c>; <see langword="null"/> if the server does not tell.</summary>
    public string? TimeZone { get; init; }

    /// <summary>The time zone's offset from UTC now.</summary>
    public TimeSpan? UtcOffset { get; init; }

    /// <summary>What keeps the clock right: <c>chrony</c>, <c>systemd-timesyncd</c>, <c>ntpd</c>, <c>openntpd</c>; <see langword="null"/> if nothing answers.</summary>
    public string? NtpService { get; init; }

    /// <summary>The server that the clock follows.</summary>
    public string? NtpSource { get; init; }

    /// <summary>How many servers away from a reference clock it counts itself.</summary>
    public int? Stratum { get; init; }

    /// <summary>What the server itself thinks its clock is off by, as far as its time service tells.</summary>
    public TimeSpan? EstimatedError { get; init; }

    /// <summary>Whether the server claims that its clock is synchronised; <see langword="null"/> if it says nothing.</summary>
    public bool? IsSynchronized { get; init; }

    /// <summary>Whether a leap second is announced.</summary>
    public LeapStatus LeapStatus { get; init; }

    /// <summary>When the server booted, by its own clock.</summary>
    public DateTimeOffset? BootTime { get; init; }

    /// <summary>The server and the offset.</summary>
    /// <returns>E.g. <c>web1 00:00:00.0012</c>.</returns>
    public override string ToString() => $"{Server} {Offset}";
}

/// <summary>What NTP's leap indicator says (RFC 5905, figure 9).</summary>
public enum LeapStatus
{
    /// <summary>Nothing was said.</summary>
    Unknown,

    /// <summary>No leap second is near.</summary>
    Normal,

    /// <summary>The last minute of the day has 61 seconds.</summary>
    InsertSecond,

    /// <summary>The last minute of the day has 59 seconds.</summary>
    DeleteSecond,

    /// <summary>The clock is not synchronised.</summary>
    NotSynchronized,
}
