using ProdOps.Monitoring.Checks;
using ProdOps.Monitoring.Tests.TestTools;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Inventory.Schema;
using ProdOps.Servers.Secrets;

namespace ProdOps.Monitoring.Tests.Checks;

public sealed class CheckFactoryTests
{
    private static readonly Server Web = new() { Name = "web1", Address = "127.0.0.1" };

    private readonly List<string> _opened = [];

    [Fact]
    public async Task Results_are_of_the_server_and_carry_the_name_of_the_check()
    {
        await using var server = new TextServer(_ => TextServer.Http("200 OK", "fine"));
        var result = await RunAsync(new HealthCheckDefinition { Name = "shop", Kind = HealthCheckKind.Http, Target = $"http://{{server}}:{server.Port}/", Expect = "fine" });
        Assert.Equal((HealthState.OK, "web1", "shop", null), (result.State, result.Server, result.Check, result.Instance));
        Assert.All(result.Metrics, metric => Assert.Equal(("web1", "shop"), (metric.Server, metric.Instance)));
        var port = await RunAsync(new HealthCheckDefinition { Name = "port", Kind = HealthCheckKind.Tcp, Target = $"{server.Port}" });
        Assert.Equal((HealthState.OK, "web1", "port"), (port.State, port.Server, port.Check));
    }

