using System.Text.Json.Serialization;
using ProdOps.Benchmarks.Measurement;

namespace ProdOps.Benchmarks.Logs;

/// <summary>One run; a line of results.jsonl.</summary>
/// <param name="Part">Of the table.</param>
/// <param name="Work">What was done.</param>
/// <param name="Tool">By what.</param>
/// <param name="Repetition">0 is the first call of a process, whose compiling counts.</param>
/// <param name="Wall">Seconds.</param>
/// <param name="Cpu">Seconds of user and system time, of children too.</param>
/// <param name="PeakKiB">The largest resident set of a process.</param>
/// <param name="Result">Lines found, or bytes written.</param>
/// <param name="Foreign">Seconds of processor time that others took meanwhile.</param>
internal sealed record LogRecord(string Part, string Work, string Tool, int Repetition, double Wall, double Cpu, long PeakKiB, long Result, double Foreign)
{
    public const string Ingest = "ingest", Search = "search", Files = "files", Shell = "shell", Receive = "receive", WholeProcesses = "whole processes";

    // More than this share of the time taken by others, and the run says less.
    private const double Tolerance = 0.12;

    [JsonIgnore]
    public bool Clean => Foreign < Math.Max(0.02, Tolerance * Wall);

    public static LogRecord From(string part, string work, string tool, int repetition, Measured run, long result) =>
        new(part, work, tool, repetition, run.Wall, run.Cpu, run.PeakKiB, result, run.ForeignUser + run.Stolen);
}

/// <summary>The runs of one tool at one piece of work. Medians are over the undisturbed runs; if there is none, over all.</summary>
internal sealed record LogSummary(string Part, string Work, string Tool, double Wall, double Fastest, double Slowest, double Cpu, double PeakMiB, long Result, int Clean, int Runs)
{
    /// <summary>The first call, where it is measured apart.</summary>
    public double? First { get; init; }

    public static IReadOnlyList<LogSummary> Of(IEnumerable<LogRecord> records) =>
        [.. records.GroupBy(record => (record.Part, record.Work, record.Tool)).Select(group => Of([.. group]))];

    private static LogSummary Of(LogRecord[] all)
    {
        var runs = all.Where(run => run.Repetition > 0).ToArray();
        var clean = runs.Where(run => run.Clean).ToArray();
        var counted = clean.Length > 0 ? clean : runs;
        return new LogSummary(
            all[0].Part, all[0].Work, all[0].Tool, Median(counted, run => run.Wall), counted.Min(run => run.Wall), counted.Max(run => run.Wall), Median(counted, run => run.Cpu),
            all.Max(run => run.PeakKiB) / 1024.0, all[0].Result, clean.Length, runs.Length) { First = all.FirstOrDefault(run => run.Repetition == 0)?.Wall };
    }

    private static double Median(LogRecord[] runs, Func<LogRecord, double> value)
    {
        double[] sorted = [.. runs.Select(value).Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
