using ProdOps.Monitoring.Checks;
using ProdOps.Monitoring.Checks.HAProxy;
using ProdOps.Monitoring.Checks.Http;
using ProdOps.Monitoring.Tests.TestTools;
using ProdOps.Servers.Commands;
using ProdOps.Servers.HAProxy;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Checks.Services;

public sealed class HAProxyCheckTests
{
    private const string Table = """
        # pxname,svname,qcur,scur,status,act,bck,chkfail,lastchg,type,check_status,last_chk,
        web,FRONTEND,,3,OPEN,,,,,0,,,
        app,a1,0,2,UP,1,0,0,100,2,L7OK,,
        app,a2,0,0,DOWN,1,0,3,300,2,L4CON,"Connection refused, or so",
        app,a3,0,0,MAINT,1,0,0,50,2,,,
        app,BACKEND,4,2,UP,1,0,,100,1,,,
        api,b1,0,0,DOWN,1,0,3,60,2,* L4TOUT,,
        api,BACKEND,0,0,DOWN,0,0,,60,1,,,
        img,c1,0,0,DOWN,1,0,3,60,2,L4TOUT,,
        img,c2,0,0,UP,0,1,0,60,2,L7OK,,
        img,BACKEND,0,0,UP,0,1,,60,1,,,
        plain,d1,0,0,no check,1,0,,60,2,,,
        plain,d2,0,0,UP 2/3,1,0,,60,2,,,
        plain,BACKEND,0,0,UP,2,0,,60,1,,,
        stats,BACKEND,0,0,UP,0,0,,60,1,,,

        """;

    [Fact]
    public void Each_backend_with_servers_has_a_result()
    {
        var results = Judge("");
        Assert.Equal(
            [("app", HealthState.Warning, 50.0), ("api", HealthState.Critical, 0.0), ("img", HealthState.Warning, 50.0), ("plain", HealthState.OK, 100.0)],
            results.Select(result => (result.Instance!, result.State, result.Value!.Value)));
        Assert.Equal("1 of 2 servers up, 1 in maintenance; a2 is down since 5 min (L4CON Connection refused, or so)", results[0].Message);
        Assert.Equal("0 of 1 servers up; b1 is down since 1 min (L4TOUT)", results[1].Message);
        Assert.Equal("1 of 2 servers up, of them none but backups; c1 is down since 1 min (L4TOUT)", results[2].Message);
        Assert.Equal([("haproxy.down", "pools app", 1.0), ("haproxy.up", "pools app", 1.0), ("haproxy.queue", "pools app", 4.0), ("haproxy.sessions", "pools app", 2.0)],
            results[0].Metrics.Select(metric => (metric.Name, metric.Instance!, metric.Value)));
        Assert.Equal(["app", "api"], Judge("a*").Select(result => result.Instance));
        Assert.Equal((HealthState.Unknown, "it has no backend 'stats' with servers"), (Judge("stats")[0].State, Judge("stats")[0].Message));
    }

    [Fact]
    public void Whatever_comes_is_read_or_refused()
    {
        ParserFuzz.Run("table", text => HAProxyJudge.Judge(HAProxyTable.Parse(text), "", new CheckSubject("lb1", "pools"), new HealthCheckResult()), [Table, "", "#"]);
    }

    [UnpackedFact("haproxy")]
    public async Task A_real_one_is_asked_on_its_socket_and_by_its_page()
    {
        using var folder = new ProdOps.Backup.Tests.Storage.TemporaryFolder();
        string socket = folder["admin.sock"], configuration = folder["haproxy.cfg"];
        int free = HttpCheckTests.FreePort();
        using var server = await PrivateServer.StartAsync(UnpackedTool.HAProxy.Program!, port =>
        {
            File.WriteAllText(configuration, $"""
                global
                    stats socket {socket} mode 600 level admin
                defaults
                    mode http
                    timeout connect 5s
                    timeout client 30s
                    timeout server 30s
                frontend stats
                    bind 127.0.0.1:{port}
                    stats enable
                    stats uri /stats
                    stats auth watcher:word-of-tests
                    default_backend app
                backend app
                    server a1 127.0.0.1:{free} disabled
                    server a2 127.0.0.1:{port}

                """);
            return ["-f", configuration, "-db"];
        }, RedisCheckTests.AcceptsAsync, UnpackedTool.HAProxy.Libraries);
        var subject = new CheckSubject("lb1", "pools");
        var shell = new CheckShell(new Server { Name = "lb1" }, (_, _) => Task.FromResult<IServerShell>(new LocalShell("lb1")));
        Task<IReadOnlyList<HealthCheckResult>> AskAsync(string path) => new HAProxyCheck(subject, "", shell, new HAProxyCheckSocket([path], AsRoot: false), TimeSpan.FromSeconds(60), TimeProvider.System).RunAsync(CancellationToken.None);
        var bySocket = Assert.Single(await AskAsync(socket));
        Assert.Equal((HealthState.OK, "app", "1 of 1 servers up, 1 in maintenance"), (bySocket.State, bySocket.Instance, bySocket.Message));
        var missing = Assert.Single(await AskAsync(folder["none.sock"]));
        Assert.Equal((HealthState.Unknown, $"there is no socket '{folder["none.sock"]}'"), (missing.State, missing.Message));
        var page = new HttpCheckOptions { Url = new Uri($"http://watcher:word-of-tests@127.0.0.1:{server.Port}/stats;csv"), Timeout = TimeSpan.FromSeconds(60) };
        var byPage = Assert.Single(await new HAProxyPageCheck(subject, "app", page, TimeProvider.System).RunAsync(CancellationToken.None));
        Assert.Equal((bySocket.State, bySocket.Message), (byPage.State, byPage.Message));
        var refused = Assert.Single(await new HAProxyPageCheck(subject, "app", page with { Url = new Uri($"http://127.0.0.1:{server.Port}/stats;csv") }, TimeProvider.System).RunAsync(CancellationToken.None));
        Assert.Equal((HealthState.Unknown, "the page of statistics answers with status 401"), (refused.State, refused.Message));
    }

    private static IReadOnlyList<HealthCheckResult> Judge(string pool) => HAProxyJudge.Judge(HAProxyTable.Parse(Table), pool, new CheckSubject("lb1", "pools"), new HealthCheckResult { State = HealthState.Unknown });
}
