using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ProdOps.Backup.Tests.Storage;

/// <summary>The real <c>rclone serve restic</c> on a loopback port, serving a folder.</summary>
internal sealed class RcloneServer : IAsyncDisposable
{
    public const string User = "backup", Password = "p%w/x@1";

    private readonly ConcurrentQueue<string> _log = new();
    private readonly TaskCompletionSource _serving = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? _process;

    private RcloneServer(string folder) => Folder = folder;

    public string Folder { get; }

    public int Port { get; private set; }

    public string Log => string.Join('\n', _log);

    /// <summary>The address of the repository <c>repository</c> below the folder, with its password, as restic takes it too.</summary>
    public string Url => $"rest:http://{User}:{Uri.EscapeDataString(Password)}@127.0.0.1:{Port}/repository/";

    public static async Task<RcloneServer> StartAsync(string folder, params string[] options)
    {
        Directory.CreateDirectory(folder);
        var server = new RcloneServer(folder);
        // Between looking for a free port and listening somebody else may take it: then another one is tried.
        for (int attempt = 0; attempt < 5; attempt++)
        {
            if (await server.TryStartAsync(options)) return server;
        }

        throw new InvalidOperationException("rclone did not start:\n" + server.Log);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is null) return;
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    private async Task<bool> TryStartAsync(string[] options)
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        var start = new ProcessStartInfo("rclone", [
            "serve", "restic", "--config", "/dev/null", "--addr", $"127.0.0.1:{Port}", "--user", User, "--pass", Password, .. options, Folder]) { RedirectStandardError = true };
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.BeginErrorReadLine();
        _process = process;
        await Task.WhenAny(_serving.Task, process.WaitForExitAsync()).WaitAsync(TimeSpan.FromSeconds(30));
        return !process.HasExited && await IsListeningAsync();
    }

    // rclone says that it serves just before it listens.
    private async Task<bool> IsListeningAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!_process!.HasExited)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, Port, limit.Token);
                return true;
            }
            catch (SocketException)
            {
                await Task.Delay(10, limit.Token);
            }
        }

        return false;
    }

    private void Take(string? line)
    {
        if (line is null) return;
        _log.Enqueue(line);
        if (line.Contains("Serving restic REST API", StringComparison.Ordinal)) _serving.TrySetResult();
    }
}
