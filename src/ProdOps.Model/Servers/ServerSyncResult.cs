namespace ProdOps;

/// <summary>What synchronising one path of one server came to. Sizes are bytes.</summary>
public sealed record ServerSyncResult
{
    /// <summary>The server that was made the same.</summary>
    public required string Server { get; init; }

    /// <summary>The server that it was made the same as.</summary>
    public required string Source { get; init; }

    /// <summary>The path, on both.</summary>
    public required string Path { get; init; }

    /// <summary>Files and links that were new or had another content.</summary>
    public long Files { get; init; }

    /// <summary>Items of which permissions, owner or time alone were set.</summary>
    public long Corrected { get; init; }

    /// <summary>Items that were deleted since the source lacks them.</summary>
    public long Deleted { get; init; }

    /// <summary>Items that the source has.</summary>
    public long TotalItems { get; init; }

    /// <summary>The size of all files that the source has.</summary>
    public long TotalSize { get; init; }

    /// <summary>Bytes that went from the source through this machine to the server.</summary>
    public long BytesSent { get; init; }

    /// <summary>Bytes that went back.</summary>
    public long BytesReceived { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Whether both sides were compared afterwards by checksums, apart from rsync, and are the same; <see langword="null"/> if they were not compared.</summary>
    public bool? Verified { get; init; }

    /// <summary>What is not as it should be; <see langword="null"/> if all is.</summary>
    public string? Problem { get; init; }

    /// <summary>How many times the size of the data is that of what was sent for it.</summary>
    public double SpeedUp => BytesSent + BytesReceived > 0 ? (double)TotalSize / (BytesSent + BytesReceived) : 0;
}

/// <summary>One item that synchronising would make, replace, correct or delete, by rsync's own dry run.</summary>
public sealed record ServerSyncStep
{
    /// <summary>The server that would be changed.</summary>
    public required string Server { get; init; }

    /// <summary>What would be done.</summary>
    public required ServerCopyAction Action { get; init; }

    /// <summary>The path there.</summary>
    public required string Path { get; init; }

    /// <summary>The size of a file that would be made or replaced. Of one that is there alone what differs is sent.</summary>
    public long Size { get; init; }

    /// <summary>rsync's own eleven characters, e.g. <c>&lt;f.st......</c>: what is sent, of which type, and what differs (c content, s size, t time, p permissions, o owner, g group).</summary>
    public required string Itemized { get; init; }
}
