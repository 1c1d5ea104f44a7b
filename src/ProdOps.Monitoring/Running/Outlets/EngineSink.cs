using System.Buffers.Text;
using System.Globalization;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ProdOps.Monitoring.Engines;
using ProdOps.Monitoring.Exporting;
using ProdOps.Monitoring.Store;

namespace ProdOps.Monitoring.Running.Outlets;

/// <summary>
/// Sends samples to VictoriaMetrics by its import API, in the order in which they were kept. What it has acknowledged is removed from what waits; and whether it has what was sent and never answered for,
/// or was sent before a crash, it is asked before it is sent again: nothing is missing there, and nothing is there twice. What it acknowledges it has in memory, and on its disk some seconds later: so long a batch
/// stays. After a failure, and when it may have been started again meanwhile, it is asked for all of them: whoever has a connection to it that was kept all the time has the same process at its other end, and by
/// another one it must have been running for longer than what it acknowledged is old.
/// </summary>
internal sealed class EngineSink : IOutlet, IDisposable
{
    private const int MostSamples = 50_000;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(500), Look = TimeSpan.FromSeconds(1), Settled = TimeSpan.FromSeconds(15);

    // By its number; when the sending of it began, and when it was acknowledged.
    private readonly Queue<(long Last, long Begun, long At)> _settling = [];

    private readonly MetricStore _store;
    private readonly EngineHttp _http;
    private readonly TimeSpan _longestDelay;
    private readonly TimeProvider _time;
    private readonly IActivity _activity;
    private ProdOpsException? _failure;
    private bool _isIdle;
    private int _connections;
    private long _position, _uncertainUntil, _toldLost;

    public EngineSink(MetricStore store, EngineOptions options, TimeSpan longestDelay, TimeProvider time, IActivity activity)
    {
        (_store, _longestDelay, _time, _activity) = (store, longestDelay, time, activity);
        _http = new EngineHttp(options);
        _uncertainUntil = store.Unsent.Keep();
    }

    public string Name => "engine";

    public string? Trouble => Volatile.Read(ref _failure)?.Message;

    /// <summary>Whether it has acknowledged all that there was when that was last looked at.</summary>
    public bool IsIdle => Volatile.Read(ref _isIdle);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        int failures = 0;
        while (true)
        {
            bool sent = false;
            try
            {
                sent = await SendAsync(cancellationToken).ConfigureAwait(false);
                if (_failure is not null && sent)
                {
                    _activity.Verbose($"The engine at {_http.Location} takes samples again.");
                    Volatile.Write(ref _failure, null);
                }

                failures = 0;
            }
            catch (ProdOpsException error)
            {
                // It may have ended, and not have all that it has acknowledged.
                BeginAnew();
                if (_failure is null) _activity.Warning($"{error.Message} Samples wait until it takes them.");
                else _activity.Verbose(error.Message);
                Volatile.Write(ref _failure, error);
                failures++;
            }

            Volatile.Write(ref _isIdle, !sent && failures == 0);
            TellLost();
            if (!sent) await Task.Delay(failures == 0 ? Look : Delay(failures), _time, cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Sends the oldest that waits.</summary>
    /// <returns>Whether there was something.</returns>
    private async Task<bool> SendAsync(CancellationToken cancellationToken)
    {
        var unsent = _store.Unsent.Read(_position, MostSamples, id => _activity.Warning($"A batch of samples for the engine at {_http.Location} cannot be read, and is left out ({id})."));
        if (unsent is { } batch)
        {
            long begun = _time.GetTimestamp();
            var samples = batch.First <= _uncertainUntil ? await MissingAsync(batch.Samples, cancellationToken).ConfigureAwait(false) : batch.Samples;
            if (samples.Count > 0)
            {
                using var content = Content(samples);
                // Whatever comes of it, it may have arrived.
                _uncertainUntil = Math.Max(_uncertainUntil, batch.Last);
                // It answers 204 when it has read all of it; what it did not understand is not in that answer, and nothing of ours is that.
                if (await _http.PostAsync("/api/v1/import", content, cancellationToken).ConfigureAwait(false) is { Status: >= 300 } refused)
                    throw MonitoringErrors.EngineRefused(_http.Location, Notifications.PlainLine.OfAnswer(Encoding.UTF8.GetString(refused.Body)));
            }

            _position = batch.Last;
            _settling.Enqueue((batch.Last, begun, _time.GetTimestamp()));
        }
        else if (IsSettled())
        {
            await TryGetAsync("/health", cancellationToken).ConfigureAwait(false);
        }

        if (await MayBeAnotherAsync(cancellationToken).ConfigureAwait(false))
        {
            _activity.Verbose($"The engine at {_http.Location} may have been started again: what it does not have is sent once more.");
            BeginAnew();
            return true;
        }

        while (IsSettled()) _store.Unsent.Remove(_settling.Dequeue().Last);
        return unsent is not null;
    }

    private bool IsSettled() => _settling.TryPeek(out var acknowledged) && _time.GetElapsedTime(acknowledged.At) >= Settled;

    /// <summary>What it has acknowledged of late it may not have.</summary>
    private void BeginAnew()
    {
        _position = 0;
        _settling.Clear();
    }

    /// <summary>
    /// Whether what answers now may be another process than the one that has acknowledged what is not settled, as far as it tells for how long it has been running. When it was started it tells in whole
    /// seconds: two of one second would be the same. Connections are closed for less than an end.
    /// </summary>
    private async Task<bool> MayBeAnotherAsync(CancellationToken cancellationToken)
    {
        if (_http.Connections == _connections) return false;
        var uptime = await TryGetAsync("/metrics", cancellationToken).ConfigureAwait(false) is { } answer ? UptimeOf(answer.Body) : null;
        _connections = _http.Connections;
        return uptime is { } running && _settling.TryPeek(out var oldest) && _time.GetElapsedTime(oldest.Begun) >= running;
    }

    /// <summary>Asks for what not every engine gives to everybody.</summary>
    private async Task<EngineAnswer?> TryGetAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await _http.GetAsync(path, [], cancellationToken).ConfigureAwait(false);
        }
        catch (ProdOpsException error) when (error is not EngineTroubleException)
        {
            _activity.Verbose(error.Message);
            return null;
        }
    }

