using System.Text;

namespace ProdOps.LoadBalancing.Load;

/// <summary>How a request ended.</summary>
internal enum LoadOutcome
{
    Good,
    ConnectFailure,
    ResetOnReused,
    ResetOnFresh,
    Timeout,
    ServerError,
    Wrong,
}

/// <summary>Counts how requests ended. Connections add at the same time; what it keeps is bounded however many they are and whatever servers send.</summary>
internal sealed class LoadStatistics(TimeProvider time)
{
    private const int MaximumServers = 1000;
    private const int MaximumTexts = 200;
    private const int ShownTexts = 10;

    private readonly Lock _lock = new();
    private readonly long[] _outcomes = new long[Enum.GetValues<LoadOutcome>().Length];
    private readonly LatencyHistogram _latencies = new();
    private readonly Dictionary<string, (long Requests, long Failed)> _servers = [];
    private readonly Dictionary<string, long> _texts = [];
    private byte[] _lastServer = [];
    private string _lastServerName = "";
    private long _begun, _lastGood, _gap, _gapStart, _sent, _good, _firstFailure, _lastFailure;

    /// <summary>Requests that were sent, or could not be.</summary>
    public long Requests => Interlocked.Read(ref _sent);

    /// <summary>Requests with a good answer.</summary>
    public long Good => Interlocked.Read(ref _good);

    /// <summary>Requests without one, so far.</summary>
    public long Failed { get { lock (_lock) return _outcomes.Sum() - _outcomes[(int)LoadOutcome.Good]; } }

    /// <summary>The timestamp of the last good answer; that of the beginning without one.</summary>
    public long LastGood { get { lock (_lock) return _lastGood; } }

    public void Begin() => _begun = _lastGood = _gapStart = time.GetTimestamp();

    /// <summary>Counts a request as sent.</summary>
    /// <returns>Its number, from 1.</returns>
    public long Number() => Interlocked.Increment(ref _sent);

    /// <summary>Counts how a request ended.</summary>
    /// <param name="outcome">How.</param>
    /// <param name="due">When it was due.</param>
    /// <param name="server">Who answered; empty if nobody said.</param>
    /// <param name="failure">What went wrong, in words.</param>
    public void Add(LoadOutcome outcome, long due, ReadOnlySpan<byte> server, string? failure = null)
    {
        lock (_lock)
        {
            long now = time.GetTimestamp();
            _outcomes[(int)outcome]++;
            bool good = outcome == LoadOutcome.Good;
            if (good)
            {
                _good++;
                _latencies.Add(time.GetElapsedTime(due, now));
                Gap(now);
                _lastGood = now;
            }
            else
            {
                _firstFailure = _firstFailure == 0 ? due : Math.Min(_firstFailure, due);
                _lastFailure = Math.Max(_lastFailure, due);
                string text = failure ?? outcome.ToString();
                if (_texts.Count < MaximumTexts || _texts.ContainsKey(text)) _texts[text] = _texts.GetValueOrDefault(text) + 1;
            }

            if (!server.IsEmpty) Count(server, good);
        }
    }

    /// <summary>What was seen. Whoever reads it has ended the connections.</summary>
    /// <param name="target">What was asked.</param>
    /// <param name="run">What the ids of its requests begin with.</param>
    public LoadTestResult ToResult(string target, string run)
    {
        lock (_lock)
        {
            long now = time.GetTimestamp();
            Gap(now);
            var duration = time.GetElapsedTime(_begun, now);
            var wallBegun = time.GetUtcNow() - duration;
            return new LoadTestResult
            {
                Target = target,
                Run = run,
                Requests = _outcomes.Sum(),
                Failed = _outcomes.Sum() - Of(LoadOutcome.Good),
                ConnectFailures = Of(LoadOutcome.ConnectFailure),
                ResetOnReused = Of(LoadOutcome.ResetOnReused),
                ResetOnFresh = Of(LoadOutcome.ResetOnFresh),
                Timeouts = Of(LoadOutcome.Timeout),
                ServerErrors = Of(LoadOutcome.ServerError),
                Wrong = Of(LoadOutcome.Wrong),
                Rate = duration > TimeSpan.Zero ? _outcomes.Sum() / duration.TotalSeconds : 0,
                Median = _latencies.Percentile(0.5),
                Percentile95 = _latencies.Percentile(0.95),
                Percentile99 = _latencies.Percentile(0.99),
                Maximum = _latencies.Maximum,
                LongestGap = time.GetElapsedTime(0, _gap),
                LongestGapStart = wallBegun + time.GetElapsedTime(_begun, _gapStart),
                FirstFailure = _firstFailure == 0 ? null : wallBegun + time.GetElapsedTime(_begun, _firstFailure),
                LastFailure = _firstFailure == 0 ? null : wallBegun + time.GetElapsedTime(_begun, _lastFailure),
                Servers = [.. _servers.Select(pair => new LoadTestShare(pair.Key, pair.Value.Requests, pair.Value.Failed)).OrderBy(share => share.Server, StringComparer.Ordinal)],
                Failures = [.. _texts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).Take(ShownTexts).Select(pair => new LoadTestFailure(pair.Key, pair.Value))],
                Start = wallBegun,
                Duration = duration,
            };
        }
    }

    private long Of(LoadOutcome outcome) => _outcomes[(int)outcome];

    private void Gap(long now)
    {
        if (now - _lastGood <= _gap) return;
        _gap = now - _lastGood;
        _gapStart = _lastGood;
    }

    private void Count(ReadOnlySpan<byte> server, bool good)
    {
        if (!server.SequenceEqual(_lastServer))
        {
            _lastServer = server.ToArray();
            _lastServerName = Name(server);
        }

        string name = _servers.Count < MaximumServers || _servers.ContainsKey(_lastServerName) ? _lastServerName : "(others)";
        var (requests, failed) = _servers.GetValueOrDefault(name);
        _servers[name] = (requests + 1, good ? failed : failed + 1);
    }

    /// <summary>A name as it can be shown: what a server sends does not paint on the admin's terminal.</summary>
    private static string Name(ReadOnlySpan<byte> server) => string.Concat(Encoding.UTF8.GetString(server).Select(c => char.IsControl(c) ? ' ' : c));
}
