using ProdOps.LoadBalancing.Operating;
using ProdOps.LoadBalancing.Tests.HAProxy;
using ProdOps.LoadBalancing.Tests.TestTools;
using ProdOps.Monitoring.Tests.TestTools;

namespace ProdOps.LoadBalancing.Tests.Operating;

/// <summary>Two real HAProxies with the same two applications.</summary>
public sealed class BalancerGroupTests
{
    private static readonly BackendMember A1 = new("web", "a1"), A2 = new("web", "a2");
    private static readonly HttpClient Client = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero }) { Timeout = TimeSpan.FromSeconds(60) };

    [UnpackedFact("haproxy")]
    public async Task A_drained_server_finishes_its_requests()
    {
        await using var pair = await Pair.StartAsync();
        pair.A1.Hold();
        pair.A2.Hold();
        var requests = Enumerable.Range(0, 4).Select(_ => GetAsync(pair.First, "/slow")).ToArray();
        await HAProxyBalancerTests.UntilAsync(() => Task.FromResult(pair.A1.Requests + pair.A2.Requests == 4));
        var change = pair.Group.DisableAsync(A1, new DisableOptions(), SilentActivity.Instance, CancellationToken.None);
        await pair.UntilAsync("a1", server => server.State == BackendServerState.Drain);
        Assert.False(change.IsCompleted);
        pair.A1.Release();
        pair.A2.Release();
        var done = await change;
        Assert.Equal(["a1", "a1", "a2", "a2"], (await Task.WhenAll(requests)).Order());
        Assert.Equal((BackendServerState.Up, BackendServerState.Maintenance, "drained, in maintenance", 2, 0, true), (done.From!.Value, done.To!.Value, done.Action, done.SessionsBefore, done.SessionsLeft, done.IsPersistent));
        Assert.Equal(["lb1", "lb2"], done.Balancers);
        Assert.Empty(done.Differences);
        Assert.Equal("a2", await GetAsync(pair.Second, "/"));
    }

    [UnpackedFact("haproxy")]
    public async Task What_has_not_ended_in_time_is_told_put_back_ended_or_left()
    {
        await using var pair = await Pair.StartAsync();
        var options = new DisableOptions { Timeout = TimeSpan.FromSeconds(1), Interval = TimeSpan.FromMilliseconds(50) };
        foreach (var action in Enum.GetValues<DrainTimeoutAction>())
        {
            pair.A1.Hold();
            int before = pair.A1.Requests;
            var requests = Enumerable.Range(0, 2).Select(_ => GetAsync(pair.First, "/slow")).ToArray();
            await HAProxyBalancerTests.UntilAsync(() => Task.FromResult(pair.A1.Requests == before + 1));
            if (action is DrainTimeoutAction.Fail or DrainTimeoutAction.PutBack)
            {
                var error = await Assert.ThrowsAsync<ProdOpsException>(() => pair.Group.DisableAsync(A1, options with { OnTimeout = action }, SilentActivity.Instance, CancellationToken.None));
                Assert.Equal(("BackendServerBusy", true), (error.ErrorId, error.Message.Contains("1 request or connection left", StringComparison.Ordinal)));
                Assert.All(await pair.SeenAsync("a1"), server => Assert.Equal(action == DrainTimeoutAction.Fail ? BackendServerState.Drain : BackendServerState.Up, server.State));
                // What goes on draining does so over a reload, too: 8 is what an administrator's drain is in the states.
                if (action == DrainTimeoutAction.Fail) Assert.Matches(@"(?m)^\d+ web \d+ a1 \S+ \d+ 8 ", File.ReadAllText(pair.First.StateFile));
            }
            else
            {
                var change = await pair.Group.DisableAsync(A1, options with { OnTimeout = action }, SilentActivity.Instance, CancellationToken.None);
                Assert.Equal(action == DrainTimeoutAction.Shutdown ? "in maintenance, 1 ended" : "in maintenance, 1 left", change.Action);
                Assert.All(await pair.SeenAsync("a1"), server => Assert.Equal(BackendServerState.Maintenance, server.State));
            }

            pair.A1.Release();
            await ((Task)Task.WhenAll(requests)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // A request that is ended on purpose is an error to its client; all others are answered.
            Assert.All(requests, request => Assert.True(request.IsCompletedSuccessfully || action == DrainTimeoutAction.Shutdown));
            await pair.Group.EnableAsync(A1, new EnableOptions(), SilentActivity.Instance, CancellationToken.None);
        }
    }

    [UnpackedFact("haproxy")]
    public async Task A_server_that_goes_down_while_it_drains_is_still_drained_and_one_that_is_put_back_by_others_is_told()
    {
        await using var pair = await Pair.StartAsync();
        pair.A1.Hold();
        var requests = Enumerable.Range(0, 2).Select(_ => GetAsync(pair.First, "/slow")).ToArray();
        await HAProxyBalancerTests.UntilAsync(() => Task.FromResult(pair.A1.Requests == 1));
        var change = pair.Group.DisableAsync(A1, new DisableOptions { Interval = TimeSpan.FromMilliseconds(20) }, SilentActivity.Instance, CancellationToken.None);
        await pair.UntilAsync("a1", server => server.State == BackendServerState.Drain);
        pair.A1.IsHealthy = false;
        await pair.UntilAsync("a1", server => server is { State: BackendServerState.Down, AdminState: BackendServerState.Drain });
        pair.A1.IsHealthy = true;
        await pair.UntilAsync("a1", server => server.State == BackendServerState.Drain);
        Assert.False(change.IsCompleted);
        await pair.Balancers[1].SetStateAsync(A1, BackendServerTarget.Ready, CancellationToken.None);
        Assert.Equal("BackendChangedMeanwhile", (await Assert.ThrowsAsync<ProdOpsException>(() => change)).ErrorId);
        pair.A1.Release();
        await Task.WhenAll(requests);
    }

    [UnpackedFact("haproxy")]
    public async Task A_drain_that_is_stopped_puts_back_what_was()
    {
        await using var pair = await Pair.StartAsync();
        await pair.Balancers[1].SetStateAsync(A1, BackendServerTarget.Drain, CancellationToken.None);
        pair.A1.Hold();
        var requests = Enumerable.Range(0, 2).Select(_ => GetAsync(pair.First, "/slow")).ToArray();
        await HAProxyBalancerTests.UntilAsync(() => Task.FromResult(pair.A1.Requests == 1));
        using var stop = new CancellationTokenSource();
        var change = pair.Group.DisableAsync(A1, new DisableOptions(), SilentActivity.Instance, stop.Token);
        await pair.UntilAsync("a1", server => server.State == BackendServerState.Drain);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => change);
        Assert.Equal([BackendServerState.Up, BackendServerState.Drain], (await pair.SeenAsync("a1")).Select(server => server.State));
        pair.A1.Release();
        await Task.WhenAll(requests);
    }

    [UnpackedFact("haproxy")]
    public async Task The_last_server_is_refused_unless_forced()
    {
        await using var pair = await Pair.StartAsync();
        var options = new DisableOptions();
        await pair.Group.DisableAsync(A2, options, SilentActivity.Instance, CancellationToken.None);
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => pair.Group.DisableAsync(A1, options, SilentActivity.Instance, CancellationToken.None));
        Assert.Equal(("BackendLastServer", true), (error.ErrorId, error.Message.Contains("no other server of the pool takes requests", StringComparison.Ordinal)));
        Assert.All(await pair.SeenAsync("a1"), server => Assert.Equal(BackendServerState.Up, server.State));
        Assert.Equal("BackendLastServer", (await Assert.ThrowsAsync<ProdOpsException>(() => pair.Group.SetAsync(A1, 0, null, options, SilentActivity.Instance, CancellationToken.None))).ErrorId);
        var again = await pair.Group.DisableAsync(A2, options, SilentActivity.Instance, CancellationToken.None);
        Assert.Equal(("already in maintenance", BackendServerState.Maintenance), (again.Action, again.To));
        var forced = await pair.Group.DisableAsync(A1, options with { Force = true }, SilentActivity.Instance, CancellationToken.None);
        Assert.Equal(BackendServerState.Maintenance, forced.To);
    }

    [UnpackedFact("haproxy")]
    public async Task Two_admins_at_once_do_not_empty_a_pool()
    {
        await using var pair = await Pair.StartAsync();
        await using var other = pair.OpenGroup();
        for (int round = 0; round < 5; round++)
        {
            var both = new[] { pair.Group.DisableAsync(A1, new DisableOptions(), SilentActivity.Instance, CancellationToken.None), other.DisableAsync(A2, new DisableOptions(), SilentActivity.Instance, CancellationToken.None) };
            await ((Task)Task.WhenAll(both)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Assert.Contains(both, task => task.Exception?.InnerException is ProdOpsException { ErrorId: "BackendLastServer" });
            var states = (await pair.SeenAsync("a1")).Concat(await pair.SeenAsync("a2")).ToList();
            foreach (string balancer in (string[])["lb1", "lb2"]) Assert.Contains(states, server => server.Balancer == balancer && server.TakesRequests);
            foreach (var member in (BackendMember[])[A1, A2]) await pair.Group.EnableAsync(member, new EnableOptions(), SilentActivity.Instance, CancellationToken.None);
        }
    }

    [UnpackedFact("haproxy")]
    public async Task Two_admins_at_once_put_the_same_server_back_and_neither_takes_it_out_again()
    {
        await using var pair = await Pair.StartAsync();
        await using var other = pair.OpenGroup();
        for (int round = 0; round < 5; round++)
        {
            await pair.Group.DisableAsync(A1, new DisableOptions(), SilentActivity.Instance, CancellationToken.None);
            var options = new EnableOptions { Timeout = TimeSpan.FromSeconds(20), Interval = TimeSpan.FromMilliseconds(20 + (100 * round)) };
            var changes = await Task.WhenAll(pair.Group.EnableAsync(A1, new EnableOptions { Interval = TimeSpan.FromMilliseconds(20) }, SilentActivity.Instance, CancellationToken.None), other.EnableAsync(A1, options, SilentActivity.Instance, CancellationToken.None));
            Assert.All(changes, change => Assert.StartsWith("in service", change.Action.Replace("already ", "", StringComparison.Ordinal), StringComparison.Ordinal));
            await pair.UntilAsync("a1", server => server is { State: BackendServerState.Up, AdminState: BackendServerState.Up });
        }
    }

    [UnpackedFact("haproxy")]
    public async Task A_server_is_put_back_only_after_checks_that_are_newer_than_the_command()
    {
        await using var pair = await Pair.StartAsync();
        await pair.Group.DisableAsync(A1, new DisableOptions(), SilentActivity.Instance, CancellationToken.None);
        pair.A1.IsHealthy = false;
        int before = pair.A1.Requests;
        // On a busy machine a check may not be made, or not be answered, within that time: then the reason is another one.
        ProdOpsException error;
        int attempts = 0;
        do
        {
            var enable = pair.Group.EnableAsync(A1, new EnableOptions { Timeout = TimeSpan.FromSeconds(5) }, SilentActivity.Instance, CancellationToken.None);
            for (; !enable.IsCompleted; await Task.Delay(10)) Assert.Equal("a2", await GetAsync(pair.First, "/"));
            error = await Assert.ThrowsAsync<ProdOpsException>(() => enable);
            Assert.Equal("BackendCheckFailed", error.ErrorId);
        }
        while (!error.Message.Contains("503", StringComparison.Ordinal) && ++attempts < 6);
        Assert.Contains("503", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, pair.A1.Requests);
        Assert.All(await pair.SeenAsync("a1"), server => Assert.Equal(BackendServerState.Maintenance, server.State));
        pair.A1.IsHealthy = true;
        int checks = pair.A1.Checks;
        var change = await pair.Group.EnableAsync(A1, new EnableOptions(), SilentActivity.Instance, CancellationToken.None);
        // Two balancers, and two checks of each.
        Assert.True(pair.A1.Checks - checks >= 4, $"{pair.A1.Checks - checks} checks");
        Assert.Equal((BackendServerState.Maintenance, BackendServerState.Up, "in service"), (change.From!.Value, change.To!.Value, change.Action));
        Assert.Equal("already in service", (await pair.Group.EnableAsync(A1, new EnableOptions(), SilentActivity.Instance, CancellationToken.None)).Action);
    }

    [UnpackedFact("haproxy")]
    public async Task A_server_that_only_drained_is_checked_once_more_too()
    {
        await using var pair = await Pair.StartAsync();
        var drained = await pair.Group.DisableAsync(A1, new DisableOptions { DrainOnly = true }, SilentActivity.Instance, CancellationToken.None);
        Assert.Equal((BackendServerState.Drain, "draining"), (drained.To!.Value, drained.Action));
        pair.A1.IsHealthy = false;
        Assert.Equal("BackendCheckFailed", (await Assert.ThrowsAsync<ProdOpsException>(() => pair.Group.EnableAsync(A1, new EnableOptions { Timeout = TimeSpan.FromSeconds(3) }, SilentActivity.Instance, CancellationToken.None))).ErrorId);
        Assert.All(await pair.SeenAsync("a1"), server => Assert.Equal(BackendServerState.Drain, server.AdminState));
        pair.A1.IsHealthy = true;
        Assert.Equal(BackendServerState.Up, (await pair.Group.EnableAsync(A1, new EnableOptions { Ramp = TimeSpan.FromMilliseconds(90) }, SilentActivity.Instance, CancellationToken.None)).To);
        Assert.All(await pair.SeenAsync("a1"), server => Assert.Equal(100, server.Weight));
    }

    [UnpackedFact("haproxy")]
    public async Task Where_balancers_differ_is_told()
    {
        await using var pair = await Pair.StartAsync();
        await pair.Balancers[1].SetWeightAsync(A1, 40, CancellationToken.None);
        var change = await pair.Group.DisableAsync(A1, new DisableOptions(), SilentActivity.Instance, CancellationToken.None);
        Assert.Equal(["weight: lb1 100, lb2 40"], change.Differences);
        var weighed = await pair.Group.SetAsync(A1, 60, null, new BackendChangeOptions(), SilentActivity.Instance, CancellationToken.None);
        Assert.Equal(("weight 100 -> 60", true), (weighed.Action, weighed.IsPersistent));
        Assert.Empty(weighed.Differences);
        await pair.Balancers[1].AddAsync(new BackendMember("web", "a9"), "127.0.0.1", pair.A2.Port, 1, CancellationToken.None);
        var removed = await pair.Group.RemoveAsync(new BackendMember("web", "a9"), new BackendChangeOptions(), SilentActivity.Instance, CancellationToken.None);
        Assert.Equal(["lb1 has no such server"], removed.Differences);
        Assert.Equal(["lb2"], removed.Balancers);
        Assert.Null(removed.To);
    }

    [UnpackedFact("haproxy")]
    public async Task Without_one_of_the_balancers_nothing_is_changed_unless_that_is_allowed()
    {
        await using var pair = await Pair.StartAsync();
        pair.StopSecond();
        var options = new DisableOptions();
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => pair.Group.DisableAsync(A1, options, SilentActivity.Instance, CancellationToken.None));
        Assert.Equal(("BalancerMissing", true), (error.ErrorId, error.Message.Contains("lb2", StringComparison.Ordinal)));
        var change = await pair.Group.DisableAsync(A1, options with { AllowPartial = true }, SilentActivity.Instance, CancellationToken.None);
        Assert.Equal(["lb1"], change.Balancers);
        Assert.Equal(["lb2 could not be asked"], change.Differences);
        Assert.Equal(BackendServerState.Maintenance, change.To);
        await using var partial = new BalancerGroup([pair.Balancers[0]], TimeProvider.System) { Missing = [new ProdOpsException("ConnectFailed", ErrorKind.ResourceUnavailable, "No way to lb2.") { Target = "lb2" }] };
        Assert.Equal("BalancerMissing", (await Assert.ThrowsAsync<ProdOpsException>(() => partial.EnableAsync(A1, new EnableOptions(), SilentActivity.Instance, CancellationToken.None))).ErrorId);
        Assert.Equal(["lb2 was not reached"], (await partial.EnableAsync(A1, new EnableOptions { AllowPartial = true }, SilentActivity.Instance, CancellationToken.None)).Differences);
    }

    [UnpackedFact("haproxy")]
    public async Task A_server_moves_to_another_address_while_it_is_out()
    {
        await using var pair = await Pair.StartAsync();
        await using var a3 = new TestApp("a3");
        var endpoint = new BackendEndpoint("127.0.0.1", a3.Port);
        Assert.Equal("BackendServerInUse", (await Assert.ThrowsAsync<ProdOpsException>(() => pair.Group.SetAsync(A1, null, endpoint, new BackendChangeOptions(), SilentActivity.Instance, CancellationToken.None))).ErrorId);
        await pair.Group.DisableAsync(A1, new DisableOptions(), SilentActivity.Instance, CancellationToken.None);
        var moved = await pair.Group.SetAsync(A1, null, endpoint, new BackendChangeOptions(), SilentActivity.Instance, CancellationToken.None);
        Assert.Equal($"address 127.0.0.1:{pair.A1.Port} -> {endpoint}", moved.Action);
        await pair.Group.EnableAsync(A1, new EnableOptions(), SilentActivity.Instance, CancellationToken.None);
        Assert.Equal(["a2", "a3"], new[] { await GetAsync(pair.First, "/"), await GetAsync(pair.First, "/") }.Order());
    }

    [UnpackedFact("haproxy")]
    public async Task What_one_balancer_refuses_is_put_back_on_the_other()
    {
        await using var pair = await Pair.StartAsync();
        Assert.Equal("HAProxyRefused", (await Assert.ThrowsAsync<ProdOpsException>(() => pair.Group.SetAsync(A1, 999, null, new BackendChangeOptions(), SilentActivity.Instance, CancellationToken.None))).ErrorId);
        await pair.Balancers[1].AddAsync(new BackendMember("web", "a9"), "127.0.0.1", pair.A2.Port, 1, CancellationToken.None);
        Assert.Equal("BackendServerExists", (await Assert.ThrowsAsync<ProdOpsException>(() => pair.Group.AddAsync(new BackendMember("web", "a9"), new BackendEndpoint("127.0.0.1", pair.A2.Port), 1, new BackendChangeOptions(), SilentActivity.Instance, CancellationToken.None))).ErrorId);
        Assert.Equal(["lb2"], (await pair.SeenAsync("a9")).Select(server => server.Balancer));
        Assert.All(await pair.SeenAsync("a1"), server => Assert.Equal(100, server.Weight));
    }

    private static async Task<string> GetAsync(RealHAProxy haproxy, string path)
    {
        using var answer = await Client.GetAsync(new Uri($"http://127.0.0.1:{haproxy.Port}{path}"));
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsStringAsync();
    }

    private sealed class Pair : IAsyncDisposable
    {
        private Pair(TestApp a1, TestApp a2, RealHAProxy first, RealHAProxy second)
        {
            (A1, A2, First, Second) = (a1, a2, first, second);
            Group = OpenGroup();
        }

        public TestApp A1 { get; }

        public TestApp A2 { get; }

        public RealHAProxy First { get; }

        public RealHAProxy Second { get; }

        public BalancerGroup Group { get; }

        public IReadOnlyList<IBalancer> Balancers => Group.Balancers;

        public static async Task<Pair> StartAsync()
        {
            TestApp a1 = new("a1"), a2 = new("a2");
            string pool = RealHAProxy.Pool("web", a1, a2);
            var pair = new Pair(a1, a2, await RealHAProxy.StartAsync(pool), await RealHAProxy.StartAsync(pool));
            foreach (string name in (string[])["a1", "a2"]) await pair.UntilAsync(name, server => server.CheckStatus == "L7OK" && server.State == BackendServerState.Up);
            return pair;
        }

        public BalancerGroup OpenGroup() => new([First.Open("lb1"), Second.Open("lb2")], TimeProvider.System);

        public void StopSecond() => Second.Stop();

        public async Task<IReadOnlyList<BackendServer>> SeenAsync(string name)
        {
            var servers = new List<BackendServer>();
            foreach (var balancer in Group.Balancers)
                await foreach (var server in balancer.ReadServersAsync("web", CancellationToken.None)) if (server.Name == name) servers.Add(server);
            return servers;
        }

        public async Task UntilAsync(string name, Func<BackendServer, bool> isThere) => await HAProxyBalancerTests.UntilAsync(async () => (await SeenAsync(name)).All(isThere));

        public async ValueTask DisposeAsync()
        {
            await Group.DisposeAsync();
            First.Dispose();
            Second.Dispose();
            await A1.DisposeAsync();
            await A2.DisposeAsync();
        }
    }
}
