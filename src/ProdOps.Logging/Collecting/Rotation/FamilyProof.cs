namespace ProdOps.Logging.Collecting.Rotation;

/// <summary>
/// How far it takes to look into a file to be sure of it. Most often its beginning is enough: it has a time in it. Where all files of a log begin with the same heading, the
/// bytes before the place where reading stopped tell, in a packed file too, though it has to be unpacked for that.
/// </summary>
internal sealed partial record FamilyLook
{
    // A heading may be so long. Of a file that was read no further, nothing may be known but that.
    public const long HeadingLength = 16 * 1024;

    /// <summary>Whether nothing may be known of a mark's file but the heading that other files have, too.</summary>
    private bool IsVague(FileMark mark, params FileFact?[] files) => mark.Offset is > 0 and <= HeadingLength && BeginsAlike(mark, files);

    /// <summary>Whether files are looked into as deep as it takes to tell whether they hold what a mark is of; how they begin is known.</summary>
    private bool HasProof(IEnumerable<FileFact> files, FileMark mark)
    {
        bool all = true;
        foreach (var file in files)
        {
            if (!NeedsTail(file, mark)) continue;
            all &= HasTail(file, mark.Offset);
        }

        return all;
    }

    private bool NeedsTail(FileFact file, FileMark mark) => file is { IsPacked: true, IsReadable: true } && mark.Offset > FileMark.ContentLength
        && ContentOf(file) is { } content && mark.MatchesHead(content.Head.Span)
        && (Facts.Doubted.Contains(file.Id) || content.LengthModulo < mark.Offset || BeginsAlike(mark, file));

    private bool HasTail(FileFact file, long end)
    {
        if (TailOf(file, end) is not null) return true;
        Wish(file, end);
        return false;
    }

    private ContentFact? TailOf(FileFact file, long end) => Facts.Contents.TryGetValue(file.Path, out var contents) ? contents.Find(content => content.Id == file.Id && content.TailEnd == end) : null;

    /// <summary>Whether another file of the log begins as a mark's does, so that this tells nothing.</summary>
    private bool BeginsAlike(FileMark mark, params FileFact?[] except)
    {
        if (Family.State is { } state
            && state.Trailing.Append(state.Active).Concat(state.Done.Where(done => done is { Length: > 0, IsCopy: false }).Select(done => done.Mark))
                .Any(other => other.Offset > 0 && other.Known == mark.Known && other.Head == mark.Head && (other.Offset, other.Tail) != (mark.Offset, mark.Tail))) return true;
        var present = Family.Live is { } live ? Family.Rotated.Append(live) : Family.Rotated;
        return present.Any(file => !except.Any(other => other?.Path == file.Path) && BeginningOf(file) is { IsEmpty: false } head && mark.MatchesHead(head.Span));
    }

    /// <summary>What a file begins with, if that is known already.</summary>
    private ReadOnlyMemory<byte> BeginningOf(FileFact file) =>
        ContentOf(file)?.Head ?? (Facts.Earlier.TryGetValue(file.Path, out var earlier) && earlier.Id == file.Id ? earlier.Head : default);

    /// <summary>Whether a file holds all that was read.</summary>
    private bool Holds(FileFact file, FileMark mark) => ContentOf(file, mark.Offset) is { } content && mark.Matches(content) && (file.IsPacked || file.Size >= mark.Offset);

    /// <summary>Whether a file holds the beginning of what was read, as a copy does that was made before the last lines were.</summary>
    private bool IsShorter(FileFact file, FileMark mark)
    {
        if (ContentOf(file) is not { } content || !mark.MatchesShorter(content) || BeginsAlike(mark, file)) return false;
        return file.IsPacked ? IsShort(file, mark) : file.Size < mark.Offset;
    }

    /// <summary>Whether the content of a packed file is known to be shorter than what was read.</summary>
    public bool IsShort(FileFact file, FileMark mark) => file.IsPacked && TailOf(file, mark.Offset) is { } proof && proof.Tail.Length < mark.Known;

    /// <summary>Whether there is more in a file than what was read of it, or may be.</summary>
    public bool GoesOn(FileFact file, FileMark mark)
    {
        if (!file.IsPacked) return file.Size > mark.Offset;
        if (TailOf(file, mark.Offset) is { } proof) return proof.GoesOn;
        return ContentOf(file) is not { LengthModulo: { } length } || length != (uint)mark.Offset;
    }

    /// <summary>Whether all that is in a file is kept already, as a mark says of another.</summary>
    private bool IsKept(FileFact file, FileMark mark, params FileFact?[] same)
    {
        if (mark.Offset == 0 || ContentOf(file) is not { } content || !mark.MatchesHead(content.Head.Span)) return false;
        bool isAlike = BeginsAlike(mark, [file, .. same]);
        if (mark.Offset > FileMark.ContentLength)
        {
            if (!file.IsPacked && file.Size < mark.Offset) return false;
            // Nothing is passed over for its beginning alone.
            bool agrees = file.IsPacked ? content.LengthModulo == (uint)mark.Offset : file.Size == mark.Offset;
            if (!isAlike && agrees && TailOf(file, mark.Offset) is null) return true;
            if (!HasTail(file, mark.Offset) || !mark.Matches(TailOf(file, mark.Offset)!)) return false;
        }

        return !(isAlike && mark.Offset <= HeadingLength) || !GoesOn(file, mark);
    }

    /// <summary>How long a file's content is, as far as that is known.</summary>
    private long? LengthOf(FileFact file)
    {
        if (!file.IsPacked) return file.Size;
        return !Facts.Contents.TryGetValue(file.Path, out var contents) ? null : contents.Find(content => content.Id == file.Id && (content.Length ?? content.LengthModulo) is not null) is { } content ? content.Length ?? content.LengthModulo : null;
    }

    /// <summary>Whether a file holds how another begins, or all of it, packed or not; of both the beginnings are known.</summary>
    public bool IsBeginning(FileFact file, FileFact other)
    {
        if (ContentOf(file) is not { Head.Length: > 0 } content || !Has([other]) || ContentOf(other) is not { } whole || !whole.Head.Span.StartsWith(content.Head.Span)) return false;
        if (LengthOf(file) is not { } length)
        {
            // It is known when it was unpacked once.
            HasTail(file, FileMark.ContentLength + 1);
            return false;
        }

        if (LengthOf(other) < length) return false;
        if (length <= FileMark.ContentLength) return content.Head.Length == length;
        bool isRead = HasTail(file, length);
        return HasTail(other, length) && isRead && TailOf(file, length) is { Tail.Length: FileMark.ContentLength } end && TailOf(other, length)!.Tail.Span.SequenceEqual(end.Tail.Span);
    }
}
