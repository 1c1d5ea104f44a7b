using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Probing;

/// <summary>A test against the real node_exporter, installed or unpacked by the test run.</summary>
internal sealed class NodeExporterFactAttribute : FactAttribute
{
    public NodeExporterFactAttribute() => Skip = Requirements.Linux ?? (NodeExporter.Program is null ? "needs prometheus-node-exporter" : null);
}

/// <summary>node_exporter on a port of its own choice.</summary>
internal sealed partial class NodeExporter : IDisposable
{
    private readonly Process _process;
    private readonly HttpClient _client = new();
    private bool _isDisposed;

    private NodeExporter(Process process, int port) => (_process, Port) = (process, port);

    public static string? Program { get; } = Unpacked is { } path && File.Exists(path) ? path : Tool.Find("prometheus-node-exporter");

    private static string Unpacked => Path.Join(Built.Root, "artifacts/tools/node-exporter/usr/bin/prometheus-node-exporter");

    public int Port { get; }

    /// <summary>A server that is asked by it.</summary>
    public Server Server => new() { Name = "web1", Address = "127.0.0.1", Services = ["no-such-thing"], NodeExporter = new NodeExporterOptions { Url = $"http://{{server}}:{Port.ToString(CultureInfo.InvariantCulture)}/metrics" } };

    /// <param name="port">The port; 0 for one that is free.</param>
    public static async Task<NodeExporter> StartAsync(int port = 0)
    {
        var start = new ProcessStartInfo(Program!) { RedirectStandardError = true };
        foreach (string argument in (string[])[$"--web.listen-address=127.0.0.1:{port}", "--collector.filesystem.mount-points-exclude=^$", "--collector.disable-defaults",
            .. ((string[])["cpu", "diskstats", "filefd", "filesystem", "loadavg", "meminfo", "netdev", "netstat", "pressure", "sockstat", "stat", "vmstat", "conntrack", "time", "timex", "uname", "os", "netclass"]).Select(name => $"--collector.{name}")])
            start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            if (!line.Contains("Listening on", StringComparison.Ordinal)) continue;
            _ = process.StandardError.ReadToEndAsync();
            return new NodeExporter(process, int.Parse(Listening().Match(line).Groups[1].Value, CultureInfo.InvariantCulture));
        }

        await process.WaitForExitAsync();
        process.Dispose();
        throw new InvalidOperationException("node_exporter has not started.");
    }

    /// <summary>At the port that it had before: a connection of somebody else may have that for a moment.</summary>
    public static async Task<NodeExporter> StartAgainAsync(int port)
    {
        for (var begun = TimeProvider.System.GetTimestamp(); ;)
        {
            try
            {
                return await StartAsync(port);
            }
            catch (InvalidOperationException) when (TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(200);
            }
        }
    }

    /// <summary>All values, by the name with its labels: <c>node_cpu_seconds_total{cpu="0",mode="user"}</c>.</summary>
    public async Task<Dictionary<string, double>> ReadAsync()
    {
        var values = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (string line in (await _client.GetStringAsync(new Uri($"http://127.0.0.1:{Port}/metrics"))).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int space = line.LastIndexOf(' ');
            if (line[0] != '#') values[line[..space]] = double.Parse(line[(space + 1)..].Replace("+Inf", "Infinity"), CultureInfo.InvariantCulture);
        }

        return values;
    }

    /// <summary>May be called again.</summary>
    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _client.Dispose();
    }

    [GeneratedRegex("""address=\S*?:(\d+)""")]
    private static partial Regex Listening();
}
