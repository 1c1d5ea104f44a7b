using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ProdOps.Cmdlets.Tests.Monitoring;

/// <summary>A server of the environment that is asked by its node_exporter, and that nobody can log in to.</summary>
public sealed class NodeExporterServerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-exporter-").FullName;
    private readonly HttpListener _listener = new();
    private readonly Engine _engine = new();
    private readonly Task _serving;
    private int _asked;

    public NodeExporterServerTests()
    {
        int port = FreePort();
        _listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        _listener.Start();
        _serving = ServeAsync();
        File.WriteAllText(Path.Combine(_folder, "key"), "swordfish\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Path.Combine(_folder, "key"), UnixFileMode.UserRead);
        File.WriteAllText(Path.Combine(_folder, "environment.psd1"), $$$"""
            @{
                Servers = @(
                    @{ Name = 'web1'; Address = '127.0.0.1'; Services = 'nginx'; Ssh = @{ Port = {{{FreePort()}}}; KnownHosts = 'none'; ConfigFile = 'none' }
                       NodeExporter = @{ Url = 'http://{server}:{{{port}}}/metrics'; User = 'prometheus'; Password = @{ File = 'key' } } }
                )
                Monitoring = @{ Store = 'store'; Anchors = 'tcp://127.0.0.1:{{{port}}}' }
            }
            """);
        _engine.Run($"$null = $ExecutionContext.SessionState.Path.SetLocation('{_folder}')");
    }

    public void Dispose()
    {
        _engine.Dispose();
        _listener.Close();
        _serving.Wait();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Get_HealthStatus_judges_what_it_tells()
    {
        dynamic health = Assert.Single(_engine.Run("Get-HealthStatus"));
        Assert.Equal(("web1", 25.0, 50.0, 60.0), ((string)health.Server, (double)health.CpuBusy, (double)health.MemoryUsed, (double)health.DiskUsed));
        Assert.Equal(["web1 reachability OK", "web1 service Unknown"], _engine.Run("Get-HealthStatus -Detailed | Where-Object { $_.Check -in 'reachability', 'service' } | ForEach-Object { \"$($_.Server) $($_.Check) $($_.State)\" }").Select(line => $"{line}").Order());
        Assert.EndsWith("/metrics", $"{_engine.Run("(Get-Server web1).NodeExporter").Single()}", StringComparison.Ordinal);
    }

    [Fact]
    public void Watch_HealthStatus_and_Start_HealthMonitor_ask_it_too()
    {
        dynamic watched = _engine.Run("do { Watch-HealthStatus -Source Servers -PassThru -Interval 1s -For 60s | ForEach-Object { if ($null -ne $_.CpuBusy) { $_; break } } } while ($false)").Single();
        Assert.Equal(25.0, (double)watched.CpuBusy);
        int asked = Volatile.Read(ref _asked);
        Assert.Empty(_engine.Run("Start-HealthMonitor -Interval 1s -For 6s | Where-Object { $_.Server -eq 'web1' -and $_.Check -eq 'reachability' -and $_.State -eq 'Critical' }"));
        Assert.True(Volatile.Read(ref _asked) > asked);
        dynamic series = _engine.Run("Get-Metric cpu.busy -Server web1").Single();
        Assert.Equal((25.0, 25.0), ((double)series.Minimum, (double)series.Maximum));
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                bool isKnown = context.Request.Headers["Authorization"] == "Basic " + Convert.ToBase64String("prometheus:swordfish"u8);
                context.Response.StatusCode = !isKnown ? 401 : context.Request.Url!.AbsolutePath == "/metrics" ? 200 : 404;
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(Text(Interlocked.Increment(ref _asked))));
                context.Response.Close();
            }
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
        {
            // It is over.
        }
    }

    /// <summary>A quarter of a CPU is used between any two questions, half of the memory, and 60 % of the disk.</summary>
    private static string Text(int question)
    {
        string now = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds.ToString("F6", CultureInfo.InvariantCulture);
        var text = new StringBuilder($"node_time_seconds {now}\nnode_boot_time_seconds 1.7e+09\nnode_memory_MemTotal_bytes 1e+09\nnode_memory_MemAvailable_bytes 5e+08\n");
        foreach (var (mode, seconds) in ((string, int)[])[("user", 25 * question), ("nice", 0), ("system", 0), ("idle", 75 * question), ("iowait", 0), ("irq", 0), ("softirq", 0), ("steal", 0)])
            text.Append($"node_cpu_seconds_total{{cpu=\"0\",mode=\"{mode}\"}} {seconds}\n");
        foreach (var (name, value) in ((string, string)[])[("size", "1e+10"), ("free", "4e+09"), ("avail", "4e+09")])
            text.Append($"node_filesystem_{name}_bytes{{device=\"/dev/vda1\",fstype=\"ext4\",mountpoint=\"/\"}} {value}\n");
        return text.ToString();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
