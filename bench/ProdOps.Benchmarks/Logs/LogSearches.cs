using System.Diagnostics;
using System.Globalization;
using ProdOps.Benchmarks.Measurement;

namespace ProdOps.Benchmarks.Logs;

/// <summary>Does one search by all tools in turns, after a first round in which all must find the same.</summary>
internal sealed class LogSearches(LogFolders folders, int repetitions, TextWriter output, Action<LogRecord> record)
{
    // What takes longer is done three times only.
    private const double Long = 5;

    private const int WarmCalls = 60;

    private static readonly TimeSpan WarmTime = TimeSpan.FromSeconds(2);

    public async Task RunAsync(string part, LogWork work, IReadOnlyList<LogTool> tools, IReadOnlyList<ILogSearcher> searchers, CancellationToken cancellationToken)
    {
        try
        {
            var commands = tools.Select(tool => (tool.Name, Command: tool.Command(work))).Where(tool => tool.Command is not null).ToList();
            var runs = new List<LogRecord>();
            (long Count, long Hash)? expected = null;
            var firsts = new Dictionary<string, double>();
            foreach (var (name, command) in commands)
            {
                var (run, found) = await MeasureAsync(work, name, command!, cancellationToken);
                firsts[name] = run.Wall;
                Compare(work, name, found, ref expected);
            }
            foreach (var searcher in searchers)
            {
                var (run, count) = await searcher.MeasureAsync(cancellationToken);
                Compare(work, searcher.Name, work.WantsLines && searcher.WritesLines ? Lines(folders.Lines) : (count, expected?.Hash ?? 0), ref expected);
                firsts[searcher.Name] = run.Wall;
                runs.Add(LogRecord.From(part, work.Name, searcher.Name, 0, run, count));
                await WarmAsync(searcher, cancellationToken);
            }

            for (int repetition = 1; repetition <= repetitions; repetition++)
            {
                foreach (var searcher in searchers.Where(tool => repetition <= 3 || firsts[tool.Name] < Long))
                {
                    var (run, count) = await searcher.MeasureAsync(cancellationToken);
                    runs.Add(LogRecord.From(part, work.Name, searcher.Name, repetition, run, count));
                }
                foreach (var (name, command) in commands.Where(tool => repetition <= 3 || firsts[tool.Name] < Long))
                {
                    var (run, found) = await MeasureAsync(work, name, command!, cancellationToken);
                    runs.Add(LogRecord.From(part, work.Name, name, repetition, run, found.Count));
                }
            }

            foreach (var searcher in searchers)
            {
                long peak = await searcher.EndAsync(cancellationToken);
                for (int i = 0; i < runs.Count; i++)
                    if (runs[i].Tool == searcher.Name) runs[i] = runs[i] with { PeakKiB = peak };
            }
            foreach (var run in runs)
                record(run);
            foreach (var summary in LogSummary.Of(runs))
                await output.WriteLineAsync(FormattableString.Invariant($"{part} {work.Name,-34} {summary.Tool,-26} {summary.Wall * 1e3,9:F1} ms wall {summary.Cpu * 1e3,9:F1} ms CPU {summary.PeakMiB,5:F0} MiB {summary.Result,9} found"));
        }
        finally
        {
            foreach (var searcher in searchers)
                searcher.Dispose();
            File.Delete(folders.Lines);
        }
    }

    /// <summary>Until the runtime has compiled at its best what short searches do; long ones have that behind them after one.</summary>
    private static async Task WarmAsync(ILogSearcher searcher, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < WarmCalls && Stopwatch.GetElapsedTime(start) < WarmTime; i++)
            await searcher.MeasureAsync(cancellationToken);
    }

    private async Task<(Measured Run, (long Count, long Hash) Found)> MeasureAsync(LogWork work, string tool, ChildCommand command, CancellationToken cancellationToken)
    {
        var run = await ChildProcess.MeasureAsync(command, cancellationToken);
        // grep and ripgrep end with 1 if there is nothing to find, and xargs with 123 if one of its commands does.
        if (run.ExitCode is not (0 or 1 or 123))
            throw new UsageException($"{tool}: {work.Name} ended with {run.ExitCode}: {run.Output.Trim()}");
        if (work.WantsLines)
            return run.Output.Length == 0 ? (run, Lines(folders.Lines)) : throw new UsageException($"{tool}: {work.Name}: {run.Output.Trim()}");
        return (run, (run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Sum(count => long.Parse(count, CultureInfo.InvariantCulture)), 0));
    }

    private static void Compare(LogWork work, string tool, (long Count, long Hash) found, ref (long Count, long Hash)? expected)
    {
        // Which lines are the newest only those know that know times.
        if (work.Newest is not null)
            found.Hash = 0;
        expected ??= found;
        if (found != expected)
            throw new UsageException($"{tool} finds {found.Count} lines for '{work.Name}', and not the {expected.Value.Count} of the first tool, or others.");
    }

    /// <summary>How many lines were found, and a sum of their hashes, in which their order does not count.</summary>
    public static (long Count, long Hash) Lines(string file)
    {
        long count = 0;
        long sum = 0;
        ReadOnlySpan<byte> text = File.ReadAllBytes(file);
        for (int length; (length = text.IndexOf((byte)'\n')) >= 0; text = text[(length + 1)..])
        {
            var hash = new HashCode();
            hash.AddBytes(text[..length]);
            sum += hash.ToHashCode();
            count++;
        }
        return (count, sum);
    }
}
