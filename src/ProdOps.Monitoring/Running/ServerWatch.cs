using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.Probing.Report;
using ProdOps.Monitoring.Status;

namespace ProdOps.Monitoring.Running;

/// <summary>Asks one server at its pace, and remembers what rates are made from.</summary>
/// <param name="server">The server.</param>
/// <param name="ask">Asks it; connects first where that is needed.</param>
/// <param name="pace">How often it is asked for what.</param>
/// <param name="turn">Lets some servers at a time be asked for what takes them long.</param>
/// <param name="time">The clock.</param>
internal sealed class ServerWatch(Server server, Func<ProbeRequest, CancellationToken, Task<ProbeAnswer>> ask, MonitorPace pace, SemaphoreSlim turn, TimeProvider time)
{
    private static readonly Task<ProbeReport?> Nothing = Task.FromResult<ProbeReport?>(null);

    private ProbeReport? _previous;
    private DateTimeOffset? _services, _slow, _daily, _dailyAsked;
    private Task<ProbeReport?> _asking = Nothing;

    /// <summary>Waits until nothing is asked any more, once it was called off.</summary>
    public async Task EndAsync() => await ((Task)_asking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

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
            return await WithDailyAsync(Read(report, timing, parts, now), cancellationToken).ConfigureAwait(false);
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

    /// <summary>
    /// What is asked for once a day may take minutes. It is waited for beside the usual looks: they tell meanwhile how the server is, and whether it is there.
    /// </summary>
    private async Task<Observation> WithDailyAsync(Observation seen, CancellationToken cancellationToken)
    {
        if (!_asking.IsCompleted) return seen;
        if (await _asking.ConfigureAwait(false) is { } daily)
        {
            (_asking, _daily) = (Nothing, seen.Time);
            return seen with
            {
                Report = seen.Report! with { System = daily.System, Updates = daily.Updates, DiskHealth = daily.DiskHealth },
                Parts = seen.Parts | ProbeParts.Daily,
                Measurements = [.. seen.Measurements, .. ProbeMeasurements.Of(daily).Where(static one => MonitorPace.IsDaily(one.Metric))],
            };
        }

        // The first answers should be there soon: what is dear comes after that. One that did not come is asked for again, and not at once.
        if (_slow is not null && pace.AsksDaily && IsDue(_daily, pace.Daily, seen.Time) && IsDue(_dailyAsked, pace.Slow, seen.Time))
        {
            _dailyAsked = seen.Time;
            _asking = AskDailyAsync(cancellationToken);
        }

        return seen;
    }

    private async Task<ProbeReport?> AskDailyAsync(CancellationToken cancellationToken)
    {
        try
        {
            await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                using var late = new CancellationTokenSource(pace.Limit(ProbeParts.Daily), time);
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
                return (await ask(new ProbeRequest { Parts = ProbeParts.Daily }, limit.Token).ConfigureAwait(false)).Report;
            }
            finally
            {
                turn.Release();
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ProdOpsException)
        {
            return null;
        }
    }

    private Observation Silent(HealthState reachability, string message) => new(server.Name, time.GetUtcNow()) { Reachability = reachability, Message = message };

    private ProbeParts DueAt(DateTimeOffset now)
    {
        // node_exporter tells each time what it knows, and is never asked for what it does not know.
        if (server.NodeExporter is not null) return ProbeParts.Services;
        var parts = ProbeParts.Fast;
        if (IsDue(_services, pace.ServicesOf(server), now)) parts |= ProbeParts.Services;
        // Rates need a second answer, which should be there soon.
        if (_previous is not null && IsDue(_slow, pace.Slow, now)) parts |= ProbeParts.Slow;
        return parts;
    }

    // Half a round early rather than half a round late.
    private bool IsDue(DateTimeOffset? last, TimeSpan interval, DateTimeOffset now) => last is not { } moment || now < moment || now - moment >= interval - (pace.Interval / 2);
}
