namespace ProdOps.Benchmarks.Comparison;

/// <summary>The runs of one tool at one piece of work. Medians are over the undisturbed runs; if there is none, over all.</summary>
internal sealed record Summary(string Corpus, Work Work, string Tool, double Wall, double Fastest, double Slowest, double Cpu, double PeakMiB, double RepositoryMB, int Clean, int Runs)
{
    public static IReadOnlyList<Summary> Of(IEnumerable<RunRecord> records) =>
        [.. records.GroupBy(record => (record.Corpus, record.Work, record.Tool)).Select(group => Of([.. group]))];

    private static Summary Of(RunRecord[] runs)
    {
        var clean = runs.Where(run => run.Clean).ToArray();
        var counted = clean.Length > 0 ? clean : runs;
        return new Summary(
            runs[0].Corpus, runs[0].Work, runs[0].Tool,
            Median(counted, run => run.Wall), counted.Min(run => run.Wall), counted.Max(run => run.Wall),
            Median(counted, run => run.Cpu), Median(counted, run => run.PeakKiB / 1024.0), Median(counted, run => run.RepositoryBytes / 1e6),
            clean.Length, runs.Length);
    }

    private static double Median(RunRecord[] runs, Func<RunRecord, double> value)
    {
        var sorted = runs.Select(value).Order().ToArray();
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
