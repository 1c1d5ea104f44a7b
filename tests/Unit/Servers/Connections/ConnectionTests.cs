using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Connections;
using ProdOps.Servers.Secrets;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Connections;

public sealed class ConnectionTests
{
    [SshdFact]
    public async Task A_connection_that_dies_under_a_command_is_an_error_and_the_next_command_connects_again()
    {
        await using var fixture = await SshShellFixture.StartAsync();
        var shell = await fixture.OpenAsync();
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => shell.RunAsync("kill -KILL $PPID; sleep 600", default));
        Assert.Equal("ConnectionLost", error.ErrorId);
        Assert.Equal("web1", error.Target);
        Assert.True((await shell.RunAsync("true", default)).Exit.Succeeded);
        Assert.Equal(2, fixture.Connector.Made.Count);
    }

    [SshdFact]
    public async Task A_command_that_may_run_twice_does_when_the_connection_dies_under_it()
    {
        await using var fixture = await SshShellFixture.StartAsync();
        string mark = Path.Combine(fixture.Sshd.Folder, "mark");
        var command = new ServerCommand($"if test -e {mark}; then echo again; else touch {mark}; kill -KILL $PPID; sleep 600; fi") { Idempotent = true };
        Assert.Equal("again\n", (await (await fixture.OpenAsync()).RunAsync(command, default)).Text);
    }

    [SshdFact]
    public async Task A_kept_connection_that_was_closed_meanwhile_is_made_again()
    {
        await using var fixture = await SshShellFixture.StartAsync();
        var shell = await fixture.OpenAsync();
        int session = int.Parse((await shell.RunAsync("echo $PPID", default)).Text);
        using (var process = Process.GetProcessById(session)) process.Kill();
        for (int i = 0; i < 5; i++) Assert.Equal("hello\n", (await shell.RunAsync("echo hello", default)).Text);
        Assert.Equal(2, fixture.Connector.Made.Count);
    }

    [SshdTheory]
    [InlineData("", 25)]
    [InlineData("MaxSessions 2", 7)]
    [InlineData("MaxSessions 1", 3)]
    public async Task More_commands_than_a_connection_takes_get_further_connections(string config, int commands)
    {
        await using var fixture = await SshShellFixture.StartAsync(config);
        var shell = await fixture.OpenAsync();
        var outputs = await Task.WhenAll(Enumerable.Range(0, commands).Select(i => shell.RunAsync($"sleep 1; echo {i}", default)));
        Assert.Equal(Enumerable.Range(0, commands).Select(i => $"{i}\n"), outputs.Select(output => output.Text));
        Assert.InRange(fixture.Connector.Made.Count, 2, commands);
    }

    [SshdFact]
    public async Task A_host_that_takes_connections_and_says_nothing_times_out()
    {
        await using var fixture = await SshShellFixture.StartAsync();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var target = At(fixture, silent, TimeSpan.FromSeconds(1));
        var watch = Stopwatch.StartNew();
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => fixture.OpenAsync(target));
        Assert.Equal("ConnectTimedOut", error.ErrorId);
        Assert.Contains($"127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}", error.Message);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
    }

    [SshdFact]
    public async Task Connecting_stops_at_once_when_it_is_cancelled()
    {
        await using var fixture = await SshShellFixture.StartAsync();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var stop = new CancellationTokenSource();
        var opening = fixture.Shells.OpenAsync(At(fixture, silent, TimeSpan.FromMinutes(1)), SilentActivity.Instance, stop.Token);
        using var accepted = await silent.AcceptSocketAsync();
        var watch = Stopwatch.StartNew();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
        // Nothing is left behind: our side closes the socket.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        byte[] bytes = new byte[1024];
        while (await accepted.ReceiveAsync(bytes, limit.Token) > 0)
        {
        }
    }

    [SshdFact]
    public async Task A_port_where_nothing_listens_is_said_so()
    {
        await using var fixture = await SshShellFixture.StartAsync();
        TcpListener gone;
        using (gone = new TcpListener(IPAddress.Loopback, 0)) gone.Start();
        var target = fixture.Target with { Server = fixture.Target.Server with { Ssh = fixture.Target.Server.Ssh with { Port = 1 } } };
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => fixture.OpenAsync(target));
        Assert.Equal("ConnectionRefused", error.ErrorId);
    }

    [SshdFact]
    public async Task A_name_without_an_address_is_said_so()
    {
        await using var fixture = await SshShellFixture.StartAsync();
        var target = fixture.Target with { Server = fixture.Target.Server with { Address = "nowhere.invalid" } };
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => fixture.OpenAsync(target));
        Assert.Equal("HostNotFound", error.ErrorId);
        Assert.Contains("'nowhere.invalid'", error.Message);
    }

    [SshdFact]
    public async Task A_refused_login_says_what_was_tried_and_what_is_allowed()
    {
        await using var fixture = await SshShellFixture.StartAsync();
        string stranger = fixture.Sshd.CreateUserKey("ecdsa-256", authorize: false, name: "stranger");
        var target = fixture.Target with { Server = fixture.Target.Server with { Ssh = fixture.Target.Server.Ssh with { IdentityFile = [stranger] } } };
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => fixture.OpenAsync(target));
        Assert.Equal("AuthenticationFailed", error.ErrorId);
        Assert.Contains("tried publickey; the server allows publickey", error.Message);
        Assert.Contains(KeyFile.Fingerprint(stranger + ".pub"), error.Message);
    }

    [SshdFact]
    public async Task A_login_that_failed_for_want_of_a_passphrase_names_the_key()
    {
        await using var fixture = await SshShellFixture.StartAsync();
        string locked = fixture.Sshd.CreateUserKey("ed25519", passphrase: "correct horse", name: "locked");
        var target = fixture.Target with { Server = fixture.Target.Server with { Ssh = fixture.Target.Server.Ssh with { IdentityFile = [locked] } } };
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => fixture.OpenAsync(target));
        Assert.Equal("AuthenticationFailed", error.ErrorId);
        Assert.Contains($"Not offered: {locked} (it has a passphrase", error.Message);
        Assert.Contains("ssh-add", error.Recommendation);
    }

    [SshdFact]
    public async Task An_unknown_host_key_is_refused_and_accepted_where_that_is_asked_for()
    {
        await using var fixture = await SshShellFixture.StartAsync();
        string known = Path.Combine(fixture.Sshd.Folder, "empty_hosts");
        var target = fixture.Target with { Server = fixture.Target.Server with { Ssh = fixture.Target.Server.Ssh with { KnownHosts = [known] } } };
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => fixture.OpenAsync(target));
        Assert.Equal("HostKeyUnknown", error.ErrorId);
        await fixture.OpenAsync(target with { AcceptNewHostKey = true });
        Assert.Contains(fixture.Sshd.HostKey("ed25519"), File.ReadAllText(known));
    }

    [AccountTheory]
    [InlineData("PasswordAuthentication yes")]
    [InlineData("UsePAM yes\nKbdInteractiveAuthentication yes")]
    public async Task A_password_is_taken_in_either_way_and_told_nowhere(string config)
    {
        using var user = TestUser.Create(null);
        await using var fixture = await SshShellFixture.StartAsync(config);
        var target = SshShellFixture.TargetOf(fixture.Sshd, "web1", user.Name);
        target = target with { Server = target.Server with { Ssh = target.Server.Ssh with { IdentityFile = [Path.Combine(fixture.Sshd.Folder, "no_key")] } } };
        var activity = new RecordingActivity();
        var wrong = await Assert.ThrowsAsync<ProdOpsException>(
            () => fixture.Shells.OpenAsync(target with { Password = SecretSource.FromBytes("planted-wrong-secret"u8) }, activity, default));
        Assert.Equal("AuthenticationFailed", wrong.ErrorId);
        var right = target with { Password = SecretSource.FromBytes(System.Text.Encoding.UTF8.GetBytes(user.Password)) };
        Assert.Equal($"{user.Name}\n", (await (await fixture.Shells.OpenAsync(right, activity, default)).RunAsync("id -un", default)).Text);
        string said = activity.All + wrong + fixture.Sshd.Log;
        Assert.DoesNotContain("planted", said);
        Assert.DoesNotContain(user.Password, said);
    }

    [SshdFact]
    public async Task A_server_that_asks_for_a_sign_of_life_gets_it()
    {
        await using var fixture = await SshShellFixture.StartAsync("ClientAliveInterval 1\nClientAliveCountMax 1");
        var shell = await fixture.OpenAsync();
        Assert.True((await shell.RunAsync("sleep 4", default)).Exit.Succeeded);
        Assert.Single(fixture.Connector.Made);
    }

    [SshdFact]
    public async Task A_silent_server_is_asked_and_one_that_has_stopped_is_given_up()
    {
        await using var fixture = await SshShellFixture.StartAsync();
        string config = Path.Combine(fixture.Sshd.Folder, "ssh_config");
        File.WriteAllText(config, "ServerAliveInterval 1\nServerAliveCountMax 2\n");
        var shell = await fixture.OpenAsync(fixture.Target with { Server = fixture.Target.Server with { Ssh = fixture.Target.Server.Ssh with { ConfigFile = config } } });
        Assert.True((await shell.RunAsync("sleep 4", default)).Exit.Succeeded);
        Assert.Single(fixture.Connector.Made);
        using var watchdog = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => shell.RunAsync("kill -STOP $PPID; sleep 600", watchdog.Token));
        Assert.Equal("ConnectionLost", error.ErrorId);
        Assert.Contains("silent", error.Message);
    }

    [SshdFact]
    public async Task Fifty_servers_at_once_are_fifty_connections()
    {
        await using var fixture = await SshShellFixture.StartAsync();
        var outputs = await Task.WhenAll(Enumerable.Range(0, 50).Select(async i =>
        {
            var server = await fixture.OpenAsync(fixture.Target with { Server = fixture.Target.Server with { Name = $"web{i}" } });
            return await server.RunAsync("echo $PPID", default);
        }));
        Assert.Equal(50, outputs.Select(output => output.Text).Distinct().Count());
    }

    [SshdFact]
    public async Task Closing_the_shells_closes_the_connections()
    {
        await using var fixture = await SshShellFixture.StartAsync();
        int session = int.Parse((await (await fixture.OpenAsync()).RunAsync("echo $PPID", default)).Text);
        fixture.Shells.Dispose();
        Assert.True(await Processes.EndsAsync(session));
    }

    private static ConnectionTarget At(SshShellFixture fixture, TcpListener listener, TimeSpan timeout)
    {
        var ssh = fixture.Target.Server.Ssh with { Port = ((IPEndPoint)listener.LocalEndpoint).Port, ConnectTimeout = timeout };
        return fixture.Target with { Server = fixture.Target.Server with { Ssh = ssh } };
    }
}
