namespace ProdOps;

/// <summary>Work that was announced: what it covers is measured, and nobody is told.</summary>
public sealed record HealthDowntime
{
    /// <summary>Its number.</summary>
    public long Number { get; init; }

    /// <summary>The servers it covers; may have wildcards.</summary>
    public string Server { get; init; } = "";

    /// <summary>The rule it covers; may have wildcards. <see langword="null"/>: the whole server.</summary>
    public string? Check { get; init; }

    /// <summary>The instance it covers; may have wildcards. <see langword="null"/>: all.</summary>
    public string? Instance { get; init; }

    /// <summary>When it begins, by the monitor's clock.</summary>
    public DateTimeOffset From { get; init; }

    /// <summary>When it ends; <see langword="null"/>: when it is removed.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>How long it lasts once it has begun, with the first problem or each time; <see langword="null"/>: from beginning to end.</summary>
    public TimeSpan? Length { get; init; }

    /// <summary>When it begins again and again, as cron says it; <see langword="null"/> for once.</summary>
    public string? Recurrence { get; init; }

    /// <summary>Why.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Who announced it.</summary>
    public string By { get; init; } = "";

    /// <summary>The Alertmanager whose silence it is; empty for one that was announced to the monitor.</summary>
    public string Source { get; init; } = "";

    /// <summary>What such a silence covers, in Alertmanager's words: <c>server="web1", severity=~"warn.*"</c>.</summary>
    public string Matchers { get; init; } = "";

    /// <summary>Whether it covers this moment.</summary>
    public bool IsActive { get; init; }

    /// <summary>What it covers.</summary>
    /// <returns>Server, check and instance.</returns>
    public override string ToString() => string.Join(' ', new[] { Server, Check, Instance }.Where(part => part is not null));
}
