namespace ProdOps;

/// <summary>A backup that was copied from one repository to another. Sizes are bytes.</summary>
public sealed class BackupCopy
{
    /// <summary>The copy's id in the repository it was copied to: 64 hexadecimal digits, or empty for a trial run (<c>-WhatIf</c>).</summary>
    public string Id { get; init; } = "";

    /// <summary>The first eight digits of <see cref="Id"/>.</summary>
    public string ShortId => Id.Length < 8 ? Id : Id[..8];

    /// <summary>The id of the backup that was copied, in the repository it is in.</summary>
    public string SourceId { get; init; } = "";

    /// <summary>The first eight digits of <see cref="SourceId"/>.</summary>
    public string SourceShortId => SourceId.Length < 8 ? SourceId : SourceId[..8];

    /// <summary>When the backup was made.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>The host whose data it holds.</summary>
    public string Server { get; init; } = "";

    /// <summary>The absolute paths that were backed up.</summary>
    public IReadOnlyList<string> Paths { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The tags it carries.</summary>
    public IReadOnlyList<string> Tags { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Pieces of file content that the other repository did not have yet.</summary>
    public long DataBlobs { get; init; }

    /// <summary>Folder listings that it did not have yet.</summary>
    public long TreeBlobs { get; init; }

    /// <summary>The size of what it did not have yet, before compression.</summary>
    public long DataAdded { get; init; }

    /// <summary>The size of what had to be read for it, as stored where it was copied from.</summary>
    public long BytesRead { get; init; }

    /// <summary>Whether it was copied, or would be.</summary>
    public BackupCopyStatus Status { get; init; }

    /// <summary>Where it was copied from.</summary>
    public string SourceRepository { get; init; } = "";

    /// <summary>Where it was copied to, so that the copy can be piped to another cmdlet.</summary>
    public string Repository { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => ShortId;
}

/// <summary>What became of a backup that was to be copied.</summary>
public enum BackupCopyStatus
{
    /// <summary>It is in the other repository, whole.</summary>
    Copied,

    /// <summary>A trial run: counted, and nothing written.</summary>
    Planned,
}
