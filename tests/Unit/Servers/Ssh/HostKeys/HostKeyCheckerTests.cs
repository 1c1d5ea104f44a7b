using Microsoft.Extensions.Time.Testing;
using ProdOps.Servers.Ssh.HostKeys;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Ssh.HostKeys;

/// <summary>Host keys of a real sshd.</summary>
public sealed class HostKeyCheckerTests
{
    [SshdFact]
    public async Task Every_kind_of_known_host_key_is_trusted_though_the_server_has_others()
    {
        await using var server = await LoopbackSshd.StartAsync(new() { HostKeys = KeyFile.Kinds });
        string login = $"IdentityFile {server.CreateUserKey("ed25519")}";
        foreach (string kind in KeyFile.Kinds)
        {
            server.WriteKnownHosts(kind);
            var activity = new RecordingActivity();
            Assert.StartsWith("here", await SshLogin.RunAsync(server, login, activity));
            Assert.Contains($"{KeyFile.Fingerprint(server.HostKeyFile(kind))} is known by {server.Folder}/known_hosts:1", activity.All);
        }
    }

    [SshdFact]
    public async Task An_unknown_host_is_refused_with_its_print_and_known_once_it_was_accepted()
    {
        await using var server = await LoopbackSshd.StartAsync();
        string login = $"IdentityFile {server.CreateUserKey("ed25519")}";
        var failure = await Assert.ThrowsAsync<ProdOpsException>(() => SshLogin.RunAsync(server, login));
        Assert.Equal("HostKeyUnknown", failure.ErrorId);
        Assert.Contains(KeyFile.Fingerprint(server.HostKeyFile("ed25519")), failure.Message);
        Assert.Contains($"ssh-keyscan -p {server.Port} 127.0.0.1", failure.Recommendation);
        Assert.Equal("test-server", failure.Target);

        await SshLogin.RunAsync(server, login, acceptNew: true);
        Assert.Equal(server.KnownHostsLine(), File.ReadAllText($"{server.Folder}/known_hosts"));
        Assert.StartsWith("here", await SshLogin.RunAsync(server, login));
        // OpenSSH agrees with what was written.
        Assert.Contains("line 1", Tool.Succeed("ssh-keygen", "-F", $"[127.0.0.1]:{server.Port}", "-f", $"{server.Folder}/known_hosts"));
    }

    [SshdFact]
    public async Task Hashed_names_are_written_where_that_is_asked_for_and_found_again_by_both()
    {
        await using var server = await LoopbackSshd.StartAsync();
        string login = $"IdentityFile {server.CreateUserKey("ed25519")}\nHashKnownHosts yes\nStrictHostKeyChecking accept-new";
        await SshLogin.RunAsync(server, login);
        string file = $"{server.Folder}/known_hosts";
        Assert.StartsWith("|1|", File.ReadAllText(file));
        await SshLogin.RunAsync(server, login.Replace("accept-new", "yes"));
        Assert.Contains("line 1", Tool.Succeed("ssh-keygen", "-F", $"[127.0.0.1]:{server.Port}", "-f", file));

        server.WriteKnownHosts("ed25519");
        Tool.Succeed("ssh-keygen", "-H", "-f", file);
        Assert.StartsWith("|1|", File.ReadAllText(file));
        Assert.StartsWith("here", await SshLogin.RunAsync(server, login.Replace("accept-new", "yes")));
    }

    [SshdTheory]
    [InlineData("")]
    [InlineData("StrictHostKeyChecking no")]
    [InlineData("StrictHostKeyChecking accept-new")]
    public async Task A_changed_key_is_refused_always_with_both_prints_file_and_line(string policy)
    {
        await using var server = await LoopbackSshd.StartAsync();
        string user = server.CreateUserKey("ed25519");
        string file = $"{server.Folder}/known_hosts";
        File.WriteAllText(file, $"# mine\n[127.0.0.1]:{server.Port} {File.ReadAllText(user + ".pub")}");
        var failure = await Assert.ThrowsAsync<ProdOpsException>(() => SshLogin.RunAsync(server, $"{policy}\nIdentityFile {user}", acceptNew: true));
        Assert.Equal("HostKeyChanged", failure.ErrorId);
        Assert.Equal("the host key has changed", ServersErrors.HostKeyAlarm(failure.Message));
        Assert.Contains(KeyFile.Fingerprint(server.HostKeyFile("ed25519")), failure.Message);
        Assert.Contains($"{file}:2 has ED25519 {KeyFile.Fingerprint(user)}", failure.Message);
        Assert.Contains($"ssh-keygen -f '{file}' -R '[127.0.0.1]:{server.Port}'", failure.Recommendation);
    }

