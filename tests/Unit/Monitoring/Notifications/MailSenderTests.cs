using System.Text;
using MimeKit;
using ProdOps.Monitoring.Notifications;
using ProdOps.Servers.Secrets;

namespace ProdOps.Monitoring.Tests.Notifications;

/// <summary>Mails to a real server, and to ones that misbehave.</summary>
public sealed class MailSenderTests(MailServer server) : IClassFixture<MailServer>
{
    private const string Password = "swordfish-äöü";

    [MailFact]
    public async Task A_mail_goes_out_by_STARTTLS_with_a_login_and_all_that_makes_a_thread()
    {
        await SendAsync(StartTls, SampleMessages.Problem);
        var taken = server.Read();
        Assert.Equal(("prodops@example.org", "monitor", true), ((string?)taken["from"], (string?)taken["user"], (bool)taken["tls"]!));
        Assert.Equal(["admin@example.org", "oncall@example.org"], taken["to"]!.AsArray().Select(to => (string)to!));
        using var mail = Load((string)taken["content"]!);
        Assert.Equal("[shop] Critical: db1 postgresql, and 1 more", mail.Subject);
        Assert.Equal($"prodops.{MessageKey.Of(SampleMessages.Problem)}@example.org", mail.MessageId);
        Assert.Equal("auto-generated", mail.Headers[HeaderId.AutoSubmitted]);
        Assert.Equal(SampleMessages.Problem.Time, mail.Date);
        Assert.Contains("- Critical: db1 postgresql: nothing listens on port 5432 of db1\n", mail.TextBody!.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("journal of postgresql.service &amp; restart it.", mail.HtmlBody!, StringComparison.Ordinal);
        await SendAsync(StartTls, SampleMessages.Recovery);
        using var end = Load((string)server.Read()["content"]!);
        Assert.Equal(mail.InReplyTo, end.InReplyTo);
        Assert.Equal(mail.References, end.References);
        Assert.NotEqual(mail.MessageId, end.MessageId);
    }

    [MailFact]
    public async Task TLS_from_the_start_and_no_encryption_are_ways_too()
    {
        await SendAsync(StartTls with { Target = $"localhost:{server.TlsPort}", Security = MailSecurity.Tls }, SampleMessages.Test);
        Assert.Equal("monitor", (string?)server.Read()["user"]);
        await SendAsync(StartTls with { Target = $"127.0.0.1:{server.PlainPort}", Security = MailSecurity.None, User = null }, SampleMessages.Test, password: null);
        Assert.False((bool)server.Read()["tls"]!);
    }

    [MailFact]
    public async Task Nothing_is_sent_in_the_clear_or_to_a_server_that_is_not_believed()
    {
        var plain = await FailAsync(StartTls with { Target = $"localhost:{server.PlainPort}", User = null }, password: null);
        Assert.Equal("NotificationNotDelivered", plain.ErrorId);
        Assert.Contains("offers no STARTTLS", plain.Message, StringComparison.Ordinal);
        var unknown = await FailAsync(StartTls with { CaCertificate = null });
        Assert.Equal(("NotificationNotTrusted", ErrorKind.Authentication), (unknown.ErrorId, unknown.Kind));
    }

    [MailFact]
    public async Task A_wrong_password_is_told_and_never_shown()
    {
        var wrong = await FailAsync(StartTls, "not the password");
        Assert.Equal(("NotificationLoginFailed", ErrorKind.Authentication), (wrong.ErrorId, wrong.Kind));
        Assert.DoesNotContain("not the password", wrong.ToString(), StringComparison.Ordinal);
        var none = await FailAsync(StartTls with { User = null }, password: null);
        Assert.Equal("NotificationLoginFailed", none.ErrorId);
        Assert.Contains("wants a login", none.Message, StringComparison.Ordinal);
    }

    [MailFact]
    public async Task A_recipient_who_is_refused_does_not_keep_it_from_the_others()
    {
        var warnings = new Warnings();
        await SendAsync(StartTls with { To = ["nobody@example.org", "admin@example.org"] }, SampleMessages.Test, activity: warnings);
        Assert.Equal("admin@example.org", (string?)Assert.Single(server.Read()["to"]!.AsArray()));
        Assert.Contains("nobody@example.org", Assert.Single(warnings.Said), StringComparison.Ordinal);
        var refused = await FailAsync(StartTls with { To = ["nobody@example.org"] });
        Assert.Equal(("NotificationRefused", ErrorKind.InvalidData), (refused.ErrorId, refused.Kind));
        Assert.Contains("550 5.1.1 no such user here", refused.Message, StringComparison.Ordinal);
        var later = await FailAsync(StartTls with { To = ["nobody@example.org", "later@example.org"] });
        Assert.Equal(("NotificationNotDelivered", ErrorKind.ResourceUnavailable), (later.ErrorId, later.Kind));
        var spam = await FailAsync(StartTls, message: SampleMessages.Test with { Text = "X-Refuse" });
        Assert.Equal("NotificationRefused", spam.ErrorId);
    }

    [Theory]
    [InlineData("421 too busy", "NotificationNotDelivered")]
    [InlineData("554 no service here", "NotificationNotDelivered")]
    [InlineData("SSH-2.0-OpenSSH_9.2", "NotificationNotDelivered")]
    [InlineData("", "NotificationNotDelivered")]
    public async Task A_server_that_does_not_greet_well_may_be_tried_again(string greeting, string id)
    {
        await using var odd = new SmtpScript(line => line is null ? greeting : "250 ok");
        var error = await FailAsync(Plain(odd), password: null);
        Assert.Equal(id, error.ErrorId);
    }

    [Theory]
    [InlineData("MAIL", "451 try again", "NotificationNotDelivered")]
    [InlineData("MAIL", "550 you may not", "NotificationRefused")]
    [InlineData("MAIL", "530 log in first", "NotificationLoginFailed")]
    [InlineData("DATA", "452 disk full", "NotificationNotDelivered")]
    [InlineData(".", "552 too large", "NotificationRefused")]
    [InlineData(".", "451 later", "NotificationNotDelivered")]
    [InlineData(".", "", "NotificationNotDelivered")]
    public async Task What_a_server_answers_decides(string at, string answer, string id)
    {
        await using var odd = new SmtpScript(line => line is null ? "220 mail" : line.StartsWith(at, StringComparison.Ordinal) ? answer : line == "DATA" ? "354 go on" : "250 ok");
        Assert.Equal(id, (await FailAsync(Plain(odd), password: null)).ErrorId);
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_left_in_time_and_a_bad_goodbye_is_no_failure()
    {
        await using var silent = new SmtpScript(line => line is null ? "220 mail" : null);
        Assert.Equal("NotificationTimeout", (await FailAsync(Plain(silent) with { Timeout = TimeSpan.FromMilliseconds(200) }, password: null)).ErrorId);
        await using var rude = new SmtpScript(line => line is null ? "220 mail" : line == "DATA" ? "354 go on" : line == "QUIT" ? "" : "250 ok");
        await SendAsync(Plain(rude), SampleMessages.Test, password: null);
    }

    [Fact]
    public void A_channel_that_cannot_work_is_refused_at_once()
    {
        var mail = new NotificationChannel { Name = "mail", Target = "mail.example.org", From = "a@example.org", To = ["b@example.org"] };
        Create(mail, null);
        foreach (var channel in new[]
        {
            mail with { Target = "" }, mail with { Target = "mail:0" }, mail with { Target = "user@mail" }, mail with { From = null }, mail with { From = "no address" }, mail with { From = "a@example.org\r\nBcc: c@example.org" },
            mail with { To = [] }, mail with { To = ["b@example.org", "nobody"] }, mail with { Security = MailSecurity.None, User = "x" },
        })
        {
            Assert.Equal("NotificationChannelInvalid", Assert.Throws<ProdOpsException>(() => Create(channel, null)).ErrorId);
        }
    }

    private NotificationChannel StartTls => new()
    {
        Name = "mail", Kind = NotificationChannelKind.Mail, Target = $"localhost:{server.StartTlsPort}", From = "ProdOps <prodops@example.org>", To = ["admin@example.org", "On Call <oncall@example.org>"], User = "monitor",
        CaCertificate = server.Authority, Timeout = TimeSpan.FromMinutes(1),
    };

    private static NotificationChannel Plain(SmtpScript script) => new()
    {
        Name = "mail", Target = $"127.0.0.1:{script.Port}", From = "prodops@example.org", To = ["admin@example.org"], Security = MailSecurity.None, Timeout = TimeSpan.FromMinutes(1),
    };

    private static INotificationSender Create(NotificationChannel channel, string? password, IActivity? activity = null) => NotificationSenders.Create(
        channel, null, TimeProvider.System, activity ?? SilentActivity.Instance, new TypedSecrets(password is null ? null : SecretSource.FromBytes(Encoding.UTF8.GetBytes(password))));

    private static Task SendAsync(NotificationChannel channel, NotificationMessage message, string? password = Password, IActivity? activity = null) => Create(channel, password, activity).SendAsync(message, CancellationToken.None);

    private static async Task<ProdOpsException> FailAsync(NotificationChannel channel, string? password = Password, NotificationMessage? message = null) =>
        await Assert.ThrowsAnyAsync<ProdOpsException>(() => SendAsync(channel, message ?? SampleMessages.Test, password));

    private static MimeMessage Load(string content) => MimeMessage.Load(new MemoryStream(Encoding.UTF8.GetBytes(content)));

    private sealed class Warnings : IActivity
    {
        public List<string> Said { get; } = [];

        public void Verbose(string message)
        {
        }

        public void Warning(string message) => Said.Add(message);

        public void Error(ProdOpsException error)
        {
        }

        public void Progress(ActivityProgress progress)
        {
        }
    }
}