    private static ReadOnlySpan<byte> Uptime => "vm_app_uptime_seconds "u8;

    /// <summary>For how long it has been running, as it tells itself: rounded down, so never for too long.</summary>
    private static TimeSpan? UptimeOf(ReadOnlySpan<byte> metrics)
    {
        foreach (var range in metrics.Split((byte)'\n'))
        {
            var line = metrics[range];
            if (line.StartsWith(Uptime) && Utf8Parser.TryParse(line[Uptime.Length..], out double seconds, out _) && seconds is >= 0 and < 1e9) return TimeSpan.FromSeconds(seconds);
        }

        return null;
    }

    private static ByteArrayContent Content(IReadOnlyList<MetricSample> samples)
    {
        using var body = new MemoryStream();
        using (var writer = new StreamWriter(new GZipStream(body, CompressionLevel.Fastest), new UTF8Encoding(false)))
            foreach (string line in MetricText.VictoriaMetrics(ExportSource.Of(samples))) writer.Write(line + "\n");
        var content = new ByteArrayContent(body.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.ContentEncoding.Add("gzip");
        return content;
    }

    /// <summary>Those that the engine does not have.</summary>
    private async Task<IReadOnlyList<MetricSample>> MissingAsync(IReadOnlyList<MetricSample> samples, CancellationToken cancellationToken)
    {
        if (samples.Count == 0) return samples;
        // What was taken a moment ago is not found without it. Where it needs a key of its own, the next answer is a second or so old.
        await TryGetAsync("/internal/force_flush", cancellationToken).ConfigureAwait(false);
        try
        {
            long from = samples.Min(static sample => sample.Time).ToUnixTimeMilliseconds(), to = samples.Max(static sample => sample.Time).ToUnixTimeMilliseconds();
            string selector = $"{{__name__=~{PromQl.Quote(ExportNames.Prefix + ".+")}}}";
            var answer = await _http.GetAsync("/api/v1/export", [new("match[]", selector), new("start", PromQl.Moment(from)), new("end", PromQl.Moment(to)), new("reduce_mem_usage", "1")], cancellationToken).ConfigureAwait(false);
            var there = Read(answer.Body);
            var missing = samples.Where(sample => !there.Contains((new SeriesRow(0, sample.Server, sample.Name, sample.Instance, sample.Unit), sample.Time.ToUnixTimeMilliseconds()))).ToList();
            _activity.Verbose(string.Create(CultureInfo.InvariantCulture, $"Of {samples.Count} samples of which nobody knew, the engine at {_http.Location} has {samples.Count - missing.Count}."));
            return missing;
        }
        catch (ProdOpsException error) when (error is not EngineTroubleException)
        {
            // A cluster takes samples and gives them out at different places: there some may come twice, and none is missing.
            _activity.Verbose($"What it has cannot be found out: {error.Message}");
            return samples;
        }
    }

    private HashSet<(SeriesRow Series, long Time)> Read(byte[] body)
    {
        var there = new HashSet<(SeriesRow, long)>();
        try
        {
            foreach (var range in body.AsSpan().Split((byte)'\n'))
            {
                var line = body.AsMemory(range);
                if (line.IsEmpty) continue;
                using var document = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 8 });
                var metric = document.RootElement.GetProperty("metric");
                if (ExportNames.SeriesOf(Label("__name__") ?? "", Label) is not { } series) continue;
                foreach (var time in document.RootElement.GetProperty("timestamps").EnumerateArray()) there.Add((series, time.GetInt64()));

                string? Label(string name) => metric.TryGetProperty(name, out var value) ? value.GetString() : null;
            }
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw MonitoringErrors.EngineMisbehaves(_http.Location, "what it exports is not what VictoriaMetrics does", error);
        }

        return there;
    }

    private void TellLost()
    {
        long lost = _store.Unsent.Lost;
        if (lost == _toldLost) return;
        _activity.Warning(string.Create(CultureInfo.InvariantCulture, $"The engine at {_http.Location} was away for too long: {lost - _toldLost} samples more are not sent to it any more. The store has them; Export-Metric -Format VictoriaMetrics writes what it imports."));
        _toldLost = lost;
    }

    private TimeSpan Delay(int failures)
    {
        var delay = FirstDelay * Math.Pow(2, Math.Min(failures, 16));
        return (delay < _longestDelay ? delay : _longestDelay) * (0.5 + (Random.Shared.NextDouble() / 2));
    }
}
