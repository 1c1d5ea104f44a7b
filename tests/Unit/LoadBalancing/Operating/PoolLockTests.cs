using ProdOps.LoadBalancing.Operating;
using ProdOps.LoadBalancing.Rolling;
using ProdOps.LoadBalancing.Tests.HAProxy;
using ProdOps.LoadBalancing.Tests.TestTools;
using ProdOps.Monitoring.Tests.TestTools;
using ProdOps.Servers.Commands;

namespace ProdOps.LoadBalancing.Tests.Operating;

public sealed class PoolLockTests
{
    private readonly string _balancer = $"/run/{Guid.NewGuid():N}.sock";

    [Fact]
    public async Task Of_two_the_second_is_told_who_the_first_is_and_gets_it_when_that_has_ended()
    {
        await using (await TakeAsync("web", "alice@desk since noon"))
        {
            var error = await Assert.ThrowsAsync<ProdOpsException>(() => TakeAsync("web", "bob"));
            Assert.Equal(("BackendPoolLocked", ErrorKind.ResourceBusy), (error.ErrorId, error.Kind));
            Assert.Contains("alice@desk since noon (process ", error.Message, StringComparison.Ordinal);
            // Another pool, and another balancer of the same server, are others.
            await using (await TakeAsync("api", "bob")) { }
            await using (await TakeAsync("web", "bob", _balancer + "2")) { }
        }

        await using (await TakeAsync("web", "bob")) { }
    }

    [Fact]
    public async Task A_holder_that_is_dead_holds_nothing()
    {
        var shell = new LocalShell("lb1");
        await using var held = await TakeAsync("web", "alice");
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => TakeAsync("web", "bob"));
        string process = error.Message.Split("(process ")[1].Split(' ')[0];
        (await shell.RunAsync(new ServerCommand($"kill -9 {process}"), CancellationToken.None)).EnsureSuccess();
        await HAProxyBalancerTests.UntilAsync(() => Task.FromResult(held.IsLost));
        await using var taken = await TakeAsync("web", "bob");
        Assert.False(taken.IsLost);
    }

    [Fact]
    public async Task What_a_holder_says_of_itself_cannot_drive_a_terminal()
    {
        await using var held = await TakeAsync("web", "alice\u001b[2J\nroot " + new string('x', 5000));
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => TakeAsync("web", "bob"));
        Assert.DoesNotContain(error.Message, char.IsControl);
        Assert.InRange(error.Message.Length, 10, 600);
    }

    [UnpackedFact("haproxy")]
    public async Task A_pool_that_somebody_updates_is_updated_by_nobody_else()
    {
        await using TestApp a1 = new("a1"), a2 = new("a2");
        using RealHAProxy first = await RealHAProxy.StartAsync(RealHAProxy.Pool("web", a1, a2)), second = await RealHAProxy.StartAsync(RealHAProxy.Pool("web", a1, a2));
        await using BalancerGroup mine = new([first.Open("lb1"), second.Open("lb2")], TimeProvider.System), others = new([second.Open("lb2"), first.Open("lb1")], TimeProvider.System);
        await using (var one = new BalancerPool(mine, "web", new BackendChangeOptions(), SilentActivity.Instance, "alice@desk"))
        await using (var two = new BalancerPool(others, "web", new BackendChangeOptions(), SilentActivity.Instance, "bob@desk"))
        {
            await one.HoldAsync(CancellationToken.None);
            await one.HoldAsync(CancellationToken.None);
            Assert.Contains("alice@desk", (await Assert.ThrowsAsync<ProdOpsException>(() => two.HoldAsync(CancellationToken.None))).Message, StringComparison.Ordinal);
            Assert.True(one.CountsByServer);
            Assert.Null(await one.CountRequestsAsync(CancellationToken.None));
        }

        await using var three = new BalancerPool(others, "web", new BackendChangeOptions(), SilentActivity.Instance, "bob@desk");
        await three.HoldAsync(CancellationToken.None);
    }

    private Task<ServerHold> TakeAsync(string pool, string owner, string? balancer = null) => PoolLock.TakeAsync(new LocalShell("lb1"), balancer ?? _balancer, pool, owner, TimeProvider.System, CancellationToken.None);
}
