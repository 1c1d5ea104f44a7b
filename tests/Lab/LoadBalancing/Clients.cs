using System.Collections.Concurrent;

namespace ProdOps.Lab.Tests.LoadBalancing;

/// <summary>Clients that ask balancers without a pause, half of them on connections that stay and half on new ones, and remember what went wrong.</summary>
internal sealed class Clients(params string[] balancers) : IAsyncDisposable
{
    private const int PerBalancer = 4;

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<string> _failures = [];
    private readonly List<Task> _tasks = [];
    private int _requests;

    /// <summary>Begins, and waits for the first answers.</summary>
    public async Task BeginAsync()
    {
        foreach (string balancer in balancers)
            for (int i = 0; i < PerBalancer; i++)
            {
                bool keep = i % 2 == 0;
                _tasks.Add(Task.Run(() => AskAsync(balancer, keep)));
            }

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (Volatile.Read(ref _requests) < PerBalancer * balancers.Length) await Task.Delay(20, limit.Token);
    }

    /// <summary>Ends.</summary>
    public async Task<(int Requests, IReadOnlyCollection<string> Failures)> EndAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_tasks);
        return (_requests, _failures);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _stop.Dispose();
    }

    private async Task AskAsync(string balancer, bool keep)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        while (!_stop.IsCancellationRequested)
        {
            // A POST is not repeated in silence by the client when its connection is lost.
            using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{balancer}/") { Content = new StringContent("x") };
            request.Headers.ConnectionClose = !keep;
            try
            {
                using var answer = await client.SendAsync(request, CancellationToken.None);
                if (!answer.IsSuccessStatusCode) _failures.Add($"{balancer}: {(int)answer.StatusCode}");
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or IOException)
            {
                _failures.Add($"{balancer}: {exception.Message}");
            }

            Interlocked.Increment(ref _requests);
            // A pace that two cores of this machine, which also are the balancers and the applications, can keep.
            await Task.Delay(5, CancellationToken.None);
        }
    }
}
