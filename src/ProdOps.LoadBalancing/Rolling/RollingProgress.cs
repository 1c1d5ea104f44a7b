namespace ProdOps.LoadBalancing.Rolling;

/// <summary>How far a server is, by what the journal says of it.</summary>
internal sealed record RollingProgress
{
    /// <summary>What it was before it was taken out the first time.</summary>
    public BackendServerState? Before { get; init; }

    /// <summary>True once the script has begun, be it that it ended or not.</summary>
    public bool IsTouched { get; init; }

    /// <summary>True once all of it is done.</summary>
    public bool IsDone { get; init; }

    /// <summary>The phase from which it goes on.</summary>
    public RollingUpdatePhase Next { get; init; }

    /// <summary>True if the script of this pass had begun, and nobody knows whether it ended.</summary>
    public bool IsUncertain { get; init; }

    /// <summary>How far a server is.</summary>
    /// <param name="records">The whole journal.</param>
    /// <param name="server">The server.</param>
    /// <param name="undo">True to look at the undoing instead of the update.</param>
    public static RollingProgress Of(IReadOnlyList<RollingRecord> records, string server, bool undo)
    {
        var progress = new RollingProgress { Next = RollingUpdatePhase.Drain };
        bool undoing = false;
        foreach (var record in records)
        {
            if (record.Mark == RollingMark.UndoBegun) undoing = true;
            if (record.Server != server) continue;
            if (progress.Before is null && record.Before is { } before) progress = progress with { Before = before };
            if (undoing == undo) progress = After(progress, record);
            else if (record is { Phase: RollingUpdatePhase.Update, Mark: RollingMark.Begun } && undo) progress = progress with { IsTouched = true };
        }

        return progress;
    }

    private static RollingProgress After(RollingProgress progress, RollingRecord record) => record.Mark switch
    {
        RollingMark.Begun when record.Phase is RollingUpdatePhase.Update or RollingUpdatePhase.Undo => progress with { IsTouched = true, IsUncertain = true },
        RollingMark.Begun when record.Phase is RollingUpdatePhase.Enable or RollingUpdatePhase.Settle => progress with { Next = record.Phase },
        RollingMark.Begun => progress,
        // That it is out is made sure each time; it takes nothing back of what was done since.
        RollingMark.Done when record.Phase == RollingUpdatePhase.Drain && progress.Next == RollingUpdatePhase.Check => progress,
        RollingMark.Done => progress with
        {
            Next = Following(record.Phase), IsDone = record.Phase == RollingUpdatePhase.Settle,
            IsUncertain = progress.IsUncertain && record.Phase == RollingUpdatePhase.Drain,
        },
        // What failed is begun anew, for something was changed since.
        _ => progress with { Next = RollingUpdatePhase.Drain, IsUncertain = false, IsDone = false },
    };

    private static RollingUpdatePhase Following(RollingUpdatePhase phase) => phase switch
    {
        RollingUpdatePhase.Drain => RollingUpdatePhase.Update,
        RollingUpdatePhase.Update or RollingUpdatePhase.Undo => RollingUpdatePhase.Check,
        RollingUpdatePhase.Check => RollingUpdatePhase.Enable,
        _ => RollingUpdatePhase.Settle,
    };
}
