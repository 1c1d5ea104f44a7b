using ProdOps.Recovery.Execution.Steps;

namespace ProdOps.Recovery.Execution;

/// <summary>What a run would do, step by step, as the servers are now.</summary>
internal sealed class PlanPreview(RecoveryPlan plan, IReadOnlyList<PlannedStep> steps, IReadOnlyDictionary<string, TimeSpan> learnt, ProdOpsEnvironment environment, IRecoveryAccess access, IActivity activity, TimeProvider time)
{
    public async IAsyncEnumerable<RecoveryRunStep> LookAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var planned in steps)
        {
            var step = planned.Step;
            var result = new RecoveryRunStep { Plan = plan.Name, Step = step.Name, Kind = step.Kind, Server = planned.Server.Name, Expected = step.Expected ?? (learnt.TryGetValue(step.Name, out var took) ? took : null) };
            if (planned.IsSkipped)
            {
                yield return result with { State = RecoveryStepState.Skipped, Message = planned.Reason ?? "" };
                continue;
            }

            IReadOnlyList<string> changes = [];
            string message = "";
            try
            {
                var context = new StepContext(planned.Owner, step, planned.Server, environment, access, activity, time);
                changes = await StepWork.Of(context).LookAsync(cancellationToken).ConfigureAwait(false);
                if (step.Kind == RecoveryStepKind.Verify && await StepChecks.RunAsync(context, cancellationToken).ConfigureAwait(false) is { } bad) (changes, message) = ([""], $"not well yet: {bad}");
            }
            catch (ProdOpsException error) when (!cancellationToken.IsCancellationRequested)
            {
                // A database that is not installed yet cannot be asked what is in it.
                (changes, message) = ([""], $"cannot be told before the steps above are done: {error.Message}");
            }

            yield return result with { State = changes.Count == 0 ? RecoveryStepState.AlreadyOk : RecoveryStepState.Planned, Changes = message.Length == 0 ? changes : [], Message = message };
        }
    }
}
