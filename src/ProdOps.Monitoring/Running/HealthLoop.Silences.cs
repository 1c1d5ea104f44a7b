using ProdOps.Monitoring.Silences;
using ProdOps.Monitoring.States;

namespace ProdOps.Monitoring.Running;

internal sealed partial class HealthLoop
{
    private static readonly TimeSpan FirstSilences = TimeSpan.FromSeconds(5);

    /// <summary>What is silent already should be when the first problem is found; but nobody waits long to know.</summary>
    private async Task<IReadOnlyList<Downtime>?> ReadFirstAsync(SilenceWatch watch)
    {
        using var late = new CancellationTokenSource(FirstSilences, _services.Time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop, late.Token);
        try
        {
            return await watch.ReadAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            // It is asked again beside the work.
            return null;
        }
    }

    private void Take(string source, IReadOnlyList<Downtime> silences) => Follow(_core.Do((monitor, now) => monitor.TakeSilences(now, source, silences)));
}
