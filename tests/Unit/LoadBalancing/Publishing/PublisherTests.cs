using ProdOps.Backup.Tests.Storage;
using ProdOps.LoadBalancing.HAProxy.Replies;
using ProdOps.LoadBalancing.Publishing;
using ProdOps.LoadBalancing.Rendering;
using ProdOps.LoadBalancing.Tests.TestTools;
using ProdOps.Monitoring.Tests.TestTools;
using ProdOps.Servers.Commands;

namespace ProdOps.LoadBalancing.Tests.Publishing;

/// <summary>Publishing to a real HAProxy of this machine, whose configuration was written by hand at first.</summary>
public sealed class PublisherTests : IAsyncLifetime
{
    private readonly TestApp _old = new("old"), _new = new("new");
    private readonly TemporaryFolder _store = new();
    private RealHAProxy _proxy = null!;

    public async Task InitializeAsync()
    {
        UnpackedPath.Use(UnpackedTool.HAProxy);
        if (UnpackedTool.HAProxy.Program is not null) _proxy = await RealHAProxy.StartAsync(RealHAProxy.Pool("web", _old), isMaster: true);
    }

    public async Task DisposeAsync()
    {
        _proxy?.Dispose();
        await _old.DisposeAsync();
        await _new.DisposeAsync();
        _store.Dispose();
    }

    [UnpackedFact("haproxy")]
    public async Task A_hand_written_configuration_is_left_alone_unless_it_is_insisted_and_comes_back()
    {
        string hand = await File.ReadAllTextAsync(_proxy.Configuration);
        var refused = await Assert.ThrowsAsync<ProdOpsException>(() => Publisher(force: false).PlanAsync([Site()], CancellationToken.None));
        Assert.Equal("LoadBalancerNotOurs", refused.ErrorId);
        var result = await PublishAsync(Site());
        Assert.Equal((LoadBalancerPublicationStatus.Published, null), (result.Status, result.PreviousRevision));
        Assert.StartsWith("2-", result.Revision, StringComparison.Ordinal);
        Assert.Equal("old", await GetAsync());
        await using (var balancer = _proxy.Open()) Assert.Equal(result.Revision[2..], (await balancer.ReadAsync(CancellationToken.None)).Revision);
        var revisions = await Store().ReadRevisionsAsync(withFiles: true, CancellationToken.None);
        Assert.Equal([result.Revision, revisions[1].Manifest.Id], revisions.Select(revision => revision.Manifest.Id));
        Assert.True(revisions[0].IsCurrent);
        Assert.Equal(hand, Assert.Single(revisions[1].Files).Text);
        Assert.Equal("what was there before ProdOps", Assert.Single(revisions[1].Manifest.Changes));
    }

    [UnpackedFact("haproxy")]
    public async Task What_is_there_already_is_not_published_again()
    {
        await PublishAsync(Site());
        var plan = Assert.Single(await Publisher().PlanAsync([Site()], CancellationToken.None));
        Assert.Equal(LoadBalancerPublicationStatus.Unchanged, plan.Publication.Status);
        Assert.Empty(plan.Publication.Files);
        Assert.Empty(plan.Publication.Changes);
    }

    [UnpackedFact("haproxy")]
    public async Task A_publication_is_one_reload()
    {
        await PublishAsync(Site());
        await using var balancer = _proxy.Open();
        Assert.Equal(1, HAProxyProcesses.Parse((await balancer.AskMasterAsync("show proc", CancellationToken.None))!).Master!.Reloads);
    }

    [UnpackedFact("haproxy")]
    public async Task A_port_that_changes_is_not_held_by_the_states_of_before()
    {
        await PublishAsync(Site());
        var plan = Assert.Single(await Publisher().PlanAsync([Site(_new.Port)], CancellationToken.None));
        Assert.Contains($"server app of pool web: 127.0.0.1:{_old.Port} -> 127.0.0.1:{_new.Port}", plan.Publication.Changes);
        Assert.Contains($"+    server app 127.0.0.1:{_new.Port} check", Assert.Single(plan.Publication.Files).Diff, StringComparison.Ordinal);
        await Publisher().RunAsync(plan, CancellationToken.None);
        Assert.Equal("new", await GetAsync());
    }

    [UnpackedFact("haproxy")]
    public async Task What_was_drained_stays_drained()
    {
        await PublishAsync(Site());
        await using var balancer = _proxy.Open();
        await balancer.AskAsync("set server web/app state drain", CancellationToken.None);
        await PublishAsync(Site() with { Entries = [Entry(_old.Port) with { MaxConnections = 50 }] });
        Assert.Contains(" 8 ", (await balancer.AskAsync("show servers state web", CancellationToken.None)).Split('\n')[2], StringComparison.Ordinal);
    }

