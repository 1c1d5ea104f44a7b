namespace ProdOps.Recovery.Execution;

/// <summary>How long a run will take: the longest way through the steps that wait for each other.</summary>
internal static class RunEstimate
{
    /// <summary>The estimate as words to follow a number of steps; how much of it is guessed is said.</summary>
    public static string Of(IReadOnlyList<PlannedStep> steps, IReadOnlyDictionary<string, TimeSpan> learnt)
    {
        var ends = new Dictionary<string, TimeSpan>(StringComparer.OrdinalIgnoreCase);
        int unknown = 0;
        foreach (var step in InOrder(steps))
        {
            var took = step.IsSkipped ? TimeSpan.Zero : learnt.TryGetValue(step.Step.Name, out var measured) ? measured : step.Step.Expected ?? TimeSpan.Zero;
            if (!step.IsSkipped && step.Step.Expected is null && !learnt.ContainsKey(step.Step.Name)) unknown++;
            ends[step.Step.Name] = took + step.Step.DependsOn.Select(name => ends.GetValueOrDefault(name)).DefaultIfEmpty().Max();
        }

        var all = ends.Values.DefaultIfEmpty().Max();
        if (all == TimeSpan.Zero) return "";
        return $", about {(all.TotalSeconds < 60 ? $"{Math.Ceiling(all.TotalSeconds):0} s" : $"{Math.Ceiling(all.TotalMinutes):0} min")}" + (unknown > 0 ? $" and {unknown} of unknown duration" : "");
    }

    /// <summary>Steps after those that they wait for.</summary>
    public static IReadOnlyList<PlannedStep> InOrder(IReadOnlyList<PlannedStep> steps)
    {
        var left = steps.ToList();
        var done = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var order = new List<PlannedStep>();
        while (left.Count > 0)
        {
            var ready = left.Where(step => step.Step.DependsOn.All(done.Contains)).ToArray();
            if (ready.Length == 0) return [.. order, .. left];
            foreach (var step in ready)
            {
                order.Add(step);
                done.Add(step.Step.Name);
                left.Remove(step);
            }
        }

        return order;
    }
}
