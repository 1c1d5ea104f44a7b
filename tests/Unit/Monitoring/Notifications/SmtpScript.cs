using System.Net;
using System.Net.Sockets;

namespace ProdOps.Monitoring.Tests.Notifications;

/// <summary>An SMTP server that answers each line as it is told to: with nothing and the end for an empty answer, not at all for <see langword="null"/>.</summary>
internal sealed class SmtpScript : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    /// <param name="answer">The answer to a line; that to <see langword="null"/> is the greeting. Of a mail's lines only the last, the dot, is asked for.</param>
    public SmtpScript(Func<string?, string?> answer)
    {
        _listener.Start();
        _running = Task.Run(() => ServeAsync(answer));
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _running;
        _stop.Dispose();
    }

    private async Task ServeAsync(Func<string?, string?> answer)
    {
        try
        {
            using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
            using var reader = new StreamReader(client.GetStream());
            await using var writer = new StreamWriter(client.GetStream()) { NewLine = "\r\n", AutoFlush = true };
            bool isMail = false;
            for (string? line = null; ; line = await reader.ReadLineAsync(_stop.Token) ?? throw new IOException("It has gone."))
            {
                if (isMail && line != ".") continue;
                isMail = false;
                if (answer(line) is not { } said) await Task.Delay(Timeout.Infinite, _stop.Token);
                else if (said.Length == 0) return;
                else
                {
                    await writer.WriteLineAsync(said);
                    isMail = said.StartsWith("354", StringComparison.Ordinal);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or SocketException)
        {
            // The other side has gone, or the test is over.
        }
    }
}
