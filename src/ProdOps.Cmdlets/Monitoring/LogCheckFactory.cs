using System.Globalization;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Logging;
using ProdOps.Logging.Searching;
using ProdOps.Monitoring.Checks;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Checks how many entries of the collected logs match, in the store or the engine that the environment names.</summary>
/// <param name="cmdlet">The command.</param>
/// <param name="environment">The environment, if there is one.</param>
/// <param name="activity">Where to report to.</param>
internal sealed class LogCheckFactory(AsyncCmdlet cmdlet, ProdOpsEnvironment? environment, IActivity activity) : ICheckFactory
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    public IHealthCheck Create(HealthCheckDefinition definition, Server server)
    {
        var query = SearchText.Parse(definition.Target);
        // A check that is of no server in particular looks at all of them.
        if (definition.Server.Count > 0) query = query with { Servers = [server.Name] };
        return new LogCheck(new CheckSubject(server.Name, definition.Name), query, definition.Window ?? Window, OpenAsync, definition.Timeout);
    }

    private async Task<OpenSearch> OpenAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await LogSinks.OpenSearchAsync(cmdlet, null, environment, activity);
    }
}

/// <summary>How many entries match, of a window until now. How many are too many, thresholds say.</summary>
/// <param name="subject">What the result is called.</param>
/// <param name="query">What is looked for.</param>
/// <param name="window">How far back.</param>
/// <param name="open">Opens the store or the engine.</param>
/// <param name="timeout">How long it may take.</param>
internal sealed class LogCheck(CheckSubject subject, LogQuery query, TimeSpan window, Func<CancellationToken, Task<OpenSearch>> open, TimeSpan timeout) : IHealthCheck
{
    private readonly CheckRun _run = new(subject, timeout, TimeProvider.System) { Late = HealthState.Unknown, Broken = HealthState.Unknown };

    /// <inheritdoc/>
    public Task<IReadOnlyList<HealthCheckResult>> RunAsync(CancellationToken cancellationToken) => _run.OneAsync(async (blank, limit) =>
    {
        using var search = await open(limit);
        long count = await search.Search.CountAsync(query with { After = blank.Time - window }, limit);
        return blank with
        {
            State = HealthState.OK,
            Value = count,
            Message = $"{count.ToString(CultureInfo.InvariantCulture)} {(count == 1 ? "entry" : "entries")} in {HealthThreshold.Format(window.TotalSeconds, "s")}",
            Metrics = [subject.Sample("log.matches", count, blank.Time)],
        };
    }, cancellationToken);
}
