using System.Net;
using System.Net.Sockets;

namespace ProdOps.Cmdlets.Tests.Monitoring;

/// <summary>Get-HealthStatus through the built module, with this machine as the server.</summary>
public sealed class GetHealthStatusTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-health-").FullName;
    private readonly Engine _engine = new();

    public GetHealthStatusTests() => _engine.Run($"$null = $ExecutionContext.SessionState.Path.SetLocation('{_folder}')");

    public void Dispose()
    {
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [LinuxFact]
    public void With_nothing_configured_this_machine_is_looked_at()
    {
        dynamic health = Assert.Single(_engine.Run("Get-HealthStatus"));
        Assert.Equal("localhost", (string)health.Server);
        Assert.InRange((double)health.CpuBusy, 0, 100);
        var checks = _engine.Run("Get-HealthStatus -Detailed");
        Assert.Contains(checks, check => (string)check.Properties["Check"].Value == "disk.used" && (string)check.Properties["Instance"].Value == "/");
        Assert.All(checks, check => Assert.Contains("ProdOps.HealthCheckResult", check.TypeNames));
    }

    [LinuxFact]
    public void Servers_of_the_environment_come_the_worst_first_and_one_that_is_down_hinders_nobody()
    {
        File.WriteAllText(Path.Combine(_folder, "environment.psd1"), $$"""
            @{
                Servers = @(
                    @{ Name = 'here'; Local = $true; Role = 'App' }
                    @{ Name = 'down'; Address = '127.0.0.1'; Role = 'Database'; Ssh = @{ User = 'nobody'; Port = {{FreePort()}}; KnownHosts = 'none'; ConfigFile = 'none' } }
                )
            }

            """);
        var all = _engine.Run("Get-HealthStatus");
        Assert.Equal(["down", "here"], all.Select(health => (string)health.Properties["Server"].Value));
        dynamic down = all[0];
        Assert.Equal(("Critical", "reachability"), (down.State.ToString(), (string)down.Problems[0].Check));
        Assert.Contains("127.0.0.1", (string)down.Problems[0].Message, StringComparison.Ordinal);
        Assert.Equal("here", (string)((dynamic)_engine.Run("Get-HealthStatus role:App").Single()).Server);
        Assert.Equal("here", (string)((dynamic)_engine.Run("Get-Server here | Get-HealthStatus").Single()).Server);
        Assert.Empty(_engine.Run("@() | Get-HealthStatus"));
    }

    [LinuxFact]
    public void The_rules_of_the_environment_hold()
    {
        File.WriteAllText(Path.Combine(_folder, "environment.psd1"), """
            @{
                Servers = @{ Name = 'here'; Local = $true }
                Monitoring = @{ Rules = @{ Name = 'disk.used'; Critical = '>= 0%'; Warning = '>= 0%'; Instance = '/' }, @{ Name = 'cpu.busy'; Enabled = $false }, @{ Name = 'tasks'; Metric = 'process.count'; Warning = '> 0' } }
            }
            """);
        var checks = _engine.Run("Get-HealthStatus -Detailed").ToLookup(check => (string)check.Properties["Check"].Value, check => $"{check.Properties["Instance"].Value} {check.Properties["State"].Value}");
        // Other mounts, if there are any, are judged by the default rule.
        Assert.Contains("/ Critical", checks["disk.used"]);
        Assert.Equal([" Warning"], checks["tasks"]);
        Assert.Empty(checks["cpu.busy"]);
        File.WriteAllText(Path.Combine(_folder, "environment.psd1"), "@{ Servers = @{ Name = 'here'; Local = $true }; Monitoring = @{ Rules = @{ Name = 'disk.used'; Warning = '> 99%' } } }");
        Assert.Equal("HealthRuleInvalid,ProdOps.Cmdlets.Monitoring.GetHealthStatus", $"{_engine.Run("try { Get-HealthStatus -ErrorAction Stop } catch { $_.FullyQualifiedErrorId }").Single()}");
    }

    [Fact]
    public async Task Addresses_are_asked_from_here()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port, free = FreePort();
        var serving = ServeAsync(listener);
        var all = _engine.Run($"'http://127.0.0.1:{port}/?token=swordfish', 'tcp://127.0.0.1:{free}' | Get-HealthStatus -TimeoutSec 60");
        await serving;
        Assert.Equal(["Critical", "OK"], all.Select(health => health.Properties["State"].Value.ToString()));
        dynamic refused = all[0], good = all[1];
        Assert.Equal($"nothing listens on port {free} of 127.0.0.1", (string)refused.Problems[0].Message);
        Assert.Equal($"http://127.0.0.1:{port}/", (string)good.Checks[0].Instance);
    }

    [Theory]
    [InlineData("Get-HealthStatus ftp://admin:swordfish@host/", "HealthTargetInvalid")]
    [InlineData("Get-HealthStatus nothing*", "ServerNotFound")]
    public void What_cannot_be_looked_at_is_an_error(string script, string error)
    {
        File.WriteAllText(Path.Combine(_folder, "environment.psd1"), "@{ Servers = @( @{ Name = 'here'; Local = $true } ) }\n");
        using var shell = _engine.Shell(script);
        Assert.Empty(shell.Invoke());
        var record = Assert.Single(shell.Streams.Error);
        Assert.Equal($"{error},ProdOps.Cmdlets.Monitoring.GetHealthStatus", record.FullyQualifiedErrorId);
        Assert.DoesNotContain("swordfish", record.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Views_show_states_by_word_and_symbol_and_nothing_drives_the_terminal()
    {
        _engine.Run("""
            $problem = [ProdOps.HealthCheckResult]@{ Server = 'web1'; Check = 'plugin'; Instance = "a$([char]27)[2Jb"; State = 'Critical'; Value = 1536; Unit = 'B'; Message = "bad$([char]27)[31m" }
            $health = [ProdOps.ServerHealth]@{ Server = 'web1'; State = 'Critical'; Problems = [ProdOps.HealthCheckResult[]]@($problem, $problem); Checks = [ProdOps.HealthCheckResult[]]@($problem) }
            """);
        string Show(string script) => string.Concat(_engine.Run(script));
        Assert.Equal("x Critical", Show("[ProdOps.Cmdlets.FormatHelper]::Health($health.State, $null)"));
        Assert.Equal("? Unknown", Show("[ProdOps.Cmdlets.FormatHelper]::Health('Unknown', $null)"));
        Assert.Equal("plugin a\u241B[2Jb: bad\u241B[31m (+1)", Show("[ProdOps.Cmdlets.FormatHelper]::WorstProblem($health.Problems)"));
        Assert.Equal("1.50 KiB", Show("[ProdOps.Cmdlets.FormatHelper]::Measured($problem.Value, $problem.Unit)"));
        Assert.Equal("", Show("[ProdOps.Cmdlets.FormatHelper]::WholePercent($health.CpuBusy)"));
    }

    private static async Task ServeAsync(TcpListener listener)
    {
        using var client = await listener.AcceptTcpClientAsync();
        await using var stream = client.GetStream();
        Assert.NotEqual(0, await stream.ReadAsync(new byte[4096]));
        await stream.WriteAsync("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"u8.ToArray());
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
