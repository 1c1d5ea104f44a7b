using ProdOps.Servers.Commands;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Connections;

/// <summary>
/// What login shells do before a command begins. A forced command stands in for the login shell and its start-up files: sshd gives it what
/// it would give them.
/// </summary>
public sealed class LoginShellTests
{
    private const string Noise = "echo 'Welcome to web1!'; printf 'no newline'; echo 'stty: not a tty' >&2; ";

    [SshdTheory]
    [ProgramData("/bin/bash", "/bin/bash")]
    [ProgramData("/bin/dash", "/bin/dash")]
    [ProgramData("/usr/bin/busybox", "/usr/bin/busybox sh")]
    [ProgramData("/usr/bin/fish", "/usr/bin/fish")]
    [ProgramData("/bin/csh", "/bin/csh")]
    public async Task Any_login_shell_gets_every_command_through_and_its_noise_is_dropped(string shell)
    {
        await using var fixture = await StartAsync($"{Noise}SHELL='{shell}'; export SHELL; exec {shell} -c \"$SSH_ORIGINAL_COMMAND\"");
        var server = await fixture.OpenAsync();
        for (int i = 0; i < 3; i++)
        {
            var output = await server.RunAsync("echo 'it''s \\ !x \"$0\"'\necho $# \"$(printf 'a\\nb')\"; echo wrong >&2; exit 7", default);
            Assert.Equal("its \\ !x \"$0\"\n0 a\nb\n", output.Text);
            Assert.Equal("wrong\n", output.ErrorText);
            Assert.Equal(7, output.Exit.Code);
        }
    }

    [SshdFact]
    public async Task Megabytes_of_noise_are_dropped()
    {
        await using var fixture = await StartAsync("head -c 20000000 /dev/zero; head -c 20000000 /dev/zero >&2; exec /bin/sh -c \"$SSH_ORIGINAL_COMMAND\"");
        var output = await (await fixture.OpenAsync()).RunAsync("echo ok; echo bad >&2", default);
        Assert.Equal("ok\n", output.Text);
        Assert.Equal("bad\n", output.ErrorText);
    }

    [SshdFact]
    public async Task A_shell_that_traces_does_not_confuse_the_start()
    {
        await using var fixture = await StartAsync("set -xv; SHELL=/bin/bash; export SHELL; exec /bin/bash -x -c \"$SSH_ORIGINAL_COMMAND\"");
        var server = await fixture.OpenAsync();
        for (int i = 0; i < 2; i++)
        {
            var output = await server.RunAsync("echo ok; echo bad >&2", default);
            Assert.Equal("ok\n", output.Text);
            Assert.Equal("bad\n", output.ErrorText);
        }
    }

    [SshdTheory]
    [InlineData("echo 'This account is for file transfer.'; exit 1")]
    [InlineData("echo 'This account is for file transfer.' >&2; exit 1")]
    public async Task An_account_without_a_shell_is_an_error_that_says_what_came_instead(string script)
    {
        await using var fixture = await StartAsync(script);
        var server = await fixture.OpenAsync();
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => server.RunAsync("true", default));
        Assert.Equal("ShellMissing", error.ErrorId);
        Assert.Contains("This account is for file transfer.", error.Message);
        Assert.Contains("'web1'", error.Message);
    }

    [SshdFact]
    public async Task Commands_get_the_users_locale_unless_their_output_is_parsed()
    {
        await using var fixture = await StartAsync("LC_ALL=C.UTF-8; export LC_ALL; exec /bin/sh -c \"$SSH_ORIGINAL_COMMAND\"");
        var server = await fixture.OpenAsync();
        Assert.Equal("C.UTF-8\n", (await server.RunAsync("echo $LC_ALL", default)).Text);
        Assert.Equal("C\n", (await server.RunAsync(new ServerCommand("echo $LC_ALL") { PosixLocale = true }, default)).Text);
    }

    internal static async Task<SshShellFixture> StartAsync(string script, string config = "")
    {
        var fixture = await SshShellFixture.StartAsync($"{config}\nForceCommand {{folder}}/shell");
        string path = Path.Combine(fixture.Sshd.Folder, "shell");
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        Tool.SetMode(path, (UnixFileMode)0b111_101_101);
        return fixture;
    }
}
