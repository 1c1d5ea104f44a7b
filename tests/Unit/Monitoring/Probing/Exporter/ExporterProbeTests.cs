using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ProdOps.Backup.Tests.Storage;
using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.Probing.Exporter;
using ProdOps.Monitoring.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Probing.Exporter;

/// <summary>Asking a node_exporter over HTTP: logins, limits, and what goes wrong on the way.</summary>
public sealed class ExporterProbeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_server_is_asked_by_its_address_with_the_login_that_was_written_down()
    {
        await using var exporter = new TextServer(_ => TextServer.Http("200 OK", ExporterText.Debian));
        Environment.SetEnvironmentVariable("PRODOPS_TEST_EXPORTER", "s3cret");
        try
        {
            var secret = new SecretReference(SecretKind.Variable, "PRODOPS_TEST_EXPORTER");
            // A name that no resolver knows, and the placeholder.
            var server = new Server { Name = "web1.invalid", Address = "127.0.0.1", NodeExporter = new NodeExporterOptions { Url = $"http://web1.invalid:{exporter.Port}/metrics?collect[]=cpu" } };
            Assert.Equal(38382.43, (await AskAsync(server)).Report.Uptime!.Value, 0.01);
            await AskAsync(server with { NodeExporter = new NodeExporterOptions { Url = $"http://{{server}}:{exporter.Port}/metrics", User = "ann", Password = secret } });
            await AskAsync(server with { NodeExporter = new NodeExporterOptions { Url = $"http://{{server}}:{exporter.Port}/metrics", Token = secret } });
        }
        finally
        {
            Environment.SetEnvironmentVariable("PRODOPS_TEST_EXPORTER", null);
        }

        string[] requests = [.. exporter.Requests];
        Assert.StartsWith("GET /metrics?collect[]=cpu HTTP/1.1\r\n", requests[0], StringComparison.Ordinal);
        Assert.DoesNotContain("Authorization", requests[0], StringComparison.Ordinal);
        // What is sent packed costs the other side more than the network saves.
        Assert.DoesNotContain("Accept-Encoding", requests[0], StringComparison.Ordinal);
        Assert.Contains("Accept: text/plain;version=0.0.4", requests[0], StringComparison.Ordinal);
        Assert.Contains($"Host: 127.0.0.1:{exporter.Port}", requests[1], StringComparison.Ordinal);
        Assert.Contains($"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes("ann:s3cret"))}", requests[1], StringComparison.Ordinal);
        Assert.Contains("Authorization: Bearer s3cret", requests[2], StringComparison.Ordinal);
    }

    [Fact]
    public void An_IPv6_address_stands_in_brackets()
    {
        var options = new NodeExporterOptions { Url = "https://{server}:9100/metrics" };
        Assert.Equal("https://[fd00::1]:9100/metrics", ExporterAddress.Of(new Server { Name = "web1", Address = "fd00::1" }, options).ToString());
        Assert.Equal("https://localhost:9100/metrics", ExporterAddress.Of(new Server { Name = "here", IsLocal = true }, options).ToString());
        var error = Assert.Throws<ProdOpsException>(() => ExporterAddress.Of(new Server { Name = "web1" }, new NodeExporterOptions { Url = "http://ann:swordfish@web1/metrics" }));
        Assert.Equal("ExporterAddressInvalid", error.ErrorId);
        Assert.DoesNotContain("swordfish", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("404 Not Found", "ExporterRefused")]
    [InlineData("302 Found", "ExporterRefused")]
    [InlineData("400 Bad Request", "ExporterRefused")]
    [InlineData("503 Service Unavailable", "ExporterRefused")]
    [InlineData("401 Unauthorized", "ExporterLoginFailed")]
    [InlineData("403 Forbidden", "ExporterLoginFailed")]
    public async Task What_answers_something_else_is_an_error_of_the_catalogue(string status, string error)
    {
        await using var exporter = new TextServer(_ => TextServer.Http(status, ExporterText.Debian, "Location: http://127.0.0.1:1/\r\n"));
        await FailsAsync(exporter, error);
        Assert.Single(exporter.Requests);
    }

    [Fact]
    public async Task What_is_not_node_exporters_metrics_is_told_as_what_it_is()
    {
        await using var page = new TextServer(_ => TextServer.Http("200 OK", "<html>\u001b[31m<title>Welcome!</title>", "Content-Type: text/html; charset=utf-8\r\n"));
        Assert.Contains("it is a web page", (await FailsAsync(page, "ExporterNotUnderstood")).Message, StringComparison.Ordinal);
        await using var text = new TextServer(_ => TextServer.Http("200 OK", "node_load1 1\nwhat\u001b[31m is this?\n"));
        var error = await FailsAsync(text, "ExporterNotUnderstood");
        Assert.Contains("line 2", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', error.Message);
        await using var other = new TextServer(_ => TextServer.Http("200 OK", "redis_up 1\n"));
        await FailsAsync(other, "ExporterForeign");
        await using var nothing = new TextServer(_ => TextServer.Http("200 OK", ""));
        await FailsAsync(nothing, "ExporterForeign");
    }

    [Fact]
    public async Task What_is_too_much_or_breaks_off_is_not_used()
    {
        await using var large = new TextServer(_ => TextServer.Http("200 OK", string.Concat(Enumerable.Repeat("node_load1 1\n", 20_000))));
        await FailsAsync(large, "ExporterTooLarge", new MetricTextLimits { Size = 100_000 });
        await FailsAsync(large, "ExporterTooLarge", new MetricTextLimits { Samples = 1_000 });
        await using var half = new TextServer(_ => $"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{ExporterText.Debian}");
        await FailsAsync(half, "ExporterTruncated");
        await using var unfinished = new TextServer(_ => TextServer.Http("200 OK", ExporterText.Debian.TrimEnd()));
        await FailsAsync(unfinished, "ExporterTruncated");
    }

    [Fact]
    public async Task What_is_not_there_is_an_error_and_what_says_nothing_is_called_off()
    {
        var gone = new TextServer(_ => null);
        int port = gone.Port;
        await gone.DisposeAsync();
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => AskAsync(ServerAt(port)));
        Assert.Equal(("ExporterNotRunning", HealthState.Unknown), (error.ErrorId, MonitoringErrors.StateOf(ServerAt(port), error)));
        Assert.Contains($"nothing listens on port {port} of ", error.Message, StringComparison.Ordinal);
        await using var hangsUp = new TextServer(_ => "");
        await FailsAsync(hangsUp, "ExporterNotRunning");
        // No resolver knows it: that is as good as a server that is down.
        var nowhere = new Server { Name = "web1.invalid", NodeExporter = new NodeExporterOptions { Url = "http://{server}:9100/metrics" } };
        error = await Assert.ThrowsAsync<ProdOpsException>(() => AskAsync(nowhere));
        Assert.Equal(("ExporterUnreachable", HealthState.Critical), (error.ErrorId, MonitoringErrors.StateOf(nowhere, error)));
        await using var silent = new TextServer(_ => null);
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        using var probe = new ExporterProbe(ServerAt(silent.Port), null, TimeProvider.System);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => probe.AskAsync(new ProbeRequest(), limit.Token));
    }

    [Fact]
    public async Task A_certificate_is_believed_by_the_authority_that_was_named_and_by_no_other()
    {
        using var certificates = new TestCertificates(_folder["certificates"]);
        certificates.Issue("127.0.0.1");
        using var own = X509CertificateLoader.LoadPkcs12FromFile(Path.Join(certificates.Folder, "127.0.0.1.pfx"), null);
        await using var exporter = new TextServer(_ => TextServer.Http("200 OK", ExporterText.Debian), own);
        var server = ServerAt(exporter.Port, "https");
        Assert.NotNull((await AskAsync(server with { NodeExporter = server.NodeExporter! with { CaCertificate = certificates.Authority } })).Report.Load);
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => AskAsync(server));
        Assert.Equal(("ExporterNotTrusted", HealthState.Unknown), (error.ErrorId, MonitoringErrors.StateOf(server, error)));
        Assert.Contains("is not trusted: ", error.Message, StringComparison.Ordinal);
        await using var plain = new GreetingServer(TextServer.Http("400 Bad Request", "What?"));
        error = await Assert.ThrowsAsync<ProdOpsException>(() => AskAsync(ServerAt(plain.Port, "https")));
        Assert.Equal("ExporterNotTrusted", error.ErrorId);
        Assert.Contains("does not speak TLS", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_is_kept_and_one_that_has_ended_is_followed_by_another()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port, connections = 0, answers = 0;
        using var stop = new CancellationTokenSource();
        var serving = ServeAsync();
        using (var probe = new ExporterProbe(ServerAt(port), null, TimeProvider.System))
            for (int round = 0; round < 6; round++) Assert.NotNull((await probe.AskAsync(new ProbeRequest(), CancellationToken.None)).Report.Uptime);
        Assert.Equal((2, 6), (connections, answers));
        await stop.CancelAsync();
        listener.Stop();
        await Assert.ThrowsAnyAsync<Exception>(() => serving);

        async Task ServeAsync()
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync(stop.Token);
                connections++;
                var stream = client.GetStream();
                byte[] buffer = new byte[4096];
                // Three answers, and it is started again: it says nothing before it goes.
                for (int round = 0; round < 3 && await stream.ReadAsync(buffer, stop.Token) > 0; round++)
                {
                    answers++;
                    await stream.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {Encoding.UTF8.GetByteCount(ExporterText.Debian)}\r\n\r\n{ExporterText.Debian}"), stop.Token);
                }
            }
        }
    }

    private static Server ServerAt(int port, string scheme = "http") => new() { Name = "web1", Address = "127.0.0.1", NodeExporter = new NodeExporterOptions { Url = $"{scheme}://{{server}}:{port}/metrics" } };

    private static async Task<ProbeAnswer> AskAsync(Server server, MetricTextLimits? limits = null)
    {
        using var probe = new ExporterProbe(server, null, TimeProvider.System, limits);
        return await probe.AskAsync(new ProbeRequest(), CancellationToken.None);
    }

    private static async Task<ProdOpsException> FailsAsync(TextServer exporter, string id, MetricTextLimits? limits = null)
    {
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => AskAsync(ServerAt(exporter.Port), limits));
        // Somebody answered: the server is there, and nothing is known of it.
        Assert.Equal((id, HealthState.Unknown), (error.ErrorId, MonitoringErrors.StateOf(ServerAt(exporter.Port), error)));
        Assert.Equal("web1", error.Target);
        Assert.NotEmpty(error.Recommendation!);
        return error;
    }
}
