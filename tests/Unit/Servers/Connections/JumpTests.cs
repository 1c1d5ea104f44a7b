using System.Net;
using System.Net.Sockets;
using System.Text;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Connections;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Connections;

public sealed class JumpTests
{
    [SshdFact]
    public async Task A_server_behind_two_others_is_reached_through_them_and_each_shows_its_own_key()
    {
        await using var first = await LoopbackSshd.StartAsync();
        await using var second = await LoopbackSshd.StartAsync();
        await using var fixture = await SshShellFixture.StartAsync();
        var target = Behind(fixture, first, second);
        byte[] bytes = new byte[2_000_000];
        new Random(3).NextBytes(bytes);
        var shell = await fixture.OpenAsync(target);
        var output = await shell.RunAsync(new ServerCommand("cat"), new CommandRunOptions { Input = bytes }, default);
        Assert.True(output.StandardOutput.Span.SequenceEqual(bytes));
        Assert.Contains("Accepted publickey", first.Log);
        Assert.Contains("Accepted publickey", second.Log);

        // Servers behind the same host share the way to it.
        var others = await Task.WhenAll(Enumerable.Range(0, 5).Select(async i =>
            (await (await fixture.OpenAsync(target with { Server = target.Server with { Name = $"other{i}" } })).RunAsync("echo ok", default)).Text));
        Assert.All(others, text => Assert.Equal("ok\n", text));
        Assert.Equal(1, Count(first.Log, "Accepted publickey"));
        Assert.Equal(1, Count(second.Log, "Accepted publickey"));
    }

    [SshdFact]
    public async Task A_host_on_the_way_with_a_changed_key_is_refused_by_its_own_name()
    {
        await using var first = await LoopbackSshd.StartAsync();
        await using var second = await LoopbackSshd.StartAsync();
        await using var fixture = await SshShellFixture.StartAsync();
        var target = Behind(fixture, first, second);
        string other = KeyFile.Create(Path.Combine(fixture.Sshd.Folder, "other"), "ed25519");
        string known = target.Server.Ssh.KnownHosts[0];
        string key = string.Join(' ', File.ReadAllText(other + ".pub").Split(' ').Take(2));
        File.WriteAllText(known, File.ReadAllText(known).Replace(second.HostKey("ed25519"), key));
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => fixture.OpenAsync(target));
        Assert.Equal("HostKeyChanged", error.ErrorId);
        Assert.Contains($"{second.Port}", error.Message);
    }

    [SshdFact]
    public async Task A_host_that_may_not_pass_on_is_named()
    {
        await using var first = await LoopbackSshd.StartAsync(new LoopbackSshdOptions { Config = "AllowTcpForwarding no" });
        await using var fixture = await SshShellFixture.StartAsync();
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => fixture.OpenAsync(Behind(fixture, first)));
        Assert.Equal("JumpRefused", error.ErrorId);
        Assert.Contains("'127.0.0.1'", error.Message);
    }

    [SshdFact]
    public async Task Strangers_on_the_relays_port_get_nothing_and_hold_nothing_up()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await using var fixture = await SshShellFixture.StartAsync();
        await using var connection = await fixture.Connector.ConnectAsync(fixture.Target, SilentActivity.Instance, limit.Token);
        await using var relay = await JumpRelay.StartAsync(connection, "127.0.0.1", fixture.Sshd.Port, limit.Token);
        var strangers = new List<TcpClient>();
        for (int i = 0; i < 30; i++)
        {
            var stranger = new TcpClient();
            await stranger.ConnectAsync(IPAddress.Loopback, relay.Port, limit.Token);
            // Two of three say nothing at all.
            if (i % 3 == 0) await stranger.Client.SendAsync("CONNECT x HTTP/1.0\r\nProxy-Authorization: Basic cHJvZG9wczp4\r\n\r\n"u8.ToArray(), limit.Token);
            strangers.Add(stranger);
        }

        using var ours = new TcpClient();
        await ours.ConnectAsync(IPAddress.Loopback, relay.Port, limit.Token);
        string login = Convert.ToBase64String(Encoding.ASCII.GetBytes($"{JumpRelay.User}:{relay.Password}"));
        await ours.Client.SendAsync(Encoding.ASCII.GetBytes($"CONNECT x HTTP/1.0\r\nproxy-authorization: Basic {login}\r\n\r\n"), limit.Token);
        byte[] buffer = new byte[1000];
        string answer = "";
        while (!answer.Contains("SSH-2.0-", StringComparison.Ordinal)) answer += Encoding.ASCII.GetString(buffer, 0, await ours.Client.ReceiveAsync(buffer, limit.Token));
        Assert.StartsWith("HTTP/1.0 200 OK\r\n\r\nSSH-2.0-", answer);
        foreach (var stranger in strangers)
        {
            // Closed or cut off, and nothing before.
            var end = await Record.ExceptionAsync(async () => Assert.Equal(0, await stranger.Client.ReceiveAsync(buffer, limit.Token)));
            Assert.True(end is null or SocketException, end?.ToString());
            stranger.Dispose();
        }
    }

    /// <summary>The fixture's server, reached through others. Hosts on the way take their keys from ssh_config.</summary>
    private static ConnectionTarget Behind(SshShellFixture fixture, params LoopbackSshd[] hosts)
    {
        string key = fixture.Target.Server.Ssh.IdentityFile[0];
        foreach (var host in hosts) host.Authorize(key + ".pub");
        string known = Path.Combine(fixture.Sshd.Folder, "known_all");
        File.WriteAllText(known, string.Concat(hosts.Append(fixture.Sshd).Select(host => host.KnownHostsLine())));
        string config = Path.Combine(fixture.Sshd.Folder, "ssh_config");
        File.WriteAllText(config, $"IdentityFile {key}\nUserKnownHostsFile {known}\n");
        string way = string.Join(',', hosts.Select(host => $"{host.User}@127.0.0.1:{host.Port}"));
        return fixture.Target with { Server = fixture.Target.Server with { Ssh = fixture.Target.Server.Ssh with { ProxyJump = way, ConfigFile = config, KnownHosts = [known] } } };
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
