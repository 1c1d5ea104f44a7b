using System.Runtime.CompilerServices;
using ProdOps.Logging.Searching;

namespace ProdOps.Logging.Engines.Loki;

/// <summary>
/// Follows what comes to Loki. It hands lines on over a WebSocket, but ends that after an hour, and leaves lines out when it has too much to do: what was missed is then asked for, and where
/// there is no such connection (a proxy between may not let it through) all is asked for, again and again.
/// </summary>
internal sealed class LokiWatch(LokiApi api, EngineHttp http, LogQuery query, EngineOptions options, IActivity activity)
{
    // What was missed is looked for among lines that are no older than this by their own time.
    private static readonly TimeSpan Lookback = TimeSpan.FromHours(1);

    // In microseconds. Several machines may send, whose clocks differ.
    private const long Margin = 15_000_000;

    // Asking costs Loki more than handing on: from time to time a connection is tried again.
    private const int PollsBetweenTails = 60;

    private readonly LokiQuery _loki = LokiQuery.Of(query);
    private readonly LokiPages _pages = new(api, options.Time);
    private readonly EntryMaker _maker = new(query, new LineTest(query), options.Formats);
    private readonly Dictionary<EngineLine, long> _shown = new(LineIdentity.Instance);
    private long _began, _newest, _forgotten;

    public async IAsyncEnumerable<IReadOnlyList<LogEntry>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _began = _newest = Now();
        using var timer = new PeriodicTimer(options.PollPause, options.Time);
        for (int polls = 0; ; polls++)
        {
            if (polls % PollsBetweenTails == 0)
            {
                var address = api.TailAddress(_loki.With(_loki.Labels.Possible), LokiLine.NanosecondsOf(options.Time.GetUtcNow().UtcTicks));
                var (tail, reason) = await LokiTail.OpenAsync(http, address, cancellationToken).ConfigureAwait(false);
                if (reason is not null) activity.Verbose($"{http.Location} hands on no lines ({reason}): it is asked for them instead.");
                using (tail)
                {
                    while (tail is not null)
                    {
                        // Some may have come before the connection stood.
                        if (Take(await MissedAsync(cancellationToken).ConfigureAwait(false), areNew: false) is { Count: > 0 } missed) yield return missed;
                        bool hasDropped = false;
                        while (!hasDropped && await tail.ReadAsync(cancellationToken).ConfigureAwait(false) is { } some)
                        {
                            hasDropped = some.HasDropped;
                            if (Take(some.Rows.Select(static row => row.Line).Order(Comparer<EngineLine>.Create(EngineLine.Compare)), areNew: true) is { Count: > 0 } fresh) yield return fresh;
                        }

                        if (hasDropped) continue;
                        // It has ended: the next one is opened at once.
                        polls = -1;
                        break;
                    }
                }
            }

            await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
            if (Take(await MissedAsync(cancellationToken).ConfigureAwait(false), areNew: false) is { Count: > 0 } found) yield return found;
        }
    }

    private List<LogEntry> Take(IEnumerable<EngineLine> lines, bool areNew)
    {
        var found = new List<LogEntry>();
        foreach (var line in lines)
        {
            if (!(areNew || (line.Received == 0 ? line.Ticks >= TicksOf(_began) : line.Received > _began)) || !_shown.TryAdd(line, Now())) continue;
            _newest = Math.Max(_newest, line.Received);
            if (_maker.IsMatch(line)) found.Add(_maker.Make(line));
        }

        Forget();
        return found;
    }

    /// <summary>Forgets shown lines that are not asked for any more: those of others are, as long as they are young.</summary>
    private void Forget()
    {
        long now = Now();
        if (now - _forgotten < Margin) return;
        _forgotten = now;
        foreach (var old in _shown.Where(pair => pair.Key.Received == 0 ? pair.Value < now - (2 * (Lookback.Ticks / TimeSpan.TicksPerMicrosecond)) : pair.Key.Received < _newest - (2 * Margin)).Select(static pair => pair.Key).ToList()) _shown.Remove(old);
    }

    private async Task<List<EngineLine>> MissedAsync(CancellationToken cancellationToken)
    {
        var filter = _loki.Labels.Possible.And(LokiFilter.Above(LokiLabels.Received, Math.Max(_began, _newest - Margin)).Or(LokiLabels.Foreign));
        var lines = new List<EngineLine>();
        var now = options.Time.GetUtcNow();
        long from = now.Subtract(Lookback).UtcTicks, to = now.Add(Lookback).UtcTicks;
        await foreach (var some in _pages.ReadAsync(_loki.With(filter), _loki.Streams, from, to, int.MaxValue, backwards: false, cancellationToken).ConfigureAwait(false)) lines.AddRange(some);
        return lines;
    }

    private long Now() => (options.Time.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    private static long TicksOf(long microseconds) => (microseconds * TimeSpan.TicksPerMicrosecond) + DateTime.UnixEpoch.Ticks;
}
