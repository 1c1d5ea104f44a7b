namespace ProdOps.Logging.Collecting.Rotation;

/// <summary>The state of one log while the steps of a plan are carried out. What it says at any moment is what a checkpoint may say then.</summary>
/// <param name="plan">The plan.</param>
internal sealed class FamilyProgress(FamilyPlan plan)
{
    private const int MaximumTrailing = 4;

    // Where nothing is read of the active file, the planner has made sure of it.
    private bool _isProved = !plan.Steps.Any(step => step.Kind == StepKind.Active);

    // The state at the end of the file that was read last, while nothing is taken of the next one.
    private FamilyState? _place;

    // What was concluded of the active file counts when none of the rotated files that are watched turned out to be another.
    private int _trailingLeft = plan.Steps.Count(step => step.Kind == StepKind.Trailing);

    private bool _isTaken, _isTakenBack;

    public FamilyPlan Plan => plan;

    /// <summary>What is lost, as far as that is certain.</summary>
    public LogGap? Gap => _trailingLeft > 0 || _isTakenBack ? null : plan.Gap;

    /// <summary>The state; <see langword="null"/> if there is nothing left of the log.</summary>
    public FamilyState? State { get; private set; } = plan.State;

    /// <summary>
    /// What a checkpoint may say now. Until something of the active file is taken, it says where reading was before: the process may be killed, and of a file that
    /// nothing was taken of, nothing tells which it was. Its number is given away when it is packed, and logrotate gives the packed one an older time.
    /// </summary>
    /// <param name="before">The state before the plan was made, with the time of the look that it is of.</param>
    public FamilyState? Certain(FamilyState? before)
    {
        if (plan.IsLeft) return before;
        if (_isProved && _trailingLeft == 0) return (_place ?? State) is { } certain ? certain with { Time = null } : null;
        if (before is null || State is not { } state || plan.State is not { } planned) return before;
        // What is lost is told once. What a file's time tells depends on when it was looked at.
        return state with { Time = before.Time, Active = Gap is null ? before.Active : planned.Active, Done = [.. before.Done, .. state.Done.Except(planned.Done).Where(done => !done.IsCopy)] };
    }

    /// <summary>A file was not found to be what it was taken for: what was concluded about the active file does not hold, unless something was taken of that.</summary>
    /// <param name="before">The state before the plan was made.</param>
    public void TakeBack(FamilyState? before)
    {
        if (_isTaken || before is null || State is not { } state) return;
        _isTakenBack = true;
        State = state with { Active = before.Active, Done = before.Done };
    }

    /// <summary>A step begins: its file is the one being read.</summary>
    public void Begin(ReadStep step)
    {
        if (step.Kind != StepKind.Active) return;
        // Of an empty file nothing tells which it was: what is newer than the one that was read before it is looked at all the same.
        long modified = step.From.Offset > 0 ? step.File.Modified : Math.Min(step.File.Modified, State!.Active.Modified);
        // Copies are of the file before, or of this one.
        IReadOnlyList<DoneFile> done = step.From.Offset > 0 ? State!.Done : [.. State!.Done.Select(done => done with { IsCopy = false }), .. step.Copies];
        State = State with { Active = step.From with { Size = step.File.Size, Modified = modified }, Done = done };
    }

    /// <summary>Lines were taken.</summary>
    /// <param name="step">The step they were of.</param>
    /// <param name="mark">How far its file is read now.</param>
    public void Advance(ReadStep step, FileMark mark)
    {
        if (step.Kind == StepKind.Active)
        {
            _isProved = true;
            _isTaken = true;
            _place = null;
        }

        mark = mark with { Size = Math.Max(step.File.IsPacked ? 0 : step.File.Size, mark.Offset), Modified = step.File.Modified };
        State = step.Kind == StepKind.Active ? State! with { Active = mark } : State! with { Trailing = [.. State.Trailing.Select(trailing => trailing.Id == mark.Id ? mark : trailing)] };
    }

    /// <summary>A step came to the end of its file.</summary>
    public void End(ReadStep step)
    {
        var state = State!;
        if (step.Kind == StepKind.Trailing) _trailingLeft--;
        else _isTaken = true;
        // An active file with a line that has no end yet, and nothing before it, is none that was read.
        if (step.Kind == StepKind.Active && (step.IsFinal || step.File.IsPacked || step.File.Size == 0 || state.Active.Offset > 0)) _isProved = true;
        var mark = step.Kind == StepKind.Active ? state.Active : state.Trailing.FirstOrDefault(trailing => trailing.Id == step.From.Id) ?? step.From;
        if (step.File.IsPacked)
        {
            mark = mark with { PackedSize = step.File.Size };
            state = step.Kind == StepKind.Active ? state with { Active = mark } : state with { Trailing = [.. state.Trailing.Where(trailing => trailing.Id != mark.Id)] };
        }

        if (step.Kind == StepKind.Active && step.IsFinal && mark.Offset > 0) _place = state;
        else if (step.Kind == StepKind.Active && !step.IsFinal && (mark.Offset > 0 || step.File.Size == 0)) _place = null;
        if ((step.Kind == StepKind.Trailing && (step.File.IsPacked || step.From.Offset == 0)) || (step.Kind == StepKind.Active && step.IsFinal))
        {
            // What begins a copy that is shorter than what was read of the log, only the look at it tells.
            var copy = state.Done.FirstOrDefault(done => done.IsCopy && done.Is(step.File));
            state = state with { Done = [.. state.Done.Where(done => !done.Is(step.File)), copy is null ? DoneFile.Of(step.File, mark) : copy with { IsCopy = false }] };
        }

        // Its writer may not have opened the new one yet.
        if (step is { Kind: StepKind.Active, IsFinal: true, File.IsPacked: false })
            state = state with { Trailing = [.. state.Trailing.Where(trailing => trailing.Id != mark.Id).Append(mark).TakeLast(MaximumTrailing)] };
        State = state;
    }
}
