namespace ProdOps.Logging.Collecting.Rotation;

/// <summary>Finds, among the files of a log, the one that a mark was made of. Where that takes a look into files, it wishes for it.</summary>
/// <param name="Family">The log's files.</param>
/// <param name="Facts">What is known of them.</param>
/// <param name="Wishes">Takes what has to be looked at.</param>
internal sealed partial record FamilyLook(LogFamily Family, ProbeFacts Facts, List<ContentWish> Wishes)
{
    /// <summary>When the server was looked at before.</summary>
    public long LastTime { get; init; }

    /// <summary>Whether a file was written to so shortly before it was looked at that a later write may have left the same time, where times are of whole seconds.</summary>
    public static bool IsFresh(FileMark mark, long lastTime) => mark.Modified > lastTime - Granularity;

    // Less than this may be the first line of every file of a log.
    private const int TellingLength = 64;

    // Where times are of whole seconds, a later write may have left the same time.
    public const long Granularity = 2_000_000;

    // logrotate gives a packed file the time that the plain one had before prerotate was run. It may have been written to after that.
    private const long PackedLag = 60_000_000;

    /// <summary>Whether something was wished for: then no decision is one.</summary>
    public bool IsUndecided { get; private set; }

    /// <summary>What was read of a file, as long as it is the same file; with the bytes before a place in it, if it is that long and can be read there.</summary>
    public ContentFact? ContentOf(FileFact file, long tailEnd = 0)
    {
        long end = EndIn(file, tailEnd);
        if (file.IsPacked && tailEnd > 0 && TailOf(file, tailEnd) is { } proof) return proof;
        return Facts.Contents.TryGetValue(file.Path, out var contents) ? contents.Find(content => content.Id == file.Id && (end == 0 || content.TailEnd == end)) : null;
    }

    /// <summary>Whether the contents are known; what is not is wished for.</summary>
    public bool Has(IEnumerable<FileFact> files, long tailEnd = 0)
    {
        bool all = true;
        foreach (var file in files)
        {
            if (!file.IsReadable) continue;
            if (ContentOf(file, tailEnd) is not null) continue;
            Wish(file, EndIn(file, tailEnd));
            all = false;
        }

        return all;
    }

    /// <summary>What a file that nothing was read of began with, and what it had at its end, before this look; nothing where that is not known. Then it is wished for, with another look after it.</summary>
    public ContentFact? HeadOf(FileFact file)
    {
        if (Facts.Earlier.TryGetValue(file.Path, out var earlier) && earlier.Id == file.Id && earlier.Head.Length > 0 && earlier.Head.Length <= file.Size
            && earlier.TailEnd <= file.Size && earlier.Tail.Length == Math.Min(earlier.TailEnd, FileMark.ContentLength)) return earlier;
        if (!Facts.IsLast && file is { IsReadable: true, Size: > 0 })
        {
            IsUndecided = true;
            // All files of a log may begin alike: what stands at the end, another hardly has there.
            Wishes.Add(new ContentWish(file, file.Size > FileMark.ContentLength ? file.Size : 0) { LooksAgain = true });
        }

        return null;
    }

    /// <summary>Whether a file is the one that the mark is of, by its number; one that was doubted, by its content too.</summary>
    public bool IsSame(FileMark mark, FileFact file) => file.Id == mark.Id && (file.IsPacked || file.Size >= mark.Offset) && !IsOther(mark, file);

    /// <summary>Whether a file that should be the mark's was found to be another. Without a doubt it is not looked into: reading it tells.</summary>
    public bool IsOther(FileMark mark, FileFact file)
    {
        // Written to, and no longer than it was: reading will not tell.
        bool isDoubted = Facts.Doubted.Contains(file.Id) || (!file.IsPacked && file.Size == mark.Offset && (file.Modified != mark.Modified || IsFresh(mark, LastTime)));
        if (mark.Offset == 0 || !isDoubted) return false;
        return Has([file], mark.Offset) && HasProof([file], mark) && ContentOf(file, mark.Offset) is { } content && !mark.Matches(content);
    }

