using ProdOps.LoadBalancing.HAProxy.Replies;
using ProdOps.LoadBalancing.Tests.TestTools;
using ProdOps.Monitoring.Tests.TestTools;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.LoadBalancing.Tests.HAProxy;

public sealed class HAProxyCertificatesTests
{
    [Theory]
    [InlineData("2.6")]
    [InlineData("3.0")]
    public void Each_certificate_is_told_with_its_names_and_its_end(string version)
    {
        Assert.Equal(["/etc/haproxy/certs/old.pem", "/etc/haproxy/certs/shop.pem"], HAProxyCertificates.FilesOf(Fixture(version, "ssl-certs.txt")));
        var certificates = HAProxyCertificates.Parse(Fixture(version, "ssl-cert.txt"));
        Assert.Equal(["/etc/haproxy/certs/shop.pem", "/etc/haproxy/certs/old.pem"], certificates.Select(certificate => certificate.Path));
        Assert.Equal(["shop.example.org", "*.shop.example.org"], certificates[0].Names);
        Assert.Equal(("/O=Example, Inc./CN=shop.example.org", true), (certificates[0].Issuer, certificates[0].IsUsed));
        Assert.Equal((new DateTimeOffset(2026, 11, 27, 3, 11, 35, TimeSpan.Zero), new DateTimeOffset(2036, 11, 24, 3, 11, 35, TimeSpan.Zero)), (certificates[0].NotBefore, certificates[0].NotAfter));
        Assert.Equal("03cb6087a3a16996cfc30cde2bba70c86dcb65d4", certificates[0].Fingerprint);
    }

    [Fact]
    public void A_transaction_that_is_open_and_names_that_are_no_words_are_left_out()
    {
        Assert.Equal(["/b.pem"], HAProxyCertificates.FilesOf("# transaction\n*/a.pem\n\n# filename\n/b.pem\n*/c.pem\n/d e.pem\n/f;quit\n/g\\.pem\n"));
        Assert.Empty(HAProxyCertificates.FilesOf("Unknown command: 'show ssl cert'\n"));
    }

    [Theory]
    [InlineData("Filename: /a.pem\nStatus: Unused\nnotAfter: Sep  9 00:00:00 2048 GMT\nSubject: /C=FR/CN=test1.example.com/L=x\n", "test1.example.com", 2048, false)]
    [InlineData("Filename: /a.pem\nStatus: Used\nnotAfter: never\nSubject Alternative Name: IP Address:10.0.0.1, DNS:\n", "", 1, true)]
    public void What_is_not_told_is_left_open(string text, string names, int year, bool isUsed)
    {
        var certificate = Assert.Single(HAProxyCertificates.Parse(text));
        Assert.Equal((names, year, isUsed), (string.Join(',', certificate.Names), certificate.NotAfter.Year, certificate.IsUsed));
    }

    [Fact]
    public void Damaged_answers_are_read_as_far_as_they_go()
    {
        var random = new Random(7);
        string good = Fixture("2.6", "ssl-certs.txt") + Fixture("2.6", "ssl-cert.txt");
        for (int round = 0; round < 2000; round++)
        {
            char[] text = good[..random.Next(good.Length)].ToCharArray();
            for (int i = random.Next(20); i > 0 && text.Length > 0; i--) text[random.Next(text.Length)] = (char)random.Next(0, 256);
            string damaged = new(text);
            Assert.All(HAProxyCertificates.FilesOf(damaged), file => Assert.DoesNotContain(' ', file));
            Assert.InRange(HAProxyCertificates.Parse(damaged).Count, 0, 50);
        }
    }

    [UnpackedFact("haproxy")]
    public async Task A_balancer_tells_the_certificates_that_it_has_in_memory_and_which_end_soon()
    {
        using var folder = new ProdOps.Backup.Tests.Storage.TemporaryFolder();
        using var issued = new TestCertificates(folder["issued"]);
        var (certificate, key) = issued.Issue("shop.example.org");
        File.WriteAllText(folder["shop.pem"], File.ReadAllText(certificate) + "\n" + File.ReadAllText(key));
        await using var a1 = new TestApp("a1");
        using var haproxy = await RealHAProxy.StartAsync($"{RealHAProxy.Pool("web", a1)}frontend tls\n    bind unix@{folder["tls"]} ssl crt {folder["shop.pem"]}\n    default_backend web\n");
        await using var balancer = haproxy.Open();
        var read = await balancer.ReadAsync(CancellationToken.None);
        var told = Assert.Single(read.Certificates);
        Assert.Equal((folder["shop.pem"], true), (told.Path, told.IsUsed));
        Assert.Contains("shop.example.org", told.Names);
        Assert.DoesNotContain(read.Problems, problem => problem.Contains("certificate", StringComparison.Ordinal));

        var late = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(told.NotAfter.AddDays(-3));
        await using var later = new ProdOps.LoadBalancing.HAProxy.HAProxyBalancer(new LocalShell("lb1"), new ProdOps.LoadBalancing.HAProxy.HAProxyBalancerOptions { Socket = haproxy.Socket, ConfigurationPath = haproxy.Configuration }, late);
        Assert.Contains($"the certificate {folder["shop.pem"]} ends in 3 days", (await later.ReadAsync(CancellationToken.None)).Problems);
    }

    private static string Fixture(string version, string file) => File.ReadAllText(Clone.PathOf("tests", "fixtures", "haproxy", version, file));
}
