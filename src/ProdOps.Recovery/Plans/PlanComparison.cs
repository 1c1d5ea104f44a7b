namespace ProdOps.Recovery.Plans;

/// <summary>What differs between two plans, or two revisions of one: step by step, by their names.</summary>
internal static class PlanComparison
{
    public static IEnumerable<RecoveryPlanDifference> Compare(RecoveryPlan before, RecoveryPlan after)
    {
        string head = PlanWriter.Write(before with { Name = "", Steps = [] }), newHead = PlanWriter.Write(after with { Name = "", Steps = [] });
        if (head != newHead) yield return Of(before, after, "", RecoveryPlanChange.Changed, head, newHead);
        var old = before.Steps.ToDictionary(step => step.Name, StringComparer.OrdinalIgnoreCase);
        string[] order = [.. before.Steps.Select(step => step.Name).Where(name => after.Steps.Any(step => step.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))];
        foreach (var step in after.Steps)
        {
            if (!old.Remove(step.Name, out var former)) yield return Of(before, after, step.Name, RecoveryPlanChange.Added, "", Text(step));
            else if (Text(former) != Text(step)) yield return Of(before, after, step.Name, RecoveryPlanChange.Changed, Text(former), Text(step));
        }

        foreach (var step in before.Steps.Where(step => old.ContainsKey(step.Name))) yield return Of(before, after, step.Name, RecoveryPlanChange.Removed, Text(step), "");
        string[] now = [.. after.Steps.Select(step => step.Name).Where(name => order.Contains(name, StringComparer.OrdinalIgnoreCase))];
        if (!now.SequenceEqual(order, StringComparer.OrdinalIgnoreCase)) yield return Of(before, after, "", RecoveryPlanChange.Reordered, string.Join(", ", order), string.Join(", ", now));
    }

    /// <summary>A step as its file has it, with all that it waits for.</summary>
    private static string Text(RecoveryStep step)
    {
        string[] lines = PlanWriter.Write(new RecoveryPlan { Name = "", Server = "x", Steps = [step with { DependsOn = [] }] }).Split('\n');
        int from = Array.FindIndex(lines, line => line.Contains("@(", StringComparison.Ordinal)) + 1;
        string waits = step.DependsOn.Count > 0 ? $"\nDependsOn = {string.Join(", ", step.DependsOn)}" : "";
        return string.Join('\n', lines.Skip(from).SkipLast(3).Select(line => line.Length > 8 && line[..8].Trim().Length == 0 ? line[8..] : line)) + waits;
    }

    private static RecoveryPlanDifference Of(RecoveryPlan before, RecoveryPlan after, string step, RecoveryPlanChange change, string was, string now) =>
        new() { Plan = after.Name, Step = step, Change = change, Before = was, After = now, FromRevision = before.Revision, ToRevision = after.Revision };
}
