using ProdOps.LoadBalancing.HAProxy;
using ProdOps.LoadBalancing.HAProxy.Replies;
using ProdOps.LoadBalancing.Operating;
using ProdOps.LoadBalancing.Tests.TestTools;
using ProdOps.Monitoring.Tests.TestTools;
using ProdOps.Servers.HAProxy;

namespace ProdOps.LoadBalancing.Tests.HAProxy;

public sealed class HAProxyBalancerTests
{
    private static readonly BackendMember A1 = new("web", "a1");

    [UnpackedFact("haproxy")]
    public async Task Servers_are_told_with_their_states_and_why()
    {
        await using TestApp a1 = new("a1"), a2 = new("a2");
        using var haproxy = await RealHAProxy.StartAsync($"{RealHAProxy.Pool("web", a1, a2)}    server a3 127.0.0.1:1 check\n    server a4 127.0.0.1:{a1.Port} disabled\nbackend other\n    server b1 127.0.0.1:{a1.Port} backup weight 7\n");
        await using var balancer = haproxy.Open();
        var servers = await UntilAsync(balancer, null, all => all.Single(server => server.Name == "a3").State == BackendServerState.Down && all[0].CheckStatus == "L7OK");
        Assert.Equal(["a1", "a2", "a3", "a4", "b1"], servers.Select(server => server.Name));
        Assert.Equal(("web", "lb1", $"127.0.0.1:{a1.Port}", BackendServerState.Up, "", 100, true), (servers[0].Pool, servers[0].Balancer, servers[0].Address, servers[0].State, servers[0].Reason, servers[0].Weight, servers[0].TakesRequests));
        Assert.Equal((BackendServerState.Down, "Layer4 connection problem: Connection refused", "L4CON", false), (servers[2].State, servers[2].Reason, servers[2].CheckStatus, servers[2].TakesRequests));
        Assert.Equal((BackendServerState.Maintenance, BackendServerState.Maintenance, "disabled in the configuration"), (servers[3].State, servers[3].AdminState, servers[3].Reason));
        Assert.Equal((BackendServerState.Up, "not checked", 7, true, (string?)null), (servers[4].State, servers[4].Reason, servers[4].Weight, servers[4].IsBackup, servers[4].CheckStatus));
        await balancer.SetStateAsync(A1, BackendServerTarget.Drain, CancellationToken.None);
        var drained = (await ReadAsync(balancer, "web"))[0];
        Assert.Equal((BackendServerState.Drain, BackendServerState.Drain, "no new clients", false), (drained.State, drained.AdminState, drained.Reason, drained.TakesRequests));
        await balancer.SetStateAsync(A1, BackendServerTarget.Maintenance, CancellationToken.None);
        Assert.Equal("taken out", (await ReadAsync(balancer, "web"))[0].Reason);
        await balancer.SetStateAsync(A1, BackendServerTarget.Ready, CancellationToken.None);
        await balancer.SetWeightAsync(A1, 0, CancellationToken.None);
        var silent = (await UntilAsync(balancer, "web", servers => servers[0].State == BackendServerState.Up))[0];
        Assert.Equal((BackendServerState.Up, "weight 0: no new clients", false), (silent.State, silent.Reason, silent.TakesRequests));
    }

    [UnpackedFact("haproxy")]
    public async Task One_server_is_told_as_the_whole_pool_tells_it_also_after_its_number_became_another_s()
    {
        await using TestApp a1 = new("a1"), a2 = new("a2");
        using var haproxy = await RealHAProxy.StartAsync(RealHAProxy.Pool("web", a1, a2), isMaster: true);
        await using var balancer = haproxy.Open();
        var member = new BackendMember("web", "a2");
        var servers = await UntilAsync(balancer, "web", all => all.All(server => server.CheckStatus == "L7OK"));
        var one = (await balancer.ReadServerAsync(member, CancellationToken.None))!;
        Assert.Equal((servers[1].Address, servers[1].State, servers[1].Weight, servers[1].CheckStatus), (one.Address, one.State, one.Weight, one.CheckStatus));
        Assert.Null(await balancer.ReadServerAsync(new BackendMember("web", "a9"), CancellationToken.None));
        Assert.Equal("BackendPoolNotFound", (await Assert.ThrowsAsync<ProdOpsException>(() => balancer.ReadServerAsync(new BackendMember("wbe", "a1"), CancellationToken.None))).ErrorId);

        string configuration = await File.ReadAllTextAsync(haproxy.Configuration);
        string[] lines = [.. configuration.Split('\n').Where(line => line.TrimStart().StartsWith("server a", StringComparison.Ordinal))];
        await File.WriteAllTextAsync(haproxy.Configuration, configuration.Replace($"{lines[0]}\n{lines[1]}", $"{lines[1]}\n{lines[0]}", StringComparison.Ordinal));
        await balancer.ReloadAsync(CancellationToken.None);
        await UntilAsync(async () => (await ReadAsync(balancer, "web"))[0].Name == "a2");
        Assert.Equal($"127.0.0.1:{a2.Port}", (await balancer.ReadServerAsync(member, CancellationToken.None))!.Address);
    }

