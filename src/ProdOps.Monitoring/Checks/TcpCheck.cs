using System.Net.Sockets;
using System.Text;
using static System.FormattableString;

namespace ProdOps.Monitoring.Checks;

/// <summary>Connects to a port; may send something, and wait for what must come back.</summary>
/// <param name="host">A name or an address.</param>
/// <param name="port">The port.</param>
/// <param name="options">What is expected.</param>
/// <param name="time">The clock.</param>
internal sealed class TcpCheck(string host, int port, TcpCheckOptions options, TimeProvider time) : IHealthCheck
{
    private const int MostRead = 4096;

    public async Task<IReadOnlyList<HealthCheckResult>> RunAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Timeout);
        long begun = time.GetTimestamp();
        var result = new HealthCheckResult { Server = options.Server ?? host, Check = "tcp", Instance = Invariant($"{host}:{port}"), Unit = "s", Time = time.GetUtcNow() };
        try
        {
            var connected = await NetworkConnect.ConnectAsync(host, port, time, limit.Token).ConfigureAwait(false);
            using var socket = connected.Socket;
            double seconds = (connected.Resolve + connected.Connect).TotalSeconds;
            string? missing = await TalkAsync(socket, limit.Token).ConfigureAwait(false);
            result = result with
            {
                State = missing is null ? options.Seconds.OfHigh(seconds) : HealthState.Critical,
                Value = seconds,
                Message = missing ?? Invariant($"connected in {seconds:0.000} s"),
                Metrics = [new MetricSample { Server = result.Server, Name = "tcp.time", Instance = result.Instance, Value = seconds, Unit = "s", Time = result.Time }],
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            result = result with { State = HealthState.Critical, Message = Invariant($"no answer within {options.Timeout.TotalSeconds:0.###} s") };
        }
        catch (SocketException error)
        {
            result = result with { State = HealthState.Critical, Message = NetworkConnect.Describe(error, host, port) };
        }

        return [result with { Duration = time.GetElapsedTime(begun) }];
    }

    /// <summary>What is missing, or <see langword="null"/>.</summary>
    private async Task<string?> TalkAsync(Socket socket, CancellationToken cancellationToken)
    {
        if (options.Send is { } text) await socket.SendAsync(Encoding.UTF8.GetBytes(text), cancellationToken).ConfigureAwait(false);
        if (options.Expect is not { } expected) return null;
        byte[] buffer = new byte[MostRead];
        int length = 0;
        while (length < buffer.Length)
        {
            int read = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
            if (read == 0) break;
            length += read;
            if (Encoding.UTF8.GetString(buffer, 0, length).Contains(expected, StringComparison.Ordinal)) return null;
        }

        string answer = Encoding.UTF8.GetString(buffer, 0, length).Split('\n')[0].Trim();
        return answer.Length == 0 ? $"connected, but nothing came where '{expected}' was expected" : $"connected, but '{answer}' came where '{expected}' was expected";
    }
}

/// <summary>What a port must do.</summary>
internal sealed record TcpCheckOptions
{
    /// <summary>The server that the result is of; the host without one.</summary>
    public string? Server { get; init; }

    /// <summary>A text to send when connected.</summary>
    public string? Send { get; init; }

    /// <summary>A text that must come within what is received first.</summary>
    public string? Expect { get; init; }

    /// <summary>How long everything may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many seconds connecting may take.</summary>
    public Limits Seconds { get; init; } = new(1, null);
}
