using ProdOps.Servers.Inventory;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Recovery.Plans;

/// <summary>Which step waits for which: by the file's word, else for the one above. Names must be there, and nothing may wait for itself.</summary>
internal sealed class PlanOrder(List<EnvironmentProblem> problems)
{
    public IReadOnlyList<RecoveryStep> Order(IReadOnlyList<PlanStepEntry> entries)
    {
        var names = new Dictionary<string, PlanStepEntry>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in entries.Where(entry => entry.Step.Name.Length > 0))
        {
            if (!names.TryAdd(entry.Step.Name, entry)) problems.Add(PlanProblems.DuplicateStep(entry.Values.PositionOf(PlanSteps.Name), entry.Step.Name, names[entry.Step.Name].Values.Position) with { Key = "Steps.Name" });
        }

        var steps = new List<RecoveryStep>();
        for (int i = 0; i < entries.Count; i++)
        {
            var (_, step, given) = entries[i];
            string[] waits = given is not null ? [.. Known(step, given, names)] : i > 0 && entries[i - 1].Step.Name.Length > 0 ? [entries[i - 1].Step.Name] : [];
            steps.Add(step with { DependsOn = waits });
        }

        FindCycle(steps, names);
        return [.. steps];
    }

    private IEnumerable<string> Known(RecoveryStep step, IReadOnlyList<Located<string>> given, Dictionary<string, PlanStepEntry> names)
    {
        foreach (var name in given)
        {
            // As the step itself writes it, so that names compare everywhere.
            if (names.TryGetValue(name.Value, out var entry)) yield return entry.Step.Name;
            else problems.Add(PlanProblems.UnknownStep(name.Position, step.Name, name.Value, Nearest.Find(name.Value, names.Keys)) with { Key = "Steps.DependsOn" });
        }
    }

    private void FindCycle(List<RecoveryStep> steps, Dictionary<string, PlanStepEntry> names)
    {
        var waits = steps.DistinctBy(step => step.Name, StringComparer.OrdinalIgnoreCase).ToDictionary(step => step.Name, step => step.DependsOn, StringComparer.OrdinalIgnoreCase);
        var done = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (string start in waits.Keys.Where(name => !done.Contains(name)).ToArray())
        {
            // Depth first with a stack of its own: a file may hold more steps than a thread's stack has room for.
            var path = new List<(string Name, int Next)> { (start, 0) };
            while (path.Count > 0)
            {
                var (name, next) = path[^1];
                if (next == waits[name].Count)
                {
                    done.Add(name);
                    path.RemoveAt(path.Count - 1);
                    continue;
                }

                path[^1] = (name, next + 1);
                string before = waits[name][next];
                int at = path.FindIndex(one => one.Name.Equals(before, StringComparison.OrdinalIgnoreCase));
                if (at >= 0)
                {
                    problems.Add(PlanProblems.StepCycle(names[before].Values.Position, [.. path.Skip(at).Select(one => one.Name), before]) with { Key = "Steps.DependsOn" });
                    return;
                }

                if (!done.Contains(before)) path.Add((before, 0));
            }
        }
    }
}
