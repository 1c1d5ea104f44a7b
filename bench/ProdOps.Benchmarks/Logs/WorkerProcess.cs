using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ProdOps.Benchmarks.Measurement;

namespace ProdOps.Benchmarks.Logs;

/// <summary>A running <see cref="LogWorker"/>, seen from outside.</summary>
internal sealed class WorkerProcess : ILogSearcher
{
    private readonly Process _process;

    public WorkerProcess(string name, IReadOnlyList<string> arguments)
    {
        Name = name;
        _process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
    }

    public string Name { get; }

    public bool WritesLines => true;

    public async Task<(Measured Run, long Count)> MeasureAsync(CancellationToken cancellationToken)
    {
        var before = CpuClock.Read();
        await _process.StandardInput.WriteLineAsync("go");
        await _process.StandardInput.FlushAsync(cancellationToken);
        string answer = await _process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new UsageException("The engine failed; what it said stands above.");
        var after = CpuClock.Read();
        var time = JsonSerializer.Deserialize<SearchTime>(answer)!;
        double foreign = Math.Max(0, after.User - before.User - time.User);
        return (new Measured(time.Wall, time.User, time.System, 0, foreign, after.Stolen - before.Stolen, 0, ""), time.Count);
    }

    /// <summary>Ends it; returns its largest resident set in KiB.</summary>
    public async Task<long> EndAsync(CancellationToken cancellationToken)
    {
        _process.StandardInput.Close();
        string peak = await _process.StandardOutput.ReadLineAsync(cancellationToken) ?? "0";
        await _process.WaitForExitAsync(cancellationToken);
        return long.Parse(peak, CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
