using System.Net.Security;
using MailKit.Net.Smtp;
using MimeKit;
using ProdOps.Servers.Connections;

namespace ProdOps.Monitoring.Notifications.Mail;

/// <summary>An SMTP client that believes the certificates it should, and sends to those who are accepted though others are not.</summary>
internal sealed class MailClient : SmtpClient
{
    private readonly CertificateTrust _trust;

    public MailClient(CertificateTrust trust)
    {
        _trust = trust;
        // As everywhere here: servers within a company cannot ask an authority for lists.
        CheckCertificateRevocation = false;
        ServerCertificateValidationCallback = trust.Options.RemoteCertificateValidationCallback;
    }

    /// <summary>Who was not accepted, and why.</summary>
    public List<(MailboxAddress To, string Answer, SmtpStatusCode Code)> Refused { get; } = [];

    protected override SslClientAuthenticationOptions GetSslClientAuthenticationOptions(string host, RemoteCertificateValidationCallback remoteCertificateValidationCallback)
    {
        var options = base.GetSslClientAuthenticationOptions(host, remoteCertificateValidationCallback);
        options.CertificateChainPolicy = _trust.Options.CertificateChainPolicy;
        return options;
    }

    protected override void OnRecipientNotAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response) => Refused.Add((mailbox, response.Response, response.StatusCode));
}
