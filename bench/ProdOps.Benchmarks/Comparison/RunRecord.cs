using System.Text.Json.Serialization;
using ProdOps.Benchmarks.Measurement;

namespace ProdOps.Benchmarks.Comparison;

/// <summary>One line of results.jsonl.</summary>
internal sealed record RunRecord(
    DateTimeOffset Time,
    string Corpus,
    [property: JsonConverter(typeof(JsonStringEnumConverter<Work>))] Work Work,
    string Tool,
    string Version,
    int Repetition,
    double Wall,
    double User,
    double System,
    long PeakKiB,
    long RepositoryBytes,
    double ForeignUser,
    double Stolen,
    double SyncAfter)
{
    /// <summary>More than this share of the run's wall time spent by others makes the run disturbed.</summary>
    private const double Tolerance = 0.12;

    [JsonIgnore]
    public double Cpu => User + System;

    public bool Clean => ForeignUser + Stolen < Tolerance * Wall;

    public static RunRecord From(string corpus, Work work, BackupTool tool, int repetition, Measured run, long repositoryBytes, double syncAfter) => new(
        TimeProvider.System.GetUtcNow(), corpus, work, tool.Name, tool.Version, repetition, Round(run.Wall), run.User, run.System,
        run.PeakKiB, repositoryBytes, Round(run.ForeignUser), Round(run.Stolen), Round(syncAfter));

    private static double Round(double seconds) => Math.Round(seconds, 3);
}
