namespace ProdOps;

/// <summary>What one copy between this machine and a server came to. Sizes are bytes.</summary>
public sealed record ServerCopyResult
{
    /// <summary>The server at the other end.</summary>
    public required string Server { get; init; }

    /// <summary>True when the server was copied to, false when it was copied from.</summary>
    public bool ToServer { get; init; }

    /// <summary>What was copied.</summary>
    public required string Source { get; init; }

    /// <summary>Where it is now.</summary>
    public required string Destination { get; init; }

    /// <summary>Files and links that were sent.</summary>
    public long Files { get; init; }

    /// <summary>Bytes of content that were sent.</summary>
    public long Bytes { get; init; }

    /// <summary>Bytes that an earlier, cut copy had sent already.</summary>
    public long Resumed { get; init; }

    /// <summary>Files and links that were there already, with the same size and time.</summary>
    public long Skipped { get; init; }

    /// <summary>Items deleted at the destination, a folder with all in it counted once.</summary>
    public long Deleted { get; init; }

    /// <summary>Items that could not be copied; each was reported as an error.</summary>
    public long Errors { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>True when checksums of all that was sent agree at both ends; false when the server has no program for them.</summary>
    public bool Verified { get; init; }

    /// <summary>What the checksums are, e.g. <c>SHA256</c>; <see langword="null"/> when not verified.</summary>
    public string? Algorithm { get; init; }

    /// <summary>The checksum of a single file; <see langword="null"/> for a folder.</summary>
    public string? Checksum { get; init; }

    /// <summary>Bytes sent in a second of the whole duration.</summary>
    public double BytesPerSecond => Duration > TimeSpan.Zero ? Bytes / Duration.TotalSeconds : 0;
}

/// <summary>One item that a copy would make, replace, correct or delete: what <c>-WhatIf</c> tells.</summary>
public sealed record ServerCopyStep
{
    /// <summary>The server at the other end.</summary>
    public required string Server { get; init; }

    /// <summary>What would be done.</summary>
    public required ServerCopyAction Action { get; init; }

    /// <summary>The path at the destination.</summary>
    public required string Path { get; init; }

    /// <summary>Bytes that would be sent.</summary>
    public long Size { get; init; }
}

/// <summary>What a copy does to one item at the destination.</summary>
public enum ServerCopyAction
{
    /// <summary>The item is made.</summary>
    Create,

    /// <summary>What is there is replaced.</summary>
    Replace,

    /// <summary>Permissions, owner or times alone are set.</summary>
    Metadata,

    /// <summary>The item is deleted since the source lacks it.</summary>
    Delete,
}
