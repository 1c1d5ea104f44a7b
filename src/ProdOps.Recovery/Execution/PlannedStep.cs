using ProdOps.Recovery.Plans;
using ProdOps.Servers.Inventory;

namespace ProdOps.Recovery.Execution;

/// <summary>A step as it is carried out: with the plan that it stands in, and the server that it is done on.</summary>
/// <param name="Owner">The plan.</param>
/// <param name="Step">The step, by its name in the run.</param>
/// <param name="Server">The server.</param>
/// <param name="IsSkipped">Whether it is left out.</param>
internal sealed record PlannedStep(RecoveryPlan Owner, RecoveryStep Step, Server Server, bool IsSkipped)
{
    /// <summary>Gets whether it would restore what a first installation has no backup of.</summary>
    public bool HasNoBackup { get; init; }

    /// <summary>Why it is left out, where it is not because others were named.</summary>
    public string? Reason => HasNoBackup ? "a first installation: there is no backup to restore from" : null;
}

/// <summary>All that a plan comes to: plans within it taken in, servers found, and what a drill leaves out or does otherwise.</summary>
internal sealed class PlanExpansion(ProdOpsEnvironment environment, Server target, RecoveryPlan root, bool isDrill)
{
    private readonly List<string> _path = [];

    /// <summary>Steps that restore the latest take the latest from before this moment.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>Whether there are no backups yet: what restores from one is left out.</summary>
    public bool IsFirstInstallation { get; init; }

    /// <summary>The steps; names of those of plans within are <c>step/step</c>.</summary>
    /// <param name="only">The steps that are wanted; none for all.</param>
    /// <exception cref="ProdOpsException">Plans call for each other, or one has errors.</exception>
    public IReadOnlyList<PlannedStep> Expand(IReadOnlyList<string> only)
    {
        var steps = Expand(root, "", []).ToArray();
        foreach (string name in only)
            if (!steps.Any(step => IsNamed(step, name))) throw RecoveryErrors.StepNotFound(root.Name, name, Nearest.Find(name, steps.Select(step => step.Step.Name)));
        return Bridged([.. steps.Select(step => step with { IsSkipped = step.IsSkipped || (only.Count > 0 && !only.Any(name => IsNamed(step, name))) })]);
    }

    /// <summary>What waits for a step that is left out waits for those that that one would have waited for: leaving one out changes no order.</summary>
    private static PlannedStep[] Bridged(PlannedStep[] steps)
    {
        var skipped = steps.Where(step => step.IsSkipped).ToDictionary(step => step.Step.Name, step => step.Step.DependsOn, StringComparer.OrdinalIgnoreCase);
        return skipped.Count == 0 ? steps : [.. steps.Select(step => step with { Step = step.Step with { DependsOn = [.. Before(step.Step)] } })];

        IEnumerable<string> Before(RecoveryStep step)
        {
            var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            var left = new Queue<string>(step.DependsOn);
            while (left.TryDequeue(out string? name))
            {
                if (!seen.Add(name)) continue;
                if (!skipped.TryGetValue(name, out var before)) yield return name;
                else foreach (string one in before) left.Enqueue(one);
            }
        }
    }

    private static bool IsNamed(PlannedStep step, string name) =>
        step.Step.Name.Equals(name, StringComparison.OrdinalIgnoreCase) || step.Step.Name.StartsWith(name + "/", StringComparison.OrdinalIgnoreCase);

    private IEnumerable<PlannedStep> Expand(RecoveryPlan plan, string prefix, IReadOnlyList<string> waits)
    {
        if (_path.Contains(plan.Name, StringComparer.OrdinalIgnoreCase)) throw RecoveryErrors.PlanCycle([.. _path, plan.Name]);
        _path.Add(plan.Name);
        var all = new List<PlannedStep>();
        foreach (var given in plan.Steps)
        {
            var step = Timed(Drilled(given));
            string name = prefix + step.Name;
            string[] before = step.DependsOn.Count > 0 ? [.. step.DependsOn.Select(one => prefix + one)] : [.. waits];
            bool hasNoBackup = IsFirstInstallation && step.Kind is RecoveryStepKind.Restore or RecoveryStepKind.Database;
            bool skipped = hasNoBackup || isDrill && (given.Drill == RecoveryDrillMode.Skip || step.Kind is RecoveryStepKind.LoadBalancer or RecoveryStepKind.Address or RecoveryStepKind.Publish);
            if (step.Kind == RecoveryStepKind.Plan && !skipped)
            {
                var inner = Expand(PlanReader.Read(PlanFiles.PathOf(environment, step.Plan), environment).Require(), name + "/", before).ToArray();
                all.AddRange(inner);
                before = [.. inner.Select(one => one.Step.Name), .. before];
                step = step with { Kind = RecoveryStepKind.Verify };
            }

            all.Add(new PlannedStep(plan, step with { Name = name, DependsOn = before }, ServerOf(plan, step), skipped) { HasNoBackup = hasNoBackup });
        }

        _path.RemoveAt(_path.Count - 1);
        return all;
    }

    private RecoveryStep Drilled(RecoveryStep step) => isDrill && step is { Drill: RecoveryDrillMode.Substitute, Substitute: { } other } ? other with { Name = step.Name, DependsOn = step.DependsOn, On = step.On } : step;

    /// <summary>A step that names a snapshot, or an earlier moment, knows better.</summary>
    private RecoveryStep Timed(RecoveryStep step) => Before is { } before && step.Kind is RecoveryStepKind.Restore or RecoveryStepKind.Database && step.Snapshot.StartsWith("latest", StringComparison.OrdinalIgnoreCase) && !(step.Before < before)
        ? step with { Before = before } : step;

    private Server ServerOf(RecoveryPlan plan, RecoveryStep step)
    {
        string name = step.On.Length > 0 ? step.On : plan.Server;
        if (name.Equals(root.Server, StringComparison.OrdinalIgnoreCase)) return target;
        if (name.Equals("localhost", StringComparison.OrdinalIgnoreCase)) return ServerResolver.Local;
        return environment.Servers.First(server => server.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
    }
}
