namespace ProdOps;

/// <summary>One backup: the full view of some paths of one server at one moment.</summary>
public sealed class BackupSnapshot
{
    /// <summary>The snapshot's name in the repository: 64 hexadecimal digits, or empty for a trial run (<c>-WhatIf</c>).</summary>
    public string Id { get; init; } = "";

    /// <summary>The first eight digits of <see cref="Id"/>, as restic shows them.</summary>
    public string ShortId => Id.Length < 8 ? Id : Id[..8];

    /// <summary>When the backup began, by the clock of the machine that made it.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>The name of the host whose data it holds.</summary>
    public string Server { get; init; } = "";

    /// <summary>The absolute paths that were backed up.</summary>
    public IReadOnlyList<string> Paths { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The tags it carries.</summary>
    public IReadOnlyList<string> Tags { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The patterns that kept items out.</summary>
    public IReadOnlyList<string> Excludes { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The user who made it.</summary>
    public string UserName { get; init; } = "";

    /// <summary>The id of the snapshot that changes were found against, or <see langword="null"/> for a first one.</summary>
    public string? Parent { get; init; }

    /// <summary>The id of the tree of its root folder.</summary>
    public string Tree { get; init; } = "";

    /// <summary>The id it had before its tags were changed or it was copied, or <see langword="null"/>.</summary>
    public string? Original { get; init; }

    /// <summary>The program that wrote it, e.g. <c>restic 0.18.0</c>.</summary>
    public string? ProgramVersion { get; init; }

    /// <summary>What the run did, or <see langword="null"/> where the writer did not record it.</summary>
    public BackupSummary? Summary { get; init; }

    /// <summary>Whether everything asked for is in it. Known for the run that made it; of others, that something is missing, by their tag <c>incomplete</c>.</summary>
    public BackupStatus Status { get; init; }

    /// <summary>Where the repository is, so that the snapshot can be piped to another cmdlet.</summary>
    public string Repository { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => ShortId;
}

/// <summary>Whether a backup holds everything that was asked for.</summary>
public enum BackupStatus
{
    /// <summary>Read from a repository, in which only incomplete ones are marked.</summary>
    Unknown,

    /// <summary>Everything asked for is in it.</summary>
    Complete,

    /// <summary>Some items could not be read; each was reported as an error.</summary>
    Incomplete,

    /// <summary>Nothing had changed since the parent and no snapshot was written (<c>-SkipIfUnchanged</c>).</summary>
    Skipped,

    /// <summary>A trial run: counted, and nothing written.</summary>
    Planned,
}

/// <summary>What one backup run did. Sizes are bytes.</summary>
public sealed class BackupSummary
{
    /// <summary>When the run began.</summary>
    public DateTimeOffset StartTime { get; init; }

    /// <summary>When the run ended.</summary>
    public DateTimeOffset EndTime { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration => EndTime - StartTime;

    /// <summary>Files that the parent did not have.</summary>
    public long FilesNew { get; init; }

    /// <summary>Files that differ from the parent's.</summary>
    public long FilesChanged { get; init; }

    /// <summary>Files whose content was taken over from the parent unread.</summary>
    public long FilesUnmodified { get; init; }

    /// <summary>Folders that the parent did not have.</summary>
    public long DirectoriesNew { get; init; }

    /// <summary>Folders that differ from the parent's.</summary>
    public long DirectoriesChanged { get; init; }

    /// <summary>Folders equal to the parent's.</summary>
    public long DirectoriesUnmodified { get; init; }

    /// <summary>Pieces of file content that were new to the repository.</summary>
    public long DataBlobs { get; init; }

    /// <summary>Folder listings that were new to the repository.</summary>
    public long TreeBlobs { get; init; }

    /// <summary>Bytes new to the repository, before compression.</summary>
    public long DataAdded { get; init; }

    /// <summary>Bytes new to the repository, as stored.</summary>
    public long DataAddedPacked { get; init; }

    /// <summary>Files looked at.</summary>
    public long TotalFilesProcessed { get; init; }

    /// <summary>The size of all files looked at.</summary>
    public long TotalBytesProcessed { get; init; }

    /// <summary>Items that could not be read. Known for the run that made the snapshot, not stored.</summary>
    public long Errors { get; init; }
}
