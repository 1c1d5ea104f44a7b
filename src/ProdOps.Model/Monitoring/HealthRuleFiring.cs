namespace ProdOps;

/// <summary>A time in which a rule was bad for certain when history was replayed through it.</summary>
public sealed record HealthRuleFiring
{
    /// <summary>The rule.</summary>
    public string Rule { get; init; } = "";

    /// <summary>The server.</summary>
    public string Server { get; init; } = "";

    /// <summary>Which of several instances; <see langword="null"/> where there is only one.</summary>
    public string? Instance { get; init; }

    /// <summary>How bad it was at its worst.</summary>
    public HealthState State { get; init; }

    /// <summary>When it became certain.</summary>
    public DateTimeOffset From { get; init; }

    /// <summary>When it was over for certain; <see langword="null"/> if that was not within the history that was replayed.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>How long it lasted, as far as history goes.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The worst value that was compared with the thresholds, in <see cref="Unit"/>; <see langword="null"/> for a rule about other rules.</summary>
    public double? Peak { get; init; }

    /// <summary>When that was.</summary>
    public DateTimeOffset? PeakTime { get; init; }

    /// <summary>The unit of <see cref="Peak"/>.</summary>
    public string Unit { get; init; } = "";

    /// <summary>How many messages would have told of it, on all routes together: its end, reminders and what was told of it among others included.</summary>
    public int Messages { get; init; }

    /// <summary>Which check, and how bad.</summary>
    /// <returns>E.g. <c>web1 disk.used /var: Critical</c>.</returns>
    public override string ToString() => $"{Server} {Rule}{(Instance is null ? "" : " " + Instance)}: {State}";
}
