using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ProdOps.Benchmarks.Measurement;

/// <summary>A REST server on this machine, for copies: <c>rclone serve restic</c>. Its own work counts as foreign load and is the same for all.</summary>
internal sealed class RestServer : IAsyncDisposable
{
    private readonly Process _process;

    private RestServer(Process process, string url) => (_process, Url) = (process, url);

    public string Url { get; }

    public static async Task<RestServer> StartAsync(string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        int port;
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        var process = Process.Start(new ProcessStartInfo("rclone", ["serve", "restic", "--config", "/dev/null", "--addr", $"127.0.0.1:{port}", folder]))!;
        while (!process.HasExited)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                return new RestServer(process, $"rest:http://127.0.0.1:{port}/copy/");
            }
            catch (SocketException)
            {
                await Task.Delay(20, cancellationToken);
            }
        }

        throw new InvalidOperationException("rclone did not start.");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
