using ProdOps.LoadBalancing.HAProxy;
using ProdOps.LoadBalancing.HAProxy.Replies;
using ProdOps.Servers.HAProxy;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.LoadBalancing.Tests.HAProxy;

public sealed class HAProxyReplyTests
{
    [Theory]
    [InlineData("\n\n", "", null, false)]
    [InlineData("\n[3]: No such server.\n\n", "No such server.", 3, true)]
    [InlineData("\n[3]: No such backend.\n\n", "No such backend.", 3, true)]
    [InlineData("\n[6]: New server registered.\n\n", "New server registered.", 6, false)]
    [InlineData("\n[4]: port changed from '19101' to '19102' by 'stats socket command'\n\n", "port changed from '19101' to '19102' by 'stats socket command'", 4, false)]
    [InlineData("\nPermission denied\n\n", "Permission denied", null, true)]
    [InlineData("\n[6]: Unknown command: 'foo', but maybe one of the following ones is a better match:\n  add acl …\n", "Unknown command: 'foo', but maybe one of the following ones is a better match:", 6, true)]
    [InlineData("No such server.\n", "No such server.", null, true)]
    public void A_message_tells_how_it_went(string text, string message, int? severity, bool isError)
    {
        var reply = HAProxyReply.Parse(text);
        Assert.Equal((message, severity, isError), (reply.Text, reply.Severity, reply.IsError));
    }

    [Theory]
    [InlineData("2.4", "2.4.0-6cbbecf09")]
    [InlineData("2.6", "2.6.12-1+deb12u4")]
    [InlineData("2.8", "2.8.0-fdd8154ed")]
    [InlineData("3.0", "3.0.11-1+deb13u4")]
    [InlineData("3.2", "3.2.0-e134140d2")]
    public void Tables_of_several_versions_are_read_by_the_names_of_their_columns(string version, string full)
    {
        var states = HAProxyServerStates.Parse(Fixture(version, "servers-state.txt"));
        var table = HAProxyTable.Parse(Fixture(version, "stat.csv"));
        var servers = table.Rows.Where(row => row.IsServer).Select(row => HAProxyServers.Read(row, states.Find(row.Proxy, row.Name), "lb1", null, DateTimeOffset.UnixEpoch)).ToDictionary(server => server.Name);
        Assert.Equal(["a1", "a2", "a3", "c1", "p1", "tr"], servers.Keys.Where(name => name.Length == 2 && name != "d2" && name != "d3").Order(StringComparer.Ordinal));
        Assert.Equal((BackendServerState.Up, true, "127.0.0.1:19101"), (servers["a1"].State, servers["a1"].TakesRequests, servers["a1"].Address));
        Assert.Equal((BackendServerState.Drain, BackendServerState.Drain, false), (servers["a2"].State, servers["a2"].AdminState, servers["a2"].TakesRequests));
        Assert.Equal((BackendServerState.Down, BackendServerState.Up, "Layer4 connection problem: Connection refused"), (servers["a3"].State, servers["a3"].AdminState, servers["a3"].Reason));
        Assert.Equal((BackendServerState.Up, "not checked"), (servers["p1"].State, servers["p1"].Reason));
        Assert.Equal(["in", "tcpl"], table.Rows.Where(row => row.IsFrontend).Select(row => row.Proxy));
        var info = HAProxyInfo.Parse(Fixture(version, "info.txt"))!;
        Assert.Equal((full, "shop edge", 9977L), (info["Version"], info["description"], info.Number("Maxconn") is > 9000 ? 9977L : 0));
    }

    [Fact]
    public void Processes_are_read_with_a_relative_number_and_without()
    {
        var now = HAProxyProcesses.Parse(Fixture("2.6", "proc.txt"));
        Assert.Equal((3, 0, "2.6.12-1+deb12u4", 1, 0), (now.Master!.Reloads, now.Failed, now.Master.Version, now.Workers.Count, now.OldWorkers.Count));
        var old = HAProxyProcesses.Parse(Fixture("2.4", "proc.txt"));
        Assert.Equal((1162, 5, 2, TimeSpan.FromSeconds(127)), (old.Master!.Pid, old.Master.Reloads, old.Failed, old.Master.Uptime));
        Assert.Equal((1271, 0), (Assert.Single(old.Workers).Pid, old.Workers[0].Reloads));
        Assert.Equal((1233, 3, new TimeSpan(1, 2, 3, 43)), (Assert.Single(old.OldWorkers).Pid, old.OldWorkers[0].Reloads, old.OldWorkers[0].Uptime));
    }

    [Theory]
    [InlineData("2.4", 1, 0)]
    [InlineData("2.8", 1, 1)]
    [InlineData("3.2", 1, 0)]
    public void A_reload_that_failed_is_told_also_by_versions_that_do_not_count_them(string version, int failed, int workers)
    {
        var before = HAProxyProcesses.Parse(Fixture(version, "proc-reloaded.txt"));
        Assert.Equal((3, 0, 1, 1), (before.Master!.Reloads, before.Failed, before.Workers.Count, before.OldWorkers.Count));
        var after = HAProxyProcesses.Parse(Fixture(version, "proc-failed.txt"));
        Assert.Equal((4, failed, workers), (after.Master!.Reloads, after.Failed, after.Workers.Count));
        Assert.Equal(before.Workers[0].Pid, after.Workers.Concat(after.OldWorkers).Single().Pid);
    }

