using ProdOps.Monitoring.Checks;
using ProdOps.Monitoring.Checks.Plugins;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Checks;

public sealed class PluginTests
{
    private const string Disk = "DISK OK - free space: / 3326 MB (56%); | /=2643MB;5948;5958;0;5968\n/ 15272 MB (77%);\n/boot 68 MB (69%);\n/var/log 819 MB (84%); | /boot=68MB;88;93;0;98\n/var/log=818MB;970;975;0;980";

    [Fact]
    public void Lines_and_values_are_read_as_the_guidelines_have_them()
    {
        var output = PluginOutput.Parse(0, Disk);
        Assert.Equal((HealthState.OK, "DISK OK - free space: / 3326 MB (56%);"), (output.State, output.Text));
        Assert.Equal("/ 15272 MB (77%);\n/boot 68 MB (69%);\n/var/log 819 MB (84%);", output.More);
        Assert.Equal(["/", "/boot", "/var/log"], output.Values.Select(value => value.Label));
        Assert.Equal((2643.0 * 1024 * 1024, "B", "6236930048", "6247415808"), (output.Values[0].Value, output.Values[0].Unit, output.Values[0].Warning, output.Values[0].Critical));
    }

    [Theory]
    [InlineData("x|time=12ms;;;0", "time", 0.012, "s")]
    [InlineData("x|'load 1'=0.5;15;30", "load 1", 0.5, "")]
    [InlineData("x|'it''s'=5%", "it's", 5, "%")]
    [InlineData("x|a=1,5s", "a", 1.5, "s")]
    [InlineData("x|a=1e3B", "a", 1000, "B")]
    [InlineData("x|a=-3;@10:20;~:30", "a", -3, "")]
    [InlineData("x|requests=42c", "requests", 42, "")]
    [InlineData("x|  a=7KB  ", "a", 7168, "B")]
    public void A_value_has_a_label_and_a_unit_of_ours(string text, string label, double value, string unit)
    {
        var read = Assert.Single(PluginOutput.Parse(0, text).Values);
        Assert.Equal((label, value, unit), (read.Label, read.Value, read.Unit));
    }

    [Theory]
    [InlineData("x|a=12ms;500;1000", "0.5", "1")]
    [InlineData("x|a=12ms;@10:20;~:30", "@0.01:0.02", "~:0.03")]
    [InlineData("x|a=1,5us;2,5:;", "2.5E-06:", "")]
    [InlineData("x|a=1KB;:-3;2:1e3", ":-3072", "2048:1024000")]
    [InlineData("x|a=1;5;10:", "5", "10:")]
    [InlineData("x|a=1ms;five;1e999", "five", "1e999")]
    [InlineData("x|a=1ms;;~", "", "~")]
    public void From_where_on_it_is_bad_is_in_the_unit_of_the_value(string text, string warning, string critical)
    {
        var read = Assert.Single(PluginOutput.Parse(0, text).Values);
        Assert.Equal((warning, critical), (read.Warning, read.Critical));
    }

    [Theory]
    [InlineData("x|a=U")]
    [InlineData("x|a=")]
    [InlineData("x|nonsense")]
    [InlineData("x|'a=1")]
    [InlineData("x|a=1e999")]
    [InlineData("x|=1")]
    public void What_is_no_value_is_left_out(string text) => Assert.Empty(PluginOutput.Parse(0, text).Values);

    [Theory]
    [InlineData(0, "fine", HealthState.OK, "fine")]
    [InlineData(1, "so so", HealthState.Warning, "so so")]
    [InlineData(2, "broken\n", HealthState.Critical, "broken")]
    [InlineData(3, "who knows", HealthState.Unknown, "who knows")]
    [InlineData(0, "", HealthState.OK, "it printed nothing")]
    [InlineData(127, "sh: check_x: not found", HealthState.Unknown, "sh: check_x: not found; it ended with 127: it is not there")]
    [InlineData(137, "", HealthState.Unknown, "it ended with 137, by signal 9")]
    [InlineData(-1, "", HealthState.Unknown, "it ended with -1, which means nothing for a plugin")]
    public void The_exit_code_is_the_state(int code, string text, HealthState state, string message)
    {
        var output = PluginOutput.Parse(code, text);
        Assert.Equal((state, message), (output.State, output.Text));
    }

    [Fact]
    public void Whatever_it_prints_is_read() => ParserFuzz.Run("plugin", text => PluginOutput.Parse(2, text), [Disk, "x|'a b'=1.5ms;1:2;@3:4;0;100 c=U", "\0|\u001b=\u0001", "|||=|'''='"]);

    [UnixFact]
    public async Task A_plugin_is_run_and_its_values_are_kept()
    {
        var result = await RunAsync("printf 'OK - %s | time=%s\\n' \"$LC_ALL\" 12ms; exit 1");
        Assert.Equal((HealthState.Warning, "OK - C", "here", 0.012, "s"), (result.State, result.Message, result.Server, result.Value, result.Unit));
        Assert.Equal(("try.time", 0.012), (Assert.Single(result.Metrics).Name, result.Metrics[0].Value));
    }

    [UnixFact]
    public async Task One_that_hangs_is_ended_with_its_children()
    {
        using var folder = new ProdOps.Backup.Tests.Storage.TemporaryFolder();
        var result = await RunAsync($"sleep 300 & echo $! > '{folder["child"]}'; wait", seconds: 0.5);
        Assert.Equal((HealthState.Unknown, "no answer within 0.5 s: it was ended"), (result.State, result.Message));
        string child = File.ReadAllText(folder["child"]).Trim();
        for (int i = 0; i < 500 && IsAlive(child); i++) await Task.Delay(20);
        Assert.False(IsAlive(child));
    }

    [UnixFact]
    public async Task One_that_prints_without_end_is_ended()
    {
        var result = await RunAsync("yes | tr -d '\\n'");
        Assert.Equal(HealthState.Unknown, result.State);
        Assert.Contains("262144", result.Message.Replace(",", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task What_it_says_on_standard_error_alone_is_heard()
    {
        var result = await RunAsync("echo 'no route' >&2; exit 2");
        Assert.Equal((HealthState.Critical, "no route"), (result.State, result.Message));
    }

    private static CheckShell Here => new(new Server { Name = "here" }, (_, _) => Task.FromResult<IServerShell>(new LocalShell("here")));

    private static bool IsAlive(string process) => File.Exists($"/proc/{process}/stat") && !File.ReadAllText($"/proc/{process}/stat").Contains(") Z", StringComparison.Ordinal);

    private static async Task<HealthCheckResult> RunAsync(string command, double seconds = 60) =>
        Assert.Single(await new PluginCheck(new CheckSubject("here", "try"), new ServerCommand(command), Here, TimeSpan.FromSeconds(seconds), TimeProvider.System).RunAsync(CancellationToken.None));
}