    [UnpackedFact("haproxy")]
    public async Task A_configuration_that_is_refused_changes_nothing()
    {
        await PublishAsync(Site());
        string before = await File.ReadAllTextAsync(_proxy.Configuration);
        var site = Site() with { Entries = [Entry(_old.Port) with { FrontendLines = ["nonsense here"] }] };
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => PublishAsync(site));
        Assert.Equal("LoadBalancerConfigurationRefused", error.ErrorId);
        Assert.Contains("nonsense", error.Message, StringComparison.Ordinal);
        Assert.Contains(_proxy.Configuration, error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(_proxy.Configuration));
        Assert.Equal("old", await GetAsync());
    }

    [UnpackedFact("haproxy")]
    public async Task More_connections_than_files_may_be_open_are_refused_before_anything_is_changed()
    {
        await PublishAsync(Site());
        string before = await File.ReadAllTextAsync(_proxy.Configuration);
        // More than any kernel has files for a process.
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => PublishAsync(Site() with { Entries = [Entry(_old.Port) with { MaxConnections = 1_100_000_000 }] }));
        Assert.Equal("LoadBalancerOpenFiles", error.ErrorId);
        Assert.Matches(@"take 2,200,000,\d{3} open files, and it may have [\d,]+\. Nothing was changed\.", error.Message);
        Assert.Contains("MaxConnections of at most", error.Recommendation, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(_proxy.Configuration));
    }

    [UnpackedFact("haproxy")]
    public async Task A_configuration_that_does_not_serve_is_taken_back()
    {
        await PublishAsync(Site());
        string before = await File.ReadAllTextAsync(_proxy.Configuration);
        _new.IsHealthy = false;
        var told = new List<LoadBalancerPublication>();
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => PublishAsync(Site(_new.Port), told));
        Assert.Equal("LoadBalancerNotServing", error.ErrorId);
        // Whoever looks for proofs later sees that it failed.
        Assert.Equal((LoadBalancerPublicationStatus.PutBack, "lb1", true), (Assert.Single(told).Status, told[0].Server, told[0].Revision.StartsWith("3-", StringComparison.Ordinal)));
        Assert.EndsWith("What was there before is there again.", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(_proxy.Configuration));
        Assert.Equal("old", await Eventually(GetAsync, text => text == "old"));
        Assert.False(Directory.Exists(Path.Join(_store["store"], "haproxy", "former")));
    }

    [UnpackedFact("haproxy")]
    public async Task Of_two_admins_the_second_is_refused_and_told_who_the_first_is()
    {
        var plan = Assert.Single(await Publisher().PlanAsync([Site()], CancellationToken.None));
        await using (await BalancerLock.TakeAsync(new LocalShell("lb1"), Store().LockFile, "alice@desk", asRoot: false, TimeProvider.System, CancellationToken.None))
        {
            var error = await Assert.ThrowsAsync<ProdOpsException>(() => Publisher().RunAsync(plan, CancellationToken.None));
            Assert.Equal("LoadBalancerLocked", error.ErrorId);
            Assert.Contains("alice@desk", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(LoadBalancerPublicationStatus.Published, (await Publisher().RunAsync(plan, CancellationToken.None)).Status);
    }

    [UnpackedFact("haproxy")]
    public async Task What_was_changed_since_it_was_looked_at_is_not_overwritten()
    {
        var plan = Assert.Single(await Publisher().PlanAsync([Site()], CancellationToken.None));
        await File.AppendAllTextAsync(_proxy.Configuration, "# by hand\n");
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => Publisher().RunAsync(plan, CancellationToken.None));
        Assert.Equal("LoadBalancerChangedMeanwhile", error.ErrorId);
        Assert.EndsWith("# by hand\n", await File.ReadAllTextAsync(_proxy.Configuration), StringComparison.Ordinal);
    }

    [UnpackedTheory("haproxy")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_killed_run_left_is_put_in_order_by_the_next(bool written)
    {
        await PublishAsync(Site());
        string good = await File.ReadAllTextAsync(_proxy.Configuration);
        await using (var held = await BalancerLock.TakeAsync(new LocalShell("lb1"), Store().LockFile, "bob", asRoot: false, TimeProvider.System, CancellationToken.None))
        {
            await Store().BeginAsync(held.Token, [(_proxy.Configuration, good)], CancellationToken.None);
            if (written) await Store().WriteAsync(held.Token, [new RenderedFile(_proxy.Configuration, "half of it")], CancellationToken.None);
        }

        var plan = Assert.Single(await Publisher().PlanAsync([Site(_new.Port)], CancellationToken.None));
        Assert.Contains(plan.Publication.Warnings, warning => warning.Contains("cut off", StringComparison.Ordinal));
        Assert.Equal(LoadBalancerPublicationStatus.Published, (await Publisher().RunAsync(plan, CancellationToken.None)).Status);
        Assert.Equal("new", await GetAsync());
        Assert.False(Directory.Exists(Path.Join(_store["store"], "haproxy", "former")));
    }

    [UnpackedFact("haproxy")]
    public async Task A_run_that_lost_its_lock_changes_nothing_more()
    {
        var store = Store();
        string token;
        await using (var held = await BalancerLock.TakeAsync(new LocalShell("lb1"), store.LockFile, "bob", asRoot: false, TimeProvider.System, CancellationToken.None)) token = held.Token;
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => store.WriteAsync(token, [new RenderedFile(_proxy.Configuration, "x")], CancellationToken.None));
        Assert.Equal("LoadBalancerLockLost", error.ErrorId);
    }

    [UnpackedFact("haproxy")]
    public async Task Fifty_revisions_are_kept_and_the_present_one_in_any_case()
    {
        await using var held = await BalancerLock.TakeAsync(new LocalShell("lb1"), Store().LockFile, "bob", asRoot: false, TimeProvider.System, CancellationToken.None);
        for (int number = 1; number <= 53; number++)
            await Store().KeepAsync(held.Token, new RevisionManifest { Id = $"{number}-0123abcd", Entries = "web", Files = [new RevisionFile("/a", "644")] }, [new RenderedFile("/a", $"{number}")], isCurrent: number == 2, CancellationToken.None);
        var revisions = await Store().ReadRevisionsAsync(withFiles: false, CancellationToken.None);
        Assert.Equal("53-0123abcd", revisions[0].Manifest.Id);
        Assert.Equal("2-0123abcd", Assert.Single(revisions, revision => revision.IsCurrent).Manifest.Id);
        Assert.InRange(revisions.Count, 50, 51);
    }

    private BalancerStore Store() => new(new LocalShell("lb1"), $"{_store["store"]}/haproxy", asRoot: false);

    private Publisher Publisher(bool force = true, List<LoadBalancerPublication>? putBack = null) => new((_, _) => Task.FromResult<IServerShell>(new LocalShell("lb1")),
        new PublishOptions { Store = _store["store"], AsRoot = false, Force = force, By = "test", Timeout = TimeSpan.FromSeconds(6), Settle = TimeSpan.FromMilliseconds(100) }, TimeProvider.System, SilentActivity.Instance)
    {
        PutBack = done =>
        {
            putBack?.Add(done);
            return Task.CompletedTask;
        },
    };

    private async Task<LoadBalancerPublication> PublishAsync(BalancerSite site, List<LoadBalancerPublication>? putBack = null) => await Publisher(putBack: putBack).RunAsync(Assert.Single(await Publisher().PlanAsync([site], CancellationToken.None)), CancellationToken.None);

    private BalancerSite Site(int? port = null) => new() { Server = "lb1", Kind = LoadBalancerKind.HAProxy, Entries = [Entry(port ?? _old.Port)], Addresses = new Dictionary<string, string> { ["app"] = "127.0.0.1" } };

    private LoadBalancerDefinition Entry(int port) => new()
    {
        Name = "web", Servers = ["lb1"], Pool = ["app"], PoolPort = port, Port = _proxy.Port, Check = "/health", CheckInterval = TimeSpan.FromMilliseconds(100), MaxConnections = 100,
        ConfigurationPath = _proxy.Configuration, Socket = _proxy.Socket,
    };

    private async Task<string> GetAsync()
    {
        using var client = new HttpClient();
        return await client.GetStringAsync(new Uri($"http://127.0.0.1:{_proxy.Port}/"));
    }

    private static async Task<string> Eventually(Func<Task<string>> get, Func<string, bool> good)
    {
        for (int tries = 0; ; tries++)
        {
            try
            {
                string text = await get();
                if (good(text) || tries > 200) return text;
            }
            catch (HttpRequestException) when (tries <= 200)
            {
                // Not yet.
            }

            await Task.Delay(50);
        }
    }
}

/// <summary>A test with cases that needs a program which the run unpacks.</summary>
internal sealed class UnpackedTheoryAttribute : TheoryAttribute
{
    public UnpackedTheoryAttribute(string program) => Skip = new UnpackedFactAttribute(program).Skip;
}