    /// <summary>
    /// Whether lines came late to a rotated file that had been empty. Nothing tells that it is the same file: it is one only while the log itself is beyond
    /// doubt the one that was read, and it is no copy of it.
    /// </summary>
    public bool IsLate(FileFact file, FamilyState state)
    {
        var mark = state.Active;
        if (mark.Offset == 0 || Family.Live is not { } live || live.Id != mark.Id || live.Size < mark.Offset) return false;
        if (!Has([live, file], mark.Offset) || ContentOf(live, mark.Offset) is not { } now || !mark.Matches(now) || ContentOf(file) is not { } late) return false;
        return !now.Head.Span.StartsWith(late.Head.Span) || !(IsBeginning(file, live) || IsUndecided);
    }

    /// <summary>Where the content of the active file is now.</summary>
    public FileFact? Find(FamilyState state)
    {
        var mark = state.Active;
        // Of what was empty nothing tells where it is; it is among those that are not older.
        if (mark.Offset == 0) return null;
        var moved = Family.Rotated.FirstOrDefault(file => IsSame(mark, file));
        if (moved is not null && !IsVague(mark, moved)) return moved;
        if (IsUndecided) return null;
        FileFact[] fresh = [.. Family.Rotated.Where(file => file == moved || (IsAsNew(file, mark) && !IsDone(file, state)))];
        // The log itself, where it may be the file still: its device has another number, or it was put back.
        FileFact[] live = Family.Live is { } file && file.Id != mark.Id && file.Size >= mark.Offset ? [file] : [];
        if (!Has([.. fresh, .. live], mark.Offset) || !HasProof(fresh, mark)) return null;
        if (Array.Find(fresh, candidate => Holds(candidate, mark)) is { } holder) return holder;
        if (Array.Find(live, candidate => Holds(candidate, mark)) is { } same) return same;
        var cut = FindCopy(mark, state);
        if (cut is not null || IsUndecided) return cut;
        if (Array.Find(fresh, candidate => IsShorter(candidate, mark)) is { } shorter) return shorter;
        if (mark.Offset < TellingLength) return null;
        // Looked at between the copying and the cutting, a copy counts as kept.
        FileFact[] old = [.. Family.Rotated.Except(fresh)];
        return Has(old, mark.Offset) && HasProof(old, mark) ? Array.FindLast(old, candidate => Holds(candidate, mark) || IsShorter(candidate, mark)) : null;
    }

    /// <summary>A copy of the active file that was seen beside it before it was cut, or what that became when it was packed. It may be shorter than what was read.</summary>
    private FileFact? FindCopy(FileMark mark, FamilyState state)
    {
        FileFact[] there = [.. Family.Rotated.Where(file => state.Done.Any(copy => copy.IsCopy && copy.Is(file)))];
        FileFact[] packed = there.Length > 0 || !state.Done.Any(copy => copy.IsCopy) ? [] : [.. Family.Rotated.Where(file => file.IsPacked && IsAsNew(file, mark) && !IsDone(file, state))];
        if (!Has([.. there, .. packed], mark.Offset)) return null;
        return Array.FindLast(there, file => file.Size < mark.Offset || Holds(file, mark)) ?? Array.FindLast(packed, file => CopyIn(file, state) is not null);
    }

    /// <summary>The copy of the active file that is in a packed file.</summary>
    public DoneFile? CopyIn(FileFact file, FamilyState state) =>
        ContentOf(file) is { } content ? state.Done.LastOrDefault(copy => copy.IsCopy && copy.Matches(content) && (content.LengthModulo ?? (uint)copy.Size) == (uint)copy.Size && IsKept(file, copy.Mark)) : null;

