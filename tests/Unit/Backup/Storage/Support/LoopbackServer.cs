using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ProdOps.Backup.Tests.Storage;

/// <summary>A server program of this machine on a free loopback port.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly Process _process;

    private LoopbackServer(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    /// <param name="program">What to run; it must be on the PATH.</param>
    /// <param name="arguments">Its arguments; <c>{port}</c> stands for the port.</param>
    public static async Task<LoopbackServer> StartAsync(string program, params string[] arguments)
    {
        int port;
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        string number = port.ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo(program, arguments.Select(argument => argument.Replace("{port}", number, StringComparison.Ordinal))) { RedirectStandardOutput = true, RedirectStandardError = true };
        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!process.HasExited)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, limit.Token);
                return new LoopbackServer(process, port);
            }
            catch (SocketException)
            {
                await Task.Delay(20, limit.Token);
            }
        }

        throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
