using System.Text;
using ProdOps.LoadBalancing.Nginx;
using ProdOps.LoadBalancing.Operating;
using ProdOps.LoadBalancing.Publishing;
using ProdOps.LoadBalancing.Tests.TestTools;
using ProdOps.Monitoring.Tests.TestTools;
using ProdOps.Servers.Commands;

namespace ProdOps.LoadBalancing.Tests.Nginx;

/// <summary>Changes of a file with pools under a real nginx: several at once, and ended at any moment.</summary>
public sealed class NginxFileChangeTests : IAsyncLifetime
{
    private const string Pools = "upstream web { server 127.0.0.1:8001; # app1\n server 127.0.0.1:8002; # app2\n}\nupstream api {\n server 127.0.0.1:8003; # app1\n server 127.0.0.1:8004; # app2\n}\n";

    // nginx refuses a port that is none; that needs no name server.
    private const int NoPort = 99_999;

    // The change begins with its lock: what is asked before it changes nothing.
    private const string Killing = """[ -e count ] || [ "$self" = flock ] || return; n=$(cat count 2>/dev/null); n=$((n + 1)); echo $n >count; [ $n != "$kill" ] || { kill -9 "$main"; exit 137; }""";

    // Every other moment, of which half the runs try the one half and the others the other.
    private static readonly int Step = Effort.Of(full: 1, usual: 2), First = 1 + Random.Shared.Next(Step);

    private static readonly BackendMember Web = new("web", "app1"), Api = new("api", "app1");

    private RealNginx _nginx = null!;

    public async Task InitializeAsync()
    {
        if (UnpackedTool.Nginx.Program is not null) _nginx = await RealNginx.StartAsync(Pools);
    }

    public Task DisposeAsync()
    {
        _nginx?.Dispose();
        return Task.CompletedTask;
    }

    [UnpackedFact("nginx")]
    public async Task Of_two_changes_at_once_the_one_that_is_refused_takes_nothing_of_the_other_with_it()
    {
        // The first has put its file in place and has nginx reload; the second comes to its test of the configuration only when the first has ended, if it comes that far at all.
        _nginx.Hook("""
            case "$who $self $*" in
              'first nginx -s reload') : >reloading; await go;;
              second\ flock*) : >locking;;
              'second nginx -t') await ended;;
            esac
            """);
        await using var first = _nginx.Open("first");
        await using var second = _nginx.Open("second");
        var taking = first.SetStateAsync(Web, BackendServerTarget.Maintenance, CancellationToken.None);
        await SeenAsync("reloading");
        var refused = second.SetAddressAsync(Api, "127.0.0.1", NoPort, CancellationToken.None);
        await SeenAsync("locking");
        await File.WriteAllTextAsync(_nginx.Mark("go"), "");
        await taking;
        await File.WriteAllTextAsync(_nginx.Mark("ended"), "");
        Assert.Equal("NginxConfigurationRefused", (await Assert.ThrowsAsync<ProdOpsException>(() => refused)).ErrorId);
        Assert.Equal(Pools.Replace("8001;", "8001 down;", StringComparison.Ordinal), await File.ReadAllTextAsync(_nginx.File));
        Assert.Equal(["pools.conf"], _nginx.Beside);
    }

    [UnpackedFact("nginx")]
    public async Task Whoever_changes_a_file_at_once_all_changes_are_in_it()
    {
        int rounds = Effort.Of(full: 40, usual: 2);
        await Task.WhenAll(ChangeAsync(Web), ChangeAsync(Web with { Name = "app2" }), ChangeAsync(Api));
        // The last wish of each.
        Assert.Equal(Pools.Replace("8001;", "8001 down;", StringComparison.Ordinal).Replace("8002;", "8002 down;", StringComparison.Ordinal).Replace("8003;", "8003 down;", StringComparison.Ordinal), await File.ReadAllTextAsync(_nginx.File));
        Assert.Equal(["pools.conf"], _nginx.Beside);

        async Task ChangeAsync(BackendMember member)
        {
            await using var balancer = _nginx.Open();
            for (int round = 0; round < rounds; round++)
            {
                await balancer.SetStateAsync(member, BackendServerTarget.Ready, CancellationToken.None);
                if (member == Api) Assert.Equal("NginxConfigurationRefused", (await Assert.ThrowsAsync<ProdOpsException>(() => balancer.SetAddressAsync(member, "127.0.0.1", NoPort, CancellationToken.None))).ErrorId);
                await balancer.SetStateAsync(member, BackendServerTarget.Maintenance, CancellationToken.None);
            }
        }
    }

