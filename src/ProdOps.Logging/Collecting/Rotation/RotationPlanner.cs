namespace ProdOps.Logging.Collecting.Rotation;

/// <summary>
/// Decides what of a source's files is to be read, from how far they were read and one look at what is there. It reads nothing itself: what it cannot decide
/// without looking into a file, it asks for, and is asked again with the answer.
/// </summary>
/// <remarks>
/// A log is read in the order in which it was written: the file that was being read to its end, wherever it is now, then those that were rotated after it, then
/// the file at the log's path. What a file is tell its device and inode and what is in it, never its name.
/// </remarks>
internal sealed class RotationPlanner(RotationOptions options)
{
    /// <summary>A rotated file may be written to until its writer has opened the new one. A last line without an end waits for so long.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>What does not change for so long before it vanishes was not written to in between.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromHours(1);

    /// <summary>How many rotated files are watched for late lines.</summary>
    private const int MaximumTrailing = 4;

    public RotationPlan Decide(FileCheckpoint checkpoint, ProbeFacts facts)
    {
        var wishes = new List<ContentWish>();
        var plans = new List<FamilyPlan>();
        foreach (var family in FamilyList.Of(checkpoint, facts))
        {
            var look = new FamilyLook(family, facts, wishes) { LastTime = family.State?.Time ?? checkpoint.Time };
            // What was just renamed would look as if it were gone.
            if (IsUnsteady(family, facts))
            {
                if (family.State is not null) plans.Add(new FamilyPlan(family.State) { IsLeft = true });
                continue;
            }

            if (family.State is { } state) plans.Add(Continue(look, state));
            else if (Begin(look) is { State: not null } plan) plans.Add(plan);
        }

        return wishes.Count > 0 ? new RotationPlan { Wishes = wishes } : new RotationPlan { Families = plans };
    }

    private static bool IsUnsteady(LogFamily family, ProbeFacts facts) => facts.Unsteady.Any(path => path == family.Path || family.Rotated.Any(file => file.Path == path)
        || RotatedName.ReadingsOf(path).Any(reading => reading.BasePath == family.Path || RotatedName.ReadingsOf(reading.BasePath).Any(inner => inner.BasePath == family.Path)));

    /// <summary>A log that was never read: what was rotated away lately, then the log.</summary>
    private FamilyPlan Begin(FamilyLook look)
    {
        var family = look.Family;
        long bound = look.Facts.Now - (long)Math.Min(options.FirstWindow.TotalMicroseconds, long.MaxValue / 4);
        FileFact[] wanted = [.. family.Rotated.Where(file => file.Modified >= bound)];
        if (family.Live is { } log) look.HeadOf(log);
        var copies = new List<DoneFile>();
        IReadOnlyList<DoneFile> ofLive = [];
        FileFact[] passedOver = [.. family.Rotated.Where(file => file.Modified < bound)];
        if (wanted.Length > 0 && family.Live is { Size: > 0 } live)
        {
            // A copy of the log, or of another copy, is not read twice (logrotate's copy, a backup in the same folder).
            if (!look.Has([.. wanted, live])) return new FamilyPlan(null);
            ofLive = [.. wanted.Where(file => look.IsCopy(file, live)).Select(look.CopyOf)];
            var heads = new List<(FileFact File, ContentFact Content)>();
            foreach (var file in wanted.Reverse().Prepend(live))
            {
                if (ofLive.Any(copy => copy.Is(file)) || look.ContentOf(file) is not { Head.Length: FileMark.ContentLength } content) continue;
                var alike = heads.FindAll(other => other.Content.Head.Span.SequenceEqual(content.Head.Span));
                // Of packed ones the next is looked at, since they have to be unpacked for that.
                if (alike.Exists(other => !file.IsPacked && look.IsCopy(file, other.File)) || (alike is [.., var next] && (file.IsPacked || next.File.IsPacked) && look.IsBeginning(file, next.File))) copies.Add(look.RememberedOf(file));
                heads.Add((file, content));
            }

            if (look.IsUndecided) return new FamilyPlan(null);
            wanted = [.. wanted.Where(file => !copies.Concat(ofLive).Any(copy => copy.Is(file)))];
        }

        FileFact[] files = family.Live is null ? wanted : [.. wanted, family.Live];
        if (files.Length > 0) return new FamilyPlan(new FamilyState(family.Path, Fresh(files[0])) { Done = copies }) { Steps = Chain(look, files, ofLive) };
        if (passedOver.Length == 0) return new FamilyPlan(null);
        // Of a log that is not there, and whose files are all too old, the newest counts as read.
        return new FamilyPlan(new FamilyState(family.Path, Fresh(passedOver[^1]) with { Id = "" }) { Done = [DoneFile.Of(passedOver[^1])] });
    }

