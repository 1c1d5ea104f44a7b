using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ProdOps.Logging.Receiving;
using ProdOps.Logging.Receiving.Tls;
using ProdOps.Logging.Tests.Receiving.TestTools;
using ProdOps.Servers.Secrets;

namespace ProdOps.Logging.Tests.Receiving;

public sealed class ReceiverTlsTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TestCertificates _certificates;

    public ReceiverTlsTests() => _certificates = new TestCertificates(_folder.Path);

    [Fact]
    public async Task Lines_come_over_TLS_and_what_was_sent_before_the_end_is_stored()
    {
        await using var host = await StartAsync(LogReceiverProtocol.Tls, null);
        using (var client = await host.ConnectAsync(LogReceiverProtocol.Tls))
        {
            await using var tls = await ShakeHandsAsync(client, null);
            await tls.WriteAsync("28 <13>Nov 26 09:00:00 web1 a:b28 <13>Nov 26 09:00:00 web1 c:d"u8.ToArray());
        }

        await host.Sink.WaitForAsync(2);
        using var open = await host.ConnectAsync(LogReceiverProtocol.Tls);
        await using var stream = await ShakeHandsAsync(open, null);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 5000).Select(i => $"<13>Nov 26 09:00:00 web2 shop: {i}\n")) + "<13>no end"));
        await host.StopAsync();
        Assert.Equal(["<13>Nov 26 09:00:00 web1 a:b", "<13>Nov 26 09:00:00 web1 c:d"], host.Sink.Lines["web1/syslog"]);
        Assert.Equal(5000, host.Sink.Lines["web2/syslog"].Count);
        Assert.Equal(["<13>no end"], host.Sink.Lines["localhost/syslog"]);
        Assert.Equal(0, await stream.ReadAsync(new byte[1]));
    }

    [Fact]
    public async Task Who_shakes_hands_at_the_end_is_heard()
    {
        await using var host = await StartAsync(LogReceiverProtocol.Tls, null, options => options with { QuietTime = TimeSpan.FromSeconds(20), StopTimeout = TimeSpan.FromSeconds(60) });
        using var client = await host.ConnectAsync(LogReceiverProtocol.Tls);
        var relay = new HeldStream(client.GetStream());
        await using (var tls = new SslStream(relay, leaveInnerStreamOpen: true, (_, _, _, _) => true))
        {
            var shaking = tls.AuthenticateAsClientAsync("localhost");
            await relay.Held;
            var stopping = host.StopAsync();
            relay.Release();
            await shaking;
            await tls.WriteAsync("<13>Nov 26 09:00:00 web1 shop: last\n"u8.ToArray());
            client.Client.Shutdown(SocketShutdown.Send);
            await stopping;
        }

        Assert.Equal(["<13>Nov 26 09:00:00 web1 shop: last"], host.Sink.Lines["web1/syslog"]);
    }

    [Fact]
    public async Task Who_knocked_before_the_end_is_heard()
    {
        for (int round = 0; round < 20; round++)
        {
            await using var host = ReceiverHost.Start(LogReceiverProtocol.Tcp);
            using var client = await host.ConnectAsync(LogReceiverProtocol.Tcp);
            await client.GetStream().WriteAsync("<13>Nov 26 09:00:00 web1 shop: last\n"u8.ToArray());
            client.Client.Shutdown(SocketShutdown.Send);
            await host.StopAsync();
            Assert.Equal(["<13>Nov 26 09:00:00 web1 shop: last"], host.Sink.Lines["web1/syslog"]);
        }
    }

    [Fact]
    public async Task Senders_show_a_certificate_of_the_authority_with_a_name_that_is_allowed()
    {
        using var others = new TestCertificates(_folder.File("others"));
        using var clients = ClientCertificates.Load(_certificates.Authority, ["*.shop.example", "db1"]);
        await using var host = await StartAsync(LogReceiverProtocol.Tls, clients);
        foreach (var (certificates, name, days, isTaken) in new[]
        {
            (_certificates, "web1.shop.example", 20, true), (_certificates, "db1", 20, true), (_certificates, "db2", 20, false),
            (_certificates, "old.shop.example", -1, false), (others, "web1.shop.example", 20, false), (_certificates, "", 0, false),
        })
        {
            using var client = await host.ConnectAsync(LogReceiverProtocol.Tls);
            int refused = Refused(host);
            try
            {
                await using var tls = await ShakeHandsAsync(client, name.Length == 0 ? null : certificates.Issue(name, days: days));
                await tls.WriteAsync(Encoding.UTF8.GetBytes($"<13>Nov 26 09:00:00 {name} shop: {isTaken}\n"));
                // TLS 1.3: a refusal comes after the client's handshake.
                if (!isTaken) await tls.ReadExactlyAsync(new byte[1]);
            }
            catch (Exception exception) when (exception is IOException or AuthenticationException)
            {
                Assert.False(isTaken, exception.ToString());
            }

            if (!isTaken) await ReceiverHost.UntilAsync(() => Refused(host) == refused + 1, $"the refusal of '{name}'");
        }

        await host.Sink.WaitForAsync(2);
        Assert.Equal(["db1/syslog", "web1.shop.example/syslog"], host.Sink.Lines.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_handshake_that_is_never_finished_or_is_none_ends()
    {
        await using var host = await StartAsync(LogReceiverProtocol.Tls, null, options => options with { HandshakeTimeout = TimeSpan.FromMilliseconds(300) });
        using var silent = await host.ConnectAsync(LogReceiverProtocol.Tls);
        using var half = await host.ConnectAsync(LogReceiverProtocol.Tls);
        await half.GetStream().WriteAsync(new byte[] { 0x16, 3, 1, 2, 0, 1, 0, 1 });
        using var garbage = await host.ConnectAsync(LogReceiverProtocol.Tls);
        await garbage.GetStream().WriteAsync("<13>plain text\n"u8.ToArray());
        await ReceiverHost.UntilAsync(() => host.Receiver.GetStatus() is { Refused: 3, Connections: 0 }, "three refusals");
        var reasons = host.Receiver.GetStatus().Listeners[0].Reasons;
        Assert.Equal((2, 1), (reasons["HandshakeTimedOut"], reasons["TlsFailed"]));
    }

    [Theory]
    [InlineData("pem", null)]
    [InlineData("pem", "swordfish")]
    [InlineData("pfx", null)]
    [InlineData("pfx", "swordfish")]
    public async Task The_certificate_may_be_PEM_or_PFX_with_a_password_or_without(string kind, string? password)
    {
        var (certificate, key) = _certificates.Issue("logs", password);
        var files = kind == "pem" ? new TlsFiles(certificate, key) : new TlsFiles(_folder.File("logs.pfx"), null);
        var secret = password is null ? null : SecretSource.FromBytes(Encoding.UTF8.GetBytes(password));
        using var identity = await TlsIdentity.LoadAsync(files, secret, null, TimeProvider.System, CancellationToken.None);
        Assert.Equal("CN=logs", identity.CreateOptions("", SilentActivity.Instance, () => { }).ServerCertificateContext!.TargetCertificate.Subject);
        if (password is null) return;
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => TlsIdentity.LoadAsync(files, SecretSource.FromBytes("wrong"u8), null, TimeProvider.System, CancellationToken.None));
        Assert.Equal(("LogReceiverCertificateUnreadable", (object)files.Certificate), (error.ErrorId, error.Target));
    }

    [Fact]
    public async Task A_renewed_certificate_is_taken_up()
    {
        var (certificate, key) = _certificates.Issue("logs");
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        using var identity = await TlsIdentity.LoadAsync(new TlsFiles(certificate, key), null, null, time, CancellationToken.None);
        string? First() => identity.CreateOptions("", SilentActivity.Instance, () => { }).ServerCertificateContext!.TargetCertificate.SerialNumber;
        string? before = First();
        _certificates.Issue("logs");
        File.SetLastWriteTimeUtc(certificate, new DateTime(2035, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal(before, First());
        time.Advance(TimeSpan.FromMinutes(1));
        await ReceiverHost.UntilAsync(() => First() != before, "the new certificate");
    }

    [Fact]
    public async Task A_file_that_is_no_certificate_is_named()
    {
        string empty = _folder.File("empty.pem");
        File.WriteAllText(empty, "");
        var (certificate, _) = _certificates.Issue("logs");
        async Task<string> ErrorOf(TlsFiles files) => (await Assert.ThrowsAsync<ProdOpsException>(() => TlsIdentity.LoadAsync(files, null, null, TimeProvider.System, CancellationToken.None))).ErrorId;
        Assert.Equal("LogReceiverCertificateUnreadable", await ErrorOf(new TlsFiles(empty, null)));
        Assert.Equal("LogReceiverCertificateWithoutKey", await ErrorOf(new TlsFiles(certificate, null)));
        Assert.Equal("LogReceiverCertificateUnreadable", Assert.Throws<ProdOpsException>(() => new TlsFiles(_folder.File("none.pem"), null)).ErrorId);
        Assert.Equal("LogReceiverAuthorityUnreadable", Assert.Throws<ProdOpsException>(() => ClientCertificates.Load(empty, [])).ErrorId);
        Assert.Equal("LogReceiverAuthorityUnreadable", Assert.Throws<ProdOpsException>(() => ClientCertificates.Load(_folder.File("none.pem"), [])).ErrorId);
    }

    public void Dispose()
    {
        _certificates.Dispose();
        _folder.Dispose();
    }

    private static int Refused(ReceiverHost host) => (int)host.Receiver.GetStatus().Listeners[0].Reasons.GetValueOrDefault("CertificateRefused");

    private async Task<ReceiverHost> StartAsync(LogReceiverProtocol protocol, ClientCertificates? clients, Func<LogReceiverOptions, LogReceiverOptions>? change = null)
    {
        var (certificate, key) = _certificates.Issue("logs");
        var identity = await TlsIdentity.LoadAsync(new TlsFiles(certificate, key), null, clients, TimeProvider.System, CancellationToken.None);
        return ReceiverHost.Start(protocol, options => (change?.Invoke(options) ?? options) with { Tls = identity });
    }

    private static async Task<SslStream> ShakeHandsAsync(TcpClient client, (string Certificate, string Key)? files)
    {
        var tls = new SslStream(client.GetStream());
        var options = new SslClientAuthenticationOptions { TargetHost = "logs", RemoteCertificateValidationCallback = (_, _, _, _) => true };
        if (files is { } own) options.ClientCertificateContext = SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(own.Certificate, own.Key), null, offline: true);
        await tls.AuthenticateAsClientAsync(options);
        return tls;
    }
}