    [UnpackedFact("nginx")]
    public async Task Who_publishes_and_who_changes_a_server_keep_each_other_out_of_the_file()
    {
        _nginx.Hook("""
            case "$who $self $*" in
              waiting\ flock*) : >locking;;
              'first nginx -s reload') : >reloading; await go;;
            esac
            """);
        await using var waiting = _nginx.Open("waiting");
        Task change;
        await using (await LockAsync())
        {
            change = waiting.SetStateAsync(Web, BackendServerTarget.Maintenance, CancellationToken.None);
            await SeenAsync("locking");
            await File.WriteAllTextAsync(_nginx.File, Pools + "# published\n");
            Assert.False(change.IsCompleted);
        }

        await change;
        Assert.Equal(Pools.Replace("8001;", "8001 down;", StringComparison.Ordinal) + "# published\n", await File.ReadAllTextAsync(_nginx.File));

        await using var first = _nginx.Open("first");
        change = first.SetStateAsync(Web, BackendServerTarget.Ready, CancellationToken.None);
        await SeenAsync("reloading");
        var busy = await Assert.ThrowsAsync<ProdOpsException>(LockAsync);
        Assert.Equal("LoadBalancerLocked", busy.ErrorId);
        Assert.Contains($"a change of a server in {_nginx.File} since 20", busy.Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(_nginx.Mark("go"), "");
        await change;
        await using var held = await LockAsync();

        Task<BalancerLock> LockAsync() => BalancerLock.TakeAsync(new LocalShell("lb1"), _nginx.LockFile, "alice@desk", asRoot: false, TimeProvider.System, CancellationToken.None);
    }

    [UnpackedFact("nginx")]
    public async Task A_change_that_is_killed_at_any_moment_leaves_a_whole_file_and_the_next_one_in_order()
    {
        _nginx.Hook(Killing);
        int moment = First;
        for (bool killed = true; killed; moment += Step)
        {
            killed = await KilledAsync(moment, balancer => balancer.SetStateAsync(Web, BackendServerTarget.Maintenance, CancellationToken.None)) is not null;
            string text = await File.ReadAllTextAsync(_nginx.File);
            Assert.Contains(text, (string[])[Pools, Pools.Replace("8001;", "8001 down;", StringComparison.Ordinal)]);
            await NextAsync(text);
        }

        Assert.InRange(moment, 8, 100);
    }

    [UnpackedFact("nginx")]
    public async Task What_a_change_that_was_killed_left_and_nginx_refuses_is_put_back_by_the_next()
    {
        _nginx.Hook(Killing);
        int left = 0;
        for (int moment = First; ; moment += Step)
        {
            var error = await KilledAsync(moment, balancer => balancer.SetAddressAsync(Web, "127.0.0.1", NoPort, CancellationToken.None));
            if ((await File.ReadAllTextAsync(_nginx.File)).Contains("99999", StringComparison.Ordinal)) left++;
            await NextAsync(Pools);
            if (error!.ErrorId == "NginxConfigurationRefused") break;
        }

        Assert.InRange(left, 1, 100);
    }

    [UnpackedFact("nginx")]
    public async Task What_was_written_by_hand_since_a_change_was_killed_is_left()
    {
        _nginx.Hook("""case "$kill $self $*" in '1 nginx -t') kill -9 "$main"; exit 137;; esac""");
        Assert.NotNull(await KilledAsync(1, balancer => balancer.SetAddressAsync(Web, "127.0.0.1", NoPort, CancellationToken.None)));
        string mended = (await File.ReadAllTextAsync(_nginx.File)).Replace("99999;", "8009; # by hand", StringComparison.Ordinal);
        Assert.NotEqual(Pools, mended);
        await File.WriteAllTextAsync(_nginx.File, mended);
        await NextAsync(mended);
    }

    [UnpackedFact("nginx")]
    public async Task A_change_that_is_ended_after_the_reload_is_put_back_and_nginx_reads_that()
    {
        _nginx.Hook("""case "$who $self $*" in 'first nginx -s reload') echo >>reloads; kill -TERM "$main";; esac""");
        await using var first = _nginx.Open("first");
        await Assert.ThrowsAsync<ProdOpsException>(() => first.SetStateAsync(Web, BackendServerTarget.Maintenance, CancellationToken.None));
        Assert.Equal(Pools, await File.ReadAllTextAsync(_nginx.File));
        Assert.Equal(2, (await File.ReadAllLinesAsync(_nginx.Mark("reloads"))).Length);
        Assert.Equal(["pools.conf"], _nginx.Beside);
    }

    [UnpackedFact("nginx")]
    public async Task Half_a_file_is_not_put_in_place_though_nginx_would_take_it()
    {
        byte[] former = Encoding.UTF8.GetBytes(Pools), content = Encoding.UTF8.GetBytes(Pools.Replace("8001", "8009", StringComparison.Ordinal));
        // As a connection that is lost on the way leaves it: one of the pools, whole.
        int length = Pools.IndexOf("upstream api", StringComparison.Ordinal);
        var output = await _nginx.Shell().RunAsync(NginxFileChange.Command(_nginx.File, former, content, _nginx.LockFile), new CommandRunOptions { Input = content.AsMemory(0, length) }, CancellationToken.None);
        Assert.Equal((1, "the new content did not come whole"), (output.Exit.Code, output.ErrorText.Trim()));
        Assert.Equal(Pools, await File.ReadAllTextAsync(_nginx.File));
        Assert.Equal(["pools.conf"], _nginx.Beside);
    }

    [UnpackedFact("nginx")]
    public async Task Of_several_on_a_server_the_nginx_is_the_one_that_would_be_reloaded()
    {
        // One of both has the lower number.
        using var other = await RealNginx.StartAsync(Pools);
        foreach (var one in new[] { _nginx, other })
        {
            var output = await one.Shell().RunAsync(NginxProbe.Command(one.File) with { AsRoot = false }, CancellationToken.None);
            var state = NginxProbe.Parse("lb1", output.EnsureSuccess().Text);
            Assert.Equal(one.Master, state.Master);
            Assert.Single(state.Workers);
        }
    }

    [UnpackedFact("nginx")]
    public async Task Its_processes_are_found_where_there_is_no_ps()
    {
        _nginx.Hook("""[ "$self" != ps ] || exit 127""");
        string[] found = [.. (await _nginx.Shell().RunAsync(new ServerCommand($"{NginxScripts.Functions}master; workers \"$(master)\""), CancellationToken.None)).EnsureSuccess().Lines];
        Assert.Equal((2, $"{_nginx.Master}"), (found.Length, found[0]));
        Assert.Contains($"PPid:\t{_nginx.Master}\n", await File.ReadAllTextAsync($"/proc/{found[1]}/status"), StringComparison.Ordinal);
    }

    private async Task<ProdOpsException?> KilledAsync(int moment, Func<NginxBalancer, Task> change)
    {
        await File.WriteAllTextAsync(_nginx.File, Pools);
        await using var balancer = _nginx.Open(kill: moment);
        try
        {
            File.Delete(_nginx.Mark("count"));
            await change(balancer);
            return null;
        }
        catch (ProdOpsException error)
        {
            return error;
        }
    }

    /// <summary>The next change is made to that text, and leaves nothing beside it.</summary>
    private async Task NextAsync(string text)
    {
        await using var next = _nginx.Open();
        await next.SetStateAsync(Api, BackendServerTarget.Maintenance, CancellationToken.None);
        Assert.Equal(text.Replace("8003;", "8003 down;", StringComparison.Ordinal), await File.ReadAllTextAsync(_nginx.File));
        Assert.Equal(["pools.conf"], _nginx.Beside);
    }

    private async Task SeenAsync(string mark)
    {
        for (int tries = 0; !File.Exists(_nginx.Mark(mark)); tries++)
        {
            Assert.True(tries < 600, $"{mark} is not reached");
            await Task.Delay(50);
        }
    }
}
