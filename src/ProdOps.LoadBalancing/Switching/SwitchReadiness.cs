namespace ProdOps.LoadBalancing.Switching;

/// <summary>Whether a balancer can take over from another.</summary>
internal static class SwitchReadiness
{
    /// <summary>What is in the way, in words; empty if nothing is.</summary>
    /// <param name="active">The one that has the address.</param>
    /// <param name="target">The one that shall have it.</param>
    /// <param name="pool">The pool that clients of the address are served by.</param>
    public static IReadOnlyList<string> ProblemsOf(LoadBalancer active, LoadBalancer target, string pool)
    {
        var problems = new List<string>();
        if (active.Kind != target.Kind) problems.Add($"{target.Server} is {target.Kind}, and {active.Server} is {active.Kind}");
        if (active.Revision is { } revision && target.Revision != revision)
            problems.Add($"{target.Server} has {(target.Revision is null ? "a configuration that ProdOps did not publish" : $"revision {target.Revision}")}, and {active.Server} has revision {revision}");
        var (mine, theirs) = (active.Pools.FirstOrDefault(one => one.Name == pool), target.Pools.FirstOrDefault(one => one.Name == pool));
        if (theirs is null) problems.Add($"{target.Server} has no pool '{pool}'");
        else if (theirs.Up == 0) problems.Add($"on {target.Server} no server of pool '{pool}' is up");
        else if (mine is not null && theirs.Up < mine.Up) problems.Add(FormattableString.Invariant($"on {target.Server} {theirs.Up} of {theirs.Servers} servers of pool '{pool}' are up, and {mine.Up} of {mine.Servers} on {active.Server}"));
        return problems;
    }
}
