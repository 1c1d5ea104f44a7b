using System.Globalization;
using System.Text;

namespace ProdOps.Benchmarks.Comparison;

/// <summary>Markdown: a table for each corpus, and the targets met and missed against the newest restic measured.</summary>
internal static class Report
{
    private const string Ours = "ProdOps";

    public static string Render(IEnumerable<string> heading, IReadOnlyList<RunRecord> records)
    {
        var text = new StringBuilder();
        foreach (string line in heading)
            text.Append("- ").AppendLine(line);
        var summaries = Summary.Of(records);
        foreach (var corpus in summaries.GroupBy(summary => summary.Corpus))
            AddTable(text, corpus.Key, [.. corpus]);
        AddTargets(text, summaries);
        return text.ToString();
    }

    private static void AddTable(StringBuilder text, string corpus, Summary[] summaries)
    {
        text.AppendLine().Append("### ").AppendLine(corpus).AppendLine();
        text.AppendLine("| work | tool | wall s | min–max | clean/all | CPU s | peak MiB | repository MB | wall ÷ ours | CPU ÷ ours |");
        text.AppendLine("| --- | --- | ---: | --- | --- | ---: | ---: | ---: | ---: | ---: |");
        foreach (var work in summaries.GroupBy(summary => summary.Work).OrderBy(group => group.Key))
        {
            var ours = work.FirstOrDefault(summary => summary.Tool == Ours);
            foreach (var summary in work.OrderBy(summary => summary.Tool == Ours ? "" : summary.Tool, StringComparer.Ordinal))
                text.AppendLine(CultureInfo.InvariantCulture, $"| {Name(work.Key)} | {summary.Tool} | {summary.Wall:F2}{(summary.Clean == 0 ? " (disturbed)" : "")} | {summary.Fastest:F2}–{summary.Slowest:F2} | {summary.Clean}/{summary.Runs} | {summary.Cpu:F2} | {summary.PeakMiB:F0} | {summary.RepositoryMB:F0} | {Ratio(summary.Wall, ours?.Wall)} | {Ratio(summary.Cpu, ours?.Cpu)} |");
        }
    }

    private static void AddTargets(StringBuilder text, IReadOnlyList<Summary> summaries)
    {
        string? newest = summaries.Select(summary => summary.Tool).Where(tool => tool.StartsWith("restic ", StringComparison.Ordinal))
            .Distinct().MaxBy(tool => Version.Parse(tool["restic ".Length..]));
        if (newest is null || summaries.All(summary => summary.Tool != Ours))
            return;
        text.AppendLine().Append("### Against ").AppendLine(newest).AppendLine();
        text.AppendLine("| corpus | work | must | wall | CPU | peak memory, ours ÷ theirs | repository, ours ÷ theirs | met |");
        text.AppendLine("| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |");
        foreach (var ours in summaries.Where(summary => summary.Tool == Ours))
        {
            if (Targets.For(ours.Corpus, ours.Work) is not { } must
                || summaries.FirstOrDefault(summary => (summary.Corpus, summary.Work, summary.Tool) == (ours.Corpus, ours.Work, newest)) is not { } theirs)
                continue;
            double wall = theirs.Wall / ours.Wall;
            double cpu = theirs.Cpu / ours.Cpu;
            double memory = ours.PeakMiB / theirs.PeakMiB;
            double size = ours.RepositoryMB / theirs.RepositoryMB;
            string missed = string.Join(", ", Missed(must, wall, cpu, memory, size));
            text.AppendLine(CultureInfo.InvariantCulture, $"| {ours.Corpus} | {Name(ours.Work)} | {must}x | {wall:F2}x | {cpu:F2}x | {memory:P0} | {size:P1} | {(missed.Length == 0 ? "yes" : "no: " + missed)} |");
        }
    }

    private static IEnumerable<string> Missed(double must, double wall, double cpu, double memory, double size)
    {
        if (wall < must)
            yield return "wall";
        if (cpu < must)
            yield return "CPU";
        if (memory > 1)
            yield return "memory";
        if (size > 1.02)
            yield return "size";
    }

    private static string Ratio(double theirs, double? ours) => ours is > 0 ? (theirs / ours.Value).ToString("F2", CultureInfo.InvariantCulture) + "x" : "–";

    private static string Name(Work work) => work switch
    {
        Work.Init => "init",
        Work.First => "first",
        Work.Unchanged => "unchanged",
        Work.Changed => "1 % changed",
        Work.Restore => "restore all",
        Work.Forget => "forget to 5",
        Work.Prune => "prune",
        Work.Copy => "copy",
        Work.CopyRest => "copy to REST",
        _ => "check, read data",
    };
}
