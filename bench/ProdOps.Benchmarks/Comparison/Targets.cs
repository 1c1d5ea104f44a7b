namespace ProdOps.Benchmarks.Comparison;

/// <summary>How many times faster than the newest restic ProdOps must be, in wall and in CPU seconds.</summary>
internal static class Targets
{
    public static double? For(string corpus, Work work) => (corpus, work) switch
    {
        ("web", Work.First) => 2,
        ("web", Work.Unchanged or Work.Changed) => 1.6,
        ("web", Work.Restore) => 2.5,
        ("web", Work.Check) => 1.8,
        ("big", Work.First) => 1.7,
        ("big", Work.Changed) => 2.3,
        ("big", Work.Restore) => 1.6,
        ("big", Work.Check) => 1.2,
        ("small", Work.First) => 1.8,
        ("small", Work.Unchanged) => 1.5,
        ("small", Work.Restore) => 2.5,
        ("small", Work.Check) => 1.9,
        _ => null,
    };
}
