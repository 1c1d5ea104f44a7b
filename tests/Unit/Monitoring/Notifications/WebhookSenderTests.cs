using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ProdOps.Backup.Tests.Storage;
using ProdOps.Monitoring.Notifications;
using ProdOps.Monitoring.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Notifications;

public sealed class WebhookSenderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_message_is_posted_with_a_key_a_login_and_headers_of_ones_own()
    {
        await using var server = new TextServer(_ => TextServer.Http("200 OK", "ok"));
        Directory.CreateDirectory(_folder["s"]);
        File.WriteAllText(_folder["s/token"], "swordfish-token\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(_folder["s/token"], UnixFileMode.UserRead);
        await SendAsync(Hook(server) with { Headers = ["X-Team: infra", "Content-Type: application/vnd.test+json"], Token = new SecretReference(SecretKind.File, _folder["s/token"]) });
        string request = Assert.Single(server.Requests);
        Assert.StartsWith("POST /hook/secret-path HTTP/1.1\r\n", request, StringComparison.Ordinal);
        Assert.Contains($"\r\nIdempotency-Key: {MessageKey.Of(SampleMessages.Problem)}\r\n", request, StringComparison.Ordinal);
        Assert.Contains("\r\nAuthorization: Bearer swordfish-token\r\n", request, StringComparison.Ordinal);
        Assert.Contains("\r\nX-Team: infra\r\n", request, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Type: application/vnd.test+json\r\n", request, StringComparison.Ordinal);
        Assert.EndsWith("\"omittedIncidents\":0}", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_is_signed_as_it_is_sent_so_that_the_receiver_knows_whose_it_is()
    {
        await using var server = new TextServer(_ => TextServer.Http("200 OK", "ok"));
        Environment.SetEnvironmentVariable("PRODOPS_TEST_SIGNING", "It's a Secret to Everybody");
        var channel = Hook(server) with { SigningKey = new SecretReference(SecretKind.Variable, "PRODOPS_TEST_SIGNING"), Body = "Hello, World!" };
        await SendAsync(channel);
        // The example of GitHub's documentation, "Validating webhook deliveries".
        Assert.Contains("\r\nX-Hub-Signature-256: sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17\r\n", server.Requests.Last(), StringComparison.Ordinal);
        await SendAsync(channel with { Body = null, SignatureHeader = "X-Signature", Headers = ["X-Signature: mine"] });
        string request = server.Requests.Last();
        byte[] expected = HMACSHA256.HashData("It's a Secret to Everybody"u8, Encoding.UTF8.GetBytes(request[(request.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]));
        Assert.Contains($"\r\nX-Signature: sha256={Convert.ToHexStringLower(expected)}\r\n", request, StringComparison.Ordinal);
        Assert.DoesNotContain("mine", request, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Hub", request, StringComparison.Ordinal);
        await SendAsync(Hook(server));
        Assert.DoesNotContain("X-Hub", server.Requests.Last(), StringComparison.Ordinal);
        Assert.Equal("NotificationChannelInvalid", Assert.Throws<ProdOpsException>(() => Sender(channel with { SignatureHeader = "Content-Type" })).ErrorId);
        Environment.SetEnvironmentVariable("PRODOPS_TEST_SIGNING", null);
        await FailAsync(channel);
        Assert.Equal(3, server.Requests.Count);
    }

    [Theory]
    [InlineData("400 Bad Request", "NotificationRefused", ErrorKind.InvalidData)]
    [InlineData("413 Content Too Large", "NotificationRefused", ErrorKind.InvalidData)]
    [InlineData("401 Unauthorized", "NotificationLoginFailed", ErrorKind.Authentication)]
    [InlineData("403 Forbidden", "NotificationLoginFailed", ErrorKind.Authentication)]
    [InlineData("404 Not Found", "NotificationAddressWrong", ErrorKind.NotFound)]
    [InlineData("429 Too Many Requests", "NotificationNotDelivered", ErrorKind.ResourceUnavailable)]
    [InlineData("500 Internal Server Error", "NotificationNotDelivered", ErrorKind.ResourceUnavailable)]
    [InlineData("503 Service Unavailable", "NotificationNotDelivered", ErrorKind.ResourceUnavailable)]
    public async Task The_answer_decides_whether_trying_again_helps(string status, string id, ErrorKind kind)
    {
        await using var server = new TextServer(_ => TextServer.Http(status, "channel is\r\n\u001b[31marchived", "Retry-After: 120\r\n"));
        var error = await FailAsync(Hook(server));
        Assert.Equal((id, kind), (error.ErrorId, error.Kind));
        Assert.Contains($"HTTP {status}: channel is [31marchived", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-path", error.ToString(), StringComparison.Ordinal);
        if (id == "NotificationNotDelivered") Assert.Equal(TimeSpan.FromSeconds(120), Assert.IsType<NotificationTroubleException>(error).RetryAfter);
    }

    [Fact]
    public async Task A_redirection_is_followed_by_a_post_to_the_same_host_alone()
    {
        await using var elsewhere = new TextServer(_ => TextServer.Http("200 OK", ""));
        await using var server = new TextServer(request => request.Split(' ')[1] switch
        {
            "/moved" => TextServer.Http("301 Moved Permanently", "", "Location: /new\r\n"),
            "/away" => TextServer.Http("307 Temporary Redirect", "", $"Location: http://127.0.0.1:{elsewhere.Port}/\r\n"),
            "/loop" => TextServer.Http("308 Permanent Redirect", "", "Location: /loop\r\n"),
            "/see" => TextServer.Http("303 See Other", "", "Location: /new\r\n"),
            _ => TextServer.Http("204 No Content", ""),
        });
        string root = $"http://127.0.0.1:{server.Port}";
        await SendAsync(Hook(server) with { Target = $"{root}/moved" });
        string[] requests = [.. server.Requests];
        Assert.StartsWith("POST /new ", requests[1], StringComparison.Ordinal);
        Assert.Equal(requests[0][requests[0].IndexOf("\r\n\r\n", StringComparison.Ordinal)..], requests[1][requests[1].IndexOf("\r\n\r\n", StringComparison.Ordinal)..]);
        foreach (string path in new[] { "away", "loop", "see" })
        {
            var error = await FailAsync(Hook(server) with { Target = $"{root}/{path}" });
            Assert.Equal("NotificationAddressWrong", error.ErrorId);
            Assert.Contains("sends us to another address", error.Message, StringComparison.Ordinal);
        }

        Assert.Empty(elsewhere.Requests);
    }

    [Fact]
    public async Task What_does_not_answer_closes_or_listens_not_at_all_may_be_tried_again()
    {
        await using var silent = new TextServer(_ => null);
        Assert.Equal("NotificationTimeout", (await FailAsync(Hook(silent) with { Timeout = TimeSpan.FromMilliseconds(200) })).ErrorId);
        await using var closing = new TextServer(_ => "");
        Assert.Equal("NotificationNotDelivered", (await FailAsync(Hook(closing))).ErrorId);
        await using var noise = new TextServer(_ => "220 mail.example.org ESMTP\r\n");
        Assert.Equal("NotificationNotDelivered", (await FailAsync(Hook(noise))).ErrorId);
        int port = silent.Port;
        await silent.DisposeAsync();
        var refused = await FailAsync(new NotificationChannel { Name = "hook", Kind = NotificationChannelKind.Webhook, Target = $"http://127.0.0.1:{port}/secret-path" });
        Assert.Equal("NotificationNotDelivered", refused.ErrorId);
        Assert.DoesNotContain("secret-path", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calling_it_off_is_no_failure_of_the_channel()
    {
        await using var silent = new TextServer(_ => null);
        using var stop = new CancellationTokenSource();
        var sending = Sender(Hook(silent)).SendAsync(SampleMessages.Problem, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
    }

    [Fact]
    public async Task Of_an_answer_without_end_only_the_beginning_is_read()
    {
        string endless = "HTTP/1.1 400 Bad\r\nContent-Length: 2000000000\r\n\r\n" + new string('x', 4_000_000);
        await using var server = new TextServer(_ => endless);
        Assert.InRange((await FailAsync(Hook(server))).Message.Length, 100, 400);
        await using var good = new TextServer(_ => endless.Replace("400 Bad", "200 OK"));
        await SendAsync(Hook(good));
    }

    [Fact]
    public async Task A_secret_address_is_nowhere_to_be_read()
    {
        await using var server = new TextServer(request => TextServer.Http("500 Oops", $"cannot POST {request.Split(' ')[1]}"));
        Environment.SetEnvironmentVariable("PRODOPS_TEST_HOOK", $"http://localhost:{server.Port}/hooks/T0001/B0002/verysecretvalue");
        var channel = new NotificationChannel { Name = "chat", Kind = NotificationChannelKind.Webhook, SecretTarget = new SecretReference(SecretKind.Variable, "PRODOPS_TEST_HOOK") };
        var error = await FailAsync(channel);
        Assert.Contains("HTTP 500 Oops: cannot POST ***", error.Message, StringComparison.Ordinal);
        int port = server.Port;
        await server.DisposeAsync();
        var refused = await FailAsync(channel);
        foreach (string hidden in new[] { "verysecretvalue", "localhost", port.ToString() }) Assert.DoesNotContain(hidden, error + refused.ToString(), StringComparison.Ordinal);
        Environment.SetEnvironmentVariable("PRODOPS_TEST_HOOK", "not an address at all");
        Assert.Equal("The channel 'chat' cannot be used: its secret target is no web address.", (await FailAsync(channel)).Message);
    }

    [Fact]
    public async Task A_certificate_must_be_believed()
    {
        using var certificates = new TestCertificates(_folder["certificates"]);
        certificates.Issue("localhost");
        using var own = X509CertificateLoader.LoadPkcs12FromFile(Path.Join(certificates.Folder, "localhost.pfx"), null);
        await using var server = new TextServer(_ => TextServer.Http("200 OK", ""), own);
        var channel = new NotificationChannel { Name = "hook", Kind = NotificationChannelKind.Webhook, Target = $"https://localhost:{server.Port}/" };
        var error = await FailAsync(channel);
        Assert.Equal(("NotificationNotTrusted", ErrorKind.Authentication), (error.ErrorId, error.Kind));
        Assert.All(server.Requests, Assert.Empty);
        await SendAsync(channel with { CaCertificate = certificates.Authority });
        Assert.StartsWith("POST / ", server.Requests.Last(), StringComparison.Ordinal);
        Assert.Equal("HealthCaCertificateUnreadable", (await FailAsync(channel with { CaCertificate = _folder["none.pem"] })).ErrorId);
    }

    [Fact]
    public async Task A_summary_is_an_event_for_each_incident_and_teams_good_answer_may_be_a_bad_one()
    {
        Environment.SetEnvironmentVariable("PRODOPS_TEST_KEY", "routing-key-of-32-characters-xxxx");
        await using var server = new TextServer(_ => TextServer.Http("202 Accepted", "{\"status\":\"success\"}"));
        await Sender(Hook(server) with { Template = WebhookTemplate.PagerDuty, Token = new SecretReference(SecretKind.Variable, "PRODOPS_TEST_KEY") }).SendAsync(SampleMessages.Summary, CancellationToken.None);
        Assert.Equal(2, server.Requests.Count);
        Assert.All(server.Requests, request => Assert.DoesNotContain("Authorization", request, StringComparison.Ordinal));
        await using var teams = new TextServer(_ => TextServer.Http("200 OK", "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429"));
        Assert.Equal("NotificationNotDelivered", (await FailAsync(Hook(teams) with { Template = WebhookTemplate.Teams })).ErrorId);
    }

    [Fact]
    public void A_channel_that_cannot_work_is_refused_at_once()
    {
        var hook = new NotificationChannel { Name = "hook", Kind = NotificationChannelKind.Webhook, Target = "https://hooks.example.org/x" };
        foreach (var channel in new[]
        {
            hook with { Target = "" }, hook with { Target = "ftp://x" }, hook with { Target = "hooks.example.org/x" }, hook with { Headers = ["no colon"] }, hook with { Headers = ["X: a\nb"] }, hook with { Headers = ["X y: a"] },
            hook with { Template = WebhookTemplate.PagerDuty }, hook with { Timeout = TimeSpan.Zero },
        })
        {
            Assert.Equal("NotificationChannelInvalid", Assert.Throws<ProdOpsException>(() => Sender(channel)).ErrorId);
        }
    }

    private static NotificationChannel Hook(TextServer server) => new() { Name = "hook", Kind = NotificationChannelKind.Webhook, Target = $"http://127.0.0.1:{server.Port}/hook/secret-path", Timeout = TimeSpan.FromMinutes(1) };

    private static INotificationSender Sender(NotificationChannel channel) => NotificationSenders.Create(channel, null, TimeProvider.System, SilentActivity.Instance);

    private static Task SendAsync(NotificationChannel channel) => Sender(channel).SendAsync(SampleMessages.Problem, CancellationToken.None);

    private static async Task<ProdOpsException> FailAsync(NotificationChannel channel) => await Assert.ThrowsAnyAsync<ProdOpsException>(() => SendAsync(channel));
}
