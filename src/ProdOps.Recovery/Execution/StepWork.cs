using ProdOps.Recovery.Execution.Steps;

namespace ProdOps.Recovery.Execution;

/// <summary>A kind of step: looks how things are, and does what is missing. Looking changes nothing.</summary>
internal abstract class StepWork(StepContext context)
{
    protected StepContext Context => context;

    protected RecoveryStep Step => context.Step;

    /// <summary>Whether doing it twice comes to the same as doing it once.</summary>
    public virtual bool IsIdempotent => true;

    /// <summary>Whether an attempt leaves a job on the server that says how it ended.</summary>
    public virtual bool HasJob => false;

    /// <summary>What would be changed, a line each; none if all is as it must be.</summary>
    public abstract Task<IReadOnlyList<string>> LookAsync(CancellationToken cancellationToken);

    /// <summary>Does it.</summary>
    /// <param name="missing">What looking has found, never empty.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>What was printed, if anything.</returns>
    public abstract Task<string> ActAsync(IReadOnlyList<string> missing, CancellationToken cancellationToken);

    public static StepWork Of(StepContext context) => context.Step.Kind switch
    {
        RecoveryStepKind.Package => new PackageWork(context),
        RecoveryStepKind.File => new FileWork(context),
        RecoveryStepKind.Repository => new RepositoryWork(context),
        RecoveryStepKind.Directory => new DirectoryWork(context),
        RecoveryStepKind.Group => new GroupWork(context),
        RecoveryStepKind.User => new UserWork(context),
        RecoveryStepKind.Service => new ServiceWork(context),
        RecoveryStepKind.Command => new CommandWork(context),
        RecoveryStepKind.Restore => new RestoreWork(context),
        RecoveryStepKind.Database => new DatabaseWork(context),
        RecoveryStepKind.Sql => new SqlWork(context),
        RecoveryStepKind.LoadBalancer or RecoveryStepKind.Address or RecoveryStepKind.Publish => new BalancerWork(context),
        RecoveryStepKind.Wait => new WaitWork(context),
        RecoveryStepKind.Manual => new ManualWork(context),
        RecoveryStepKind.Verify => new VerifyWork(context),
        _ => throw RecoveryErrors.Unsupported(context.Step.Name, context.Step.Kind, "a plan within a plan is expanded before."),
    };
}
