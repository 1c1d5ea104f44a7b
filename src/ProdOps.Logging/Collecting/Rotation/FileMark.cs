using System.Security.Cryptography;

namespace ProdOps.Logging.Collecting.Rotation;

/// <summary>How far a file has been read, and what tells that it is the same file still: never its name.</summary>
/// <param name="Id">Device and inode.</param>
/// <param name="Offset">How many bytes of its content are kept.</param>
internal sealed record FileMark(string Id, long Offset)
{
    /// <summary>How many bytes at the beginning, and before the offset, are looked at.</summary>
    public const int ContentLength = 256;

    // 96 bits: no two files of a server are alike by chance.
    private const int HashLength = 12;

    /// <summary>Hash of the first bytes: <see cref="ContentLength"/>, or all before the offset if they are fewer.</summary>
    public string Head { get; init; } = "";

    /// <summary>Hash of as many bytes before the offset.</summary>
    public string Tail { get; init; } = "";

    /// <summary>Its size when it was last looked at.</summary>
    public long Size { get; init; }

    /// <summary>When it was last written to, as of then; microseconds since 1970.</summary>
    public long Modified { get; init; }

    /// <summary>Whether the rest of a line that was cut is being passed over.</summary>
    public bool SkipsLine { get; init; }

    /// <summary>Of a packed file that was read to its end: its own size. Then there is nothing more to read in it.</summary>
    public long? PackedSize { get; init; }

    /// <summary>How many bytes the hashes are of.</summary>
    public int Known => (int)Math.Min(ContentLength, Offset);

    /// <summary>Whether the bytes are those that the mark was made of. A tail that was not read counts for nothing.</summary>
    public bool Matches(ContentFact content)
    {
        if (Offset == 0) return true;
        if (!MatchesHead(content.Head.Span)) return false;
        return content.TailEnd != Offset || MatchesTail(content.Tail.Span);
    }

    /// <summary>Whether the bytes before the offset are the ones that were.</summary>
    public bool MatchesTail(ReadOnlySpan<byte> before) => Offset == 0 || (before.Length >= Known && HashOf(before[^Known..]) == Tail);

    /// <summary>Whether a file that is shorter than what was read begins as this one did: a copy that was made before the last lines were written.</summary>
    public bool MatchesShorter(ContentFact content) => Offset >= ContentLength && content.Head.Length >= ContentLength && HashOf(content.Head.Span[..ContentLength]) == Head;

    /// <summary>Whether a file begins as this one did.</summary>
    public bool MatchesHead(ReadOnlySpan<byte> head) => head.Length >= Known && HashOf(head[..Known]) == Head;

    public static string HashOf(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return Convert.ToBase64String(hash[..HashLength]);
    }
}

/// <summary>A rotated file whose lines are kept already.</summary>
/// <param name="Id">Device and inode. Numbers are given to other files when a file is removed, so its time and size must be the same, too.</param>
/// <param name="Modified">When it was last written to, in microseconds since 1970.</param>
/// <param name="Size">Its size in bytes.</param>
internal sealed record DoneFile(string Id, long Modified, long Size)
{
    /// <summary>How many bytes <see cref="Head"/> is of; 0 where the file was not looked into.</summary>
    public int Length { get; init; }

    /// <summary>The hash of its first bytes.</summary>
    public string Head { get; init; } = "";

    /// <summary>How many bytes of its content are kept; 0 where only <see cref="Head"/> is known.</summary>
    public long Offset { get; init; }

    /// <summary>The hash of as many bytes before <see cref="Offset"/>.</summary>
    public string Tail { get; init; } = "";

    /// <summary>Whether it is a copy of the active file, made a while ago. When that is cut, this is what it was, and what is left of it to read.</summary>
    public bool IsCopy { get; init; }

    public static DoneFile Of(FileFact file) => new(file.Id, file.Modified, file.Size);

    public static DoneFile Of(FileFact file, FileMark mark) => Of(file) with { Length = mark.Known, Head = mark.Head, Offset = mark.Offset, Tail = mark.Tail };

    public static DoneFile Of(FileFact file, ContentFact content)
    {
        var done = Of(file) with { Length = content.Head.Length, Head = FileMark.HashOf(content.Head.Span) };
        bool isWhole = content.TailEnd > 0 && content.TailEnd >= content.Head.Length && content.Tail.Length == Math.Min(content.TailEnd, FileMark.ContentLength);
        return isWhole ? done with { Offset = content.TailEnd, Tail = FileMark.HashOf(content.Tail.Span) } : done;
    }

    /// <summary>What tells that another file has the same content.</summary>
    public FileMark Mark => new(Id, Offset > 0 ? Offset : Length) { Head = Head, Tail = Offset > 0 ? Tail : Head };

    public bool Is(FileFact file) => file.Id == Id && file.Modified == Modified && file.Size == Size;

    /// <summary>Whether a file begins as it does: it was packed or copied.</summary>
    public bool Matches(ContentFact content) => Length > 0 && content.Head.Length >= Length && FileMark.HashOf(content.Head.Span[..Length]) == Head;
}
