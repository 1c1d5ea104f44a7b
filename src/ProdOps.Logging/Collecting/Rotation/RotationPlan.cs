namespace ProdOps.Logging.Collecting.Rotation;

/// <summary>What to do about a source's files.</summary>
internal sealed record RotationPlan
{
    /// <summary>What has to be looked at first; if there is anything, the rest of the plan is empty.</summary>
    public IReadOnlyList<ContentWish> Wishes { get; init; } = [];

    /// <summary>What to do for each log, in the order of their paths.</summary>
    public IReadOnlyList<FamilyPlan> Families { get; init; } = [];
}

/// <summary>What to do about one log.</summary>
/// <param name="State">Its state before the first step; <see langword="null"/> if there is nothing left of it.</param>
internal sealed record FamilyPlan(FamilyState? State)
{
    /// <summary>What to read, in this order.</summary>
    public IReadOnlyList<ReadStep> Steps { get; init; } = [];

    /// <summary>What is lost.</summary>
    public LogGap? Gap { get; init; }

    /// <summary>Whether nothing is done about it this time: not all of its files are known.</summary>
    public bool IsLeft { get; init; }
}

/// <summary>A stretch of a file to read.</summary>
/// <param name="File">The file.</param>
/// <param name="From">How far it was read, and what the bytes before must be.</param>
internal sealed record ReadStep(FileFact File, FileMark From)
{
    /// <summary>Where to stop; <see langword="null"/> for a packed file, which is read to its end.</summary>
    public long? To { get; init; }

    /// <summary>What it is to the log.</summary>
    public StepKind Kind { get; init; }

    /// <summary>Whether a last line without its end is taken, with an end added: nobody will write it.</summary>
    public bool TakesPartialLine { get; init; }

    /// <summary>Whether the step after it may begin only when this one came to the end of the file.</summary>
    public bool IsFinal { get; init; }

    /// <summary>
    /// Whether the file's size and time must be what they were when it was looked at: of a file that nothing was read of yet, the number alone tells little,
    /// since it may have been given to another file meanwhile. Of one that grows, <see cref="Head"/> tells it.
    /// </summary>
    public bool IsFixed { get; init; }

    /// <summary>
    /// What the file began with before it was looked at. If it still does when it is read, it was the same file in between, and no other was rotated away that is not in the
    /// plan: a log that is cut, or made anew with the number of one that was packed, is taken for what it was otherwise.
    /// </summary>
    public ReadOnlyMemory<byte> Head { get; init; }

    /// <summary>What stood then before <see cref="TailEnd"/>: all files of a log may begin alike. Nothing where <see cref="Head"/> is all that was known.</summary>
    public ReadOnlyMemory<byte> Tail { get; init; }

    /// <summary>Where <see cref="Tail"/> ends.</summary>
    public long TailEnd { get; init; }

    /// <summary>Copies of the file, whose lines are kept with its own.</summary>
    public IReadOnlyList<DoneFile> Copies { get; init; } = [];

    /// <summary>Whether its reading is left to a later look or round, since nothing is known of it yet.</summary>
    public bool IsPutOff { get; init; }

    /// <summary>How much there is to read, put off or not; of a packed file its own size.</summary>
    public long Behind => To is null || IsPutOff ? File.Size : Length;

    public long Length => Math.Max(0, (To ?? From.Offset) - From.Offset);
}

internal enum StepKind : byte
{
    /// <summary>It is the active file, or becomes it.</summary>
    Active,

    /// <summary>It was rotated away and read before, and has grown since.</summary>
    Trailing,
}

/// <summary>Lines that were written and are gone: their file was deleted, cut or replaced, and no other file has them.</summary>
/// <param name="Path">The log.</param>
/// <param name="Bytes">How many bytes at the least; 0 where nothing tells.</param>
internal sealed record LogGap(string Path, long Bytes);

/// <summary>How logs are read that were not read before.</summary>
/// <param name="FirstWindow">How far back rotated files are taken, by when they were last written to.</param>
internal sealed record RotationOptions(TimeSpan FirstWindow)
{
    public static RotationOptions Default { get; } = new(TimeSpan.FromDays(7));
}
