using ProdOps.Servers.Inventory;
using ProdOps.Servers.Inventory.Data;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Recovery.Plans;

/// <summary>Whether what a plan names is there: servers, backup sets, load balancers, other plans, files beside it.</summary>
internal sealed class PlanReferences(ProdOpsEnvironment environment, RecoveryPlan plan, List<EnvironmentProblem> problems)
{
    public void Check(TableValues values, IReadOnlyList<PlanStepEntry> entries)
    {
        if (plan.Server.Length > 0) Find("The plan", "server", plan.Server, environment.Servers.Select(server => server.Name), values.PositionOf(PlanRoot.Server), "Server");
        for (int i = 0; i < entries.Count; i++) CheckStep(entries[i].Values, entries[i].Step, $"Steps[{i}]");
    }

    private void CheckStep(TableValues values, RecoveryStep step, string key)
    {
        var servers = environment.Servers.Select(server => server.Name);
        if (step.On.Length > 0 && !step.On.Equals("localhost", StringComparison.OrdinalIgnoreCase)) Find(step.Name, "server", step.On, servers, values.PositionOf(PlanSteps.On), $"{key}.On");
        if (step.From.Length > 0) Find(step.Name, "server", step.From, servers, values.PositionOf(PlanSteps.From), $"{key}.From");
        if (step.Set.Length > 0) Find(step.Name, "backup set", step.Set, environment.Backups.Select(set => set.Name), values.PositionOf(step.Kind == RecoveryStepKind.Restore ? PlanSteps.Restore : PlanSteps.Set), $"{key}.Set");
        if (step.LoadBalancer.Length > 0)
            Find(step.Name, "load balancer", step.LoadBalancer, environment.LoadBalancers.Select(balancer => balancer.Name), values.PositionOf(step.Kind switch { RecoveryStepKind.Address => PlanSteps.Address, RecoveryStepKind.Publish => PlanSteps.Publish, _ => PlanSteps.LoadBalancer }), $"{key}.{(step.Kind == RecoveryStepKind.Publish ? "Publish" : "LoadBalancer")}");
        if (step.Plan.Length > 0) Find(step.Name, "plan", step.Plan, PlanFiles.Names(environment), values.PositionOf(PlanSteps.Plan), $"{key}.Plan");
        foreach (var file in step.Files.Where(file => file.Source is not null && !File.Exists(PlanFiles.SourceOf(plan, file))))
            problems.Add(PlanProblems.SourceMissing(values.Position, step.Name, file.Source!) with { Key = $"{key}.File" });
        if (step.Substitute is { } substitute) CheckStep(values, substitute, $"{key}.Drill");
    }

    private void Find(string step, string what, string name, IEnumerable<string> known, SourcePosition position, string key)
    {
        string[] names = [.. known];
        if (!names.Contains(name, StringComparer.OrdinalIgnoreCase)) problems.Add(PlanProblems.Unknown(position, step, what, name, Nearest.Find(name, names)) with { Key = key });
    }
}