    [UnpackedFact("haproxy")]
    public async Task A_pool_with_the_name_of_its_frontend_as_it_is_published_is_read_and_drained()
    {
        await using TestApp a1 = new("a1"), a2 = new("a2");
        using var folder = new ProdOps.Backup.Tests.Storage.TemporaryFolder();
        using var haproxy = await RealHAProxy.StartAsync($"frontend web\n    bind unix@{folder["web"]}\n    default_backend web\n{RealHAProxy.Pool("web", a1, a2)}backend empty\n    mode http\n");
        var balancer = haproxy.Open();
        await using var group = new BalancerGroup([balancer], TimeProvider.System);
        await UntilAsync(balancer, "web", servers => servers.Count == 2 && servers.All(server => server.CheckStatus == "L7OK"));
        Assert.Empty(await ReadAsync(balancer, "empty"));
        Assert.Equal("drained, in maintenance", (await group.DisableAsync(A1, new DisableOptions(), SilentActivity.Instance, CancellationToken.None)).Action);
        Assert.Equal("in service", (await group.EnableAsync(A1, new EnableOptions(), SilentActivity.Instance, CancellationToken.None)).Action);
    }

    [UnpackedFact("haproxy")]
    public async Task What_is_not_there_is_told_with_the_nearest_name()
    {
        await using var a1 = new TestApp("a1");
        using var haproxy = await RealHAProxy.StartAsync(RealHAProxy.Pool("web", a1));
        await using var balancer = haproxy.Open();
        var noServer = await Assert.ThrowsAsync<ProdOpsException>(() => balancer.SetWeightAsync(new BackendMember("web", "a2"), 5, CancellationToken.None));
        Assert.Equal(("BackendServerNotFound", true), (noServer.ErrorId, noServer.Message.Contains("Did you mean 'a1'?", StringComparison.Ordinal)));
        var noPool = await Assert.ThrowsAsync<ProdOpsException>(() => balancer.SetWeightAsync(new BackendMember("wbe", "a1"), 5, CancellationToken.None));
        Assert.Equal(("BackendPoolNotFound", true), (noPool.ErrorId, noPool.Message.Contains("Did you mean 'web'?", StringComparison.Ordinal)));
        Assert.Equal("BackendPoolNotFound", (await Assert.ThrowsAsync<ProdOpsException>(() => ReadAsync(balancer, "wbe"))).ErrorId);
        Assert.Equal("HAProxyRefused", (await Assert.ThrowsAsync<ProdOpsException>(() => balancer.SetWeightAsync(A1, 300, CancellationToken.None))).ErrorId);
        foreach (string name in (string[])["a1;shutdown sessions server web/a1", "a1\nquit", "a 1", "", "a'1", "ä"])
        {
            Assert.Equal("BackendNameInvalid", (await Assert.ThrowsAsync<ProdOpsException>(() => balancer.SetWeightAsync(new BackendMember("web", name), 5, CancellationToken.None))).ErrorId);
            Assert.Equal("BackendNameInvalid", (await Assert.ThrowsAsync<ProdOpsException>(() => balancer.SetWeightAsync(new BackendMember(name, "a1"), 5, CancellationToken.None))).ErrorId);
        }
    }

