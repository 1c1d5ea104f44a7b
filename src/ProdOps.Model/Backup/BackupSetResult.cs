namespace ProdOps;

/// <summary>What became of a backup set on one server. Sizes are bytes.</summary>
public sealed class BackupSetResult
{
    /// <summary>The set's name.</summary>
    public string Name { get; init; } = "";

    /// <summary>The server, as the environment calls it; <c>localhost</c> is this machine.</summary>
    public string Server { get; init; } = "";

    /// <summary>What became of it.</summary>
    public BackupSetStatus Status { get; init; }

    /// <summary>Why it ran, or would run: it was due, it was named, it has never run.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The snapshot, or <see langword="null"/> if there is none.</summary>
    public BackupSnapshot? Snapshot { get; init; }

    /// <summary>The first eight digits of the snapshot's id, or <see langword="null"/>.</summary>
    public string? SnapshotId => Snapshot?.ShortId;

    /// <summary>The name of the repository.</summary>
    public string Repository { get; init; } = "";

    /// <summary>When it began.</summary>
    public DateTimeOffset StartTime { get; init; }

    /// <summary>How long it took, with its copies; what is removed afterwards does not count.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The size of all that the snapshot holds.</summary>
    public long BytesProcessed => Snapshot?.Summary?.TotalBytesProcessed ?? 0;

    /// <summary>What the repository did not have yet, as stored.</summary>
    public long BytesAdded => Snapshot?.Summary?.DataAddedPacked ?? 0;

    /// <summary>The names of the repositories that the snapshot was copied to.</summary>
    public IReadOnlyList<string> CopiedTo { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The older snapshots of the set that its rules removed, with the repositories they were in.</summary>
    public IReadOnlyList<BackupSnapshot> Removed { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What is missing, a line each: items that could not be read, copies that were not made.</summary>
    public IReadOnlyList<string> Problems { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The stable id of what it failed with, e.g. <c>DumpFailed</c>; <see langword="null"/> if it did not.</summary>
    public string? ErrorId { get; init; }

    /// <summary>What it failed with, in a sentence; <see langword="null"/> if it did not.</summary>
    public string? Error { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} of {Server}: {Status}";
}

/// <summary>What became of a backup set.</summary>
public enum BackupSetStatus
{
    /// <summary>All that the set asks for was done.</summary>
    Complete,

    /// <summary>There is a snapshot, and something is missing in it, or around it: <see cref="BackupSetResult.Problems"/> says what.</summary>
    Incomplete,

    /// <summary>There is no snapshot.</summary>
    Failed,

    /// <summary>A trial run (<c>-WhatIf</c>): it would run.</summary>
    Planned,
}
