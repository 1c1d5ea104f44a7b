namespace ProdOps;

/// <summary>A recovery plan that was carried out, or is: a real recovery or a drill.</summary>
public sealed record RecoveryRun
{
    /// <summary>The run's name: what <c>-Resume</c> takes.</summary>
    public required string Run { get; init; }

    /// <summary>The plan.</summary>
    public required string Plan { get; init; }

    /// <summary>The plan's revision when it began.</summary>
    public string Revision { get; init; } = "";

    /// <summary>The environment that it is of, by its name; empty where that was not noted.</summary>
    public string Environment { get; init; } = "";

    /// <summary>The server that the plan is about.</summary>
    public string Server { get; init; } = "";

    /// <summary>The host that it was carried out on.</summary>
    public string Target { get; init; } = "";

    /// <summary>Whether it was a drill.</summary>
    public bool IsDrill { get; init; }

    /// <summary>How it stands.</summary>
    public RecoveryRunStatus Status { get; init; }

    /// <summary>When it began.</summary>
    public DateTimeOffset Started { get; init; }

    /// <summary>When it ended; <see langword="null"/> while it has not.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>How long it took, or has taken so far, pauses between parts included: of one that succeeded the measured recovery time.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>How old the oldest of the snapshots was that it restored from, when it began: the measured recovery point. <see langword="null"/> if it restored none.</summary>
    public TimeSpan? DataAge { get; init; }

    /// <summary>Who began it.</summary>
    public string By { get; init; } = "";

    /// <summary>Its steps in the order of the plan.</summary>
    public IReadOnlyList<RecoveryRunStep> Steps { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The name.</summary>
    /// <returns><see cref="Run"/>.</returns>
    public override string ToString() => Run;
}

/// <summary>How a run of a recovery plan stands.</summary>
public enum RecoveryRunStatus
{
    /// <summary>A process is at work on it.</summary>
    Running,

    /// <summary>All steps are done.</summary>
    Succeeded,

    /// <summary>A step failed; <c>Restore-Server -Resume</c> goes on.</summary>
    Failed,

    /// <summary>It was cut off; <c>Restore-Server -Resume</c> goes on.</summary>
    Interrupted,
}

/// <summary>A step of a run: what became of it, or, with <c>-WhatIf</c>, what would.</summary>
public sealed record RecoveryRunStep
{
    /// <summary>The run's name; empty with <c>-WhatIf</c>.</summary>
    public string Run { get; init; } = "";

    /// <summary>The plan.</summary>
    public string Plan { get; init; } = "";

    /// <summary>The step's name.</summary>
    public required string Step { get; init; }

    /// <summary>What sort of step it is.</summary>
    public RecoveryStepKind Kind { get; init; }

    /// <summary>Where it was done.</summary>
    public string Server { get; init; } = "";

    /// <summary>How it stands.</summary>
    public RecoveryStepState State { get; init; }

    /// <summary>What was changed, or would be, a line each.</summary>
    public IReadOnlyList<string> Changes { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What it came to, in words.</summary>
    public string Message { get; init; } = "";

    /// <summary>Which attempt it was, from 1; 0 before the first.</summary>
    public int Attempt { get; init; }

    /// <summary>When it began, the last time.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>How long the last attempt took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>How long it is expected to take: by the plan, else what it took before; <see langword="null"/> if nobody knows.</summary>
    public TimeSpan? Expected { get; init; }

    /// <summary>Why it failed; <see langword="null"/> if it did not.</summary>
    public string? Error { get; init; }

    /// <summary>The end of what its command printed.</summary>
    public string Output { get; init; } = "";
}

/// <summary>How a step of a run stands.</summary>
public enum RecoveryStepState
{
    /// <summary>It has not begun.</summary>
    Pending,

    /// <summary>With <c>-WhatIf</c>: it would be done.</summary>
    Planned,

    /// <summary>A step that it waits for failed.</summary>
    Blocked,

    /// <summary>It is being done.</summary>
    Running,

    /// <summary>A person is asked.</summary>
    WaitingManual,

    /// <summary>It was done and is being verified.</summary>
    Verifying,

    /// <summary>It was done.</summary>
    Succeeded,

    /// <summary>All was as it must be: nothing was done.</summary>
    AlreadyOk,

    /// <summary>It failed.</summary>
    Failed,

    /// <summary>It was left out.</summary>
    Skipped,

    /// <summary>It was done and taken back.</summary>
    Undone,

    /// <summary>The run was cut off while it was being done: nobody knows whether it was.</summary>
    Unknown,
}
