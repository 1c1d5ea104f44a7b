using System.Globalization;
using System.Text;

namespace ProdOps.Benchmarks.Logs;

/// <summary>Markdown: what bringing in took, what is on disk, and each search beside its rivals.</summary>
internal static class LogReport
{
    public const string Ours = "ProdOps";

    public static string Render(IEnumerable<string> heading, LogFolders folders, long raw, IReadOnlyList<LogRecord> records)
    {
        var text = new StringBuilder();
        foreach (string line in heading)
            text.Append("- ").AppendLine(line);
        var summaries = LogSummary.Of(records);
        int disturbed = records.Count(run => !run.Clean);
        text.AppendLine(CultureInfo.InvariantCulture, $"- {disturbed} of {records.Count} runs were disturbed by others; medians are over the others where there are any.");
        AddIngest(text, raw, [.. summaries.Where(summary => summary.Part == LogRecord.Ingest)]);
        AddDisk(text, folders, raw);
        AddShort(text, [.. summaries.Where(summary => summary.Part == LogRecord.Search)]);
        AddShell(text, [.. summaries.Where(summary => summary.Part == LogRecord.Shell)]);
        AddReceive(text, [.. summaries.Where(summary => summary.Part == LogRecord.Receive)]);
        foreach (var part in summaries.Where(summary => summary.Part == LogRecord.Search || summary.Part.StartsWith(LogRecord.Files, StringComparison.Ordinal)).GroupBy(summary => summary.Part))
            AddSearches(text, part.Key == LogRecord.Search ? "Searches in the store" : "Searches in " + part.Key, part.Key.EndsWith(LogRecord.WholeProcesses, StringComparison.Ordinal) ? null : raw, [.. part]);
        return text.ToString();
    }

