using System.Text;
using Renci.SshNet.Common;
using ProdOps.Servers.Secrets;
using ProdOps.Servers.Ssh.Identities;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Ssh.Identities;

/// <summary>Logins at a real sshd, with keys of files and of a real agent.</summary>
public sealed class LoginTests
{
    private static readonly SecretSource Passphrase = SecretSource.FromBytes("geheim"u8);

    [SshdFact]
    public async Task Every_kind_of_key_logs_in_from_a_file_with_and_without_a_passphrase()
    {
        await using var server = await LoopbackSshd.StartAsync();
        server.WriteKnownHosts();
        foreach (string kind in KeyFile.Kinds)
        {
            Assert.StartsWith("here", await SshLogin.RunAsync(server, $"IdentityFile {server.CreateUserKey(kind)}"));
            string locked = server.CreateUserKey(kind, "geheim", name: "locked_" + kind);
            Assert.StartsWith("here", await SshLogin.RunAsync(server, $"IdentityFile {locked}", passphrase: Passphrase));
        }
    }

    [SshdFact]
    public async Task Every_kind_of_key_logs_in_from_the_agent_and_RSA_signs_by_SHA2()
    {
        await using var server = await LoopbackSshd.StartAsync();
        await using var agent = await TestAgent.StartAsync(server.Folder);
        server.WriteKnownHosts();
        foreach (string kind in KeyFile.Kinds)
        {
            string key = server.CreateUserKey(kind);
            agent.Add(key);
            File.Delete(key);
            Assert.StartsWith("here", await SshLogin.RunAsync(server, $"IdentityAgent {agent.Socket}\nIdentitiesOnly yes\nIdentityFile {key}"));
        }

        string rsa = server.CreateUserKey("rsa", name: "second_rsa");
        agent.Add(rsa);
        Assert.StartsWith("here", await SshLogin.RunAsync(server, $"IdentityAgent {agent.Socket}\nIdentitiesOnly yes\nPubkeyAcceptedAlgorithms rsa-sha2-256\nIdentityFile {rsa}"));
    }

    [SshdFact]
    public async Task User_certificates_log_in_from_files_and_from_the_agent()
    {
        string authority = "";
        await using var server = await LoopbackSshd.StartAsync(new()
        {
            Config = "TrustedUserCAKeys {folder}/ca.pub",
            Prepare = it => authority = KeyFile.Create(Path.Combine(it.Folder, "ca"), "ed25519"),
        });
        await using var agent = await TestAgent.StartAsync(server.Folder);
        server.WriteKnownHosts();
        foreach (string kind in KeyFile.Kinds)
        {
            // None of these keys is in authorized_keys: only the certificate lets them in.
            string beside = server.CreateUserKey(kind, authorize: false, name: "beside_" + kind);
            KeyFile.Certify(authority, beside, "-n", server.User);
            Assert.StartsWith("here", await SshLogin.RunAsync(server, $"IdentityFile {beside}"));

            string elsewhere = Path.Combine(server.Folder, "elsewhere_" + kind);
            File.Move(beside + "-cert.pub", elsewhere);
            Assert.StartsWith("here", await SshLogin.RunAsync(server, $"IdentityFile {beside}\nCertificateFile {elsewhere}"));

            // The certificate of a file, the key of the agent.
            agent.Add(beside);
            File.Delete(beside);
            Assert.StartsWith("here", await SshLogin.RunAsync(server, $"IdentityAgent {agent.Socket}\nCertificateFile {elsewhere}\nIdentitiesOnly yes\nIdentityFile {beside}"));

            string held = server.CreateUserKey(kind, authorize: false, name: "held_" + kind);
            KeyFile.Certify(authority, held, "-n", server.User);
            await using var second = await TestAgent.StartAsync(Directory.CreateDirectory(Path.Combine(server.Folder, "agent_" + kind)).FullName);
            second.Add(held);
            Assert.StartsWith("here", await SshLogin.RunAsync(server, $"IdentityAgent {second.Socket}"));
        }
    }

    [SshdFact]
    public async Task An_expired_certificate_does_not_keep_its_key_from_logging_in()
    {
        await using var server = await LoopbackSshd.StartAsync();
        server.WriteKnownHosts();
        string key = server.CreateUserKey("ed25519");
        KeyFile.Certify(key, key, "-n", "somebody", "-V", "20200101:20200102");
        var activity = new RecordingActivity();
        Assert.StartsWith("here", await SshLogin.RunAsync(server, $"IdentityFile {key}", activity));
        Assert.Contains("the certificate is not valid now", activity.All);
    }

    [SshdFact]
    public async Task The_right_key_is_found_among_others_and_an_agent_that_refuses_to_sign_does_not_end_the_login()
    {
        await using var server = await LoopbackSshd.StartAsync();
        await using var agent = await TestAgent.StartAsync(server.Folder);
        server.WriteKnownHosts();
        // With -c the agent asks for leave by a program that is not there, which is a refusal.
        string refusing = server.CreateUserKey("ecdsa-256");
        agent.Add(refusing, "-c");
        string wrong = server.CreateUserKey("ed25519", authorize: false, name: "wrong");
        string right = server.CreateUserKey("ed25519");
        var activity = new RecordingActivity();
        Assert.StartsWith("here", await SshLogin.RunAsync(server, $"IdentityAgent {agent.Socket}\nIdentityFile {wrong}\nIdentityFile {right}", activity));
        Assert.Contains("could not sign", Assert.Single(activity.Warnings));
    }

