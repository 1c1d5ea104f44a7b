namespace ProdOps.Logging.Collecting.Rotation;

/// <summary>Finds, among the files of a log, the one that a mark was made of. Where that takes a look into files, it wishes for it.</summary>
/// <param name="Family">The log's files.</param>
/// <param name="Facts">What is known of them.</param>
/// <param name="Wishes">Takes what has to be looked at.</param>
internal sealed record FamilyLook(LogFamily Family, ProbeFacts Facts, List<ContentWish> Wishes)
{
    /// <summary>When the server was looked at before.</summary>
    public long LastTime { get; init; }

    /// <summary>Whether a file was written to so shortly before it was looked at that a later write may have left the same time, where times are of whole seconds.</summary>
    public static bool IsFresh(FileMark mark, long lastTime) => mark.Modified > lastTime - 2_000_000;

    // Less than this may be the first line of every file of a log.
    private const int TellingLength = 64;

    /// <summary>Whether something was wished for: then no decision is one.</summary>
    public bool IsUndecided { get; private set; }

    /// <summary>What was read of a file, as long as it is the same file.</summary>
    public ContentFact? ContentOf(FileFact file) => Facts.Contents.TryGetValue(file.Path, out var content) && content.Id == file.Id ? content : null;

    /// <summary>Whether the contents are known; what is not is wished for.</summary>
    public bool Has(IEnumerable<FileFact> files, long tailEnd = 0)
    {
        bool all = true;
        foreach (var file in files)
        {
            if (!file.IsReadable) continue;
            long end = file.IsPacked || tailEnd > file.Size ? 0 : tailEnd;
            if (ContentOf(file) is { } content && (end == 0 || content.TailEnd == end)) continue;
            Wish(file, end);
            all = false;
        }

        return all;
    }

    /// <summary>Whether a file is the one that the mark is of, by its number; one that was doubted, by its content too.</summary>
    public bool IsSame(FileMark mark, FileFact file) => file.Id == mark.Id && (file.IsPacked || file.Size >= mark.Offset) && !IsOther(mark, file);

    /// <summary>Whether a file that should be the mark's was found to be another. Without a doubt it is not looked into: reading it tells.</summary>
    public bool IsOther(FileMark mark, FileFact file)
    {
        // Written to, and no longer than it was: reading will not tell.
        bool isDoubted = Facts.Doubted.Contains(file.Path) || (!file.IsPacked && file.Size == mark.Offset && (file.Modified != mark.Modified || IsFresh(mark, LastTime)));
        if (mark.Offset == 0 || !isDoubted) return false;
        return Has([file], mark.Offset) && ContentOf(file) is { } content && !mark.Matches(content);
    }

    /// <summary>Where the mark's content is now.</summary>
    /// <param name="mark">How far it was read.</param>
    /// <param name="done">Files that are kept already.</param>
    public FileFact? Find(FileMark mark, IReadOnlyList<DoneFile> done)
    {
        if (mark.Id.Length == 0) return null;
        if (Family.Rotated.FirstOrDefault(file => IsSame(mark, file)) is { } moved) return moved;
        if (mark.Offset == 0 || IsUndecided) return null;
        FileFact[] fresh = [.. Family.Rotated.Where(file => file.Modified >= mark.Modified && !IsDone(file, done))];
        // The log itself, where it may be the file still: its device has another number, or it was put back.
        FileFact[] live = Family.Live is { } file && file.Id != mark.Id && file.Size >= mark.Offset ? [file] : [];
        if (!Has([.. fresh, .. live], mark.Offset)) return null;
        if (Array.Find(fresh, candidate => Holds(candidate, mark)) is { } copy) return copy;
        if (Array.Find(live, candidate => Holds(candidate, mark)) is { } same) return same;
        if (mark.Offset < TellingLength) return null;
        // Looked at between the copying and the cutting, a copy counts as kept.
        FileFact[] old = [.. Family.Rotated.Except(fresh)];
        return Has(old, mark.Offset) ? Array.FindLast(old, candidate => Holds(candidate, mark)) : null;
    }

    /// <summary>What a rotated file that was read became when it was packed.</summary>
    public FileFact? FindPacked(FileMark mark, IReadOnlyList<DoneFile> done)
    {
        if (mark.Offset == 0) return null;
        FileFact[] packed = [.. Family.Rotated.Where(file => file.IsPacked && file.Modified >= mark.Modified && !IsDone(file, done))];
        return Has(packed) ? Array.Find(packed, candidate => Holds(candidate, mark)) : null;
    }

    /// <summary>What was rotated away after a file, oldest first; where it was not found, all that is not older than it was.</summary>
    public IReadOnlyList<FileFact> Unread(FileFact? found, FileMark mark, IReadOnlyList<DoneFile> done)
    {
        var rotated = Family.Rotated.ToList();
        int at = found is null ? -1 : rotated.IndexOf(found);
        List<FileFact> candidates = [.. rotated.Skip(at + 1).Where(file => !IsDone(file, done) && (at >= 0 || file.Modified >= mark.Modified))];
        // One that was kept under another number, before it was packed or copied, is known by what is in it.
        DoneFile[] gone = [.. done.Where(known => known.Length > 0 && !rotated.Any(file => file.Id == known.Id))];
        if (gone.Length == 0 || !Has(candidates)) return candidates;
        candidates.RemoveAll(file => ContentOf(file) is { } content && Array.Exists(gone, known => known.Matches(content)));
        return candidates;
    }

    /// <summary>Whether nobody writes to a rotated file any more.</summary>
    public bool IsSettled(FileFact file) => Facts.Now - file.Modified >= RotationPlanner.Grace.TotalMicroseconds;

    private bool Holds(FileFact file, FileMark mark) => ContentOf(file) is { } content
        && (mark.Matches(content) || (!file.IsPacked && file.Size < mark.Offset && mark.MatchesShorter(content)));

    private static bool IsDone(FileFact file, IReadOnlyList<DoneFile> done) => done.Any(known => known.Id == file.Id);

    private void Wish(FileFact file, long tailEnd)
    {
        IsUndecided = true;
        if (!Wishes.Exists(wish => wish.File.Path == file.Path && wish.TailEnd == tailEnd)) Wishes.Add(new ContentWish(file, tailEnd));
    }
}
