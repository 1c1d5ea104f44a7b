using System.Diagnostics;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Secrets;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Connections;

public sealed class SudoTests
{
    private const string AskingRule = "{user} ALL=(ALL) ALL";
    private const string FreeRule = "{user} ALL=(ALL) NOPASSWD: ALL";

    [RootFact("sshd", "ssh-keygen")]
    public async Task Root_needs_no_sudo()
    {
        await using var fixture = await SshShellFixture.StartAsync();
        Assert.Equal("0\n", (await (await fixture.OpenAsync()).RunAsync(new ServerCommand("id -u") { AsRoot = true }, default)).Text);
    }

    [AccountFact]
    public async Task Sudo_without_a_password_is_taken_as_it_is()
    {
        await RunAsync(FreeRule, password: null, async shell =>
        {
            Assert.NotEqual("0\n", (await shell.RunAsync("id -u", default)).Text);
            byte[] bytes = new byte[1_000_000];
            new Random(2).NextBytes(bytes);
            for (int i = 0; i < 2; i++)
            {
                var output = await shell.RunAsync(new ServerCommand("id -u; echo bad >&2; cat; exit 5") { AsRoot = true }, new CommandRunOptions { Input = bytes }, default);
                Assert.True(output.StandardOutput.Span.SequenceEqual([.. "0\n"u8, .. bytes]));
                Assert.Equal("bad\n", output.ErrorText);
                Assert.Equal(5, output.Exit.Code);
            }
        });
    }

    [AccountFact]
    public async Task Sudo_is_answered_and_the_commands_own_input_follows()
    {
        await RunAsync(AskingRule, password: "right", async shell =>
        {
            var output = await shell.RunAsync(new ServerCommand("id -u; cat") { AsRoot = true }, new CommandRunOptions { Input = "first line\n"u8.ToArray() }, default);
            Assert.Equal("0\nfirst line\n", output.Text);
            Assert.Equal("", output.ErrorText);
        });
    }

    [AccountTheory]
    [InlineData(AskingRule, null, "SudoRefused")]
    [InlineData(AskingRule, "wrong", "SudoPasswordWrong")]
    [InlineData(null, "right", "SudoRefused")]
    public async Task A_refusal_says_what_is_missing(string? rule, string? password, string id)
    {
        await RunAsync(rule, password, async shell =>
        {
            var error = await Assert.ThrowsAsync<ProdOpsException>(() => shell.RunAsync(new ServerCommand("id -u") { AsRoot = true }, default));
            Assert.Equal(id, error.ErrorId);
        });
    }

    [AccountTheory]
    [InlineData(FreeRule, null)]
    [InlineData(AskingRule, "right")]
    [InlineData(FreeRule + "\nDefaults:{user} !use_pty", null)]
    public async Task Ending_what_sudo_runs_ends_all_of_it(string rule, string? password)
    {
        await RunAsync(rule, password, async shell =>
        {
            await using var process = await shell.StartAsync(new ServerCommand("sleep 600 & echo $!; echo $$; trap '' TERM; wait; sleep 600") { AsRoot = true }, default);
            using var reader = new StreamReader(process.StandardOutput);
            int child = int.Parse((await reader.ReadLineAsync())!);
            int parent = int.Parse((await reader.ReadLineAsync())!);
            var watch = Stopwatch.StartNew();
            await process.DisposeAsync();
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2.5), $"{watch.Elapsed}");
            Assert.True(await Processes.EndsAsync(parent));
            Assert.True(await Processes.EndsAsync(child));
        });
    }

    /// <summary>Runs a test over SSH as a user who is not root.</summary>
    private static async Task RunAsync(string? rule, string? password, Func<IServerShell, Task> test)
    {
        using var user = TestUser.Create(rule);
        await using var fixture = await SshShellFixture.StartAsync();
        var source = password switch { null => null, "right" => SecretSource.FromBytes(System.Text.Encoding.UTF8.GetBytes(user.Password)), _ => SecretSource.FromBytes("not it"u8) };
        var activity = new RecordingActivity();
        var target = SshShellFixture.TargetOf(fixture.Sshd, "web1", user.Name) with { Password = source };
        await test(await fixture.Shells.OpenAsync(target, activity, default));
        Assert.DoesNotContain(user.Password, activity.All + fixture.Sshd.Log);
    }
}
