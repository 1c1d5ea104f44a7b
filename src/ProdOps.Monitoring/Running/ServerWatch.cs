using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.Probing.Report;
using ProdOps.Monitoring.Status;

namespace ProdOps.Monitoring.Running;

/// <summary>Asks one server at its pace, and remembers what rates are made from.</summary>
/// <param name="server">The server.</param>
/// <param name="ask">Asks it; connects first where that is needed.</param>
/// <param name="pace">How often it is asked for what.</param>
/// <param name="time">The clock.</param>
internal sealed class ServerWatch(Server server, Func<ProbeRequest, CancellationToken, Task<ProbeAnswer>> ask, MonitorPace pace, TimeProvider time)
{
    private ProbeReport? _previous;
    private DateTimeOffset? _services, _slow, _daily;

    /// <summary>Asks once. That it cannot be asked is an observation and no exception.</summary>
    public async Task<Observation> LookAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var parts = DueAt(now);
        using var late = new CancellationTokenSource(pace.Limit(parts), time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            var request = new ProbeRequest { Parts = parts, Units = parts.HasFlag(ProbeParts.Services) ? server.Services : [] };
            var (report, timing) = await ask(request, limit.Token).ConfigureAwait(false);
            return Read(report, timing, parts, now);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Silent(HealthState.Critical, $"no answer within {HealthThreshold.Format(pace.Limit(parts).TotalSeconds, "s")}");
        }
        catch (ProdOpsException error)
        {
            return Silent(MonitoringErrors.StateOf(server, error), error.Message);
        }
    }

    private Observation Read(ProbeReport report, ProbeTiming timing, ProbeParts parts, DateTimeOffset now)
    {
        if (parts.HasFlag(ProbeParts.Services)) _services = now;
        if (parts.HasFlag(ProbeParts.Slow)) _slow = now;
        if (parts.HasFlag(ProbeParts.Daily)) _daily = now;
        var measured = ProbeMeasurements.Of(report, _previous, timing);
        _previous = report.Counters;
        return new Observation(server.Name, now)
        {
            Reachability = HealthState.OK,
            Report = report,
            Parts = parts,
            Duration = timing.RoundTrip,
            Measurements = measured,
            Results = parts.HasFlag(ProbeParts.Services) ? [.. ServiceChecks.Judge(server, report, now)] : [],
        };
    }

    private Observation Silent(HealthState reachability, string message) => new(server.Name, time.GetUtcNow()) { Reachability = reachability, Message = message };

    private ProbeParts DueAt(DateTimeOffset now)
    {
        // node_exporter tells each time what it knows, and is never asked for what it does not know.
        if (server.NodeExporter is not null) return ProbeParts.Services;
        var parts = ProbeParts.Fast;
        if (IsDue(_services, pace.ServicesOf(server))) parts |= ProbeParts.Services;
        // The first answer should be there soon, and rates need a second one: what is dear comes after that.
        if (_previous is null) return parts;
        if (IsDue(_slow, pace.Slow)) parts |= ProbeParts.Slow;
        else if (pace.AsksDaily && IsDue(_daily, pace.Daily)) parts |= ProbeParts.Daily;
        return parts;

        // Half a round early rather than half a round late.
        bool IsDue(DateTimeOffset? last, TimeSpan interval) => last is not { } moment || now < moment || now - moment >= interval - (pace.Interval / 2);
    }
}