    [SshdFact]
    public async Task A_key_that_others_may_read_is_not_used()
    {
        await using var server = await LoopbackSshd.StartAsync();
        server.WriteKnownHosts();
        string key = server.CreateUserKey("ed25519");
        Tool.SetMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        var activity = new RecordingActivity();
        await Assert.ThrowsAsync<SshAuthenticationException>(() => SshLogin.RunAsync(server, $"IdentityFile {key}", activity));
        Assert.Contains("others may read it", Assert.Single(activity.Warnings));
        // OpenSSH refuses it as well.
        Assert.Contains("bad permissions", Tool.Run("ssh", "-F", "none", "-o", "BatchMode=yes", "-o", $"UserKnownHostsFile={server.Folder}/known_hosts", "-i", key, "-p", $"{server.Port}", "127.0.0.1", "true").Error);
    }

    [SshdFact]
    public async Task A_locked_key_is_passed_over_without_a_passphrase_and_told_with_a_wrong_one()
    {
        await using var server = await LoopbackSshd.StartAsync();
        server.WriteKnownHosts();
        string locked = server.CreateUserKey("ed25519", "geheim");
        var activity = new RecordingActivity();
        await Assert.ThrowsAsync<SshAuthenticationException>(() => SshLogin.RunAsync(server, $"IdentityFile {locked}", activity));
        Assert.Contains("it has a passphrase", activity.All);
        Assert.Empty(activity.Warnings);
        await Assert.ThrowsAsync<SshAuthenticationException>(() => SshLogin.RunAsync(server, $"IdentityFile {locked}", activity, SecretSource.FromBytes("hunter2"u8)));
        Assert.Contains("the passphrase does not open it", Assert.Single(activity.Warnings));
        Assert.DoesNotContain("hunter2", activity.All);
    }

    [SshdFact]
    public async Task An_opened_key_is_kept_and_the_passphrase_is_not_fetched_where_the_agent_has_the_key()
    {
        await using var server = await LoopbackSshd.StartAsync();
        await using var agent = await TestAgent.StartAsync(server.Folder);
        server.WriteKnownHosts();
        string locked = server.CreateUserKey("ed25519", "geheim");
        var source = new CountingSecret();
        using var loader = new SshIdentityLoader(TimeProvider.System);
        for (int i = 0; i < 3; i++) Assert.StartsWith("here", await SshLogin.RunAsync(server, $"IdentityFile {locked}", passphrase: source, loader: loader));
        Assert.Equal(1, source.Count);

        var askpass = Path.Combine(server.Folder, "askpass");
        File.WriteAllText(askpass, "#!/bin/sh\necho geheim\n");
        Tool.SetMode(askpass, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var added = Tool.Run("ssh-add", [locked], new Dictionary<string, string?> { ["SSH_AUTH_SOCK"] = agent.Socket, ["SSH_ASKPASS"] = askpass, ["SSH_ASKPASS_REQUIRE"] = "force" });
        Assert.Equal(0, added.ExitCode);
        Assert.StartsWith("here", await SshLogin.RunAsync(server, $"IdentityAgent {agent.Socket}\nIdentityFile {locked}", passphrase: source));
        Assert.Equal(1, source.Count);
    }

    [SshdFact]
    public async Task An_agent_that_is_not_there_is_passed_over()
    {
        await using var server = await LoopbackSshd.StartAsync();
        server.WriteKnownHosts();
        var activity = new RecordingActivity();
        Assert.StartsWith("here", await SshLogin.RunAsync(server, $"IdentityAgent {server.Folder}/nobody\nIdentityFile {server.CreateUserKey("ed25519")}", activity));
        Assert.Contains($"The agent at {server.Folder}/nobody is not used", activity.All);
    }

    [SshdFact]
    public async Task Keys_in_the_old_formats_log_in_with_and_without_the_public_key_beside_them()
    {
        await using var server = await LoopbackSshd.StartAsync();
        server.WriteKnownHosts();
        foreach (string format in (string[])["PEM", "PKCS8"])
        {
            foreach (string passphrase in (string[])["", "geheim"])
            {
                string key = Path.Combine(server.Folder, $"{format}{passphrase}");
                Tool.Succeed("ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-m", format, "-N", passphrase, "-f", key);
                server.Authorize(key + ".pub");
                File.Delete(key + ".pub");
                Assert.StartsWith("here", await SshLogin.RunAsync(server, $"IdentityFile {key}", passphrase: Passphrase));
            }
        }
    }

    private sealed class CountingSecret : SecretSource
    {
        public int Count { get; private set; }

        public override ValueTask<Secret> ResolveAsync(CancellationToken cancellationToken)
        {
            Count++;
            return new(new Secret(Encoding.UTF8.GetBytes("geheim")));
        }

        public override string ToString() => "counted";
    }
}
