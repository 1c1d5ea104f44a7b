using System.Net.Sockets;
using System.Text;
using static System.FormattableString;

namespace ProdOps.Monitoring.Checks;

/// <summary>
/// An SSH server must greet as version 2. Nobody logs in: that the host key is the right one, and that somebody gets in, is what each look at a server by its probe shows.
/// </summary>
/// <param name="subject">What the result is called.</param>
/// <param name="host">A name or an address.</param>
/// <param name="port">The port.</param>
/// <param name="timeout">How long it may take.</param>
/// <param name="time">The clock.</param>
internal sealed class SshCheck(CheckSubject subject, string host, int port, TimeSpan timeout, TimeProvider time) : IHealthCheck
{
    private static readonly byte[] Greeting = "SSH-2.0-ProdOps\r\n"u8.ToArray();

    private readonly CheckRun _run = new(subject, timeout, time) { Describe = error => NetworkConnect.Describe(error, host, port) };

    public Task<IReadOnlyList<HealthCheckResult>> RunAsync(CancellationToken cancellationToken) => _run.OneAsync(async (result, limit) =>
    {
        var connected = await NetworkConnect.ConnectAsync(host, port, time, limit).ConfigureAwait(false);
        long begun = time.GetTimestamp();
        using var socket = connected.Socket;
        var greeting = await ReadAsync(socket, limit).ConfigureAwait(false);
        double seconds = (connected.Resolve + connected.Connect + time.GetElapsedTime(begun)).TotalSeconds;
        // Who leaves without a greeting of its own is written down as a scanner.
        if (greeting.Problem is null) await socket.SendAsync(Greeting, limit).ConfigureAwait(false);
        return result with
        {
            State = greeting.Problem is null ? HealthState.OK : HealthState.Critical,
            Value = seconds,
            Unit = "s",
            Message = greeting.Problem ?? Invariant($"{greeting.Software} greeted in {seconds:0.000} s"),
            Metrics = [subject.Sample("ssh.time", seconds, result.Time)],
        };
    }, cancellationToken);

    private static async Task<SshGreeting> ReadAsync(Socket socket, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[SshGreeting.MostRead];
        int length = 0;
        while (true)
        {
            int read = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
            length += read;
            if (SshGreeting.Parse(buffer.AsSpan(0, length), isEnd: read == 0 || length == buffer.Length) is { } greeting) return greeting;
        }
    }
}

/// <summary>What an SSH server says first (RFC 4253, section 4.2): lines of its own choice, then <c>SSH-2.0-software</c>.</summary>
/// <param name="Software">What runs there, comments included.</param>
/// <param name="Problem">What is wrong; <see langword="null"/> if nothing is.</param>
internal sealed record SshGreeting(string Software, string? Problem)
{
    public const int MostRead = 8 * 1024;

    private const int LongestShown = 200;

    /// <summary>Reads it; <see langword="null"/> as long as more must come.</summary>
    /// <param name="received">What came.</param>
    /// <param name="isEnd">Whether no more comes.</param>
    public static SshGreeting? Parse(ReadOnlySpan<byte> received, bool isEnd)
    {
        string first = "";
        while (true)
        {
            int end = received.IndexOf((byte)'\n');
            if (end < 0) break;
            var line = received[..end].TrimEnd((byte)'\r');
            received = received[(end + 1)..];
            if (line.StartsWith("SSH-"u8)) return OfLine(Text(line));
            if (first.Length == 0) first = Text(line);
        }

        if (!isEnd) return null;
        if (first.Length == 0) first = Text(received);
        return new SshGreeting("", first.Length == 0 ? "connected, but nothing came where an SSH server greets" : $"connected, but '{first}' came where an SSH server greets");
    }

    // 1.99 is a server of version 2 that speaks version 1 too (RFC 4253, section 5.1).
    private static SshGreeting OfLine(string line) => line.StartsWith("SSH-2.0-", StringComparison.Ordinal) ? new SshGreeting(line["SSH-2.0-".Length..], null)
        : line.StartsWith("SSH-1.99-", StringComparison.Ordinal) ? new SshGreeting(line["SSH-1.99-".Length..], null)
        : new SshGreeting("", $"it speaks '{line}', which is not version 2");

    private static string Text(ReadOnlySpan<byte> bytes) => string.Concat(Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, LongestShown)]).Where(c => !char.IsControl(c))).Trim();
}
