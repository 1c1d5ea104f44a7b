namespace ProdOps.Lab.Tests.Commands;

/// <summary>-AsRoot on servers whose logins are not root.</summary>
[Collection(LabCollection.Name)]
public sealed class SudoTests(Fleet fleet)
{
    private const string Password = "open-sesame-4711";

    // Looks at every process's arguments and environment as fast as it can, for what a file holds, and ends by itself.
    private const string Watch = """
        i=0
        while [ $i -lt 20000 ] && [ ! -e /run/watch/stop ]; do
            cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2> /dev/null | grep -a -q -F -f /run/watch/needle && touch /run/watch/seen
            i=$((i + 1)); echo $i > /run/watch/new && mv /run/watch/new /run/watch/rounds
        done
        """;

    [LabFact]
    public async Task Sudo_that_asks_nothing_makes_root()
    {
        var host = await fleet.UpAsync("web1");
        await host.AccountAsync("ops", "sudo=nopassword");
        using var admin = new Admin("ops", host);
        Assert.Equal("ops", (await admin.RunAsync("(Invoke-ServerCommand 'id -un' -Server web1).StandardOutput")).Text);
        Assert.Equal("root", (await admin.RunAsync("(Invoke-ServerCommand 'id -un' -Server web1 -AsRoot).StandardOutput")).Text);
        var failed = await admin.RunAsync("Invoke-ServerCommand 'echo out; echo why >&2; exit 7' -Server web1 -AsRoot");
        Assert.Equal(("CommandFailed", 7), (failed.ErrorId, failed.Output[0].Properties["ExitCode"].Value));
    }

    [LabFact]
    public async Task A_password_answers_sudo_and_is_seen_in_no_process_no_input_and_no_stream()
    {
        var host = await fleet.UpAsync("web1");
        await host.AccountAsync("sue", "sudo=password", $"password={Password}");
        await host.RunAsync("mkdir -p /run/watch; rm -f /run/watch/*; cat > /run/watch/needle", Password + "\n");
        await host.RunAsync("cat > /run/watch/sh; systemd-run --quiet --collect --unit=watch sh /run/watch/sh", Watch);
        try
        {
            await host.WaitAsync("[ -e /run/watch/rounds ]");
            // Twenty looks at it while it runs. What is left on its standard input is what it was given.
            const string Look = "Invoke-ServerCommand 'id -un; n=$(cat /run/watch/rounds); until [ $(cat /run/watch/rounds) -gt $((n + 20)) ]; do sleep 0.05; done; cat' -StandardInput payload -Server web1 -AsRoot -TimeoutSec 30 -Verbose -Debug";
            using (var admin = new Admin(Ssh("sue") + "; SudoPassword = @{ File = 'sudo' }", Entry(host)))
            {
                admin.WriteSecret("sudo", Password);
                // sudo asks the first time, and remembers the second time.
                for (var round = 0; round < 2; round++) await CheckAsync(admin, Look);
            }

            using (var admin = new Admin(Ssh("sue"), Entry(host)))
                await CheckAsync(admin, $"{Look} -Credential ([pscredential]::new('sue', [Net.NetworkCredential]::new('', '{Password}').SecurePassword))");
            Assert.Equal("", await host.RunAsync("ls /run/watch/seen 2> /dev/null || true"));
            // It would have been seen.
            await host.RunAsync("sh -c 'until [ -e /run/watch/seen ]; do sleep 0.05; done' \"$(cat /run/watch/needle)\"");
        }
        finally
        {
            await host.RunAsync("touch /run/watch/stop");
        }
    }

    [LabFact]
    public async Task A_wrong_password_is_an_error_with_the_server_and_without_the_password()
    {
        var host = await fleet.UpAsync("web1");
        await host.AccountAsync("sue", "sudo=password", $"password={Password}");
        using var admin = new Admin(Ssh("sue") + "; SudoPassword = @{ File = 'sudo' }", Entry(host));
        admin.WriteSecret("sudo", "wrong-0815");
        await host.RunAsync("rm -f /run/sudo/ts/sue");
        var answer = await admin.RunAsync("Invoke-ServerCommand 'touch /run/never' -Server web1 -AsRoot -Verbose -Debug");
        Assert.Equal(("SudoPasswordWrong", "web1"), (answer.ErrorId, answer.Error.TargetObject.ToString()));
        Assert.DoesNotContain("0815", answer.Said + answer.Error.ErrorDetails.RecommendedAction);
        Assert.Empty(answer.Output);
        Assert.InRange(answer.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        await host.WaitAsync("! pgrep -x sudo > /dev/null && [ ! -e /run/never ]", 5);
    }

    [LabFact]
    public async Task Sudo_that_cannot_be_used_is_an_error_that_says_why()
    {
        var hosts = await fleet.UpAsync("web1", "odd1");
        var host = hosts[0];
        await host.AccountAsync("sue", "sudo=password", $"password={Password}");
        await host.AccountAsync("nora", "sudo=no", $"password={Password}");
        await host.AccountAsync("tess", "sudo=nopassword");
        await host.RunAsync("rm -f /run/sudo/ts/sue; echo 'Defaults:tess requiretty' > /etc/sudoers.d/tess-tty");
        await RefusedAsync("sue", host, "SudoRefused", "a password is required");
        await RefusedAsync("nora", host, "SudoRefused", "a password is required");
        await RefusedAsync("nora", host, "SudoRefused", "not in the sudoers file", $" -Credential ([pscredential]::new('nora', [Net.NetworkCredential]::new('', '{Password}').SecurePassword))");
        await RefusedAsync("tess", host, "SudoRefused", "must have a tty");

        await hosts[1].AccountAsync("ann");
        await hosts[1].RunAsync("mv /usr/bin/sudo /usr/bin/sudo.gone");
        try
        {
            await RefusedAsync("ann", hosts[1], "SudoMissing", "neither sudo nor doas");
        }
        finally
        {
            await hosts[1].RunAsync("mv /usr/bin/sudo.gone /usr/bin/sudo");
        }
    }

    private static async Task CheckAsync(Admin admin, string script)
    {
        var answer = await admin.RunAsync(script);
        Assert.Equal(["root", "payload"], (IEnumerable<string>)Assert.Single(answer.Clean).Properties["StandardOutput"].Value);
        Assert.DoesNotContain("4711", answer.Said);
    }

    private static async Task RefusedAsync(string user, LabHost host, string id, string reason, string more = "")
    {
        using var admin = new Admin(user, host);
        var answer = await admin.RunAsync($"Invoke-ServerCommand 'touch /run/never' -Server {host.Name} -AsRoot{more}");
        Assert.Equal((id, host.Name), (answer.ErrorId, answer.Error.TargetObject.ToString()));
        Assert.Contains(reason, answer.Error.ToString());
        Assert.NotEmpty(answer.Error.ErrorDetails.RecommendedAction);
        Assert.Empty(answer.Output);
        Assert.InRange(answer.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    private static string Ssh(string user) => $"User = '{user}'; IdentityFile = '{Fleet.Key}'; KnownHosts = '{Fleet.KnownHosts}'; ConfigFile = 'none'";

    private static string Entry(LabHost host) => $"@{{ Name = '{host.Name}'; Address = '{host.Address}' }}";
}
