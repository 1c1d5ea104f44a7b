using System.Globalization;

namespace ProdOps.LoadBalancing.Rolling;

/// <summary>
/// Decides whether a server that is back in service fails more often than the pool did before. What counts is a share of 5xx and of failed connections that chance does not explain: the number that the former
/// share leads one to expect, and three standard deviations more. Where nothing failed before, one failure is one too many.
/// </summary>
/// <param name="formerShare">The share of failures before, 0 to 1.</param>
internal sealed class SettleJudge(double formerShare)
{
    private readonly Dictionary<string, (long Total, long Errors)> _last = [];

    /// <summary>Requests that it got meanwhile.</summary>
    public long Requests { get; private set; }

    /// <summary>Those that failed.</summary>
    public long Failures { get; private set; }

    /// <summary>The share of failures of a pool since its counters began.</summary>
    public static double ShareOf(IReadOnlyList<BackendServer> servers)
    {
        long total = servers.Sum(server => server.Total);
        return total == 0 ? 0 : Math.Min(1, (double)servers.Sum(ErrorsOf) / total);
    }

    /// <summary>Takes a look into account.</summary>
    /// <param name="views">The server as each balancer sees it.</param>
    /// <returns>What is wrong; <see langword="null"/> as long as nothing is.</returns>
    public string? Look(IReadOnlyCollection<BackendServer> views)
    {
        foreach (var view in views)
        {
            if (view.State is not (BackendServerState.Up or BackendServerState.Checking)) return $"{view.Balancer} sees it {view.State.Words()}{(view.Reason.Length > 0 ? $" ({view.Reason})" : "")}";
            var (total, errors) = (view.Total, ErrorsOf(view));
            if (_last.TryGetValue(view.Balancer, out var last))
            {
                // A reload of the balancer begins to count anew.
                Requests += total < last.Total ? total : total - last.Total;
                Failures += errors < last.Errors ? errors : errors - last.Errors;
            }

            _last[view.Balancer] = (total, errors);
        }

        double expected = formerShare * Requests;
        return Failures > expected + 3 * Math.Sqrt(expected)
            ? string.Create(CultureInfo.InvariantCulture, $"{Failures} of {Math.Max(Requests, Failures)} requests failed, where {formerShare * 100:0.##}% did before")
            : null;
    }

    private static long ErrorsOf(BackendServer server) => server.ServerErrors + server.ConnectionErrors;
}
