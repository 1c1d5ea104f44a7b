using ProdOps.Logging.Collecting.Rotation;

namespace ProdOps.Logging.Collecting.Files;

/// <summary>
/// Collects the files of one source: decides what to read, takes the lines, keeps them together with where it is. It may be left at any moment; the next
/// one goes on where the last batch ended.
/// </summary>
/// <param name="writer">Keeps the lines.</param>
/// <param name="options">How far back a first round goes.</param>
internal sealed class FileSource(BatchWriter writer, RotationOptions options) : IDisposable
{
    private readonly RotationPlanner _planner = new(options);
    private readonly HashSet<string> _doubted = new(StringComparer.Ordinal);
    private readonly HashSet<string> _growing = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ContentFact> _earlier = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<ContentFact>> _contents = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Id, long Modified, long Size), List<ContentFact>> _known = [];
    private readonly HashSet<FamilyProgress> _halted = [];
    private FileCheckpoint _checkpoint = FileCheckpoint.Empty;
    private ProbeFacts _facts = new(0, []);
    private ServerFacts? _server;
    private List<FamilyProgress> _families = [];
    private List<(FamilyProgress Family, ReadStep Step)> _steps = [];
    private StretchReader? _reader;

    /// <summary>So much of a file is taken before a batch ends in it, unless the file ends before: all files of a log may begin with the same lines. In bytes.</summary>
    public long HeadingLength { get; init; } = FamilyLook.HeadingLength;

    /// <summary>What is lost, and was told in a checkpoint that is kept.</summary>
    public List<LogGap> Gaps { get; } = [];

    /// <summary>What could not be read, by path.</summary>
    public Dictionary<string, ReadEnd> Failures { get; } = new(StringComparer.Ordinal);

    public int Rotations { get; private set; }

    public long CutLines { get; private set; }

    public long BytesRead { get; private set; }

    /// <summary>Files that lines were taken of.</summary>
    public HashSet<string> FilesRead { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether files changed while they were read, so that another look at them is needed.</summary>
    public bool NeedsAnotherLook { get; private set; }

    /// <summary>Whether it is known how far the source was collected.</summary>
    public bool IsLoaded { get; private set; }

    /// <summary>What is to be read, in this order.</summary>
    public IReadOnlyList<ReadStep> Steps => [.. _steps.Select(step => step.Step)];

    /// <summary>How far the files are read.</summary>
    public FileCheckpoint Checkpoint => _checkpoint;

    /// <summary>Reads how far the source was collected.</summary>
    /// <exception cref="ProdOpsException">What is kept is not a checkpoint of files.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        string? json = await writer.LoadAsync(cancellationToken).ConfigureAwait(false);
        _checkpoint = json is null ? FileCheckpoint.Empty : FileCheckpoint.TryParse(json) ?? throw LoggingErrors.CheckpointNotUnderstood(writer.Stream);
        IsLoaded = true;
    }

    /// <summary>Decides what to do about the files.</summary>
    /// <param name="server">What a look at the server has found.</param>
    /// <param name="patterns">Which files of these are the source's.</param>
    /// <param name="isLast">Whether there is no look after this one.</param>
    /// <returns>What has to be looked at first. Nothing: the steps are there.</returns>
    public IReadOnlyList<ContentWish> Decide(ServerFacts server, FilePatterns patterns, bool isLast = false)
    {
        NeedsAnotherLook = false;
        _steps = [];
        FileFact[] files = [.. server.Files.Where(file => patterns.Matches(file.Path))];
        if (!ReferenceEquals(server, _server))
        {
            // What was read of a file at an earlier look may be another's by now, with its name and its number: numbers of removed files are given away at once.
            _contents.Clear();
            foreach (var file in files)
                if (_known.TryGetValue(KeyOf(file), out var known)) _contents[file.Path] = [.. known];
        }

        _server = server;
        _facts = new ProbeFacts(server.Now, files)
        {
            IsLog = patterns.IsLog,
            Contents = _contents,
            Earlier = _earlier,
            Growing = _growing,
            Unsteady = server.Unsteady,
            IsLast = isLast,
            Doubted = _doubted,
        };
        var plan = _planner.Decide(_checkpoint, _facts);
        if (plan.Wishes.Count > 0) return plan.Wishes;
        _families = [.. plan.Families.Select(family => new FamilyProgress(family))];
        _halted.Clear();
        _steps = [.. _families.SelectMany(family => family.Plan.Steps.Select(step => (family, step)))];
        return [];
    }

    /// <summary>Takes what was wished for.</summary>
    /// <param name="wish">The wish.</param>
    /// <param name="content">What was found.</param>
    /// <param name="isLast">Whether files that keep changing are taken as they are.</param>
    /// <returns>False if the file was renamed, removed or written to since the server was looked at, so that nothing can be decided.</returns>
    public bool Look(ContentWish wish, ContentFact? content, bool isLast)
    {
        var file = wish.File;
        if (wish.LooksAgain)
        {
            if (content is not null) _earlier[file.Path] = content;
            return false;
        }

        // A number may have been given to another file meanwhile. A log itself grows.
        if (content is null || content.Id != file.Id) return false;
        // It does not shrink: then it was cut, and what is read of it now is not of what was looked at.
        if (!file.IsPacked && content.Size < file.Size) return false;
        bool isSame = (content.Size, content.ModifiedSecond) == (file.Size, file.ModifiedSecond);
        if (!isSame && !isLast && !IsLive(file)) return false;
        if (!_contents.TryGetValue(file.Path, out var contents)) _contents[file.Path] = contents = [];
        contents.RemoveAll(old => old.TailEnd == wish.TailEnd || old.Id != file.Id);
        contents.Add(content);
        // With the time and the size of one that nobody has written to for a while, it is that file, whatever it is called later.
        if (isSame && file.Modified <= _facts.Now - FamilyLook.Granularity) _known[KeyOf(file)] = [.. contents];
        return true;
    }

    public bool Wants(int step) => !_halted.Contains(_steps[step].Family);

    public void Begin(int step, ReadOnlySpan<byte> head)
    {
        _reader?.Dispose();
        _reader = new StretchReader(_steps[step].Step);
        _reader.Begin(head);
        writer.TimeReference = ReferenceOf(_reader.Step);
        if (!_reader.IsOther) _steps[step].Family.Begin(_reader.Step);
    }

    public async Task TakeAsync(int step, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (_reader is not { IsOther: false } reader || !Wants(step)) return;
        long before = reader.Mark.Offset;
        reader.Take(bytes.Span, writer.Lines);
        await AdvanceAsync(step, before, cancellationToken).ConfigureAwait(false);
    }

    public async Task EndAsync(int step, ReadEnd end, CancellationToken cancellationToken)
    {
        var (family, work) = _steps[step];
        var reader = _reader;
        _reader = null;
        if (!Wants(step)) end = ReadEnd.Complete;
        else if (reader?.IsOther == true || (end == ReadEnd.Complete && reader?.IsShort == true)) Doubt(family, work.File);
        else if (end == ReadEnd.Changed)
        {
            if (reader is null || reader.Mark == work.From) Restore(family);
            if (work.IsFixed) _growing.Add(work.File.Path);
            _earlier.Remove(work.File.Path);
            Halt(family, looksAgain: true);
        }
        else if (end == ReadEnd.Denied)
        {
            Failures[work.File.Path] = end;
            Halt(family, looksAgain: false);
        }
        else
        {
            if (end is ReadEnd.Damaged or ReadEnd.NoTool)
            {
                // What follows does not wait for what nobody can read.
                Failures[work.File.Path] = end;
                if (reader is null) family.Begin(work);
            }

            long before = reader?.Mark.Offset ?? 0;
            if (work.TakesPartialLine) reader?.TakeRest(writer.Lines);
            if (reader is not null) await AdvanceAsync(step, before, cancellationToken, reader).ConfigureAwait(false);
            if (work.IsFinal && !work.TakesPartialLine && reader?.HasPartialLine == true) Halt(family, looksAgain: false);
            else End(family, work);
        }

        CutLines += reader?.CutLines ?? 0;
        reader?.Dispose();
        bool isOther = step + 1 < _steps.Count && ReferenceOf(_steps[step + 1].Step) != ReferenceOf(work);
        if (isOther && writer.Lines.Length > 0) await WriteAsync(Now(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Times without a year are completed by the file's last change: lines of an old file go in a batch of their own.</summary>
    private static DateTimeOffset? ReferenceOf(ReadStep step) => step.IsFinal || step.Kind == StepKind.Trailing ? DateTimeOffset.UnixEpoch.AddMicroseconds(step.File.Modified) : null;

    /// <summary>A step that has nothing to read.</summary>
    public void Skip(int step)
    {
        var (family, work) = _steps[step];
        if (!Wants(step)) return;
        family.Begin(work);
        End(family, work);
    }

    /// <summary>Keeps what is there, and how far the files are read.</summary>
    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        var next = Now();
        // That time has passed alone is not worth a write, unless the time before was too close to the last line's.
        bool isFresh = _checkpoint.Families.Any(family => FamilyLook.IsFresh(family.Active, family.Time ?? _checkpoint.Time));
        if (isFresh || writer.Lines.Length > 0 || (next with { Time = _checkpoint.Time }).ToJson() != _checkpoint.ToJson()) await WriteAsync(next, cancellationToken).ConfigureAwait(false);
        _checkpoint = next;
    }

    public void Dispose() => _reader?.Dispose();

    private async Task AdvanceAsync(int step, long before, CancellationToken cancellationToken, StretchReader? reader = null)
    {
        reader ??= _reader!;
        var (family, work) = _steps[step];
        if (reader.Mark.Offset == before) return;
        family.Advance(work, reader.Mark);
        BytesRead += reader.Mark.Offset - before;
        FilesRead.Add(work.File.Path);
        // A checkpoint in a heading that other files have, too, would not tell which file it is of.
        bool goesOn = work.To is not { } end || reader.Mark.Offset < end;
        if (writer.IsFull && !(goesOn && reader.Mark.Offset <= HeadingLength)) await WriteAsync(Now(), cancellationToken).ConfigureAwait(false);
    }

    private FileCheckpoint Now() => new() { Time = _facts.Now, Families = [.. _families.Select(family => family.Certain(Before(family))).OfType<FamilyState>()] };

    private async Task WriteAsync(FileCheckpoint checkpoint, CancellationToken cancellationToken)
    {
        await writer.CommitAsync(checkpoint.ToJson(), cancellationToken).ConfigureAwait(false);
        Gaps.AddRange(_families.Select(family => family.Gap).OfType<LogGap>().Except(Gaps));
    }

    private void End(FamilyProgress family, ReadStep step)
    {
        family.End(step);
        if (step is { Kind: StepKind.Active, IsFinal: true }) Rotations++;
    }

    private bool IsLive(FileFact file) => file.Packing == Packing.None && !RotatedName.ReadingsOf(file.Path).Any(reading => reading.IsMarked);

    private static (string Id, long Modified, long Size) KeyOf(FileFact file) => (file.Id, file.Modified, file.Size);

    private void Doubt(FamilyProgress family, FileFact file)
    {
        _doubted.Add(file.Id);
        _contents.Remove(file.Path);
        _earlier.Remove(file.Path);
        _known.Remove(KeyOf(file));
        Restore(family);
        Halt(family, looksAgain: true);
    }

    private void Restore(FamilyProgress family) => family.TakeBack(Before(family));

    private FamilyState? Before(FamilyProgress family) =>
        _checkpoint.Families.FirstOrDefault(before => before.Path == family.State?.Path) is { } state ? state with { Time = state.Time ?? _checkpoint.Time } : null;

    private void Halt(FamilyProgress family, bool looksAgain)
    {
        _halted.Add(family);
        NeedsAnotherLook |= looksAgain;
    }
}