    /// <summary>Whether a file is a copy of how another begins, both of them plain: the other may have been written to since.</summary>
    /// <param name="file">The file.</param>
    /// <param name="other">The other.</param>
    /// <param name="least">How many bytes must be alike. A few may be the first line of every file of a log.</param>
    public bool IsCopy(FileFact file, FileFact? other, int least = TellingLength)
    {
        if (other is not { IsReadable: true, IsPacked: false } || !file.IsReadable || file.IsPacked || file.Size < least || file.Size > other.Size) return false;
        return Has([other, file], file.Size) && ContentOf(other, file.Size) is { } whole && ContentOf(file, file.Size) is { } copy
            && copy.Head.Length >= Math.Min(file.Size, FileMark.ContentLength) && whole.Head.Span.StartsWith(copy.Head.Span) && whole.Tail.Span.SequenceEqual(copy.Tail.Span);
    }

    /// <summary>What a rotated file that was read became when it was packed.</summary>
    public FileFact? FindPacked(FileMark mark, FamilyState state)
    {
        if (mark.Offset == 0) return null;
        FileFact[] packed = [.. Family.Rotated.Where(file => file.IsPacked && IsAsNew(file, mark) && !IsDone(file, state))];
        if (!Has(packed) || !HasProof(packed, mark)) return null;
        // What a file was read to the end of that has nothing but a heading, only one is that has no more.
        return Array.Find(packed, candidate => Holds(candidate, mark) && !GoesOn(candidate, mark)) ?? Array.Find(packed, candidate => Holds(candidate, mark) && !IsVague(mark, candidate));
    }

    /// <summary>What was rotated away after a file, oldest first; where it was not found, all that is not older than it was.</summary>
    /// <returns>The files; those that turned out to be kept already, under another number: they were packed or copied since; and those that are copies of the log itself.</returns>
    public (IReadOnlyList<FileFact> Files, IReadOnlyList<DoneFile> Known, IReadOnlyList<DoneFile> Copies) Unread(FileFact? found, FamilyState state)
    {
        var rotated = Family.Rotated.ToList();
        int at = found is null ? -1 : rotated.IndexOf(found);
        List<FileFact> candidates = [.. rotated.Where((file, i) => (i > at || (i < at && MayBeLater(file, found!))) && !IsDone(file, state) && (at >= 0 || file.Modified >= state.Active.Modified))];
        DoneFile[] gone = [.. state.Done.Where(done => done.Length > 0 && !rotated.Exists(done.Is))];
        var copied = candidates.FindAll(file => IsCopy(file, Family.Live));
        candidates.RemoveAll(copied.Contains);
        List<DoneFile> copies = copied.ConvertAll(CopyOf);
        if (gone.Length == 0 || !Has(candidates)) return (candidates, [], copies);
        DoneFile[] known = [.. candidates.Select(file => (file, Array.Find(gone, done => IsKept(file, done.Mark)))).Where(pair => pair.Item2 is not null).Select(pair => DoneFile.Of(pair.file, pair.Item2!.Mark))];
        return ([.. candidates.Where(file => !Array.Exists(known, done => done.Is(file)))], known, copies);
    }

    /// <summary>
    /// Whether a file may have followed one that it stands before. What logrotate put out of its way is newer than the file that it renamed just before, though
    /// that may have been written to for longer; and where times are of whole seconds, equal ones tell nothing.
    /// </summary>
    private bool MayBeLater(FileFact file, FileFact other) => (IsBackup(file) && file.Modified >= LastTime - Granularity) || (IsBackup(other) && file.Modified == other.Modified);

    private static bool IsBackup(FileFact file) => RotatedName.ReadingsOf(file.Path).Any(reading => reading.IsBackup);

    /// <summary>Rotated files that were not there at the last look, as far as their times and numbers tell.</summary>
    public IReadOnlyList<FileFact> Appeared(FamilyState state) =>
        [.. Family.Rotated.Where(file => file.Modified >= LastTime - Granularity && file.Size > 0 && !IsDone(file, state) && !state.Trailing.Any(mark => mark.Id == file.Id))];

