using ProdOps.Servers.Ssh.HostKeys;
using ProdOps.Servers.Ssh.Wire;

namespace ProdOps.Servers.Tests.Ssh.HostKeys;

public sealed class HostKeyVerifierTests(SampleKeys keys) : IClassFixture<SampleKeys>
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_known_key_is_trusted_another_one_has_changed_and_without_any_it_is_unknown()
    {
        Assert.Equal(HostKeyStatus.Trusted, Check($"web1 {keys.Line("rsa")}\nweb1 {keys.Line("ed25519")}", keys.Key("ed25519")).Status);
        Assert.Equal(HostKeyStatus.Unknown, Check($"web2 {keys.Line("ed25519")}", keys.Key("ed25519")).Status);
        var changed = Check($"web1 {keys.Line("rsa")}\nweb1 {keys.Line("other")}", keys.Key("ed25519"));
        Assert.Equal((HostKeyStatus.Changed, 2), (changed.Status, changed.Known!.Line));
    }

    [Fact]
    public void A_key_of_port_22_is_accepted_at_another_port_and_does_not_speak_against_another_key_there()
    {
        Assert.Equal(HostKeyStatus.Trusted, Check($"web1 {keys.Line("ed25519")}", keys.Key("ed25519"), port: 2222).Status);
        Assert.Equal(HostKeyStatus.Unknown, Check($"web1 {keys.Line("other")}", keys.Key("ed25519"), port: 2222).Status);
        Assert.Equal(HostKeyStatus.Changed, Check($"[web1]:2222 {keys.Line("other")}\nweb1 {keys.Line("ed25519")}", keys.Key("ed25519"), port: 2222).Status);
        Assert.Equal(HostKeyStatus.Revoked, Check($"@revoked web1 {keys.Line("ed25519")}", keys.Key("ed25519"), port: 2222).Status);
    }

    [Fact]
    public void A_revoked_key_is_refused_though_another_line_knows_it()
    {
        Assert.Equal(HostKeyStatus.Revoked, Check($"web1 {keys.Line("ed25519")}\n@revoked * {keys.Line("ed25519")}", keys.Key("ed25519")).Status);
        Assert.Equal(HostKeyStatus.Revoked, Check($"@cert-authority web1 {keys.Line("ca")}\n@revoked * {keys.Line("ca")}", keys.HostCertificate("-n", "web1")).Status);
    }

    [Theory]
    [InlineData("-n web1", null)]
    [InlineData("-n web*", null)]
    [InlineData("-n db1,web1 -V 20260101:20270101", null)]
    [InlineData("-n db1", "it is not for 'web1' but for db1")]
    [InlineData("-n web1 -V 20250101:20250102", "it has expired")]
    [InlineData("-n web1 -V 20300101:20310101", "it is not valid yet")]
    [InlineData("-n web1 -O critical:x@y=1", "it has the option 'x@y', which is unknown")]
    [InlineData("", "it names no host")]
    public void A_certificate_counts_when_it_is_good_for_the_host_now(string arguments, string? problem)
    {
        var verdict = Check($"@cert-authority web* {keys.Line("ca")}", keys.HostCertificate(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal((problem is null ? HostKeyStatus.Trusted : HostKeyStatus.Unknown, problem), (verdict.Status, verdict.CertificateProblem));
    }

    [Fact]
    public void Where_a_certificate_does_not_count_its_key_is_taken_by_itself()
    {
        var certificate = keys.HostCertificate("-n", "db1");
        Assert.Equal(HostKeyStatus.Trusted, Check($"@cert-authority web1 {keys.Line("ca")}\nweb1 {keys.Line("ed25519")}", certificate).Status);
        Assert.Equal(HostKeyStatus.Changed, Check($"web1 {keys.Line("other")}", certificate).Status);
        Assert.Equal(HostKeyStatus.Unknown, Check($"@cert-authority web1 {keys.Line("other")}", keys.HostCertificate("-n", "web1")).Status);
    }

    [Fact]
    public void A_users_certificate_is_none_for_a_host()
    {
        var user = SampleKeys.Read(TestTools.KeyFile.Certify(keys.Path("ca"), keys.Path("ecdsa-256"), "-n", "web1"));
        Assert.Equal("it is not for a host", Check($"@cert-authority web1 {keys.Line("ca")}", user).CertificateProblem);
    }

    [Fact]
    public void A_certificate_whose_signature_was_tampered_with_does_not_count()
    {
        byte[] blob = keys.HostCertificate("-n", "web1").Certificate!.Blob;
        int at = blob.AsSpan().IndexOf("web1"u8);
        blob[at] = (byte)'x';
        var offered = SshPublicKey.Parse(blob)!;
        var verifier = Verifier($"@cert-authority * {keys.Line("ca")}", "xeb1", 22);
        Assert.Equal("its signature is wrong", verifier.Verify(offered, Now).CertificateProblem);
    }

    [Fact]
    public void An_authoritys_RSA_key_may_not_sign_by_SHA1_unless_that_is_allowed()
    {
        var sha1 = SampleKeys.Read(TestTools.KeyFile.Certify(keys.Path("rsa-ca"), keys.Path("ecdsa-384"), "-h", "-t", "ssh-rsa", "-n", "web1"));
        string file = $"@cert-authority web1 {keys.Line("rsa-ca")}";
        Assert.Contains("CASignatureAlgorithms", Check(file, sha1).CertificateProblem);
        Assert.Null(Verifier(file, "web1", 22, ["ssh-rsa"]).Verify(sha1, Now).CertificateProblem);
        var sha2 = SampleKeys.Read(TestTools.KeyFile.Certify(keys.Path("rsa-ca"), keys.Path("ecdsa-521"), "-h", "-n", "web1"));
        Assert.Null(Check(file, sha2).CertificateProblem);
    }

    [Theory]
    [InlineData("rsa", "rsa-sha2-512,rsa-sha2-256,ssh-ed25519,ecdsa-sha2-nistp256")]
    [InlineData("ecdsa-256", "ecdsa-sha2-nistp256,ssh-ed25519,rsa-sha2-512,rsa-sha2-256")]
    [InlineData("ecdsa-384", "ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256")]
    public void The_algorithms_of_known_keys_are_asked_for_first(string known, string expected) =>
        Assert.Equal(expected, string.Join(',', Verifier($"web1 {keys.Line(known)}", "web1", 22).Order(["ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512", "rsa-sha2-256"])));

    [Fact]
    public void Certificates_are_asked_for_where_an_authority_is_known() =>
        Assert.Equal("ssh-ed25519-cert-v01@openssh.com,rsa-sha2-512,ssh-ed25519", string.Join(',', Verifier($"@cert-authority web1 {keys.Line("ca")}\nweb1 {keys.Line("rsa")}", "web1", 22)
            .Order(["ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519", "rsa-sha2-512"])));

    private static HostKeyVerdict Check(string knownHosts, SshPublicKey offered, int port = 22) => Verifier(knownHosts, "web1", port).Verify(offered, Now);

    private static HostKeyVerifier Verifier(string knownHosts, string host, int port, IReadOnlyList<string>? authorityAlgorithms = null)
    {
        var text = KnownHostsText.Parse("f", knownHosts);
        return new(host, text.Find(KnownHostName.WithPort(host, port), []), port == 22 ? [] : text.Find(host, []), authorityAlgorithms ?? SshKeyTypes.DefaultAuthorityAlgorithms);
    }
}