    [Fact]
    public async Task A_password_goes_to_the_address_and_nowhere_else()
    {
        await using var server = new TextServer(_ => TextServer.Http("401 Unauthorized", ""));
        var definition = new HealthCheckDefinition
        {
            Name = "shop", Kind = HealthCheckKind.Http, Target = $"http://shop.example:{server.Port}/x", Address = "web1", User = "admin", Password = new SecretReference(SecretKind.Variable, "ANY"),
            Send = "{}", Method = "POST", Headers = ["Content-Type: application/json", "X-Probe: 1"],
        };
        var result = await RunAsync(definition);
        Assert.Equal(HealthState.Critical, result.State);
        Assert.DoesNotContain("word of tests", result.Message, StringComparison.Ordinal);
        string request = Assert.Single(server.Requests);
        Assert.Contains($"Host: shop.example:{server.Port}\r\n", request, StringComparison.Ordinal);
        Assert.Contains($"Authorization: Basic {Convert.ToBase64String("admin:word of tests"u8)}\r\n", request, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/json\r\n", request, StringComparison.Ordinal);
    }

    [UnixTheory]
    [InlineData("echo all; echo more; exit 0", HealthState.OK, "all", "more")]
    [InlineData("exit 0", HealthState.OK, "ended with 0", "")]
    [InlineData("echo begun; echo 'no queue' >&2; exit 3", HealthState.Critical, "no queue (ended with 3)", "")]
    [InlineData("echo 'too long'; exit 1", HealthState.Critical, "too long (ended with 1)", "")]
    [InlineData("exit 7", HealthState.Critical, "ended with 7", "")]
    public async Task A_script_must_end_with_nothing_wrong(string command, HealthState state, string message, string output)
    {
        var result = await RunAsync(new HealthCheckDefinition { Name = "queue", Kind = HealthCheckKind.Script, Target = command });
        Assert.Equal((state, message, output, "web1"), (result.State, result.Message, result.Output, Assert.Single(_opened)));
    }

    [UnixFact]
    public async Task A_command_runs_on_its_server_or_where_it_is_said()
    {
        var definition = new HealthCheckDefinition { Name = "way", Kind = HealthCheckKind.Plugin, Target = "echo OK to {server}" };
        Assert.Equal("OK to 127.0.0.1", (await RunAsync(definition)).Message);
        Assert.Equal("web1", (await RunAsync(definition with { RunOn = "db1" })).Server);
        await RunAsync(definition with { RunOn = "localhost", Kind = HealthCheckKind.Script });
        Assert.Equal(["web1", "db1", "localhost"], _opened);
    }

    [Fact]
    public async Task A_server_that_cannot_be_logged_in_to_leaves_it_open_how_a_check_is()
    {
        var definition = new HealthCheckDefinition { Name = "q", Kind = HealthCheckKind.Script, Target = "true", Timeout = TimeSpan.FromMilliseconds(50) };
        var late = await RunAsync(definition with { RunOn = "slow" });
        Assert.Equal((HealthState.Unknown, "Server 'slow' could not be logged in to in the time that the check may take."), (late.State, late.Message));
        var refused = await RunAsync(definition with { RunOn = "closed" });
        Assert.Equal((HealthState.Unknown, "closed"), (refused.State, refused.Message));
    }

    [Theory]
    [InlineData(HealthCheckKind.Http, "ftp://x/", "", "HealthCheckInvalid")]
    [InlineData(HealthCheckKind.Http, "", "", "HealthCheckInvalid")]
    [InlineData(HealthCheckKind.Tcp, "host", "", "HealthCheckInvalid")]
    [InlineData(HealthCheckKind.Tcp, "a b:1", "", "HealthCheckInvalid")]
    [InlineData(HealthCheckKind.Tcp, "70000", "", "HealthCheckInvalid")]
    [InlineData(HealthCheckKind.Plugin, " ", "", "HealthCheckInvalid")]
    [InlineData(HealthCheckKind.Script, "true", "nowhere", "HealthCheckServerNotFound")]
    [InlineData(HealthCheckKind.Tcp, "80", "db1", "HealthCheckRunOnUnsupported")]
    [InlineData(HealthCheckKind.Backup, "db", "", "HealthCheckKindUnsupported")]
    public void What_makes_no_sense_is_refused(HealthCheckKind kind, string target, string runOn, string error)
    {
        var thrown = Assert.Throws<ProdOpsException>(() => Factory().Create(new HealthCheckDefinition { Name = "x", Kind = kind, Target = target, RunOn = runOn }, Web));
        Assert.Equal(error, thrown.ErrorId);
    }

    [Theory]
    [InlineData(HealthCheckKind.Tcp, "> 5", null, "the check 'x' cannot be run: '> 5' is a count, and its value is a time.")]
    [InlineData(HealthCheckKind.HAProxy, "< 10s", null, "the check 'x' cannot be run: '< 10 s' is a time, and its value is a percentage.")]
    [InlineData(HealthCheckKind.PostgreSql, "> 5", null, "the check 'x' cannot be run: '> 5' is a count, and its value is a time.")]
    [InlineData(HealthCheckKind.PostgreSql, "> 5", "SELECT 1", null)]
    [InlineData(HealthCheckKind.PostgreSql, "> 5%", "SELECT 1", "the check 'x' cannot be run: '> 5 %' is a percentage, and its value is a time or a count.")]
    [InlineData(HealthCheckKind.Plugin, "> 5", null, null)]
    public void Thresholds_that_are_compared_with_nothing_are_refused(HealthCheckKind kind, string warning, string? send, string? message)
    {
        var definition = new HealthCheckDefinition { Name = "x", Kind = kind, Target = "80", Send = send, Warning = ThresholdText.Parse(warning) };
        if (message is null) Assert.NotNull(Factory().Create(definition, Web));
        else Assert.Equal(message, Assert.Throws<ProdOpsException>(() => Factory().Create(definition, Web)).Message, ignoreCase: true);
    }

    [UnixTheory]
    [InlineData("time=3s", "> 2s", "s", HealthState.OK)]
    [InlineData("time=3s", "> 2", "", HealthState.OK)]
    [InlineData("used=3", "> 2%", "%", HealthState.OK)]
    [InlineData("used=3B", "> 2s", "B", HealthState.Unknown)]
    public async Task A_plugins_value_is_in_the_unit_of_its_thresholds(string data, string warning, string unit, HealthState state)
    {
        var result = await RunAsync(new HealthCheckDefinition { Name = "x", Kind = HealthCheckKind.Plugin, Target = $"echo 'OK | {data}'", Warning = ThresholdText.Parse(warning) });
        Assert.Equal((state, 3.0, unit), (result.State, result.Value, result.Unit));
    }

    [Fact]
    public async Task Kinds_of_other_engines_come_from_their_factories()
    {
        var factory = new CheckFactory(TimeProvider.System, OpenAsync, Secret, Find, new Dictionary<HealthCheckKind, ICheckFactory> { [HealthCheckKind.Log] = new OtherFactory() });
        Assert.Equal("a log", (await factory.Create(new HealthCheckDefinition { Name = "x", Kind = HealthCheckKind.Log }, Web).RunAsync(CancellationToken.None))[0].Message);
    }

    [Fact]
    public void A_check_without_servers_is_of_the_host_it_looks_at()
    {
        var environment = new ProdOpsEnvironment { Name = "shop", Path = "/x", Servers = [Web, new Server { Name = "db1", Roles = ["Database"] }], Backups = [new BackupSet { Name = "db", Server = ["db1"] }] };
        string Of(HealthCheckKind kind, string target, params string[] servers) =>
            string.Join(",", CheckServers.Of(new HealthCheckDefinition { Name = "x", Kind = kind, Target = target, Server = servers }, environment).Select(server => server.Name));
        Assert.Equal("shop.example", Of(HealthCheckKind.Http, "https://shop.example/"));
        Assert.Equal("web1", Of(HealthCheckKind.Http, "https://127.0.0.1:8443/"));
        Assert.Equal("db1", Of(HealthCheckKind.Tcp, "db1:5432"));
        Assert.Equal("localhost", Of(HealthCheckKind.Plugin, "check_load"));
        Assert.Equal("db1", Of(HealthCheckKind.Backup, "db"));
        Assert.Equal("db1,web1", Of(HealthCheckKind.Plugin, "check_load", "role:Database", "*"));
    }

    private async Task<HealthCheckResult> RunAsync(HealthCheckDefinition definition)
    {
        if (definition.Timeout >= TimeSpan.FromSeconds(1)) definition = definition with { Timeout = TimeSpan.FromMinutes(2) };
        return Assert.Single(await Factory().Create(definition, Web).RunAsync(CancellationToken.None));
    }

    private CheckFactory Factory() => new(TimeProvider.System, OpenAsync, Secret, Find);

    private async Task<IServerShell> OpenAsync(Server server, CancellationToken cancellationToken)
    {
        _opened.Add(server.Name);
        if (server.Name == "slow") await Task.Delay(Timeout.Infinite, cancellationToken);
        return server.Name == "closed" ? throw new ProdOpsException("X", ErrorKind.Authentication, "closed", "") : new LocalShell(server.Name);
    }

    private static SecretSource Secret(SecretReference reference) => SecretSource.FromBytes("word of tests"u8);

    private static Server? Find(string name) => name is "web1" ? Web : name is "db1" or "slow" or "closed" ? new Server { Name = name } : null;

    private sealed class OtherFactory : ICheckFactory, IHealthCheck
    {
        public IHealthCheck Create(HealthCheckDefinition definition, Server server) => this;

        public Task<IReadOnlyList<HealthCheckResult>> RunAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<HealthCheckResult>>([new HealthCheckResult { Message = "a log" }]);
    }
}