    [UnpackedFact("haproxy")]
    public async Task An_address_is_changed_and_what_is_none_is_refused()
    {
        await using TestApp a1 = new("a1"), a2 = new("a2");
        using var haproxy = await RealHAProxy.StartAsync(RealHAProxy.Pool("web", a1));
        await using var balancer = haproxy.Open();
        await balancer.SetAddressAsync(A1, "127.0.0.1", a2.Port, CancellationToken.None);
        await balancer.SetAddressAsync(A1, "127.0.0.1", a2.Port, CancellationToken.None);
        Assert.Equal($"127.0.0.1:{a2.Port}", (await ReadAsync(balancer, "web"))[0].Address);
        foreach (string address in (string[])["web1", "127.0.0.1 port 1", "fe80::1%eth0", "1", ""])
            Assert.Equal("BackendAddressInvalid", (await Assert.ThrowsAsync<ProdOpsException>(() => balancer.SetAddressAsync(A1, address, 80, CancellationToken.None))).ErrorId);
    }

    [UnpackedFact("haproxy")]
    public async Task A_server_that_is_added_has_the_pool_s_checks()
    {
        await using TestApp a1 = new("a1"), a2 = new("a2");
        using var haproxy = await RealHAProxy.StartAsync(RealHAProxy.Pool("web", a1));
        await using var balancer = haproxy.Open();
        var member = new BackendMember("web", "a2");
        await balancer.AddAsync(member, "127.0.0.1", a2.Port, 50, CancellationToken.None);
        var added = (await ReadAsync(balancer, "web"))[1];
        Assert.Equal(("a2", BackendServerState.Maintenance, 50, $"127.0.0.1:{a2.Port}"), (added.Name, added.State, added.Weight, added.Address));
        Assert.Equal(TimeSpan.Zero, await balancer.BeginCheckAsync(member, CancellationToken.None));
        await UntilAsync(balancer, "web", servers => servers[1].State == BackendServerState.Drain);
        Assert.True(a2.Checks >= 2, $"{a2.Checks} checks");
        Assert.Equal("BackendServerExists", (await Assert.ThrowsAsync<ProdOpsException>(() => balancer.AddAsync(member, "127.0.0.1", a2.Port, 50, CancellationToken.None))).ErrorId);
        Assert.Equal("HAProxyRefused", (await Assert.ThrowsAsync<ProdOpsException>(() => balancer.RemoveAsync(member, CancellationToken.None))).ErrorId);
        await balancer.SetStateAsync(member, BackendServerTarget.Maintenance, CancellationToken.None);
        await balancer.RemoveAsync(member, CancellationToken.None);
        Assert.Equal(["a1"], (await ReadAsync(balancer, "web")).Select(server => server.Name));
    }

    [UnpackedFact("haproxy")]
    public async Task A_pool_with_a_cookie_takes_no_server_that_cannot_have_one_and_from_3_0_on_each_has_its_own()
    {
        await using TestApp a1 = new("a1"), a2 = new("a2");
        using var haproxy = await RealHAProxy.StartAsync($"backend web\n    cookie SRV insert\n    server a1 127.0.0.1:{a1.Port} check cookie a1\n");
        await using var balancer = haproxy.Open();
        var member = new BackendMember("web", "a2");
        if (Version.Parse((await balancer.ReadAsync(CancellationToken.None)).Version) < new Version(3, 0))
        {
            var error = await Assert.ThrowsAsync<ProdOpsException>(() => balancer.AddAsync(member, "127.0.0.1", a2.Port, 100, CancellationToken.None));
            Assert.Equal("BackendServerNeedsCookie", error.ErrorId);
            return;
        }

        await balancer.AddAsync(member, "127.0.0.1", a2.Port, 100, CancellationToken.None);
        var row = HAProxyTable.Parse((await balancer.AskAsync("show stat", CancellationToken.None)).TrimEnd() + "\n").Rows.Single(row => row.Name == "a2");
        Assert.Equal("a2", row["cookie"]);
    }

