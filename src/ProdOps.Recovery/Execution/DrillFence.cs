namespace ProdOps.Recovery.Execution;

/// <summary>Keeps a drill away from what is in use: it is carried out on a spare host and nowhere else.</summary>
internal static class DrillFence
{
    /// <summary>A drill stays on a spare host.</summary>
    /// <exception cref="ProdOpsException">The target is none, or a step would be done elsewhere.</exception>
    public static void Require(ProdOpsEnvironment environment, RecoveryPlan plan, Server target, IReadOnlyList<PlannedStep> steps)
    {
        if (Refusal(environment, plan, target) is { } refusal) throw refusal;
        Check(plan, target, steps);
    }

    /// <summary>Why a host cannot be the spare one; <see langword="null"/> if it can. A server that has a part in the environment never can, whatever is forced.</summary>
    public static ProdOpsException? Refusal(ProdOpsEnvironment environment, RecoveryPlan plan, Server target)
    {
        if (target.IsLocal) return RecoveryErrors.DrillTarget(plan.Name, target.Name, "it is the machine at hand");
        var same = environment.Servers.FirstOrDefault(server => server.Name.Equals(target.Name, StringComparison.OrdinalIgnoreCase) || (server.Address ?? server.Name).Equals(target.Address ?? target.Name, StringComparison.OrdinalIgnoreCase) && server.Ssh.Port == target.Ssh.Port);
        if (same is null) return null;
        bool works = same.Name.Equals(plan.Server, StringComparison.OrdinalIgnoreCase) || same.Services.Count > 0 || environment.Backups.Any(set => set.Server.Contains(same.Name, StringComparer.OrdinalIgnoreCase))
            || environment.LoadBalancers.Any(entry => entry.Servers.Concat(entry.Pool).Contains(same.Name, StringComparer.OrdinalIgnoreCase));
        return works ? RecoveryErrors.DrillTarget(plan.Name, target.Name, $"it is '{same.Name}' of the environment, which is in use") : null;
    }

    /// <summary>Steps elsewhere than on the spare host must say what becomes of them in a drill: they would be done on servers that are in use.</summary>
    /// <exception cref="ProdOpsException">A step does not.</exception>
    public static void Check(RecoveryPlan plan, Server target, IReadOnlyList<PlannedStep> steps)
    {
        var outside = steps.Where(step => !step.IsSkipped && !ReferenceEquals(step.Server, target) && step.Step.Kind is not (RecoveryStepKind.Verify or RecoveryStepKind.Wait or RecoveryStepKind.Manual)).ToArray();
        if (outside.Length > 0) throw RecoveryErrors.DrillOutside(plan.Name, [.. outside.Select(step => $"{step.Step.Name} on {step.Server.Name}")]);
    }
}
