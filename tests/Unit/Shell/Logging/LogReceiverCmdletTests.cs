using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ProdOps.Cmdlets.Tests.Logging;

/// <summary>The receiver through the built module.</summary>
public sealed class LogReceiverCmdletTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-receiver-").FullName;
    private readonly Engine _engine = new();

    public void Dispose()
    {
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task It_tells_where_it_listens_and_at_the_end_what_it_has_stored()
    {
        using var shell = _engine.Shell($"Start-LogReceiver -Udp 0 -Tcp 0 -ListenAddress 127.0.0.1 -Store '{_folder}/store' -PassThru -For 2s");
        var output = new PSDataCollection<PSObject>();
        var listening = new TaskCompletionSource();
        output.DataAdded += (_, _) => listening.TrySetResult();
        var run = shell.BeginInvoke<PSObject, PSObject>(null, output);
        await listening.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await SendAsync(output[0], "<13>Nov 26 09:00:00 web1 shop: one\n<13>Nov 26 09:00:00 web1 shop: two\n");
        await Task.Factory.FromAsync(run, shell.EndInvoke);
        Assert.Empty(shell.Streams.Error);
        var last = output[^1];
        Assert.Equal(("2", "2", "0"), (Text(last, "Received"), Text(last, "Stored"), Text(last, "Dropped")));
        Assert.Equal(["Udp", "Tcp"], ListenersOf(last).Select(listener => Text(listener, "Protocol")));
        Assert.Equal("2 received, 2 stored", last.ToString());
        var found = _engine.Run($"Search-Log two -Store '{_folder}/store'");
        Assert.Equal(("web1", "syslog", "two"), (Text(Assert.Single(found), "Server"), Text(found[0], "Source"), Text(found[0], "Message")));
    }

    [Fact]
    public async Task Stopping_it_stores_what_has_come()
    {
        using var shell = _engine.Shell($"Start-LogReceiver -Tcp 0 -ListenAddress 127.0.0.1 -Store '{_folder}/store' -PassThru");
        var output = new PSDataCollection<PSObject>();
        var listening = new TaskCompletionSource();
        output.DataAdded += (_, _) => listening.TrySetResult();
        var run = shell.BeginInvoke<PSObject, PSObject>(null, output);
        await listening.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await SendAsync(output[0], string.Concat(Enumerable.Range(0, 1000).Select(i => $"<13>Nov 26 09:00:00 web1 shop: line {i}\n")));
        await Task.Run(shell.Stop).WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(PSInvocationState.Stopped, shell.InvocationStateInfo.State);
        Assert.Equal(1000, _engine.Run($"Search-Log 'shop: line' -Store '{_folder}/store' -Raw").Count);
    }

    [Theory]
    [InlineData("", "LogReceiverPortMissing")]
    [InlineData("-Tls 0", "LogReceiverCertificateMissing")]
    [InlineData("-Tls 0 -Certificate '{0}/none.pem'", "LogReceiverCertificateUnreadable")]
    [InlineData("-Tls 0 -Certificate '{0}/logs.pem'", "LogReceiverCertificateWithoutKey")]
    [InlineData("-Tls 0 -Certificate '{0}/logs.pem' -CertificateKey '{0}/logs.key' -ClientCertificateAuthority '{0}/logs.key'", "LogReceiverAuthorityUnreadable")]
    [InlineData("-Tcp 0 -AllowedPeer web1", "LogReceiverPeerWithoutAuthority")]
    [InlineData("-Tcp 0 -ListenAddress here", "LogReceiverAddressInvalid")]
    [InlineData("-Tcp 0 -AllowFrom 10.0.0.0/33", "LogReceiverRangeInvalid")]
    [InlineData("-Tcp 0 -ListenAddress 192.0.2.1", "LogReceiverCannotListen")]
    public void What_cannot_be_is_refused_with_its_own_error(string arguments, string error)
    {
        using (var key = ECDsa.Create(ECCurve.NamedCurves.nistP256))
        {
            using var certificate = new CertificateRequest("CN=logs", key, HashAlgorithmName.SHA256).CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
            File.WriteAllText($"{_folder}/logs.pem", certificate.ExportCertificatePem());
            File.WriteAllText($"{_folder}/logs.key", key.ExportPkcs8PrivateKeyPem());
        }

        Assert.Equal($"{error},ProdOps.Cmdlets.Logging.StartLogReceiver", ErrorOf($"{string.Format(null, arguments, _folder)} -For 1ms"));
    }

    [Fact]
    public void A_port_that_is_taken_is_told()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Assert.StartsWith("LogReceiverPortTaken,", ErrorOf($"-Tcp {((IPEndPoint)listener.LocalEndpoint).Port} -ListenAddress 127.0.0.1"), StringComparison.Ordinal);
    }

    [Fact]
    public void This_machines_addresses_are_proposed()
    {
        const string Line = "Start-LogReceiver -ListenAddress 127";
        var proposals = _engine.Run($"(TabExpansion2 '{Line}' {Line.Length}).CompletionMatches.CompletionText");
        Assert.Contains("127.0.0.1", proposals.Select(proposal => proposal.ToString()));
    }

    private string ErrorOf(string arguments)
    {
        using var shell = _engine.Shell($"Start-LogReceiver {arguments} -Store '{_folder}/store'");
        Assert.Empty(shell.Invoke());
        return Assert.Single(shell.Streams.Error).FullyQualifiedErrorId;
    }

    private static IEnumerable<PSObject> ListenersOf(PSObject status) => ((System.Collections.IEnumerable)status.Properties["Listeners"].Value).Cast<object>().Select(PSObject.AsPSObject);

    private static async Task SendAsync(PSObject status, string text)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, (int)ListenersOf(status).Single(listener => Text(listener, "Protocol") == "Tcp").Properties["Port"].Value);
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text));
    }

    private static string Text(PSObject value, string property) => value.Properties[property].Value.ToString()!;
}
