using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using ProdOps.Backup.Tests.Storage;
using ProdOps.LoadBalancing.HAProxy;
using ProdOps.LoadBalancing.Publishing;
using ProdOps.LoadBalancing.Tests.TestTools;
using ProdOps.Monitoring.Tests.TestTools;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Tests.Files;

namespace ProdOps.LoadBalancing.Tests.Publishing;

public sealed class CertificateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TestCertificates _certificates;

    public CertificateTests() => _certificates = new TestCertificates(_folder["issued"]);

    public void Dispose()
    {
        _certificates.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_certificate_with_its_key_is_taken_whatever_stands_around_them()
    {
        var file = CertificateFile.Read("subject=x\r\n\r\n" + Issue("shop.example.org").Replace("\n", "\r\n", StringComparison.Ordinal) + "\n\n", "a.pem", Now);
        Assert.Contains("shop.example.org", file.Names);
        Assert.DoesNotContain("\n\n", System.Text.Encoding.ASCII.GetString(file.Pem), StringComparison.Ordinal);
        Assert.Contains(file.Warnings, warning => warning.Contains("without the certificates of its issuers", StringComparison.Ordinal));
    }

    [Fact]
    public void One_that_cannot_serve_is_refused_with_the_reason_and_without_its_key()
    {
        string one = Issue("one.example.org"), other = Issue("other.example.org");
        string certificate = one[..one.IndexOf("-----BEGIN PRIVATE", StringComparison.Ordinal)], key = other[other.IndexOf("-----BEGIN PRIVATE", StringComparison.Ordinal)..];
        Refused("another certificate", certificate + key);
        Refused("no private key", certificate);
        Refused("no certificate", key);
        Refused("several private keys", one + key);
        Refused("was valid until", one, Now.AddYears(1));
        Refused("not valid before", one, Now.AddYears(-1));
        using var rsa = ECDsa.Create();
        Refused("has a password", certificate + rsa.ExportEncryptedPkcs8PrivateKeyPem("x", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1000)) + "\n");
        Refused("cannot be read", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" + key);
    }

    [Fact]
    public void Damaged_files_are_refused_and_nothing_else_happens()
    {
        var random = new Random(11);
        string good = Issue("shop.example.org");
        for (int round = 0; round < 500; round++)
        {
            char[] text = good.ToCharArray();
            for (int changes = random.Next(1, 4); changes > 0; changes--) text[random.Next(text.Length)] = (char)random.Next(32, 127);
            try
            {
                CertificateFile.Read(new string(text), "a.pem", Now);
            }
            catch (ProdOpsException error)
            {
                Assert.Equal("LoadBalancerCertificateInvalid", error.ErrorId);
            }
        }
    }

    [UnpackedFact("haproxy")]
    public async Task HAProxy_shows_a_new_certificate_without_a_reload_and_keeps_it_over_one()
    {
        await File.WriteAllTextAsync(_folder["shop.pem"], Issue("shop.example.org"));
        int port = FreePort();
        await using var app = new TestApp("app");
        using var proxy = await RealHAProxy.StartAsync($"{RealHAProxy.Pool("web", app)}\nfrontend tls\n    bind 127.0.0.1:{port} ssl crt {_folder["shop.pem"]}\n    default_backend web", isMaster: true);
        string before = await ShownAsync(port);
        var entry = new LoadBalancerDefinition { Name = "web", Servers = ["lb1"], Pool = ["app"], Certificate = _folder["shop.pem"], Socket = proxy.Socket, ConfigurationPath = proxy.Configuration };
        var update = new CertificateUpdate(new LocalShell("lb1"), [entry], new PublishOptions { Store = _folder["store"], AsRoot = false, By = "test" }, TimeProvider.System);
        var certificate = CertificateFile.Read(Issue("shop.example.org"), "new.pem", Now);
        var plan = await update.PlanAsync(certificate, mayLoseNames: false, CancellationToken.None);
        Assert.Equal((LoadBalancerPublicationStatus.Planned, before), (plan.Status, plan.PreviousFingerprint));
        var result = await update.RunAsync(plan, certificate, CancellationToken.None);
        Assert.Equal((LoadBalancerPublicationStatus.Published, true), (result.Status, result.IsLive));
        Assert.Equal(certificate.Fingerprint, await ShownAsync(port));
        Assert.NotEqual(before, certificate.Fingerprint);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(_folder["shop.pem"]));
        Assert.Equal(LoadBalancerPublicationStatus.Unchanged, (await update.PlanAsync(certificate, mayLoseNames: false, CancellationToken.None)).Status);
        var names = await Assert.ThrowsAsync<ProdOpsException>(() => update.PlanAsync(CertificateFile.Read(Issue("else.example.org"), "else.pem", Now), mayLoseNames: false, CancellationToken.None));
        Assert.Equal("LoadBalancerCertificateNames", names.ErrorId);
        Assert.NotEmpty((await update.PlanAsync(CertificateFile.Read(Issue("else.example.org"), "else.pem", Now), mayLoseNames: true, CancellationToken.None)).Warnings);
    }

    [UnixFact]
    public async Task Half_a_certificate_as_a_lost_connection_leaves_it_is_not_put_in_place()
    {
        string before = Issue("shop.example.org");
        await File.WriteAllTextAsync(_folder["shop.pem"], before);
        var entry = new LoadBalancerDefinition { Name = "web", Servers = ["lb1"], Pool = ["app"], Certificate = _folder["shop.pem"] };
        var certificate = CertificateFile.Read(Issue("shop.example.org"), "new.pem", Now);
        var update = new CertificateUpdate(new CuttingShell(new LocalShell("lb1"), sendAtMost: certificate.Pem.Length - 200), [entry], new PublishOptions { Store = _folder["store"], AsRoot = false, By = "test" }, TimeProvider.System);
        var plan = await update.PlanAsync(certificate, mayLoseNames: false, CancellationToken.None);
        Assert.Equal("TransferCut", (await Assert.ThrowsAsync<ProdOpsException>(() => update.RunAsync(plan, certificate, CancellationToken.None))).ErrorId);
        Assert.Equal(before, await File.ReadAllTextAsync(_folder["shop.pem"]));
        Assert.Empty(Directory.EnumerateFiles(_folder.Path, "*.prodops-new"));
    }

    [UnixFact]
    public async Task Half_of_the_servers_states_does_not_replace_all_of_them()
    {
        await File.WriteAllTextAsync(_folder["state"], "1\n# former\n");
        await Assert.ThrowsAsync<ProdOpsException>(() => StateFile.TryWriteAsync(new CuttingShell(new LocalShell("lb1"), sendAtMost: 6), _folder["state"], "1\n# now\n2 web 1 app1\n"u8.ToArray(), CancellationToken.None));
        Assert.Equal("1\n# former\n", await File.ReadAllTextAsync(_folder["state"]));
        Assert.True(await StateFile.TryWriteAsync(new LocalShell("lb1"), _folder["state"], "1\n# now\n"u8.ToArray(), CancellationToken.None));
        Assert.Equal("1\n# now\n", await File.ReadAllTextAsync(_folder["state"]));
        Assert.Empty(Directory.EnumerateFiles(_folder.Path, "*.prodops-*"));
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private void Refused(string why, string text, DateTimeOffset? now = null)
    {
        var error = Assert.Throws<ProdOpsException>(() => CertificateFile.Read(text, "a.pem", now ?? Now));
        Assert.Equal("LoadBalancerCertificateInvalid", error.ErrorId);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY-----", error.Message, StringComparison.Ordinal);
    }

    private string Issue(string name)
    {
        var (certificate, key) = _certificates.Issue(name);
        return File.ReadAllText(certificate) + "\n" + File.ReadAllText(key) + "\n";
    }

    private static async Task<string> ShownAsync(int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port);
        string shown = "";
        await using var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, certificate, _, _) =>
        {
            shown = Convert.ToHexStringLower(certificate!.GetCertHash(HashAlgorithmName.SHA256));
            return true;
        });
        await tls.AuthenticateAsClientAsync("shop.example.org");
        return shown;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
