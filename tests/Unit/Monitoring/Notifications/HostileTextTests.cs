using System.Text;
using System.Text.Json;
using MimeKit;
using ProdOps.Monitoring.Notifications;
using ProdOps.Monitoring.Notifications.Mail;
using ProdOps.Monitoring.Notifications.Syslog;
using ProdOps.Monitoring.Notifications.Webhooks;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Notifications;

/// <summary>Titles, servers and outputs are what others write: they must not become more than text anywhere.</summary>
public sealed class HostileTextTests
{
    private static readonly Uri Url = new("http://127.0.0.1/hook");

    private static readonly string[] Texts =
    [
        "Critical: db1\r\nBcc: everybody@example.org\r\n\r\nhello", "<script>alert(1)</script>&amp;\"'", "@channel @here <!channel> <@U123> ```\n*bold*```", "\0\u0001\u001b]0;title\u0007", "🔥🔥 ß ä 漢字 \ud800 x \udc00",
        "\u202egnp.exe\u202c", "{\"title\":\"{text}\"}", "$(touch /tmp/x) `id` ; rm -rf ~ 'quoted' \"twice\"", new string('x', 1_000_000), string.Concat(Enumerable.Repeat("é\n", 100_000)), "=?utf-8?q?=0ABcc:_x?=", "",
    ];

    [Fact]
    public void No_text_breaks_a_body_whatever_is_in_it()
    {
        var random = new Random(20261130);
        for (int i = 0; i < 400; i++)
        {
            string text = Texts[i % Texts.Length];
            if (i >= Texts.Length) text = Mutation.Of(text.Length > 2000 ? text[..2000] : text, random);
            var message = SampleMessages.With(text);
            foreach (var template in Enum.GetValues<WebhookTemplate>())
            {
                var channel = new NotificationChannel { Name = "hook", Template = template };
                foreach (var request in WebhookBody.Write(channel, message, Url, "key")) CheckJson(request.Body, request.Key);
            }

            CheckJson(WebhookBody.Write(new NotificationChannel { Name = "own", Body = """{"a":"{title}","b":"{text}","c":["{severity}","{kind}",{id},"{environment}","{time}"]}""" }, message, Url, null)[0].Body, "own");
            CheckMail(message);
            CheckSyslog(SyslogText.Write(message, text.Length > 300 ? text[..300] : text, 1024), 1024);
            CheckSyslog(SyslogText.WriteLocal(message, TimeZoneInfo.Utc, 2048), 2048);
        }
    }

    private static void CheckJson(byte[] body, string key)
    {
        Assert.InRange(body.Length, 2, 64 * 1024);
        using var json = JsonDocument.Parse(body);
        Assert.Matches("^[A-Za-z0-9-]+$", key);
        string text = Encoding.UTF8.GetString(body);
        Assert.DoesNotContain("<!channel>", text.Contains("\"attachments\":[{\"color\"", StringComparison.Ordinal) ? text : "", StringComparison.Ordinal);
        Assert.DoesNotContain("@channel", text.Contains("mrkdwn_in", StringComparison.Ordinal) ? text : "", StringComparison.Ordinal);
    }

    private static void CheckMail(NotificationMessage message)
    {
        using var mail = MailText.Write(message, new MailboxAddress("ProdOps", "prodops@example.org"), [new MailboxAddress("", "admin@example.org")]);
        using var bytes = new MemoryStream();
        mail.WriteTo(bytes);
        Assert.InRange(bytes.Length, 100, 512 * 1024);
        bytes.Position = 0;
        using var read = MimeMessage.Load(bytes);
        Assert.Empty(read.Bcc);
        Assert.Equal("admin@example.org", Assert.Single(read.To.Mailboxes).Address);
        Assert.Equal(MessageText.Subject(message).Replace("=?", "= ?"), read.Subject);
        Assert.Equal(mail.MessageId, read.MessageId);
        string[] known = ["Date", "Message-Id", "Subject", "From", "To", "In-Reply-To", "References", "Auto-Submitted", "X-Auto-Response-Suppress", "Importance", "MIME-Version", "Content-Type"];
        Assert.Empty(read.Headers.Select(header => header.Field).Except(known, StringComparer.OrdinalIgnoreCase));
        Assert.DoesNotContain("<script", read.HtmlBody, StringComparison.OrdinalIgnoreCase);
        Assert.StartsWith(MessageText.Title(message), read.TextBody, StringComparison.Ordinal);
    }

    private static void CheckSyslog(byte[] line, int limit)
    {
        Assert.InRange(line.Length, 20, limit);
        string text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(line);
        Assert.DoesNotContain(text, char.IsControl);
        Assert.Matches("^<[0-9]+>", text);
        Assert.EndsWith(" (message 4711)", text, StringComparison.Ordinal);
    }
}
