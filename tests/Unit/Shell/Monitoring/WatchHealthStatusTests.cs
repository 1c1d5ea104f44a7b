using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Net;
using System.Net.Sockets;

namespace ProdOps.Cmdlets.Tests.Monitoring;

/// <summary>Watch-HealthStatus through the built module: on a screen, without one, and from the store of a monitor.</summary>
public sealed class WatchHealthStatusTests(HistoryFixture history) : IClassFixture<HistoryFixture>, IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-watch-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [LinuxFact]
    public void At_a_prompt_a_table_is_drawn_in_place_and_follows_the_window_until_it_is_stopped()
    {
        var host = new TerminalHost(100, 24);
        using var runspace = Open(host);
        using var shell = Watch(runspace, "Watch-HealthStatus -Source Servers -Interval 1s");
        var output = new PSDataCollection<PSObject>();
        host.UI.Write("PS> Watch-HealthStatus\r\n");
        var running = shell.BeginInvoke<PSObject, PSObject>(null, output);
        // Rates need a second answer: then it has been drawn several times.
        Wait(host, () => Row(host, "here") is { } row && row.Count(c => c == '%') >= 3 && Row(host, "down") is not null);
        string[] lines = host.Lines;
        Assert.Equal("PS> Watch-HealthStatus", lines[0]);
        Assert.StartsWith("shop: 2 servers: 1 Critical", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("asked from here every 1 s; the oldest answer is", lines[2], StringComparison.Ordinal);
        Assert.StartsWith("x Critical    down", lines[4], StringComparison.Ordinal);
        Assert.Contains("reachability: Server 'down'", lines[4], StringComparison.Ordinal);
        Assert.Single(lines, line => line.Contains("servers:", StringComparison.Ordinal));
        Assert.Contains("\u001b[31m", host.Escapes);
        Assert.Contains("\u001b[?25l", host.Escapes);

        host.Resize(80, 12);
        Wait(host, () => host.Lines[0].StartsWith("shop: 2 servers", StringComparison.Ordinal));
        Assert.All(host.Lines, line => Assert.True(line.Length <= 79));
        Assert.Single(host.Lines, line => line.Contains("servers:", StringComparison.Ordinal));

        // What somebody else writes stays, and the table goes on below it.
        host.UI.Write("!!!\r\n");
        Wait(host, () => host.Lines.Count(line => line.Contains("servers:", StringComparison.Ordinal)) == 2);

        var clock = Stopwatch.StartNew();
        shell.Stop();
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"Stopping took {clock.Elapsed}.");
        Assert.True(running.IsCompleted);
        Assert.Equal("\u001b[?25h", host.Escapes[^1]);
        Assert.Equal((0, ""), (host.Cursor.X, host.Lines[host.Cursor.Y]));
        Assert.Empty(output);
        Assert.Empty(shell.Streams.Error);
    }

    [LinuxTheory]
    [InlineData("$PSStyle.OutputRendering = 'PlainText'", true)]
    [InlineData("$PSStyle.OutputRendering = 'Host'", false)]
    public void Colours_are_those_of_the_session(string setting, bool isPlain)
    {
        var host = new TerminalHost(100, 24);
        using var runspace = Open(host);
        using var shell = Watch(runspace, $"{setting}; try {{ Watch-HealthStatus here -Source Servers -Interval 1s -For 3s }} finally {{ $PSStyle.OutputRendering = 'Host' }}");
        shell.Invoke();
        Assert.StartsWith("shop: 1 server:", host.Lines[0], StringComparison.Ordinal);
        Assert.Equal(isPlain, host.Escapes.Length == 0);
    }

    [LinuxTheory]
    [InlineData("Watch-HealthStatus here -Source Servers -Interval 1s -For 60s -PassThru", true)]
    [InlineData("Watch-HealthStatus here -Source Servers -Interval 1s -For 60s | ForEach-Object { $_ }", true)]
    [InlineData("Watch-HealthStatus here -Source Servers -Interval 1s -For 60s", false)]
    public void Elsewhere_objects_are_emitted_each_round(string script, bool hasCursor)
    {
        var host = new TerminalHost(100, 24, hasCursor);
        using var runspace = Open(host);
        using var shell = Watch(runspace, script);
        var output = new PSDataCollection<PSObject>();
        using var enough = new CountdownEvent(3);
        output.DataAdded += (_, _) =>
        {
            if (!enough.IsSet) enough.Signal();
        };
        shell.BeginInvoke<PSObject, PSObject>(null, output);
        Assert.True(enough.Wait(Limit));
        shell.Stop();
        Assert.All(output, one => Assert.Equal(("ProdOps.ServerHealth", "here"), (one.BaseObject.GetType().FullName, (string)((dynamic)one).Server)));
        Assert.NotNull((double?)((dynamic)output[2]).CpuBusy);
        Assert.All(host.Lines, Assert.Empty);
        Assert.Empty(host.Escapes);
    }

    [Fact]
    public void What_a_monitor_keeps_is_shown_and_nobody_is_asked()
    {
        // Nothing answers at the addresses of these servers.
        var stored = history.Engine.Run("$WarningPreference = 'Ignore'; Watch-HealthStatus -Source Store -For 1s -PassThru");
        Assert.Equal(["web1", "db1"], stored.Take(2).Select(one => (string)one.Properties["Server"].Value));
        dynamic web = stored[0], db = stored[1];
        Assert.Equal(("Critical", "no answer", "OK"), ((string)web.State.ToString(), (string)web.Problems[0].Message, (string)db.State.ToString()));
        Assert.Equal(85, (double)db.DiskUsed, 0.1);
        using (var fixture = new MonitoringFixture(Path.Combine(history.Folder, "store"))) fixture.Beat();
        // With a monitor at work that is where it looks by itself.
        Assert.Equal(["no answer"], history.Texts("$WarningPreference = 'Ignore'; (Watch-HealthStatus -For 1s -PassThru).Problems.Message").Distinct());
        Assert.Contains("Store", history.Proposals("Watch-HealthStatus -Source S"));
    }

    [Theory]
    [InlineData("Watch-HealthStatus -Source Store -Store ./none -For 1s", "MetricStoreNotFound")]
    [InlineData("Watch-HealthStatus https://user:swordfish@host -Source Store", "HealthTargetNotStored")]
    [InlineData("Watch-HealthStatus ftp://user:swordfish@host -For 1s", "HealthTargetInvalid")]
    [InlineData("Watch-HealthStatus nothing* -For 1s", "ServerNotFound")]
    public void What_cannot_be_watched_is_an_error(string script, string error)
    {
        Assert.Equal($"{error},ProdOps.Cmdlets.Monitoring.WatchHealthStatus", history.ErrorOf(script));
        Assert.DoesNotContain("swordfish", string.Concat(history.Texts($"try {{ $ErrorActionPreference = 'Stop'; {script} }} catch {{ \"$_\" }}")), StringComparison.Ordinal);
    }

    private static string? Row(TerminalHost host, string server) => host.Lines.FirstOrDefault(line => line.Length > 14 && line[14..].StartsWith(server, StringComparison.Ordinal) && !line.StartsWith('…'));

    private static void Wait(TerminalHost host, Func<bool> until)
    {
        var clock = Stopwatch.StartNew();
        while (!until())
        {
            Assert.True(clock.Elapsed < Limit, string.Join('\n', host.Lines));
            Thread.Yield();
            using var pause = new ManualResetEventSlim();
            pause.Wait(50);
        }
    }

    private Runspace Open(TerminalHost host)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        File.WriteAllText(Path.Combine(_folder, "environment.psd1"), $$"""
            @{
                Name    = 'shop'
                Servers = @(
                    @{ Name = 'here'; Local = $true }
                    @{ Name = 'down'; Address = '127.0.0.1'; Ssh = @{ User = 'nobody'; Port = {{((IPEndPoint)socket.LocalEndPoint!).Port}}; KnownHosts = 'none'; ConfigFile = 'none' } }
                )
            }

            """);
        var runspace = RunspaceFactory.CreateRunspace(host, InitialSessionState.CreateDefault2());
        runspace.Open();
        using var shell = Watch(runspace, $"Import-Module '{Built.Manifest}'; $null = $ExecutionContext.SessionState.Path.SetLocation('{_folder}')");
        shell.Invoke();
        return runspace;
    }

    private static PowerShell Watch(Runspace runspace, string script) => PowerShell.Create(runspace).AddScript(script);
}