    private static FamilyPlan Continue(FamilyLook look, FamilyState state)
    {
        var (steps, trailing, packed) = Grown(look, state);
        state = state with { Trailing = trailing, Done = [.. state.Done, .. packed] };
        var (family, active) = (look.Family, state.Active);
        // Of an empty file nothing tells that it is the same: what was rotated since may be it.
        if (active.Offset > 0 && family.Live is { } live && look.IsSame(active, live) && (look.Appeared(state).Count == 0 || look.IsProved(active, live)))
        {
            var (late, same) = look.Newcomers(state);
            foreach (var file in late) steps.Add(Unread(look, file) with { Kind = StepKind.Trailing, TakesPartialLine = true });
            state = state with { Trailing = [.. state.Trailing, .. late.Select(Fresh)], Done = [.. state.Done, .. same] };
            active = active with { Size = live.Size, Modified = live.Modified };
            if (look.IsUndecided) return new FamilyPlan(state);
            if (Rest(live, active) is { Length: not 0 } or { To: null }) steps.Add(Rest(live, active));
            return new FamilyPlan(state with { Active = active, Done = [.. DoneBy(look, active, state.Done).Where(done => !late.Any(done.Is))] }) { Steps = steps };
        }

        if (family.Live is { } log) look.HeadOf(log);
        if (look.IsUndecided) return new FamilyPlan(state);
        var found = look.Find(state);
        if (look.IsUndecided) return new FamilyPlan(state);
        if (found == family.Live && found is not null)
        {
            // The same file by another number: a disk that was mounted anew, a copy in its place.
            active = active with { Id = found.Id, Size = found.Size, Modified = found.Modified };
            if (found.Size > active.Offset) steps.Add(Rest(found, active));
            return new FamilyPlan(state with { Active = active, Done = DoneBy(look, active, state.Done) }) { Steps = steps };
        }

        var (unread, known, copies) = look.Unread(found, state);
        if (look.IsUndecided) return new FamilyPlan(state);
        state = state with { Done = [.. state.Done, .. known] };
        LogGap? gap = null;
        if (found is null && active.Offset > 0)
        {
            bool isQuiet = family.Live is null && unread.Count == 0 && active.Size <= active.Offset && look.LastTime - active.Modified >= Idle.TotalMicroseconds;
            if (!isQuiet) gap = new LogGap(family.Path, Math.Max(0, active.Size - active.Offset));
            // Told once. What is left is a place between files.
            state = state with { Active = new FileMark("", 0) { Modified = active.Modified } };
        }

        if (found is null && unread.Count == 0 && family.Live is null && family.Rotated.Count == 0) return new FamilyPlan(null) { Steps = steps, Gap = gap };
        List<FileFact> files = [.. unread];
        if (family.Live is not null) files.Add(family.Live);
        if (found is not null) files.Insert(0, found);
        // A copy that was made before the last lines were read has no more.
        if (found is { IsPacked: true } && (look.IsShort(found, active) || (look.CopyIn(found, state) is { } copy && copy.Size <= active.Offset))) active = active with { PackedSize = found.Size };
        if (look.IsUndecided) return new FamilyPlan(state);
        steps.AddRange(Chain(look, files, copies, found is null ? null : active));
        return new FamilyPlan(state) { Steps = steps, Gap = gap };
    }

