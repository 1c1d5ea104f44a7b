using ProdOps.Servers.Ssh.Identities;
using ProdOps.Servers.Ssh.Wire;
using ProdOps.Servers.Tests.Ssh.Config;
using ProdOps.Servers.Tests.Ssh.HostKeys;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Ssh.Identities;

public sealed class IdentityPlanTests(SampleKeys keys) : IClassFixture<SampleKeys>
{
    [Fact]
    public void Keys_of_the_agent_that_files_name_go_first_then_its_others_then_files()
    {
        Assert.Equal(["rsa, agent", "other, agent", "ed25519"], Order("", files: ["ed25519", "rsa"], agent: ["other", "rsa"]));
        Assert.Equal(["rsa, agent", "ed25519"], Order("IdentitiesOnly yes", files: ["ed25519", "rsa"], agent: ["other", "rsa"]));
    }

    [Fact]
    public void Named_certificates_go_before_all_and_are_signed_for_by_whatever_has_the_key()
    {
        var certificate = SampleKeys.Read(KeyFile.Certify(keys.Path("ca"), keys.Path("rsa"), "-n", "ann"));
        var plan = new IdentityPlan(MemoryFiles.Resolve(""), [new("rsa", keys.Key("rsa"), "rsa")], [new("cert", certificate, null)], []);
        Assert.Equal(["cert rsa", "rsa rsa"], plan.Order().Select(candidate => $"{candidate.Origin} {candidate.File}"));
        plan = new(MemoryFiles.Resolve(""), [], [new("cert", certificate, null)], [new(keys.Key("rsa"), "held")]);
        Assert.Equal(keys.Key("rsa"), plan.Order()[0].AgentKey);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2p1 Debian-2", "", "rsa-sha2-512")]
    [InlineData("SSH-2.0-dropbear_2022.83", "", "rsa-sha2-256")]
    [InlineData("SSH-2.0-dropbear_2019.78", "PubkeyAcceptedAlgorithms +ssh-rsa", "ssh-rsa")]
    [InlineData("SSH-2.0-OpenSSH_6.6.1", "PubkeyAcceptedAlgorithms +ssh-rsa", "ssh-rsa")]
    [InlineData("SSH-2.0-OpenSSH_6.6.1", "", "rsa-sha2-512")]
    [InlineData("SSH-2.0-OpenSSH_10.2", "PubkeyAcceptedAlgorithms ^rsa-sha2-256", "rsa-sha2-256")]
    [InlineData("", "PubkeyAcceptedAlgorithms rsa-sha2-256", "rsa-sha2-256")]
    public void An_RSA_key_is_offered_by_one_algorithm_that_the_server_knows(string version, string config, string algorithm)
    {
        var spec = MemoryFiles.Resolve(config).PubkeyAcceptedAlgorithms;
        var accepted = spec?.Apply(SshKeyTypes.DefaultAlgorithms, SshKeyTypes.AllAlgorithms) ?? SshKeyTypes.DefaultAlgorithms;
        var identity = new SshIdentity(keys.Key("rsa"), "rsa", new NoSigner(), accepted, () => version, SilentActivity.Instance);
        Assert.Equal(algorithm, Assert.Single(identity.HostKeyAlgorithms).Name);
    }

    [SshdFact]
    public async Task They_are_those_that_ssh_offers_in_the_same_order()
    {
        await using var server = await LoopbackSshd.StartAsync(new() { Config = "MaxAuthTries 100" });
        await using var agent = await TestAgent.StartAsync(server.Folder);
        server.WriteKnownHosts();
        string[] paths = [.. KeyFile.Kinds.Select(kind => server.CreateUserKey(kind, authorize: false))];
        string ca = KeyFile.Create(Path.Combine(server.Folder, "ca"), "ed25519");
        KeyFile.Certify(ca, paths[1], "-n", "nobody");
        string named = Path.Combine(server.Folder, "named-cert");
        File.Move(KeyFile.Certify(ca, paths[0], "-n", "nobody"), named);
        foreach (int i in (int[])[4, 2, 1]) agent.Add(paths[i]);
        foreach (string more in (string[])["", "IdentitiesOnly yes", $"CertificateFile {named}", "PubkeyAcceptedAlgorithms -ecdsa*", $"CertificateFile {named}\nIdentitiesOnly yes"])
        {
            string config = $"{more}\nIdentityAgent {agent.Socket}\n" + string.Concat(paths[..3].Select(path => $"IdentityFile {path}\n"));
            var settings = SshLogin.Settings(server, config);
            string file = Path.Combine(server.Folder, "ssh_config");
            File.WriteAllText(file, config + $"UserKnownHostsFile {server.Folder}/known_hosts\nGlobalKnownHostsFile none\nBatchMode yes\n");
            string log = Tool.Run("ssh", "-v", "-F", file, "-p", $"{server.Port}", $"{server.User}@127.0.0.1", "true").Error;
            var theirs = log.Split('\n').Where(line => line.Contains("Offering public key:", StringComparison.Ordinal)).Select(line => line.Split(' ').Single(word => word.StartsWith("SHA256:", StringComparison.Ordinal)) + line.Contains("-CERT", StringComparison.Ordinal)).ToList();
            using var loader = new SshIdentityLoader(TimeProvider.System);
            using var ours = await loader.LoadAsync(settings, null, SilentActivity.Instance, default);
            Assert.Equal(theirs, ours.Sources.Cast<SshIdentity>().Select(identity => identity.Key.Fingerprint + (identity.Key.Certificate is not null)));
        }
    }

    private List<string> Order(string config, string[] files, string[] agent)
    {
        var plan = new IdentityPlan(MemoryFiles.Resolve(config), [.. files.Select(name => new KeyCandidate(name, keys.Key(name), name))], [], [.. agent.Select(name => new AgentKey(keys.Key(name), name))]);
        return [.. plan.Order().Select(candidate => candidate.Origin)];
    }

    private sealed class NoSigner : IdentitySigner
    {
        public override byte[] Sign(byte[] data, string algorithm) => throw new IOException("no");
    }
}
