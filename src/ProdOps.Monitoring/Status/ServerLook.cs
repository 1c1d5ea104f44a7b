using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.Probing.Exporter;
using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.States;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Secrets;

namespace ProdOps.Monitoring.Status;

/// <summary>Asks a server by the probe, or by what stands in its place.</summary>
internal delegate Task<ProbeAnswer> AskServer(ProbeRequest request, CancellationToken cancellationToken);

/// <summary>Looks at a server once, with no history: two answers of the probe a moment apart, and each rule that needs no more than that.</summary>
/// <param name="rules">The rules.</param>
/// <param name="time">The clock.</param>
internal sealed class ServerLook(RuleSet rules, TimeProvider time)
{
    // Uptime is counted in hundredths: a little more, so that it is enough by that clock, too.
    private static readonly TimeSpan BetweenAnswers = TimeSpan.FromSeconds(ProbeMeasurements.MinimumInterval + 0.02);

    /// <summary>Opens a shell on the server and looks. That it cannot be reached is a result.</summary>
    /// <param name="server">The server.</param>
    /// <param name="open">Connects to it.</param>
    /// <param name="parts">What is asked besides the kernel's counters.</param>
    /// <param name="limit">How long it may take once connected.</param>
    /// <param name="cancellationToken">Calls it off.</param>
    public Task<ServerHealth> LookAsync(Server server, Func<CancellationToken, Task<IServerShell>> open, ProbeParts parts, TimeSpan limit, CancellationToken cancellationToken) =>
        LookAsync(server, async token =>
        {
            var shell = await open(token).ConfigureAwait(false);
            return (request, late) => ShellProbe.AskAsync(shell, request, time, late);
        }, "connected, but no answer", parts, limit, cancellationToken);

    /// <summary>Asks the server's node_exporter and looks. That it cannot be reached is a result.</summary>
    /// <param name="server">The server.</param>
    /// <param name="vault">What reads the session's vaults, or <see langword="null"/> where there is no session.</param>
    /// <param name="limit">How long it may take, connecting included.</param>
    /// <param name="cancellationToken">Calls it off.</param>
    public async Task<ServerHealth> LookAsync(Server server, ISecretVault? vault, TimeSpan limit, CancellationToken cancellationToken)
    {
        ExporterProbe? exporter = null;
        try
        {
            return await LookAsync(server, _ => Task.FromResult<AskServer>((exporter = new ExporterProbe(server, vault, time)).AskAsync), "no answer of its node_exporter", ProbeParts.Services, limit, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            exporter?.Dispose();
        }
    }

    private async Task<ServerHealth> LookAsync(Server server, Func<CancellationToken, Task<AskServer>> open, string silent, ProbeParts parts, TimeSpan limit, CancellationToken cancellationToken)
    {
        long begun = time.GetTimestamp();
        var health = new ServerHealth { Server = server.Name, Roles = server.Roles, Time = time.GetUtcNow() };
        try
        {
            var ask = await open(cancellationToken).ConfigureAwait(false);
            using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            late.CancelAfter(limit);
            health = await ReadAsync(server, ask, parts, health, late.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            health = WithChecks(health, [ReachabilityOf(health, HealthState.Critical, $"{silent} within {HealthThreshold.Format(limit.TotalSeconds, "s")}")]);
        }
        catch (ProdOpsException error)
        {
            health = WithChecks(health, [ReachabilityOf(health, MonitoringErrors.StateOf(server, error), error.Message)]);
        }

        return health with { Duration = time.GetElapsedTime(begun) };
    }

    /// <summary>Puts results of checks into a server's health: the worst first.</summary>
    public static ServerHealth WithChecks(ServerHealth health, IEnumerable<HealthCheckResult> checks)
    {
        HealthCheckResult[] sorted = [.. checks.OrderByDescending(check => check.State).ThenBy(check => check.Check, StringComparer.Ordinal).ThenBy(check => check.Instance, StringComparer.Ordinal)];
        return health with
        {
            Checks = sorted,
            Problems = [.. sorted.Where(check => check.State != HealthState.OK)],
            State = sorted.Length == 0 ? HealthState.Unknown : sorted[0].State,
        };
    }

    /// <summary>Adds results of checks that were made beside the look, and what they measured.</summary>
    public static ServerHealth WithMore(ServerHealth health, IReadOnlyList<HealthCheckResult> checks) => checks.Count == 0 ? health
        : WithChecks(health with { Metrics = [.. health.Metrics, .. checks.SelectMany(check => check.Metrics)] }, [.. health.Checks, .. checks]);

    private async Task<ServerHealth> ReadAsync(Server server, AskServer ask, ProbeParts parts, ServerHealth health, CancellationToken cancellationToken)
    {
        // What costs the server more than reading counters is asked for last, and is not in the rates.
        var (first, quick) = await ask(new ProbeRequest(), cancellationToken).ConfigureAwait(false);
        await Task.Delay(BetweenAnswers, time, cancellationToken).ConfigureAwait(false);
        var (report, timing) = await ask(new ProbeRequest { Parts = parts, Units = server.Services }, cancellationToken).ConfigureAwait(false);
        var measured = ProbeMeasurements.Of(report, first, timing);
        var checks = new List<HealthCheckResult> { ReachabilityOf(health, HealthState.OK, $"answered in {HealthThreshold.Format(quick.RoundTrip.TotalSeconds, "s")}") };
        checks.AddRange(ServiceChecks.Judge(server, report, health.Time));
        var judge = new InstantJudge(server.Name, rules.For(server.Name, server.Roles), report, health.Time);
        checks.AddRange(measured.SelectMany(judge.Judge));
        checks.AddRange(judge.Missing(measured));
        return WithChecks(health, checks) with
        {
            Metrics = [.. measured.Select(value => new MetricSample { Server = server.Name, Name = value.Metric, Instance = value.Instance, Value = value.Value, Unit = MetricCatalog.UnitOf(value.Metric), Time = health.Time })],
            System = report.System.Name ?? report.System.Kernel,
            Uptime = report.Uptime is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        };
    }

    private static HealthCheckResult ReachabilityOf(ServerHealth health, HealthState state, string message) =>
        new() { Server = health.Server, Check = CheckKey.Reachability, State = state, Message = message, Time = health.Time };
}
