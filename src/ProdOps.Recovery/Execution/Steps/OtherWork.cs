namespace ProdOps.Recovery.Execution.Steps;

/// <summary>The server is taken out of a pool or put back, a floating address is moved, or a balancer gets its configuration.</summary>
internal sealed class BalancerWork(StepContext context) : StepWork(context)
{
    public override Task<IReadOnlyList<string>> LookAsync(CancellationToken cancellationToken) => ChangeAsync(plan: true, cancellationToken);

    public override async Task<string> ActAsync(IReadOnlyList<string> missing, CancellationToken cancellationToken)
    {
        await ChangeAsync(plan: false, cancellationToken).ConfigureAwait(false);
        return "";
    }

    /// <summary>Balancers know the server by its own name, wherever it is built anew.</summary>
    private string Member => Step.On.Length > 0 ? Step.On : Context.Plan.Server;

    private Task<IReadOnlyList<string>> ChangeAsync(bool plan, CancellationToken cancellationToken) => Step.Kind switch
    {
        RecoveryStepKind.Address => Context.Access.MoveAddressAsync(Step, Member, plan, cancellationToken),
        RecoveryStepKind.Publish => Context.Access.PublishAsync(Step, Member, Context.Server, plan, cancellationToken),
        _ => Context.Access.ChangePoolAsync(Step, Member, plan, cancellationToken),
    };
}

/// <summary>Some time passes, or checks pass: those are asked again until they do, as long as the step may take.</summary>
internal sealed class WaitWork(StepContext context) : StepWork(context)
{
    public override async Task<IReadOnlyList<string>> LookAsync(CancellationToken cancellationToken)
    {
        if (Step.Duration is { } wait) return [$"waits {wait:g}"];
        return await StepChecks.RunAsync(Context, cancellationToken).ConfigureAwait(false) is { } bad ? [$"waits until it is well; now: {bad}"] : [];
    }

    public override async Task<string> ActAsync(IReadOnlyList<string> missing, CancellationToken cancellationToken)
    {
        if (Step.Duration is { } wait) await Task.Delay(wait, Context.Time, cancellationToken).ConfigureAwait(false);
        else while (await StepChecks.RunAsync(Context, cancellationToken).ConfigureAwait(false) is not null) await Task.Delay(TimeSpan.FromSeconds(1), Context.Time, cancellationToken).ConfigureAwait(false);
        return "";
    }
}

/// <summary>Checks pass. There is nothing to do for it: the frame of each step makes its checks.</summary>
internal sealed class VerifyWork(StepContext context) : StepWork(context)
{
    public override Task<IReadOnlyList<string>> LookAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([]);

    public override Task<string> ActAsync(IReadOnlyList<string> missing, CancellationToken cancellationToken) => Task.FromResult("");
}

/// <summary>A person does something.</summary>
internal sealed class ManualWork(StepContext context) : StepWork(context)
{
    public override bool IsIdempotent => false;

    public override Task<IReadOnlyList<string>> LookAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>([Step.Who.Length > 0 ? $"asks {Step.Who}: {Step.Text}" : $"asks: {Step.Text}"]);

    public override async Task<string> ActAsync(IReadOnlyList<string> missing, CancellationToken cancellationToken) =>
        await Context.Access.AskAsync(Step, Context.Server.Name, cancellationToken).ConfigureAwait(false) ? "" : throw RecoveryErrors.ManualRefused(Step.Name);
}

/// <summary>Makes a step's checks.</summary>
internal static class StepChecks
{
    /// <summary>What is not well, in words; <see langword="null"/> if all is.</summary>
    public static async Task<string?> RunAsync(StepContext context, CancellationToken cancellationToken)
    {
        foreach (var check in context.Step.Verify)
        {
            // A command is a part of the step, and runs as the step does.
            var named = check with { Name = context.Step.Name, AsRoot = check.AsRoot || (check.Kind == HealthCheckKind.Script && check.RunOn.Length == 0 && context.Step.AsRoot) };
            var results = await context.Access.CheckAsync(named, context.Server, cancellationToken).ConfigureAwait(false);
            if (results.FirstOrDefault(result => result.State != HealthState.OK) is { } bad) return $"{check.Kind} {(check.Target.Length > 80 ? check.Target[..80] + "…" : check.Target)}: {bad.Message}";
        }

        return null;
    }
}
