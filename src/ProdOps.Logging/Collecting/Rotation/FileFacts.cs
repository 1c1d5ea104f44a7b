namespace ProdOps.Logging.Collecting.Rotation;

/// <summary>A file as one look at the server found it.</summary>
/// <param name="Path">Its full path.</param>
/// <param name="Id">Device and inode, as <c>65024:131</c>.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Modified">When it was last written to, in microseconds since 1970 by the server's clock.</param>
internal sealed record FileFact(string Path, string Id, long Size, long Modified)
{
    /// <summary>Whether the login user may read it.</summary>
    public bool IsReadable { get; init; } = true;

    public Packing Packing { get; } = RotatedName.Unpacked(Path).Packing;

    public bool IsPacked => Packing != Packing.None;

    /// <summary>When it was last written to, in whole seconds since 1970.</summary>
    public long ModifiedSecond => Modified / 1_000_000;
}

/// <summary>What was read of a file to know it again. Of a packed one, of what is in it.</summary>
/// <param name="Id">Device and inode of the file that was read.</param>
/// <param name="Head">Its first bytes: 256, or as many as there are.</param>
internal sealed record ContentFact(string Id, ReadOnlyMemory<byte> Head)
{
    /// <summary>The file's size when it was read.</summary>
    public long Size { get; init; }

    /// <summary>When it was last written to, in whole seconds since 1970.</summary>
    public long ModifiedSecond { get; init; }

    /// <summary>The bytes before <see cref="TailEnd"/>: 256, or as many as there are.</summary>
    public ReadOnlyMemory<byte> Tail { get; init; }

    /// <summary>Where <see cref="Tail"/> ends; 0 where it was not read.</summary>
    public long TailEnd { get; init; }

    /// <summary>Whether there is more behind <see cref="TailEnd"/>.</summary>
    public bool GoesOn { get; init; }

    /// <summary>How long the content of a packed file is; <see langword="null"/> where it was not unpacked to its end.</summary>
    public long? Length { get; init; }

    /// <summary>Of gzip: the length of what is in it modulo 2^32, as the file's last four bytes say (RFC 1952, ISIZE).</summary>
    public uint? LengthModulo { get; init; }
}

/// <summary>Something that has to be read before it can be decided what goes on.</summary>
/// <param name="File">The file.</param>
/// <param name="TailEnd">Where the bytes end that are wanted, beside the head; 0 for the head alone.</param>
internal readonly record struct ContentWish(FileFact File, long TailEnd)
{
    /// <summary>Whether the files are to be looked at anew after this: what a file began with before that tells later whether it is that file still.</summary>
    public bool LooksAgain { get; init; }
}

/// <summary>All that is known of a source's files at one moment.</summary>
/// <param name="Now">The server's clock, in microseconds since 1970.</param>
/// <param name="Files">What the source's patterns match, rotated files included.</param>
internal sealed record ProbeFacts(long Now, IReadOnlyList<FileFact> Files)
{
    /// <summary>Whether a path may be a log's, whether or not there is a file.</summary>
    public Func<string, bool> IsLog { get; init; } = static _ => true;

    /// <summary>What was read of files, by path.</summary>
    public IReadOnlyDictionary<string, List<ContentFact>> Contents { get; init; } = new Dictionary<string, List<ContentFact>>();

    /// <summary>What files began with before they were looked at this time, by path.</summary>
    public IReadOnlyDictionary<string, ContentFact> Earlier { get; init; } = new Dictionary<string, ContentFact>();

    /// <summary>Rotated files that were written to between a look and the reading after it.</summary>
    public IReadOnlySet<string> Growing { get; init; } = new HashSet<string>();

    /// <summary>Paths whose files were renamed or removed while they were listed: of their logs files may be missing.</summary>
    public IReadOnlySet<string> Unsteady { get; init; } = new HashSet<string>();

    /// <summary>Whether there is no look after this one: what would need it is left to the next round.</summary>
    public bool IsLast { get; init; }

    /// <summary>Device and inode of files that turned out not to be what these or their beginning say: their content has to be looked at.</summary>
    public IReadOnlySet<string> Doubted { get; init; } = new HashSet<string>();
}
