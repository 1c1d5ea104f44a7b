using ProdOps.Recovery.Reports;
using ProdOps.Recovery.Reports.Html;

namespace ProdOps.Recovery.Consoles;

/// <summary>
/// The report as it is now, for all who look at it together: gathered when somebody looks and it is older than it may be, and never while nobody does. Each part knows since when it is what it is, so that who has
/// seen some state gets what has changed since.
/// </summary>
/// <param name="gather">Gathers it; the token is the console's: who asked first may have gone before it is there.</param>
/// <param name="interval">How old it may be.</param>
/// <param name="time">The clock.</param>
/// <param name="ending">Ends with the console.</param>
internal sealed class LiveReport(Func<CancellationToken, Task<Report>> gather, TimeSpan interval, TimeProvider time, CancellationToken ending) : IDisposable
{
    // Gathering that takes long leaves the machine some rest.
    private const int RestFactor = 4;

    private readonly SemaphoreSlim _one = new(1);
    private LiveState? _state;
    private long _gathered;

    /// <summary>The report, not older than it may be.</summary>
    public async Task<LiveState> LookAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_state is { } fresh && time.GetElapsedTime(_gathered) < fresh.Pause) return fresh;
            long begun = time.GetTimestamp();
            var report = await gather(ending).ConfigureAwait(false);
            var parts = ReportParts.Of(report);
            // A console that was started anew goes on above where another was: what was seen of that one is old.
            long number = Math.Max((_state?.Number ?? 0) + 1, time.GetUtcNow().ToUnixTimeMilliseconds());
            var before = _state?.Parts.ToDictionary(static part => part.Id, StringComparer.Ordinal) ?? [];
            _gathered = time.GetTimestamp();
            var rest = time.GetElapsedTime(begun, _gathered) * RestFactor;
            _state = new LiveState(number, [.. parts.Pieces().Select(part => new LivePart(part, number)).Select(part => before.TryGetValue(part.Id, out var old) && old.Text == part.Text ? old : part)])
            {
                Name = report.Environment.Name,
                Footer = parts.Footer,
                Pause = rest > interval ? rest : interval,
            };
            return _state;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Waits until there is another state than one that was seen.</summary>
    public async Task<LiveState> AfterAsync(long seen, CancellationToken cancellationToken)
    {
        while (true)
        {
            var state = await LookAsync(cancellationToken).ConfigureAwait(false);
            if (state.Number != seen) return state;
            var left = state.Pause - time.GetElapsedTime(_gathered);
            if (left > TimeSpan.Zero) await Task.Delay(left, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();
}
