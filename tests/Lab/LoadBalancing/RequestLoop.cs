using System.Collections.Concurrent;
using System.Diagnostics;

namespace ProdOps.Lab.Tests.LoadBalancing;

/// <summary>Clients that ask an address at a steady rate until they are stopped, half of them by a new connection each time, and each waits for its answer.
/// What .NET's client repeats by itself on a connection that was kept is not seen. It stops by itself after five minutes.</summary>
internal sealed class RequestLoop : IAsyncDisposable
{
    private const int Clients = 8;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(40), Longest = TimeSpan.FromMinutes(5);

    private readonly CancellationTokenSource _stop = new(Longest);
    private readonly Task[] _clients;
    private readonly Lock _lock = new();
    private long _lastGood = Stopwatch.GetTimestamp();
    private TimeSpan _gap;
    private int _requests;

    public RequestLoop(string url) => _clients = [.. Enumerable.Range(0, Clients).Select(client => Task.Run(() => AskAsync(url, close: client % 2 == 0)))];

    public int Requests => Volatile.Read(ref _requests);

    /// <summary>What went wrong, in words.</summary>
    public ConcurrentQueue<string> Failures { get; } = [];

    /// <summary>How often each answer came.</summary>
    public ConcurrentDictionary<string, int> Answers { get; } = [];

    /// <summary>The longest time without a good answer.</summary>
    public TimeSpan Gap
    {
        get
        {
            lock (_lock) return _gap;
        }
    }

    /// <summary>Waits until there were some more answers.</summary>
    public async Task SomeAsync(int more = 50)
    {
        int target = Requests + more;
        await Logging.LogAdmin.UntilAsync(() => Requests >= target, $"{more} more requests");
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_clients);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stop.IsCancellationRequested) await StopAsync();
        _stop.Dispose();
    }

    private async Task AskAsync(string url, bool close)
    {
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1 }) { Timeout = TimeSpan.FromSeconds(10) };
        while (!_stop.IsCancellationRequested)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.ConnectionClose = close;
            try
            {
                using var response = await client.SendAsync(request, CancellationToken.None);
                string answer = (await response.Content.ReadAsStringAsync(CancellationToken.None)).Trim();
                if (!response.IsSuccessStatusCode) Failures.Enqueue($"HTTP {(int)response.StatusCode}");
                else Good($"{(response.Headers.TryGetValues("X-Server", out var server) ? server.First() : "?")} {answer}");
            }
            catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
            {
                Failures.Enqueue(error.Message);
            }

            Interlocked.Increment(ref _requests);
            await Task.Delay(Pause, CancellationToken.None);
        }
    }

    private void Good(string answer)
    {
        Answers.AddOrUpdate(answer, 1, (_, count) => count + 1);
        lock (_lock)
        {
            var gap = Stopwatch.GetElapsedTime(_lastGood);
            if (gap > _gap) _gap = gap;
            _lastGood = Stopwatch.GetTimestamp();
        }
    }
}
