using MimeKit;
using MimeKit.Text;

namespace ProdOps.Monitoring.Notifications.Mail;

/// <summary>A message as a mail.</summary>
internal static class MailText
{
    private const int LongestBody = 64 * 1024;

    public static MimeMessage Write(NotificationMessage message, MailboxAddress from, IReadOnlyList<MailboxAddress> to)
    {
        var mail = new MimeMessage { Date = message.Time, MessageId = $"prodops.{MessageKey.Of(message)}@{from.Domain}", Subject = SubjectOf(message) };
        mail.From.Add(from);
        mail.To.AddRange(to);
        // Mails about one incident are one thread: all of them answer a first one that nobody got, so that it does not matter which of them arrived.
        if (message.Incidents is [var only] && message.Kind != NotificationKind.Message)
        {
            string thread = $"prodops.{MessageKey.OfIncident(message, only)}@{from.Domain}";
            mail.InReplyTo = thread;
            mail.References.Add(thread);
        }

        // RFC 3834, section 5: nobody's holiday notice shall answer.
        mail.Headers.Add(HeaderId.AutoSubmitted, "auto-generated");
        mail.Headers.Add("X-Auto-Response-Suppress", "All");
        if (message.Severity is HealthState.Critical or HealthState.Unreachable && message.Kind is not (NotificationKind.Recovery or NotificationKind.Digest or NotificationKind.Test)) mail.Importance = MessageImportance.High;
        mail.Body = new MultipartAlternative
        {
            new TextPart(TextFormat.Plain) { Text = $"{MessageText.Title(message)}\n\n{MessageText.Body(message, LongestBody)}\n", ContentTransferEncoding = ContentEncoding.QuotedPrintable },
            new TextPart(TextFormat.Html) { Text = MessageHtml.Write(message), ContentTransferEncoding = ContentEncoding.QuotedPrintable },
        };
        return mail;
    }

    /// <summary>The first line. What looks like an encoded word (RFC 2047, section 2) would be shown decoded.</summary>
    private static string SubjectOf(NotificationMessage message) => MessageText.Subject(message).Replace("=?", "= ?");
}
