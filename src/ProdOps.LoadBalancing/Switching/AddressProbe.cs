using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ProdOps.LoadBalancing.Switching;

/// <summary>
/// Asks an address again and again, each time by a new connection, and remembers the longest time without a good answer. A question does not wait for the one before it: an address that swallows packets
/// costs no more than the time it swallows them.
/// </summary>
internal sealed class AddressProbe : IAsyncDisposable
{
    private const int MostUnderWay = 200, AnswerLength = 64;

    private readonly AddressProbeTarget _target;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly Task _running;
    private long _lastGood;
    private TimeSpan _gap;
    private int _requests, _failed, _goodInARow;
    private string _lastFailure = "";

    /// <summary>Begins at once.</summary>
    public AddressProbe(AddressProbeTarget target, TimeProvider time)
    {
        (_target, _time, _lastGood) = (target, time, time.GetTimestamp());
        _running = Task.Run(RunAsync);
    }

    /// <summary>What has been seen so far. A gap that is not over counts up to now.</summary>
    public AddressProbeResult Result
    {
        get
        {
            lock (_lock)
            {
                var open = _time.GetElapsedTime(_lastGood);
                return new AddressProbeResult(_requests, _failed, _goodInARow, _gap > open ? _gap : open, _lastFailure);
            }
        }
    }

    /// <summary>Forgets what was seen: gaps and failures count from now on.</summary>
    public void Restart()
    {
        lock (_lock) (_requests, _failed, _goodInARow, _gap, _lastGood) = (0, 0, 0, TimeSpan.Zero, _time.GetTimestamp());
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var asking = new List<Task>();
        using var timer = new PeriodicTimer(_target.Interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                asking.RemoveAll(task => task.IsCompleted);
                if (asking.Count < MostUnderWay) asking.Add(AskAsync());
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(asking).ConfigureAwait(false);
        }
    }

    private async Task AskAsync()
    {
        string? failure;
        try
        {
            using var limit = new CancellationTokenSource(_target.Timeout, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stop.Token);
            failure = await AskOnceAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            if (_stop.IsCancellationRequested) return;
            failure = "no answer in time";
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            failure = error.Message;
        }

        lock (_lock)
        {
            ++_requests;
            if (failure is not null)
            {
                (_goodInARow, _lastFailure) = (0, failure);
                ++_failed;
                return;
            }

            var gap = _time.GetElapsedTime(_lastGood);
            if (gap > _gap) _gap = gap;
            _lastGood = _time.GetTimestamp();
            ++_goodInARow;
        }
    }

    /// <returns>What is wrong; <see langword="null"/> if the answer is good.</returns>
    private async Task<string?> AskOnceAsync(CancellationToken cancellationToken)
    {
        using var socket = new Socket(_target.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(_target.Address, _target.Port), cancellationToken).ConfigureAwait(false);
        if (_target.Path is null) return null;
        string request = $"GET {_target.Path} HTTP/1.1\r\nHost: {_target.Host}\r\nUser-Agent: ProdOps\r\nConnection: close\r\n\r\n";
        await socket.SendAsync(Encoding.ASCII.GetBytes(request), cancellationToken).ConfigureAwait(false);
        byte[] answer = new byte[AnswerLength];
        int length = 0, count;
        while (length < answer.Length && !answer.AsSpan(0, length).Contains((byte)'\n') && (count = await socket.ReceiveAsync(answer.AsMemory(length), cancellationToken).ConfigureAwait(false)) > 0) length += count;
        return AddressProbeTarget.Judge(Encoding.ASCII.GetString(answer, 0, length));
    }
}

/// <summary>What is asked, and how.</summary>
/// <param name="Address">The address.</param>
/// <param name="Port">The port.</param>
/// <param name="Path">The path of a request of HTTP; <see langword="null"/> to see only whether it takes connections.</param>
/// <param name="Host">The Host header.</param>
internal sealed record AddressProbeTarget(IPAddress Address, int Port, string? Path, string Host)
{
    /// <summary>How often.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(25);

    /// <summary>How long an answer may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>What is wrong with the beginning of an answer; <see langword="null"/> if nothing is: any status but 5xx comes from whoever was asked.</summary>
    public static string? Judge(string answer)
    {
        string line = answer.Split('\n')[0].TrimEnd();
        string[] words = line.Split(' ');
        if (words.Length < 2 || !words[0].StartsWith("HTTP/", StringComparison.Ordinal) || words[1].Length != 3 || !words[1].All(char.IsAsciiDigit)) return line.Length == 0 ? "no answer" : "the answer is not of HTTP";
        return words[1][0] == '5' ? $"HTTP {words[1]}" : null;
    }
}

/// <summary>What a probe has seen.</summary>
/// <param name="Requests">How often it asked and knows what came of it.</param>
/// <param name="Failed">How often there was no good answer.</param>
/// <param name="GoodInARow">How many good answers there were since the last failure.</param>
/// <param name="Gap">The longest time without a good answer.</param>
/// <param name="LastFailure">What the last failure was.</param>
internal sealed record AddressProbeResult(int Requests, int Failed, int GoodInARow, TimeSpan Gap, string LastFailure);