    [Theory]
    [InlineData("UP", BackendServerState.Up, true, "")]
    [InlineData("UP 1/3", BackendServerState.Checking, true, "about to go down, 1 of 3 checks: Layer7 wrong status 503")]
    [InlineData("DOWN", BackendServerState.Down, false, "Layer7 wrong status 503")]
    [InlineData("DOWN 1/2", BackendServerState.Checking, false, "about to come up, 1 of 2 checks")]
    [InlineData("DOWN (agent)", BackendServerState.Down, false, "its agent says so (busy)")]
    [InlineData("DRAIN", BackendServerState.Drain, false, "no new clients")]
    [InlineData("DRAIN 1/3", BackendServerState.Drain, false, "no new clients")]
    [InlineData("DRAIN (agent)", BackendServerState.Drain, false, "its agent asks for it (busy)")]
    [InlineData("NOLB", BackendServerState.Drain, false, "its check asks for no new clients (Layer7 wrong status 503)")]
    [InlineData("MAINT", BackendServerState.Maintenance, false, "taken out")]
    [InlineData("MAINT (via web/a2)", BackendServerState.Maintenance, false, "follows web/a2")]
    [InlineData("MAINT (resolution)", BackendServerState.Maintenance, false, "its name has no address")]
    [InlineData("no check", BackendServerState.Up, true, "not checked")]
    [InlineData("", BackendServerState.Down, false, "Layer7 wrong status 503")]
    [InlineData("whatever", BackendServerState.Down, false, "Layer7 wrong status 503")]
    public void Each_status_has_a_state_and_a_reason_in_words(string status, BackendServerState state, bool takes, string reason)
    {
        string table = $"# pxname,svname,status,type,check_status,check_code,check_desc,last_agt,uweight\nweb,a1,{status},2,* L7STS,503,Layer7 wrong status,busy,100\n";
        var server = HAProxyServers.Read(HAProxyTable.Parse(table).Rows[0], null, "lb1", "shop", DateTimeOffset.UnixEpoch);
        Assert.Equal((state, takes, reason), (server.State, server.TakesRequests, server.Reason));
    }

    [Theory]
    [InlineData("9223372036854775807")]
    [InlineData("999999999999999")]
    [InlineData("99999999999999999999999")]
    public void No_number_is_too_great_to_be_read(string number)
    {
        string[] columns = ["weight", "scur", "qcur", "stot", "slim", "econ", "hrsp_2xx", "hrsp_4xx", "hrsp_5xx", "rtime", "check_duration", "lastchg"];
        string table = $"# pxname,svname,status,type,check_status,{string.Join(',', columns)}\nweb,a1,UP,2,L7OK{string.Concat(columns.Select(_ => $",{number}"))}\n";
        var server = HAProxyServers.Read(HAProxyTable.Parse(table).Rows[0], null, "lb1", "shop", DateTimeOffset.UnixEpoch);
        Assert.Equal((BackendServerState.Up, "a1"), (server.State, server.Name));
    }

    [Fact]
    public void A_table_is_read_the_same_however_it_is_cut()
    {
        string text = Fixture("3.0", "stat.csv").Replace("Connection refused", "\"a, \"\"b\"\"\nc\"", StringComparison.Ordinal);
        var whole = HAProxyTable.Parse(text).Rows;
        Assert.Contains(whole, row => row["last_chk"] == "a, \"b\"\nc");
        var random = new Random(20261127);
        for (int round = 0; round < 50; round++)
        {
            var reader = new HAProxyTableReader();
            var rows = new List<HAProxyRow>();
            for (int at = 0; at < text.Length;)
            {
                int length = Math.Min(text.Length - at, random.Next(1, 400));
                rows.AddRange(reader.Read(text.Substring(at, length)));
                at += length;
            }

            rows.AddRange(reader.End());
            Assert.Equal(whole.Select(row => (row.Proxy, row.Name, row.Status, row["last_chk"])), rows.Select(row => (row.Proxy, row.Name, row.Status, row["last_chk"])));
        }
    }

    [Fact]
    public void Whatever_comes_is_read_or_refused()
    {
        ParserFuzz.Run("table", text =>
        {
            foreach (var row in HAProxyTable.Parse(text).Rows) _ = HAProxyServers.Read(row, null, "lb1", null, DateTimeOffset.UnixEpoch);
        }, [Fixture("2.6", "stat.csv"), "# pxname,svname,status,type\n\"a\"\"\n,b\",c,UP,2\n", "Permission denied"]);
        ParserFuzz.Run("list of states", text => _ = HAProxyServerStates.Parse(text).Find("web", "a1"), [Fixture("3.0", "servers-state.txt")]);
        ParserFuzz.Run("list of processes", text => _ = HAProxyProcesses.Parse(text), [Fixture("2.4", "proc.txt"), Fixture("2.6", "proc.txt")]);
        // Digits of other scripts are none.
        Assert.Empty(HAProxyProcesses.Parse("4914            worker          0               0d00h12m4\u0662s     2.6.12").Workers);
        ParserFuzz.Run("list of facts", text => _ = HAProxyInfo.Parse(text), [Fixture("2.6", "info.txt")]);
        ParserFuzz.Run("reply", text => _ = HAProxyReply.Parse(text), ["\n[3]: No such server.\n\n", "[9]: x"]);
    }

    private static string Fixture(string version, string name) => File.ReadAllText(Path.Join(Built.Root, "tests/fixtures/haproxy", version, name));
}