    private static void AddIngest(StringBuilder text, long raw, LogSummary[] summaries)
    {
        if (summaries.Length == 0)
            return;
        text.AppendLine("\n### Bringing in\n");
        text.AppendLine("| work | tool | wall s | min–max | clean/all | MB/s | CPU s | MB a CPU s | peak MiB | written, % of raw |");
        text.AppendLine("| --- | --- | ---: | --- | --- | ---: | ---: | ---: | ---: | ---: |");
        foreach (var summary in summaries)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {summary.Work} | {summary.Tool} | {summary.Wall:F2} | {summary.Fastest:F2}–{summary.Slowest:F2} | {summary.Clean}/{summary.Runs} | {raw / summary.Wall / 1e6:F0} | {summary.Cpu:F2} | {raw / summary.Cpu / 1e6:F0} | {summary.PeakMiB:F0} | {100.0 * summary.Result / raw:F2} |");
        }
    }

    private static void AddDisk(StringBuilder text, LogFolders folders, long raw)
    {
        text.AppendLine("\n### On disk\n");
        text.AppendLine("| what | data, % of raw | index, % of raw | all, % of raw | bytes |");
        text.AppendLine("| --- | ---: | ---: | ---: | ---: |");
        foreach (var (name, folder) in new[] { ("ProdOps, as it came in", folders.Hot), ("ProdOps, packed for good", folders.Sealed), ("zstd -3, whole files", folders.Zstd), ("gzip -9", folders.Gzip), (VictoriaServer.Name, folders.Victoria) })
        {
            if (!Directory.Exists(folder))
                continue;
            var files = new DirectoryInfo(folder).GetFiles("*", SearchOption.AllDirectories);
            long all = files.Sum(file => file.Length);
            long data = folder == folders.Victoria ? all : files.Where(file => file.Extension is ".zst" or ".gz").Sum(file => file.Length);
            text.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {100.0 * data / raw:F2} | {100.0 * (all - data) / raw:F2} | {100.0 * all / raw:F2} | {all:N0} |");
        }
    }

    /// <summary>Of several ripgreps the faster one counts.</summary>
    private static void AddShort(StringBuilder text, LogSummary[] summaries)
    {
        if (summaries.Length == 0)
            return;
        text.AppendLine("\n### Searches in short: wall ms, and what others take ÷ what ProdOps takes\n");
        text.AppendLine("| search | ProdOps | rg | zstdcat \\| rg | grep | VictoriaLogs | CPU: rg | CPU: VictoriaLogs |");
        text.AppendLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var work in summaries.GroupBy(summary => summary.Work))
        {
            var ours = work.First(summary => summary.Tool == Ours);
            var rg = work.Where(summary => summary.Tool.StartsWith("rg ", StringComparison.Ordinal) && !summary.Tool.Contains("-z", StringComparison.Ordinal)).ToList();
            var pipe = work.FirstOrDefault(summary => summary.Tool.StartsWith("zstdcat", StringComparison.Ordinal));
            var grep = work.FirstOrDefault(summary => summary.Tool == "grep");
            var victoria = work.FirstOrDefault(summary => summary.Tool == VictoriaServer.Name);
            text.AppendLine(CultureInfo.InvariantCulture, $"| {work.Key} | {Milliseconds(ours.Wall)} | {Times(rg.Min(summary => (double?)summary.Wall), ours.Wall)} | {Times(pipe?.Wall, ours.Wall)} | {Times(grep?.Wall, ours.Wall)} | {Times(victoria?.Wall, ours.Wall)} | {Times(rg.Min(summary => (double?)summary.Cpu), ours.Cpu)} | {Times(victoria?.Cpu, ours.Cpu)} |");
        }
    }

    private static void AddShell(StringBuilder text, LogSummary[] summaries)
    {
        if (summaries.Length == 0)
            return;
        text.AppendLine("\n### In PowerShell\n");
        text.AppendLine("| work | command | objects | wall ms | min–max | clean/all | first call ms | CPU ms | objects/s | peak MiB |");
        text.AppendLine("| --- | --- | ---: | ---: | --- | --- | ---: | ---: | ---: | ---: |");
        foreach (var summary in summaries)
            text.AppendLine(CultureInfo.InvariantCulture, $"| {summary.Work} | `{summary.Tool.Replace("|", "\\|", StringComparison.Ordinal)}` | {summary.Result:N0} | {Milliseconds(summary.Wall)} | {Milliseconds(summary.Fastest)}–{Milliseconds(summary.Slowest)} | {summary.Clean}/{summary.Runs} | {(summary.First is { } first ? Milliseconds(first) : "–")} | {Milliseconds(summary.Cpu)} | {summary.Result / summary.Wall:N0} | {summary.PeakMiB:F0} |");
    }

    private static void AddReceive(StringBuilder text, LogSummary[] summaries)
    {
        if (summaries.Length == 0)
            return;
        text.AppendLine("\n### Receiving\n");
        text.AppendLine("| work | tool | lines | wall s | min–max | clean/all | lines/s | CPU s | lines a CPU second | peak MiB |");
        text.AppendLine("| --- | --- | ---: | ---: | --- | --- | ---: | ---: | ---: | ---: |");
        foreach (var summary in summaries)
            text.AppendLine(CultureInfo.InvariantCulture, $"| {summary.Work} | {summary.Tool} | {summary.Result:N0} | {summary.Wall:F2} | {summary.Fastest:F2}–{summary.Slowest:F2} | {summary.Clean}/{summary.Runs} | {summary.Result / summary.Wall:N0} | {summary.Cpu:F2} | {summary.Result / summary.Cpu:N0} | {summary.PeakMiB:F0} |");
    }

    private static string Times(double? theirs, double ours) => theirs is { } value ? (value / ours).ToString(value / ours < 10 ? "F2" : "F0", CultureInfo.InvariantCulture) + "x" : "–";

    /// <param name="text">Is added to.</param>
    /// <param name="title">The table's.</param>
    /// <param name="raw">How many bytes were searched; <see langword="null"/> where the names of the searches tell.</param>
    /// <param name="summaries">What is shown.</param>
    private static void AddSearches(StringBuilder text, string title, long? raw, LogSummary[] summaries)
    {
        text.AppendLine(CultureInfo.InvariantCulture, $"\n### {title}\n");
        text.AppendLine("| search | lines found | tool | wall ms | min–max | clean/all | first call ms | CPU ms | GB/s of raw | peak MiB | wall ÷ ours | CPU ÷ ours |");
        text.AppendLine("| --- | ---: | --- | ---: | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var work in summaries.GroupBy(summary => summary.Work))
        {
            var ours = work.First(summary => summary.Tool == Ours);
            foreach (var summary in work.OrderByDescending(summary => summary.Tool.StartsWith(Ours, StringComparison.Ordinal)))
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"| {work.Key} | {summary.Result:N0} | {summary.Tool} | {Milliseconds(summary.Wall)} | {Milliseconds(summary.Fastest)}–{Milliseconds(summary.Slowest)} | {summary.Clean}/{summary.Runs} | {(summary.First is { } first ? Milliseconds(first) : "–")} | {Milliseconds(summary.Cpu)} | {(raw is { } bytes ? (bytes / summary.Wall / 1e9).ToString("F2", CultureInfo.InvariantCulture) : "–")} | {summary.PeakMiB:F0} | {summary.Wall / ours.Wall:F2}x | {summary.Cpu / ours.Cpu:F2}x |");
            }
        }
    }

    private static string Milliseconds(double seconds) => (seconds * 1e3).ToString(seconds < 0.1 ? "F1" : "F0", CultureInfo.InvariantCulture);
}
