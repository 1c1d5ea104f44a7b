using System.Net;
using System.Net.Sockets;

namespace ProdOps.Cmdlets.Tests.LoadBalancing;

/// <summary>Test-LoadBalancer's load through the built module, against a server of HTTP on a loopback port that writes the ids of its requests to a log.</summary>
public sealed class TestLoadBalancerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-load-").FullName;
    private readonly Engine _engine = new();
    private readonly HttpListener _listener = new();
    private readonly Lock _lock = new();
    private readonly int _port = FreePort();

    public TestLoadBalancerTests()
    {
        _listener.Prefixes.Add($"http://127.0.0.1:{_port}/");
        _listener.Start();
        _ = ServeAsync();
        _engine.Run($"$null = $ExecutionContext.SessionState.Path.SetLocation('{_folder}')");
        File.WriteAllText(Path.Join(_folder, "environment.psd1"), $$"""
            @{
                Name    = 'lab'
                Servers = @(@{ Name = 'here'; Address = '127.0.0.1'; Local = $true }, @{ Name = 'web1'; Address = '127.0.0.1'; Local = $true })
                LoadBalancers = @{
                    web = @{ Servers = 'here'; Port = {{_port}}; Pool = 'web1'; Check = '/health' }
                    one = @{ Servers = 'here'; Port = 80; PoolPort = {{_port}}; Pool = 'web1'; Check = '/health'; CheckHost = '127.0.0.1'; SharedData = @{ Path = '{{_folder}}' } }
                    db  = @{ Servers = 'here'; Port = 5432; Mode = 'Tcp'; Pool = 'web1' }
                }
            }
            """);
    }

    public void Dispose()
    {
        _engine.Dispose();
        _listener.Close();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Requests_are_counted_with_who_answered_and_each_arrives_once()
    {
        dynamic result = _engine.Run($"Test-LoadBalancer -Url http://127.0.0.1:{_port}/ -Requests 50 -Rate 500 -Concurrency 4 -IdLog {_folder}/ids* -Server localhost").Single();
        Assert.Equal((50L, 0L, 0L, 0L), ((long)result.Requests, (long)result.Failed, (long)result.Lost, (long)result.Replayed));
        Assert.Equal("LoadTestShare { Server = here, Requests = 50, Failed = 0 }", $"{((IEnumerable<object>)result.Servers).Single()}");
    }

    [Fact]
    public void A_request_that_arrives_twice_or_never_is_found()
    {
        dynamic result = _engine.Run($"Test-LoadBalancer -Url http://127.0.0.1:{_port}/twice -Requests 10 -Rate 500 -IdLog {_folder}/ids -Server localhost").Single();
        Assert.Equal((0L, 0L, 10L), ((long)result.Failed, (long)result.Lost, (long)result.Replayed));
        dynamic lost = _engine.Run($"Test-LoadBalancer -Url http://127.0.0.1:{_port}/error -Requests 10 -Rate 500 -IdLog {_folder}/ids -Server localhost").Single();
        Assert.Equal((10L, 10L, 10L), ((long)lost.Failed, (long)lost.ServerErrors, (long)lost.Lost));
    }

    [Fact]
    public void An_entry_is_asked_as_its_clients_do_it()
    {
        dynamic result = _engine.Run("Test-LoadBalancer web -Requests 5 -Contains ok").Single();
        Assert.Equal(("web", $"http://127.0.0.1:{_port}/health", 0L), ((string)result.LoadBalancer, (string)result.Target, (long)result.Failed));
        Assert.Equal("LoadTestNotHttp", ErrorOf("Test-LoadBalancer db"));
        Assert.Equal("LoadBalancerNotFound", ErrorOf("Test-LoadBalancer wbe"));
        Assert.Equal("LoadBalancerNotNamed", ErrorOf("Test-LoadBalancer"));
        Assert.Equal("LoadTestPathInvalid", ErrorOf("Test-LoadBalancer web -Path 'x y'"));
        Assert.Equal("LoadTestUrlInvalid", ErrorOf("Test-LoadBalancer -Url ftp://x/"));
        Assert.Equal("LoadTestServerMissing", ErrorOf($"Test-LoadBalancer -Url http://127.0.0.1:{_port}/ -IdLog /var/log/x"));
        Assert.Equal("LoadTestLogUnreadable", ErrorOf($"Test-LoadBalancer -Url http://127.0.0.1:{_port}/ -Requests 1 -IdLog {_folder}/none -Server localhost"));
        Assert.Equal(["db", "one", "web"], _engine.Run("(TabExpansion2 'Test-LoadBalancer ' 18).CompletionMatches.CompletionText").Select(text => $"{text}"));
    }

    [Fact]
    public void Requests_are_sent_for_as_long_as_something_is_done()
    {
        var output = _engine.Run($"Test-LoadBalancer -Url http://127.0.0.1:{_port}/ -Rate 200 -ScriptBlock {{ 'done'; while ([IO.File]::ReadAllLines('{_folder}/ids').Length -lt 30) {{ }} }}");
        Assert.Equal(["done", "True", "0"], [$"{output[0]}", $"{(long)((dynamic)output[1]).Requests >= 30}", $"{((dynamic)output[1]).Failed}"]);
    }

    [Fact]
    public void What_fails_meanwhile_does_not_cost_the_result()
    {
        using var shell = _engine.Shell($"Test-LoadBalancer -Url http://127.0.0.1:{_port}/ -ScriptBlock {{ throw 'it broke' }}");
        var output = shell.Invoke();
        Assert.Contains("it broke", Assert.Single(shell.Streams.Error).ToString(), StringComparison.Ordinal);
        Assert.Equal("0", $"{output.Single().Properties["Failed"].Value}");
    }

    [Fact]
    public void Readiness_is_told_item_by_item()
    {
        var findings = _engine.Run("Test-LoadBalancer one -Readiness | ForEach-Object { \"$($_.Item) $($_.Status)\" }").Select(item => $"{item}");
        Assert.Equal(["redundancy Failed", "redundancy Failed", "health Passed", "session Passed", "redirect Passed", "clock Passed", "data Passed"], findings);
        Assert.Equal("", $"{_engine.Run("Compare-ServerItem -LoadBalancer one").SingleOrDefault()}");
        Assert.True(_engine.Run("Compare-ServerItem -LoadBalancer one -IncludeEqual").Count >= 2);
        Assert.Equal("SharedDataMissing", ErrorOf("Compare-ServerItem -LoadBalancer web"));
    }

    [Fact]
    public void Failover_stops_nothing_that_nothing_replaces()
    {
        Assert.Equal("FailoverAddressMissing", ErrorOf("Test-LoadBalancer web -Failover -Confirm:$false"));
        Assert.Equal("FailoverServiceMissing", ErrorOf("Test-LoadBalancer web -Failover -Stop BackendServer -Confirm:$false"));
        Assert.Equal("FailoverNotReady", ErrorOf("Test-LoadBalancer web -Failover -Stop BackendServer -On web1 -Service prodops-no-such-service -Confirm:$false"));
        Assert.Equal("FailoverServerUnknown", ErrorOf("Test-LoadBalancer web -Failover -Stop BackendServer -On web9 -Service x -Confirm:$false"));
    }

    [Fact]
    public async Task It_can_be_stopped()
    {
        using var shell = _engine.Shell($"Test-LoadBalancer -Url http://127.0.0.1:{_port}/ -DurationSec 600");
        var running = shell.InvokeAsync();
        await shell.StopAsync(null, null).WaitAsync(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAnyAsync<System.Management.Automation.RuntimeException>(() => running.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    private string ErrorOf(string script)
    {
        using var shell = _engine.Shell(script);
        try
        {
            shell.Invoke();
        }
        catch (System.Management.Automation.RuntimeException error)
        {
            return error.ErrorRecord.FullyQualifiedErrorId.Split(',')[0];
        }

        return shell.Streams.Error.Single().FullyQualifiedErrorId.Split(',')[0];
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                _ = Task.Run(() => Answer(context));
            }
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private void Answer(HttpListenerContext context)
    {
        string path = context.Request.Url!.AbsolutePath, line = $"\"GET {path}\" {context.Request.Headers["X-Request-Id"]} 200\n";
        int times = path switch { "/twice" => 2, "/error" => 0, _ => 1 };
        lock (_lock)
            for (int i = 0; i < Math.Max(1, times); i++) File.AppendAllText(Path.Join(_folder, "ids"), times == 0 ? "" : line);
        context.Response.StatusCode = times == 0 ? 503 : 200;
        context.Response.AddHeader("X-Served-By", "here");
        context.Response.Close("ok"u8.ToArray(), willBlock: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
