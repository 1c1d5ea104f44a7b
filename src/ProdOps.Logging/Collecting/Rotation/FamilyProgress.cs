namespace ProdOps.Logging.Collecting.Rotation;

/// <summary>The state of one log while the steps of a plan are carried out. What it says at any moment is what a checkpoint may say then.</summary>
/// <param name="plan">The plan.</param>
internal sealed class FamilyProgress(FamilyPlan plan)
{
    private const int MaximumTrailing = 4;

    // Where nothing is read of the active file, the planner has made sure of it.
    private bool _isProved = !plan.Steps.Any(step => step.Kind == StepKind.Active);

    public FamilyPlan Plan => plan;

    /// <summary>The state; <see langword="null"/> if there is nothing left of the log.</summary>
    public FamilyState? State { get; private set; } = plan.State;

    /// <summary>
    /// What a checkpoint may say now. Until the active file is proved to be the one that it was taken for, what follows from that is left out: the process may be
    /// killed before it is.
    /// </summary>
    /// <param name="before">The state before the plan was made.</param>
    public FamilyState? Certain(FamilyState? before)
    {
        if (_isProved || before is null || State is not { } state || plan.State is not { } planned) return State;
        if (state.Active.Offset != before.Active.Offset || state.Active.Tail != before.Active.Tail) return state;
        return state with { Active = before.Active, Done = [.. before.Done, .. state.Done.Except(planned.Done)] };
    }

    /// <summary>The active file was not found to be what it was taken for: what was concluded from that does not hold.</summary>
    /// <param name="before">The state before the plan was made.</param>
    public void Doubt(FamilyState? before)
    {
        if (before is not null && State is { } state && state.Active.Offset == before.Active.Offset && state.Active.Tail == before.Active.Tail)
            State = state with { Active = before.Active, Done = before.Done };
    }

    /// <summary>A step begins: its file is the one being read.</summary>
    public void Begin(ReadStep step)
    {
        if (step.Kind == StepKind.Active) State = State! with { Active = step.From with { Size = step.File.Size, Modified = step.File.Modified } };
    }

    /// <summary>Lines were taken.</summary>
    /// <param name="step">The step they were of.</param>
    /// <param name="mark">How far its file is read now.</param>
    public void Advance(ReadStep step, FileMark mark)
    {
        mark = mark with { Size = Math.Max(step.File.IsPacked ? 0 : step.File.Size, mark.Offset), Modified = step.File.Modified };
        State = step.Kind == StepKind.Active ? State! with { Active = mark } : State! with { Trailing = [.. State.Trailing.Select(trailing => trailing.Id == mark.Id ? mark : trailing)] };
    }

    /// <summary>A step came to the end of its file.</summary>
    public void End(ReadStep step)
    {
        _isProved |= step.Kind == StepKind.Active;
        var state = State!;
        var mark = step.Kind == StepKind.Active ? state.Active : state.Trailing.FirstOrDefault(trailing => trailing.Id == step.From.Id) ?? step.From;
        if (step.File.IsPacked)
        {
            mark = mark with { PackedSize = step.File.Size };
            state = step.Kind == StepKind.Active ? state with { Active = mark } : state with { Trailing = [.. state.Trailing.Where(trailing => trailing.Id != mark.Id)] };
        }

        if ((step.Kind == StepKind.Trailing && (step.File.IsPacked || step.From.Offset == 0)) || (step.Kind == StepKind.Active && step.IsFinal))
            state = state with { Done = [.. state.Done.Where(done => !done.Is(step.File)), DoneFile.Of(step.File, mark)] };
        // Its writer may not have opened the new one yet.
        if (step is { Kind: StepKind.Active, IsFinal: true, File.IsPacked: false })
            state = state with { Trailing = [.. state.Trailing.Where(trailing => trailing.Id != mark.Id).Append(mark).TakeLast(MaximumTrailing)] };
        State = state;
    }
}
