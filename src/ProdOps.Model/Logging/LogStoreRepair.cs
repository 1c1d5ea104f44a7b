namespace ProdOps;

/// <summary>What Repair-LogStore found of one segment, and did.</summary>
public sealed record LogStoreRepair
{
    /// <summary>The server that its lines are of.</summary>
    public string Server { get; init; } = "";

    /// <summary>The source that they are of.</summary>
    public string Source { get; init; } = "";

    /// <summary>The segment's file.</summary>
    public string Path { get; init; } = "";

    /// <summary>How it is, after the repair if one was made.</summary>
    public LogSegmentState State { get; init; }

    /// <summary>How many bytes of the file are lost; bytes that were never acknowledged are among them.</summary>
    public long LostBytes { get; init; }

    /// <summary>How many acknowledged lines are lost, as far as is known.</summary>
    public long LostLines { get; init; }

    /// <summary>What was found, in words.</summary>
    public string Detail { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => $"{Path}: {State}";
}

/// <summary>How a segment of a log store is.</summary>
public enum LogSegmentState
{
    /// <summary>Every byte is as it was written.</summary>
    Good,

    /// <summary>Its index was made again.</summary>
    Reindexed,

    /// <summary>An append that did not come to its end was cut off.</summary>
    Cut,

    /// <summary>What could be read is in a new file; the damaged one is kept beside it.</summary>
    Salvaged,

    /// <summary>Its index is missing or damaged; searches do without it.</summary>
    IndexDamaged,

    /// <summary>An append that did not come to its end is to be cut off.</summary>
    Torn,

    /// <summary>Acknowledged lines are damaged.</summary>
    Damaged,

    /// <summary>Nothing of it can be read; unless a later version wrote it, it is out of the way, and kept.</summary>
    Unreadable,
}