    /// <summary>Whether a file is the mark's beyond doubt.</summary>
    public bool IsProved(FileMark mark, FileFact file) => Has([file], mark.Offset) && ContentOf(file, mark.Offset) is { } content && mark.Matches(content);

    /// <summary>
    /// Rotated files that appeared since the last look while the log itself is as it was, oldest first: what was written to a log that was cut twice between a look
    /// and the reading after it. Most often there are none, or they are copies of the log.
    /// </summary>
    /// <returns>The files, and those that turned out to be kept already.</returns>
    public (IReadOnlyList<FileFact> Files, IReadOnlyList<DoneFile> Known) Newcomers(FamilyState state)
    {
        var candidates = Appeared(state);
        if (candidates.Count == 0 || !Has(candidates)) return ([], []);
        // The log is what it was, so that whatever begins as it does is a copy of it.
        FileFact[] copies = [.. candidates.Where(file => file.IsPacked ? IsBeginning(file, Family.Live!) : IsCopy(file, Family.Live, least: 1))];
        if (IsUndecided) return ([], []);
        FileFact[] known = [.. candidates.Except(copies).Where(file => ContentOf(file) is not { Head.Length: > 0 } || IsKnown(file, state))];
        return ([.. candidates.Except(known).Except(copies)], [.. copies.Select(CopyOf), .. known.Select(RememberedOf)]);
    }

    /// <summary>What is remembered of a copy of the log itself.</summary>
    public DoneFile CopyOf(FileFact file) => RememberedOf(file) with { IsCopy = true };

    /// <summary>What is remembered of a file whose lines are kept already, as far as it was looked into.</summary>
    public DoneFile RememberedOf(FileFact file) => LengthOf(file) is { } length && TailOf(file, length) is { } whole ? DoneFile.Of(file, whole) : ContentOf(file) is { } content ? DoneFile.Of(file, content) : DoneFile.Of(file);

    private bool IsKnown(FileFact file, FamilyState state) =>
        state.Done.Any(done => done.Length > 0 && IsKept(file, done.Mark)) || state.Trailing.Any(mark => mark.Offset > 0 && IsKept(file, mark)) || IsLater(file, state.Active);

    /// <summary>Whether a file is a copy of the log that was made after this was looked at; the log is what it was. Both may have nothing but a heading in common.</summary>
    private bool IsLater(FileFact file, FileMark active)
    {
        if (ContentOf(file) is not { } content || !active.MatchesHead(content.Head.Span)) return false;
        if (active.Offset <= HeadingLength) return IsBeginning(Family.Live!, file);
        return IsKept(file, active, Family.Live);
    }

    /// <summary>Whether nobody writes to a rotated file any more.</summary>
    public bool IsSettled(FileFact file) => Facts.Now - file.Modified >= RotationPlanner.Grace.TotalMicroseconds;

    private static bool IsAsNew(FileFact file, FileMark mark) => IsAsNew(file, mark.Modified);

    /// <summary>Whether a file may have been written to at a time or after it.</summary>
    public static bool IsAsNew(FileFact file, long time) => file.Modified >= time - (file.IsPacked ? PackedLag : 0);

    private static long EndIn(FileFact file, long tailEnd) => file.IsPacked || tailEnd > file.Size ? 0 : tailEnd;

    private bool IsDone(FileFact file, FamilyState state) => state.Done.Any(done => done.Is(file)) || state.Trailing.Any(mark => mark.Offset > 0 && IsSame(mark, file));

    private void Wish(FileFact file, long tailEnd)
    {
        IsUndecided = true;
        if (!Wishes.Exists(wish => wish.File.Path == file.Path && wish.TailEnd == tailEnd)) Wishes.Add(new ContentWish(file, tailEnd));
    }
}
