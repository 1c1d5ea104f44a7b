using ProdOps.Recovery.Execution.Steps;

namespace ProdOps.Recovery.Execution;

/// <content>One step: its attempts, and what becomes of one that was cut off.</content>
internal sealed partial class RecoveryExecution
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private async Task<RunRecord> DoAsync(PlannedStep planned, CancellationToken cancellationToken)
    {
        var step = planned.Step;
        var last = _last.GetValueOrDefault(step.Name);
        int attempt = last?.Attempt ?? 0;
        if (last?.State == RecoveryStepState.Unknown && await TakeUpAsync(planned, attempt, cancellationToken).ConfigureAwait(false) is { } known) return known;
        for (int turn = 1; ; turn++)
        {
            attempt++;
            long begun = time.GetTimestamp();
            journal.Add(new RunRecord { Step = step.Name, State = RecoveryStepState.Running, Attempt = attempt });
            ProdOpsException error;
            try
            {
                var done = await AttemptAsync(planned, attempt, cancellationToken).ConfigureAwait(false);
                return journal.Add(done with { Duration = time.GetElapsedTime(begun) });
            }
            catch (ProdOpsException failure)
            {
                cancellationToken.ThrowIfCancellationRequested();
                error = failure;
            }

            // A command that was ended from outside has done nobody knows what; one that was left behind may still do it.
            bool unknown = error.ErrorId == "RecoveryCommandLeft" || (error.ErrorId == "RecoveryCommandGone" && !MayRepeat(planned, attempt));
            var record = journal.Add(new RunRecord { Step = step.Name, State = unknown ? RecoveryStepState.Unknown : RecoveryStepState.Failed, Attempt = attempt, Error = error.Message, Duration = time.GetElapsedTime(begun) });
            if (unknown || turn >= step.Attempts)
            {
                await Fail(RecoveryErrors.StepFailed(step.Name, planned.Server.Name, error.Message, error)).ConfigureAwait(false);
                return record;
            }

            await Task.Delay(step.RetryDelay, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<RunRecord> AttemptAsync(PlannedStep planned, int attempt, CancellationToken cancellationToken)
    {
        var step = planned.Step;
        var context = ContextOf(planned, attempt);
        using var late = new CancellationTokenSource(step.Timeout, time);
        // A person takes the time it takes.
        using var limit = step.Kind == RecoveryStepKind.Manual ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken) : CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        var work = StepWork.Of(context);
        bool isConfirmed = step.Kind == RecoveryStepKind.Manual && IsNamed(options.Confirmed, step.Name);
        try
        {
            var missing = isConfirmed ? [] : await work.LookAsync(limit.Token).ConfigureAwait(false);
            string output = "";
            if (missing.Count > 0)
            {
                if (step.Kind == RecoveryStepKind.Manual) journal.Add(new RunRecord { Step = step.Name, State = RecoveryStepState.WaitingManual, Attempt = attempt });
                output = await work.ActAsync(missing, limit.Token).ConfigureAwait(false);
                if (IsState(step.Kind) && await work.LookAsync(limit.Token).ConfigureAwait(false) is { Count: > 0 } left) throw RecoveryErrors.VerifyFailed(step.Name, $"still to be done: {string.Join("; ", left)}");
            }

            await VerifyAsync(planned, context, attempt, limit.Token).ConfigureAwait(false);
            bool ok = missing.Count == 0 && step.Kind != RecoveryStepKind.Verify && !isConfirmed;
            return new RunRecord { Step = step.Name, State = ok ? RecoveryStepState.AlreadyOk : RecoveryStepState.Succeeded, Attempt = attempt, Changes = missing, Message = isConfirmed ? "confirmed before" : null, Output = output.Length > 0 ? output : null };
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            bool ended = !work.HasJob || await TryKillAsync(new ServerJob(context, ServerJob.NameOf(context.Run, step.Name, attempt)), cancellationToken).ConfigureAwait(false);
            throw ended ? RecoveryErrors.JobLate(step.Timeout) : RecoveryErrors.JobLeft(step.Timeout, planned.Server.Name);
        }
    }

    /// <summary>Ends a command; not for ever, since a server that is gone does not come back for it.</summary>
    private async Task<bool> TryKillAsync(ServerJob job, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(options.KillPatience, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            await job.KillAsync(limit.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception error) when (error is OperationCanceledException or ProdOpsException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>What is there when it was made; looking once more is cheap, and proves it.</summary>
    private static bool IsState(RecoveryStepKind kind) => kind is RecoveryStepKind.Package or RecoveryStepKind.File or RecoveryStepKind.Repository or RecoveryStepKind.Directory or RecoveryStepKind.Group or RecoveryStepKind.User or RecoveryStepKind.Service;

    /// <summary>A service that was just started may need a moment until it answers.</summary>
    private async Task VerifyAsync(PlannedStep planned, StepContext context, int attempt, CancellationToken cancellationToken)
    {
        if (planned.Step.Verify.Count == 0) return;
        journal.Add(new RunRecord { Step = planned.Step.Name, State = RecoveryStepState.Verifying, Attempt = attempt });
        long begun = time.GetTimestamp();
        while (await StepChecks.RunAsync(context, cancellationToken).ConfigureAwait(false) is { } bad)
        {
            if (time.GetElapsedTime(begun) >= options.VerifyPatience) throw RecoveryErrors.VerifyFailed(planned.Step.Name, bad);
            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// A step that was cut off: what its command has left on the server tells whether and how it ended; else checks that pass tell that it was done; else it is done again if that does no harm.
    /// </summary>
    /// <returns>What became of it; <see langword="null"/> if it is to be done.</returns>
    private async Task<RunRecord?> TakeUpAsync(PlannedStep planned, int attempt, CancellationToken cancellationToken)
    {
        var step = planned.Step;
        var context = ContextOf(planned, attempt);
        if (IsNamed(options.Redo, step.Name)) return null;
        // A manual one is confirmed as one that had not begun: its checks are made.
        if (step.Kind != RecoveryStepKind.Manual && IsNamed(options.Confirmed, step.Name)) return Adopted("confirmed by a person");
        var work = StepWork.Of(context);
        try
        {
            if (work.HasJob)
            {
                var job = new ServerJob(context, ServerJob.NameOf(context.Run, step.Name, attempt));
                JobLook look;
                while ((look = await job.LookAsync(cancellationToken).ConfigureAwait(false)).State == JobState.Running)
                {
                }

                if (look is { State: JobState.None } or { State: JobState.Ended, Code: not 0 }) return null;
                if (look.State == JobState.Ended && !IsState(step.Kind))
                {
                    await VerifyAsync(planned, context, attempt, cancellationToken).ConfigureAwait(false);
                    return Adopted("its command had gone on and ended well") with { Output = look.Output };
                }
            }

            // What looks before it acts finds out by itself, and a person is asked again.
            if (MayRepeat(planned, attempt) || step.Kind == RecoveryStepKind.Manual) return null;
            if (step.Verify.Count > 0 && await StepChecks.RunAsync(context, cancellationToken).ConfigureAwait(false) is null) return Adopted("its checks pass");
            throw RecoveryErrors.StepUnknown(step.Name);
        }
        catch (ProdOpsException error)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Fail(error.ErrorId == "RecoveryStepUnknown" ? error : RecoveryErrors.StepFailed(step.Name, planned.Server.Name, error.Message, error)).ConfigureAwait(false);
            return journal.Add(new RunRecord { Step = step.Name, State = RecoveryStepState.Unknown, Attempt = attempt, Error = error.Message });
        }

        RunRecord Adopted(string why) => journal.Add(new RunRecord { Step = step.Name, State = RecoveryStepState.Succeeded, Attempt = attempt, Message = $"adopted: {why}" });
    }

    private bool MayRepeat(PlannedStep planned, int attempt) => planned.Step.Idempotent ?? StepWork.Of(ContextOf(planned, attempt)).IsIdempotent;

    private static bool IsNamed(IReadOnlyList<string> names, string step) => names.Contains(step, StringComparer.OrdinalIgnoreCase);
}