    /// <summary>Rotated files that were written to after they were read, and those that are still to be watched.</summary>
    private static (List<ReadStep> Steps, IReadOnlyList<FileMark> Trailing, IReadOnlyList<DoneFile> Packed) Grown(FamilyLook look, FamilyState state)
    {
        var steps = new List<ReadStep>();
        var left = new List<FileMark>();
        var done = new List<DoneFile>();
        foreach (var mark in state.Trailing)
        {
            // Another file may have its number by now: then it has been removed, or packed.
            if (look.Family.Rotated.FirstOrDefault(file => file.Id == mark.Id && !file.IsPacked) is { } plain && look.IsSame(mark, plain))
            {
                if (mark.Offset == 0 && plain.Size > 0 && !look.IsLate(plain, state)) continue;
                // What has grown is proved by reading it.
                left.Add(plain.Size > mark.Offset ? mark : mark with { Size = plain.Size, Modified = plain.Modified });
                if (plain.Size > mark.Offset) steps.Add(new ReadStep(plain, mark) { To = plain.Size, Kind = StepKind.Trailing, TakesPartialLine = look.IsSettled(plain) });
            }
            else if (mark.Offset > 0 && look.Family.Rotated.FirstOrDefault(file => file.IsPacked && look.IsSame(mark, file)) is { } begun)
            {
                // Reading it has begun.
                left.Add(mark);
                steps.Add(new ReadStep(begun, mark) { Kind = StepKind.Trailing, TakesPartialLine = true });
            }
            else if (look.FindPacked(mark, state) is { } packed)
            {
                // It has been packed since. Where the packed one does not say that it is no longer, it is read.
                if (!look.GoesOn(packed, mark))
                {
                    done.Add(DoneFile.Of(packed, mark));
                    continue;
                }

                var moved = mark with { Id = packed.Id };
                left.Add(moved);
                steps.Add(new ReadStep(packed, moved) { Kind = StepKind.Trailing, TakesPartialLine = true });
            }
        }

        return (steps, [.. left.TakeLast(MaximumTrailing)], done);
    }

    /// <summary>The steps through files that follow each other. <paramref name="first"/> is how far the first of them was read, <paramref name="copies"/> are those of the log itself.</summary>
    private static List<ReadStep> Chain(FamilyLook look, IReadOnlyList<FileFact> files, IReadOnlyList<DoneFile> copies, FileMark? first = null)
    {
        var steps = new List<ReadStep>();
        for (int i = 0; i < files.Count; i++)
        {
            var file = files[i];
            var mark = i == 0 && first is not null ? first with { Id = file.Id } : Fresh(file);
            bool isLast = i == files.Count - 1, isLive = file == look.Family.Live;
            // Nothing is written any more to what is packed, and to what was followed by two others.
            bool isSettled = file.IsPacked || (!isLive && (look.IsSettled(file) || i < files.Count - 2));
            var step = mark.Offset > 0 ? Rest(file, mark) : Unread(look, file);
            steps.Add(step with { IsFinal = !isLast, TakesPartialLine = !isLast && isSettled, Copies = isLive ? copies : [] });
        }

        return steps;
    }

    /// <summary>While a log itself is read, all that was rotated away is kept already. Those need remembering that look as new as the log, or as this look at it.</summary>
    private static IReadOnlyList<DoneFile> DoneBy(FamilyLook look, FileMark active, IReadOnlyList<DoneFile> known)
    {
        long since = Math.Min(active.Modified, look.Facts.Now - FamilyLook.Granularity);
        var copy = look.Family.Rotated.LastOrDefault(file => known.Any(done => done.IsCopy && done.Is(file)));
        return [.. look.Family.Rotated.Where(file => FamilyLook.IsAsNew(file, since) || file == copy).Select(file => known.FirstOrDefault(done => done.Is(file)) ?? DoneFile.Of(file))];
    }

    /// <summary>All of a file that nothing was read of.</summary>
    private static ReadStep Unread(FamilyLook look, FileFact file)
    {
        var step = Rest(file, Fresh(file));
        bool isLive = file == look.Family.Live;
        if (file.IsPacked || (!isLive && !look.Facts.Growing.Contains(file.Path))) return step with { IsFixed = true };
        if (look.HeadOf(file) is { } earlier) return step with { Head = earlier.Head, Tail = earlier.Tail, TailEnd = earlier.TailEnd };
        if (!isLive) return step with { IsFixed = true };
        return file is { IsReadable: true, Size: > 0 } ? step with { To = 0, IsPutOff = true } : step;
    }

    /// <summary>What a file has beyond a mark. How much that is in a packed one, only reading it tells; one that was read to its end has no more.</summary>
    private static ReadStep Rest(FileFact file, FileMark from) =>
        new(file, from) { To = !file.IsPacked ? Math.Max(file.Size, from.Offset) : from.PackedSize == file.Size ? from.Offset : null };

    private static FileMark Fresh(FileFact file) => new(file.Id, 0) { Size = file.Size, Modified = file.Modified };
}
