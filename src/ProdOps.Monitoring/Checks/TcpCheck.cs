using System.Net.Sockets;
using System.Text;
using static System.FormattableString;

namespace ProdOps.Monitoring.Checks;

/// <summary>Connects to a port; may send something, and wait for what must come back.</summary>
/// <param name="subject">What the result is called.</param>
/// <param name="host">A name or an address.</param>
/// <param name="port">The port.</param>
/// <param name="options">What is expected.</param>
/// <param name="time">The clock.</param>
internal sealed class TcpCheck(CheckSubject subject, string host, int port, TcpCheckOptions options, TimeProvider time) : IHealthCheck
{
    private const int MostRead = 4096;

    private readonly CheckRun _run = new(subject, options.Timeout, time) { Describe = error => NetworkConnect.Describe(error, host, port) };

    public Task<IReadOnlyList<HealthCheckResult>> RunAsync(CancellationToken cancellationToken) => _run.OneAsync(async (result, limit) =>
    {
        var connected = await NetworkConnect.ConnectAsync(host, port, time, limit).ConfigureAwait(false);
        using var socket = connected.Socket;
        double seconds = (connected.Resolve + connected.Connect).TotalSeconds;
        string? missing = await TalkAsync(socket, limit).ConfigureAwait(false);
        return result with
        {
            State = missing is null ? options.Seconds.OfHigh(seconds) : HealthState.Critical,
            Value = seconds,
            Unit = "s",
            Message = missing ?? Invariant($"connected in {seconds:0.000} s"),
            Metrics = [subject.Sample("tcp.time", seconds, result.Time)],
        };
    }, cancellationToken);

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
    /// <summary>A text to send when connected.</summary>
    public string? Send { get; init; }

    /// <summary>A text that must come within what is received first.</summary>
    public string? Expect { get; init; }

    /// <summary>How long everything may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many seconds connecting may take.</summary>
    public Limits Seconds { get; init; } = new(1, null);
}
