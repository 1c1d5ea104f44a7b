using Microsoft.Extensions.Time.Testing;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Inventory;
using ProdOps.Servers.Inventory.Probing;

namespace ProdOps.Servers.Tests.Inventory;

public sealed class ProbingTests
{
    private const string Answer = """
        @host
        db1.example.com
        @system
        Debian GNU/Linux 12 (bookworm)
        @ports
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1
           1: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1
           2: 0F4D4D0A:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1
           3: 0100007F:0CEA 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1
           4: 0F4D4D0A:0016 014D4D0A:D2A8 01 00000000:00000000 00:00000000 00000000     0        0 1
           0: 00000000000000000000000001000000:0277 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 1
        @running
        cron.service             loaded active running Regular background program processing daemon
        postgresql@15-main.service loaded active running PostgreSQL Cluster 15-main
        serial\x2dgetty@ttyS0.service loaded active running Serial Getty
        shop@1.service           loaded active running Ours, in instances
        pgexport.service         loaded active running Ours
        @own
        pgexport.service
        shop@.service
        old.service
        """;

    [Fact]
    public void A_hosts_answer_is_read()
    {
        var facts = HostProbe.Parse(Answer);
        Assert.Equal(("db1.example.com", "Debian GNU/Linux 12 (bookworm)"), (facts.HostName, facts.System));
        Assert.Equal([22, 5432], facts.Ports);
        Assert.Equal(["cron", "pgexport", "postgresql@15-main", "shop@1"], facts.Running);
        Assert.Equal(["pgexport", "shop@1"], facts.Own);
        // What listens on loopback alone gives no port away: the service does.
        var guess = RoleGuess.Of(facts with { Ports = [] });
        Assert.Equal(["Database"], guess.Roles);
        Assert.Equal(["postgresql@15-main", "pgexport", "shop@1"], guess.Services);
    }

    [Fact]
    public void What_could_be_backed_up_is_proposed_in_comments_that_hold_when_they_are_uncommented()
    {
        string[] lines = EnvironmentWriter.Write("shop",
        [
            (new Server { Name = "10.77.0.15", Address = "10.77.0.15" }, HostProbe.Parse(Answer + "\n@web\n/var/www\n/etc\n") with { Running = ["postgresql@15-main", "redis-server"] }),
            (new Server { Name = "10.77.0.13", Address = "10.77.0.13" }, new HostFacts("web_1", null, [], ["nginx"], [])),
            (new Server { Name = "10.77.0.14", Address = "10.77.0.14" }, null),
        ], DateTimeOffset.UnixEpoch).Split('\n');
        int begin = Array.FindIndex(lines, line => line.Contains("What could be backed up", StringComparison.Ordinal)) + 1;
        Assert.True(begin > 0);
        string uncommented = string.Join('\n', lines.Select((line, i) => i >= begin && line.StartsWith("    # ", StringComparison.Ordinal) ? line[6..] : line));
        var environment = EnvironmentFiles.ReadText(uncommented).Require();
        Assert.Equal(["db1-postgresql", "db1-redis", "db1-www"], environment.Backups.Select(set => set.Name));
        Assert.Equal(["/var/www"], environment.Backups[2].Path);
        Assert.All(environment.Backups, set => Assert.Equal(("db1", "local"), (set.Server.Single(), set.Repository)));
    }

    [Theory]
    [InlineData("haproxy,nginx,cron", "", "", "LoadBalancer", "haproxy,nginx")]
    [InlineData("postgresql,cron", "", "", "Database", "postgresql")]
    [InlineData("shop,nginx", "shop", "", "App", "nginx,shop")]
    [InlineData("php8.2-fpm,nginx", "", "", "App", "php8.2-fpm,nginx")]
    [InlineData("nginx", "", "", "Web", "nginx")]
    [InlineData("cron", "", "8080", "App", "")]
    [InlineData("prometheus,grafana-server", "", "", "Monitor", "prometheus,grafana-server")]
    [InlineData("cron", "", "22", "", "")]
    public void Roles_are_guessed_from_what_runs(string running, string own, string ports, string roles, string services)
    {
        var guess = RoleGuess.Of(new HostFacts("h", "s", [.. Split(ports).Select(int.Parse)], Split(running), Split(own)));
        Assert.Equal(roles, string.Join(',', guess.Roles));
        Assert.Equal(Split(services).Order(), guess.Services.Order());
    }

