using System.Text.Json.Serialization;
using ProdOps.Servers.Inventory;
using ProdOps.Servers.Schedules;

namespace ProdOps.Monitoring.States;

/// <summary>Work that was announced: what it covers is measured and nobody is told. Its times are the clock's, since people agreed on them.</summary>
internal sealed record Downtime
{
    /// <summary>The number of the event that set it.</summary>
    public long Id { get; init; }

    /// <summary>Which servers; may have wildcards.</summary>
    public required string Server { get; init; }

    /// <summary>Which rule; may have wildcards. <see langword="null"/>: the whole server.</summary>
    public string? Rule { get; init; }

    /// <summary>Which instance; may have wildcards. <see langword="null"/>: all.</summary>
    public string? Instance { get; init; }

    public DateTimeOffset From { get; init; }

    public DateTimeOffset Until { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>How long it lasts once it began: with the first problem (flexible), or each time (recurring). <see langword="null"/>: from beginning to end.</summary>
    public TimeSpan? Length { get; init; }

    /// <summary>When it begins again and again, as cron says it; <see langword="null"/> for once.</summary>
    public string? Recurrence { get; init; }

    /// <summary>The zone of <see cref="Recurrence"/>; <see langword="null"/> for this machine's.</summary>
    public string? TimeZone { get; init; }

    public string Reason { get; init; } = "";

    public string By { get; init; } = "";

    /// <summary>Where it is announced, if that is an Alertmanager; <see langword="null"/> for this monitor's own.</summary>
    public string? Source { get; init; }

    /// <summary>The silence's id there.</summary>
    public string? Silence { get; init; }

    /// <summary>What it covers in Alertmanager's words, in the place of server, rule and instance.</summary>
    public IReadOnlyList<LabelMatcher>? Matchers { get; init; }

    /// <summary>When a flexible one began.</summary>
    public DateTimeOffset? Began { get; init; }

    [JsonIgnore]
    public bool IsFlexible => Length is not null && Recurrence is null;

    public bool CoversServer(string server) => Matchers is not null ? SilenceLabels.CoverServer(Matchers, server) : Rule is null && Instance is null && NamePattern.IsMatch(Server, server);

    /// <summary>Whether it covers a check.</summary>
    /// <param name="key">The check.</param>
    /// <param name="incident">The incident that it belongs to, 0 for none; <see langword="null"/> where that does not count.</param>
    /// <param name="level">How bad it is; <see langword="null"/> where that does not count.</param>
    public bool Covers(CheckKey key, long? incident = null, HealthState? level = null) => Matchers is not null ? SilenceLabels.Cover(Matchers, key, incident, level) : NamePattern.IsMatch(Server, key.Server)
        && (Rule is null || NamePattern.IsMatch(Rule, key.Rule)) && (Instance is null || (key.Instance is { } instance && NamePattern.IsMatch(Instance, instance)));

    public bool IsActive(DateTimeOffset now)
    {
        if (now < From || now >= Until) return false;
        if (Length is not { } length) return true;
        return Recurrence is null ? Began is { } began && now >= began && now - began < length : StartAfter(now - length) <= now;
    }

    /// <summary>When it begins or ends next; the end of all time where only an event can change it.</summary>
    public DateTimeOffset NextChange(DateTimeOffset now)
    {
        if (now < From) return From;
        if (now >= Until) return DateTimeOffset.MaxValue;
        var next = (Length, Recurrence) switch
        {
            (null, _) => Until,
            ({ } length, null) => Began is { } began && now - began < length ? began + length : DateTimeOffset.MaxValue,
            ({ } length, _) => StartAfter(now - length) is not { } start ? Until : start <= now ? start + length : start,
        };
        return next < Until ? next : Until;
    }

    /// <summary>When it begins after a moment. Where this machine does not know its zone, e.g. since it has no tzdata, that is never: nobody would know when people are to be told nothing.</summary>
    private DateTimeOffset? StartAfter(DateTimeOffset moment)
    {
        var zone = TimeZoneInfo.Local;
        return TimeZone is not null && !TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out zone) ? null : CronState.Next(Recurrence!, moment, zone);
    }

    /// <summary>True once it can never be active again.</summary>
    public bool IsOver(DateTimeOffset now) => now >= Until || (IsFlexible && Began is { } began && now - began >= Length);
}