    [UnpackedFact("haproxy")]
    public async Task A_reload_keeps_what_was_changed_and_kept()
    {
        await using TestApp a1 = new("a1"), a2 = new("a2");
        using var haproxy = await RealHAProxy.StartAsync($"{RealHAProxy.Pool("web", a1, a2)}backend other\n    load-server-state-from-file none\n    server b1 127.0.0.1:{a1.Port}\n", isMaster: true);
        await using var balancer = haproxy.Open();
        await balancer.SetStateAsync(A1, BackendServerTarget.Maintenance, CancellationToken.None);
        await balancer.SetWeightAsync(new BackendMember("web", "a2"), 33, CancellationToken.None);
        Assert.True(await balancer.KeepAsync("web", CancellationToken.None));
        Assert.False(await balancer.KeepAsync("other", CancellationToken.None));
        Assert.NotNull(await balancer.ReloadAsync(CancellationToken.None));
        await UntilAsync(async () => HAProxyProcesses.Parse((await balancer.AskMasterAsync("show proc", CancellationToken.None))!) is { Workers: [{ Reloads: 0 }], Master.Reloads: 1 });
        var servers = await ReadAsync(balancer, "web");
        Assert.Equal((BackendServerState.Maintenance, 33), (servers[0].State, servers[1].Weight));
    }

    [UnpackedFact("haproxy")]
    public async Task Reloads_right_after_each_other_are_all_carried_out()
    {
        await using TestApp a1 = new("a1");
        using var haproxy = await RealHAProxy.StartAsync(RealHAProxy.Pool("web", a1), isMaster: true);
        await using var balancer = haproxy.Open();
        const int times = 25;
        for (int i = 0; i < times; i++) Assert.NotNull(await balancer.ReloadAsync(CancellationToken.None));
        await UntilAsync(async () => HAProxyProcesses.Parse((await balancer.AskMasterAsync("show proc", CancellationToken.None))!).Master?.Reloads >= times);
    }

    [UnpackedFact("haproxy")]
    public async Task A_balancer_tells_its_limits_pools_and_problems()
    {
        await using TestApp a1 = new("a1"), a2 = new("a2");
        using var haproxy = await RealHAProxy.StartAsync($"{RealHAProxy.Pool("web", a1)}    server a3 127.0.0.1:1 check\nbackend empty\n    server e1 127.0.0.1:{a2.Port} disabled\n", isMaster: true);
        await using var balancer = haproxy.Open();
        await UntilAsync(balancer, "web", servers => servers[1].State == BackendServerState.Down);
        var read = await balancer.ReadAsync(CancellationToken.None);
        Assert.Equal(("lb1", "lb1", LoadBalancerKind.HAProxy), (read.Name, read.Server, read.Kind));
        Assert.Matches(@"^\d+\.\d+\.\d+$", read.Version);
        Assert.NotNull(read.Uptime);
        Assert.Equal(["web", "empty"], read.Pools.Select(pool => pool.Name));
        Assert.Equal((1, 2), (read.Pools[0].Up, read.Pools[0].Servers));
        Assert.Equal(["pool empty: no server takes requests", "pool web: a3 is down"], read.Problems);
        Assert.Equal(2000, Assert.Single(read.Limits, limit => limit.Name == "maxconn").Limit);
        Assert.Contains(read.Limits, limit => limit.Name == "open files" && limit.Used > 5);
        Assert.Equal(read.Limits.Max(limit => limit.Share), read.NearestLimit!.Share);
        File.AppendAllText(haproxy.Configuration, "backend broken\n    server\n");
        await balancer.ReloadAsync(CancellationToken.None);
        await UntilAsync(async () => (await balancer.ReadAsync(CancellationToken.None)).Problems.Any(problem => problem.StartsWith("the last reload has failed", StringComparison.Ordinal)));
    }

    internal static async Task<IReadOnlyList<BackendServer>> ReadAsync(HAProxyBalancer balancer, string? pool)
    {
        var servers = new List<BackendServer>();
        await foreach (var server in balancer.ReadServersAsync(pool, CancellationToken.None)) servers.Add(server);
        return servers;
    }

    internal static async Task<IReadOnlyList<BackendServer>> UntilAsync(HAProxyBalancer balancer, string? pool, Func<IReadOnlyList<BackendServer>, bool> isThere)
    {
        IReadOnlyList<BackendServer> servers = [];
        await UntilAsync(async () => isThere(servers = await ReadAsync(balancer, pool)));
        return servers;
    }

    internal static async Task UntilAsync(Func<Task<bool>> isThere)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await isThere()) await Task.Delay(20, limit.Token);
    }
}
