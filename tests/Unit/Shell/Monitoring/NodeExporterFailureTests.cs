using System.Collections;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ProdOps.Cmdlets.Tests.Monitoring;

/// <summary>What Get-HealthStatus makes of a server whose node_exporter does not tell of it: each time what is wrong, and never a figure.</summary>
public sealed class NodeExporterFailureTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-exporter-").FullName;
    private readonly CancellationTokenSource _stop = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Engine _engine = new();

    public NodeExporterFailureTests() => _listener.Start();

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _engine.Dispose();
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n", "wants a login")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 15\r\n\r\n<html>\nWelcome!", "is not Prometheus' text format; nothing of it is used: it is a web page")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: https://login.example.org/\r\nContent-Length: 0\r\n\r\n", "it sends us to another address, HTTP 302")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nnode_load1 1\n", "breaks off")]
    public void What_answers_something_else_leaves_the_state_unknown(string answer, string reason)
    {
        var serving = ServeAsync(async stream =>
        {
            await ReadRequestAsync(stream);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(answer), _stop.Token);
        });
        AssertState("Unknown", reason);
        End(serving);
    }

    [Fact]
    public void One_that_does_not_run_leaves_the_state_unknown_since_the_server_answers()
    {
        int port = Port;
        _listener.Stop();
        AssertState("Unknown", $"nothing listens on port {port} of 127.0.0.1. The server itself does answer.", port: port);
    }

    [Fact]
    public void One_whose_certificate_nobody_vouches_for_gets_no_login()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=web1", key, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        using var certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        int asked = 0;
        var serving = ServeAsync(async stream =>
        {
            await using var tls = new SslStream(stream);
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, _stop.Token);
            if (await tls.ReadAsync(new byte[1], _stop.Token) > 0) asked++;
        });
        AssertState("Unknown", "is not trusted: it is for another host", "https");
        End(serving);
        Assert.Equal(0, asked);
    }

    [Fact]
    public void One_that_says_nothing_is_critical_as_a_server_that_is_down_is()
    {
        var serving = ServeAsync(stream => ReadRequestAsync(stream, untilItEnds: true));
        AssertState("Critical", "no answer of its node_exporter within 1 s");
        End(serving);
    }

    private void AssertState(string state, string reason, string scheme = "http", int? port = null)
    {
        File.WriteAllText(Path.Combine(_folder, "environment.psd1"), $$$"""
            @{ Servers = @( @{ Name = 'web1'; Address = '127.0.0.1'; NodeExporter = '{{{scheme}}}://{server}:{{{port ?? Port}}}/metrics' } ) }
            """);
        _engine.Run($"$null = $ExecutionContext.SessionState.Path.SetLocation('{_folder}')");
        dynamic health = Assert.Single(_engine.Run("Get-HealthStatus -TimeoutSec " + (state == "Critical" ? 1 : 60)));
        Assert.Equal((state, 1, "reachability", state), (health.State.ToString(), ((ICollection)health.Checks).Count, (string)health.Problems[0].Check, health.Problems[0].State.ToString()));
        Assert.Contains(reason, (string)health.Problems[0].Message, StringComparison.Ordinal);
        Assert.Equal(("web1", 0), ((string)health.Problems[0].Server, ((ICollection)health.Metrics).Count));
    }

    private async Task ServeAsync(Func<Stream, Task> answer)
    {
        while (true)
        {
            using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
            try
            {
                await answer(client.GetStream());
            }
            catch (Exception error) when (error is IOException or AuthenticationException)
            {
                // The other side has gone.
            }
        }
    }

    /// <summary>Stops serving, and fails where it did not go as it should.</summary>
    private void End(Task serving)
    {
        _stop.Cancel();
        Assert.Throws<AggregateException>(() => serving.Wait()).Handle(static error => error is OperationCanceledException);
    }

    private async Task ReadRequestAsync(Stream stream, bool untilItEnds = false)
    {
        byte[] buffer = new byte[4096];
        for (int length; (length = await stream.ReadAsync(buffer, _stop.Token)) > 0;)
            if (!untilItEnds && Encoding.UTF8.GetString(buffer, 0, length).Contains("\r\n\r\n", StringComparison.Ordinal)) return;
    }
}
