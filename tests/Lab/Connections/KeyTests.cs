using System.Diagnostics;

namespace ProdOps.Lab.Tests.Connections;

/// <summary>Who is let in, and over which way.</summary>
[Collection(LabCollection.Name)]
public sealed class KeyTests(Fleet fleet) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("prodops-lab-");

    public void Dispose() => _folder.Delete(recursive: true);

    [LabTheory]
    [InlineData("ed25519", "")]
    [InlineData("rsa", "-b 2048")]
    [InlineData("ecdsa", "-b 256")]
    [InlineData("ecdsa", "-b 384")]
    [InlineData("ecdsa", "-b 521")]
    public async Task Every_type_of_key_opens_a_host(string type, string options)
    {
        var host = await fleet.UpAsync("web1");
        var key = await NewKeyAsync(host, "keys", $"-t {type} {options} -N ''");
        using var admin = new Admin(Ssh("keys", key), Entry(host));
        Assert.Equal("web1", (await admin.RunAsync("(Get-ServerClock -Server web1).Server")).Text);
    }

    [LabFact]
    public async Task A_key_behind_a_passphrase_opens_with_it_and_not_without()
    {
        var host = await fleet.UpAsync("web1");
        var key = await NewKeyAsync(host, "locked", "-t ed25519 -N 'correct horse'");
        using (var admin = new Admin($"{Ssh("locked", key)}; Passphrase = @{{ File = 'passphrase' }}", Entry(host)))
        {
            admin.WriteSecret("passphrase", "correct horse");
            Assert.Equal("web1", (await admin.RunAsync("(Get-ServerClock -Server web1).Server")).Text);
        }

        using var other = new Admin(Ssh("locked", key), Entry(host));
        var error = (await other.RunAsync("Get-ServerClock -Server web1")).Error;
        Assert.Contains("web1", error.ToString());
    }

    [LabFact]
    public async Task The_agent_opens_a_host_without_any_key_file()
    {
        var host = await fleet.UpAsync("web1");
        var key = await NewKeyAsync(host, "agent", "-t ed25519 -N ''");
        var socket = Path.Combine(_folder.FullName, "agent");
        using var agent = Process.Start(new ProcessStartInfo("ssh-agent", ["-D", "-a", socket]) { RedirectStandardOutput = true })!;
        var before = Environment.GetEnvironmentVariable("SSH_AUTH_SOCK");
        try
        {
            await agent.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10));   // it listens
            await ToolAsync("env", $"SSH_AUTH_SOCK={socket}", "ssh-add", "-q", key);
            File.Delete(key);
            Environment.SetEnvironmentVariable("SSH_AUTH_SOCK", socket);
            using var admin = new Admin($"User = 'agent'; KnownHosts = '{Fleet.KnownHosts}'; ConfigFile = 'none'", Entry(host));
            Assert.Equal("web1", (await admin.RunAsync("(Get-ServerClock -Server web1).Server")).Text);
        }
        finally
        {
            Environment.SetEnvironmentVariable("SSH_AUTH_SOCK", before);
            agent.Kill();
        }
    }

    [LabFact]
    public async Task A_password_opens_a_host_and_a_wrong_one_is_an_error_that_does_not_say_it()
    {
        var host = await fleet.UpAsync("web1");
        await host.AccountAsync("pia", "password=let-me-in");
        await host.RunAsync("rm -f ~pia/.ssh/authorized_keys");
        using var admin = new Admin($"KnownHosts = '{Fleet.KnownHosts}'; ConfigFile = 'none'", Entry(host));
        const string Script = "Get-ServerClock -Server web1 -Credential ([pscredential]::new('pia', [Net.NetworkCredential]::new('', '{0}').SecurePassword))";
        Assert.Equal("web1", (await admin.RunAsync("(" + Script.Replace("{0}", "let-me-in") + ").Server")).Text);
        // The first admin's connection is kept, and is theirs.
        using var other = new Admin($"KnownHosts = '{Fleet.KnownHosts}'; ConfigFile = 'none'", Entry(host));
        var error = (await other.RunAsync(Script.Replace("{0}", "guess-4711"))).Error;
        Assert.Contains("web1", error.ToString());
        Assert.DoesNotContain("4711", $"{error} {error.Exception} {error.ErrorDetails?.RecommendedAction}");
    }

    [LabFact]
    public async Task Two_hosts_are_jumped_through_to_one_that_cannot_be_reached_otherwise()
    {
        var hosts = await fleet.UpAsync("web1", "web2", "inner1");
        var inner = hosts[2];
        // It knows the way to its neighbours, and none to the machine.
        var machine = inner.Address[..inner.Address.LastIndexOf('.')] + ".1";
        await inner.RunAsync($"ip route replace unreachable {machine}/32");
        using (var admin = new Admin($"{Ssh("root", Fleet.Key)}; ConnectTimeout = '3s'", Entry(inner)))
        {
            Assert.Contains("inner1", (await admin.RunAsync("Get-ServerClock -Server inner1")).Error.ToString());
        }

        // Hosts on the way take theirs from ssh_config.
        var config = Path.Combine(_folder.FullName, "config");
        await File.WriteAllTextAsync(config, $"""
            Host inner1
                HostName {inner.Address}
                ProxyJump root@{hosts[0].Address}:22,{hosts[1].Address}
            Host *
                User root
                IdentityFile {Fleet.Key}
                UserKnownHostsFile {Fleet.KnownHosts}

            """);
        using (var admin = new Admin($"ConfigFile = '{config}'", "@{ Name = 'inner1' }"))
        {
            Assert.Equal("inner1", (await admin.RunAsync("(Get-ServerClock -Server inner1).Server")).Text);
            Assert.Equal(hosts[1].Address, await inner.RunAsync("journalctl -u ssh -o cat | grep -o 'Accepted publickey for root from [0-9.]*' | tail -n 1 | sed 's/.* //'"));
        }
    }

    private static string Ssh(string user, string key) => $"User = '{user}'; IdentityFile = '{key}'; KnownHosts = '{Fleet.KnownHosts}'; ConfigFile = 'none'";

    private static string Entry(LabHost host) => $"@{{ Name = '{host.Name}'; Address = '{host.Address}' }}";

    // A key of its own for an account of its own: no other key opens it.
    private async Task<string> NewKeyAsync(LabHost host, string user, string options)
    {
        var key = Path.Combine(_folder.FullName, "key");
        await ToolAsync("sh", "-c", $"rm -f '{key}' '{key}.pub'; ssh-keygen -q -C lab {options} -f '{key}'");
        await host.AccountAsync(user);
        await host.RunAsync($"cat > ~{user}/.ssh/authorized_keys", await File.ReadAllTextAsync(key + ".pub"));
        return key;
    }

    private static async Task ToolAsync(string file, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardError = true })!;
        var error = await process.StandardError.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30));
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(process.ExitCode == 0, error);
    }
}