    [Fact]
    public void A_first_file_says_what_was_seen_and_guessed_and_is_read_without_a_problem()
    {
        var today = new DateTimeOffset(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);
        string text = EnvironmentWriter.Write("shop",
        [
            (new Server { Name = "10.77.0.13", Address = "10.77.0.13", Ssh = new() { User = "o'brien", Port = 2222 } }, new HostFacts("web1", "Debian\u0007", [22, 80], ["nginx", "shop"], ["shop"])),
            (new Server { Name = "10.77.0.15", Address = "10.77.0.15" }, HostProbe.Parse(Answer)),
            (new Server { Name = "[2001:db8::1]:22022", Address = "2001:db8::1", Ssh = new() { Port = 22022 } }, null),
            (ServerResolver.Local, new HostFacts("web1", null, [], [], [])),
        ], today);
        Assert.Contains("# Could not be connected to", text, StringComparison.Ordinal);
        Assert.Contains("# guessed: Role, Services, DependsOn", text, StringComparison.Ordinal);
        Assert.Contains("# Debian GNU/Linux 12 (bookworm); listens on 22, 5432", text, StringComparison.Ordinal);
        var reading = EnvironmentFiles.ReadText(text);
        Assert.Empty(reading.Problems);
        var servers = reading.Require().Servers;
        Assert.Equal(["web1", "db1", "server-2001-db8--1--22022", "web1-2"], servers.Select(server => server.Name));
        Assert.Equal(("10.77.0.13", "o'brien", 2222), (servers[0].Address, servers[0].Ssh.User, servers[0].Ssh.Port));
        Assert.Equal(["db1"], servers[0].DependsOn);
        Assert.Equal(["Database"], servers[1].Roles);
        Assert.True(servers[3].IsLocal);
    }

    [Fact]
    public async Task This_machine_answers_the_probe()
    {
        var output = await new LocalShell("localhost").RunAsync(HostProbe.Command, CancellationToken.None);
        var facts = HostProbe.Parse(output.Text);
        Assert.NotEmpty(facts.HostName!);
        Assert.NotEmpty(facts.System!);
        Assert.NotEmpty(facts.Running);
    }

    [Fact]
    public async Task A_servers_checks_tell_what_is_wrong_with_it()
    {
        var server = new Server { Name = "here", IsLocal = true, Services = ["no-such'service"] };
        var checks = await RunAsync(server, TimeProvider.System);
        Assert.Equal(["Connection", "Root", "Service", "Clock"], checks.Select(check => check.Check));
        Assert.All(checks, check => Assert.Equal("here", check.Server));
        Assert.Equal(EnvironmentCheckStatus.Passed, checks[3].Status);
        Assert.NotEqual(EnvironmentCheckStatus.Passed, checks[2].Status);
        var late = await RunAsync(server, new FakeTimeProvider(TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(5)));
        Assert.Equal((EnvironmentCheckStatus.Failed, "ClockOff"), (late[3].Status, late[3].ErrorId));
        Assert.Contains("behind", late[3].Message, StringComparison.Ordinal);
        var early = await RunAsync(server, new FakeTimeProvider(TimeProvider.System.GetUtcNow() - TimeSpan.FromSeconds(20)));
        Assert.Equal((EnvironmentCheckStatus.Warning, "ClockOff"), (early[3].Status, early[3].ErrorId));
    }

    [Fact]
    public void States_of_services_are_read()
    {
        var states = ServiceStates.Parse(["a", "b", "c", "d"], "running a\nstopped b\nmissing c\nnoise\n");
        Assert.Equal([ServiceState.Running, ServiceState.Stopped, ServiceState.Missing, ServiceState.Unknown], states.Select(state => state.State));
    }

    [Fact]
    public void Static_checks_have_one_result_each_or_one_for_every_problem()
    {
        Assert.All(StaticChecks.Run(EnvironmentFiles.ReadText("@{ Servers = @{ Name = 'a' } }")), check => Assert.Equal(EnvironmentCheckStatus.Passed, check.Status));
        var checks = StaticChecks.Run(EnvironmentFiles.ReadText("@{ Nmae = 1; Ssh = @{ Password = 'x'; Passphrase = @{ File = '/nowhere/at/all' }; IdentityFile = '/nowhere/key' } }")).ToList();
        Assert.Equal(["UnknownKey", "IdentityFileNotFound", "SecretInClear", "SecretNotFound"], checks.Where(check => check.ErrorId is not null).Select(check => check.ErrorId));
        Assert.Equal(7, checks.Count(check => check.Status == EnvironmentCheckStatus.Passed));
    }

    private static async Task<List<EnvironmentCheck>> RunAsync(Server server, TimeProvider time)
    {
        var checks = new List<EnvironmentCheck>();
        await foreach (var check in new ServerChecks(server, new LocalShell(server.Name), time).RunAsync(CancellationToken.None)) checks.Add(check);
        return checks;
    }

    private static string[] Split(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries);
}