    [SshdFact]
    public async Task A_revoked_key_is_refused_by_known_hosts_and_by_a_list()
    {
        await using var server = await LoopbackSshd.StartAsync();
        string login = $"IdentityFile {server.CreateUserKey("ed25519")}";
        File.WriteAllText($"{server.Folder}/known_hosts", $"{server.KnownHostsLine()}@revoked * {server.HostKey("ed25519")}\n");
        var revoked = await Assert.ThrowsAsync<ProdOpsException>(() => SshLogin.RunAsync(server, login, acceptNew: true));
        Assert.Equal(("HostKeyRevoked", "the host key is revoked"), (revoked.ErrorId, ServersErrors.HostKeyAlarm(revoked.Message)));

        server.WriteKnownHosts("ed25519");
        string list = Path.Combine(server.Folder, "revoked");
        foreach (string content in (string[])[server.HostKey("ed25519") + "\n", "ssh-ed25519 damaged\n", "SSHKRL\n\0\0\0\0\u0001"])
        {
            File.WriteAllText(list, content);
            var failure = await Assert.ThrowsAsync<ProdOpsException>(() => SshLogin.RunAsync(server, $"{login}\nRevokedHostKeys {list}"));
            Assert.Equal(content.StartsWith(server.HostKey("ed25519"), StringComparison.Ordinal) ? "HostKeyRevoked" : "RevokedHostKeysUnreadable", failure.ErrorId);
        }

        File.WriteAllText(list, "# nobody\n");
        Assert.StartsWith("here", await SshLogin.RunAsync(server, $"{login}\nRevokedHostKeys {list}"));
    }

    [SshdTheory]
    [InlineData("ed25519")]
    [InlineData("ecdsa-256")]
    [InlineData("ecdsa-521")]
    [InlineData("rsa")]
    public async Task A_host_certificate_is_trusted_by_its_authority_while_it_is_valid(string kind)
    {
        string authority = "";
        await using var server = await LoopbackSshd.StartAsync(new()
        {
            HostKeys = [kind],
            Config = $"HostCertificate {{folder}}/host_{kind}-cert.pub",
            Prepare = it =>
            {
                authority = KeyFile.Create(Path.Combine(it.Folder, "ca"), "ed25519");
                KeyFile.Certify(authority, it.HostKeyFile(kind), "-h", "-n", "127.0.0.1,elsewhere", "-V", "20260101:20280101");
            },
        });
        string login = $"IdentityFile {server.CreateUserKey("ed25519")}";
        File.WriteAllText($"{server.Folder}/known_hosts", $"@cert-authority [127.0.0.1]:* {string.Join(' ', File.ReadAllText(authority + ".pub").Split(' ').Take(2))}\n");
        var activity = new RecordingActivity();
        var time = new FakeTimeProvider(new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.StartsWith("here", await SshLogin.RunAsync(server, login, activity, time: time));
        Assert.Contains("(certificate 'test', serial 0)", activity.All);

        // Expired by the clock that was given: its key by itself is not known, so it is refused, and accepted once it is.
        time = new FakeTimeProvider(new(2028, 2, 1, 0, 0, 0, TimeSpan.Zero));
        var failure = await Assert.ThrowsAsync<ProdOpsException>(() => SshLogin.RunAsync(server, login, time: time));
        Assert.Equal("HostKeyUnknown", failure.ErrorId);
        Assert.Contains("Its certificate does not count: it has expired.", failure.Message);
        File.AppendAllText($"{server.Folder}/known_hosts", server.KnownHostsLine(kind));
        Assert.StartsWith("here", await SshLogin.RunAsync(server, login, time: time));
    }

    [SshdFact]
    public async Task Where_no_file_takes_new_keys_they_are_not_accepted()
    {
        await using var server = await LoopbackSshd.StartAsync();
        string login = $"IdentityFile {server.CreateUserKey("ed25519")}\nUserKnownHostsFile none";
        Assert.Equal("HostKeyUnknown", (await Assert.ThrowsAsync<ProdOpsException>(() => SshLogin.RunAsync(server, login, acceptNew: true))).ErrorId);
        var activity = new RecordingActivity();
        Assert.StartsWith("here", await SshLogin.RunAsync(server, login.Replace("none", "/dev/null"), activity, acceptNew: true));
        Assert.Empty(activity.Warnings);
    }

    [Fact]
    public void Algorithms_that_nobody_knows_are_an_error_and_SHA1_must_be_asked_for()
    {
        string[] available = ["ssh-ed25519", "rsa-sha2-512", "ssh-rsa"];
        Assert.Equal(["ssh-ed25519", "rsa-sha2-512"], Checker("").OrderAlgorithms(available));
        Assert.Equal(["ssh-ed25519", "rsa-sha2-512", "ssh-rsa"], Checker("HostKeyAlgorithms +ssh-rsa").OrderAlgorithms(available));
        Assert.Equal("SshAlgorithmsUnsupported", Assert.Throws<ProdOpsException>(() => Checker("HostKeyAlgorithms ssh-dss").OrderAlgorithms(available)).ErrorId);
    }

    private static HostKeyChecker Checker(string config) =>
        new(Config.MemoryFiles.Resolve(config + "\nUserKnownHostsFile none\nGlobalKnownHostsFile none"), false, new(), TimeProvider.System, SilentActivity.Instance);
}
