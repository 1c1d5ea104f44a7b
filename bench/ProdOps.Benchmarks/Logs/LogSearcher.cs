using ProdOps.Benchmarks.Measurement;

namespace ProdOps.Benchmarks.Logs;

/// <summary>Does one search again and again, and stays between them: a process with the engine in it, or a server.</summary>
internal interface ILogSearcher : IDisposable
{
    string Name { get; }

    /// <summary>Whether it writes the lines found to the file for lines.</summary>
    bool WritesLines { get; }

    Task<(Measured Run, long Count)> MeasureAsync(CancellationToken cancellationToken);

    /// <summary>Ends it; returns its largest resident set in KiB.</summary>
    Task<long> EndAsync(CancellationToken cancellationToken);
}
