namespace ProdOps;

/// <summary>One phase of a rolling update on one server.</summary>
public sealed record RollingUpdateStep
{
    /// <summary>The rolling update's name: what <c>-Resume</c> and <c>-Undo</c> take.</summary>
    public required string Update { get; init; }

    /// <summary>The environment's entry.</summary>
    public required string LoadBalancer { get; init; }

    /// <summary>The server that is updated.</summary>
    public required string Server { get; init; }

    /// <summary>The batch it belongs to, from 1.</summary>
    public int Batch { get; init; }

    /// <summary>What was done.</summary>
    public RollingUpdatePhase Phase { get; init; }

    /// <summary>How it ended.</summary>
    public RollingUpdateStatus Status { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>What it came to, in words.</summary>
    public string Message { get; init; } = "";

    /// <summary>What the script emitted, as text; of <see cref="RollingUpdatePhase.Update"/> alone.</summary>
    public IReadOnlyList<string> Output { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Why it failed; <see langword="null"/> when it did not.</summary>
    public string? Error { get; init; }

    /// <summary>When it began.</summary>
    public DateTimeOffset Time { get; init; }
}

/// <summary>What is done to a server in a rolling update, in this order.</summary>
public enum RollingUpdatePhase
{
    /// <summary>It is taken out of the pool and finishes its requests.</summary>
    Drain,

    /// <summary>The script runs.</summary>
    Update,

    /// <summary>It is asked itself, past the balancer, whether it is well.</summary>
    Check,

    /// <summary>It is put back and seen up by every balancer.</summary>
    Enable,

    /// <summary>Real requests reach it for a while, with no more errors than before.</summary>
    Settle,

    /// <summary>The script of <c>-Undo</c> ran.</summary>
    Undo,
}

/// <summary>How a phase of a rolling update ended.</summary>
public enum RollingUpdateStatus
{
    /// <summary>It would be done (<c>-WhatIf</c>).</summary>
    Planned,

    /// <summary>It was done.</summary>
    Done,

    /// <summary>There was nothing to do.</summary>
    Skipped,

    /// <summary>It failed.</summary>
    Failed,
}
