using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using ProdOps.Servers.Connections;
using ProdOps.Servers.Inventory;

namespace ProdOps.Monitoring.Notifications.Mail;

/// <summary>Sends mails by SMTP, each over a connection of its own.</summary>
internal sealed class MailSender : INotificationSender
{
    private const int ImplicitTlsPort = 465, SubmissionPort = 587, PlainPort = 25;

    private readonly ChannelSecrets _secrets;
    private readonly TimeProvider _time;
    private readonly IActivity _activity;
    private readonly string _host;
    private readonly int _port;
    private readonly MailboxAddress _from;
    private readonly List<MailboxAddress> _to;
    private readonly SecureSocketOptions _security;

    public MailSender(NotificationChannel channel, ChannelSecrets secrets, TimeProvider time, IActivity activity)
    {
        (Channel, _secrets, _time, _activity) = (channel, secrets, time, activity);
        if (!HostReference.TryParse(channel.Target, out var server) || server.User is not null)
            throw Invalid($"'{channel.Target}' is no mail server", "Write its Target as host:port, e.g. mail.example.org:587.");
        _host = server.Host;
        _port = server.Port ?? channel.Security switch { MailSecurity.Tls => ImplicitTlsPort, MailSecurity.None => PlainPort, _ => SubmissionPort };
        _security = channel.Security switch
        {
            MailSecurity.Tls => SecureSocketOptions.SslOnConnect,
            MailSecurity.None => SecureSocketOptions.None,
            MailSecurity.Auto when _port == ImplicitTlsPort => SecureSocketOptions.SslOnConnect,
            _ => SecureSocketOptions.StartTls,
        };
        if (_security == SecureSocketOptions.None && (channel.User is not null || secrets.HasPassword))
            throw Invalid("it would send a password without encryption", "Take Security = 'None' away, or User and Password.");
        if (channel.User is null && secrets.HasPassword) throw Invalid("it has a password and no user", "Name the User as well.");
        _from = Address(channel.From, "From");
        if (channel.To.Count == 0) throw Invalid("it says nobody to send to", "Name addresses as To.");
        _to = [.. channel.To.Select(to => Address(to, "To"))];
    }

    public NotificationChannel Channel { get; }

    public Task SendAsync(NotificationMessage message, CancellationToken cancellationToken) => SendLimit.RunAsync(Channel, _time, async token =>
    {
        var trust = new CertificateTrust(Channel.CaCertificate, MonitoringErrors.CaCertificateUnreadable);
        using var client = new MailClient(trust) { Timeout = (int)Math.Min(Channel.Timeout.TotalMilliseconds + 1000, int.MaxValue) };
        using var mail = MailText.Write(message, _from, _to);
        await ConnectAsync(client, trust, token).ConfigureAwait(false);
        await LogInAsync(client, token).ConfigureAwait(false);
        await SendAsync(client, mail, token).ConfigureAwait(false);
        foreach (var (to, answer, _) in client.Refused)
            _activity.Warning($"The channel '{Channel.Name}' does not take messages for {to}: {PlainLine.OfAnswer(answer)} The others got it.");
        await LeaveAsync(client, token).ConfigureAwait(false);
    }, cancellationToken);

    private async Task ConnectAsync(MailClient client, CertificateTrust trust, CancellationToken cancellationToken)
    {
        try
        {
            await client.ConnectAsync(_host, _port, _security, cancellationToken).ConfigureAwait(false);
        }
        catch (SslHandshakeException error)
        {
            throw trust.Distrust is { } reason ? MonitoringErrors.NotificationNotTrusted(Channel.Name, reason, error)
                : MonitoringErrors.NotDelivered(Channel.Name, $"{_host}:{_port} does not speak TLS as is expected there: {PlainLine.OfAnswer((error.InnerException ?? error).Message)}", error);
        }
        catch (NotSupportedException error)
        {
            // What is between may have taken the offer away: then nothing is sent in the clear.
            throw MonitoringErrors.NotDelivered(Channel.Name, $"{_host}:{_port} offers no STARTTLS. Security = 'None' would send without encryption.", error);
        }
        catch (Exception error) when (IsTrouble(error))
        {
            throw MonitoringErrors.NotDelivered(Channel.Name, $"{_host}:{_port}: {Describe(error)}", error);
        }
    }

    private async Task LogInAsync(MailClient client, CancellationToken cancellationToken)
    {
        if (Channel.User is not { } user) return;
        string password = await _secrets.PasswordAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await client.AuthenticateAsync(user, password, cancellationToken).ConfigureAwait(false);
        }
        catch (AuthenticationException error) when (error.InnerException is SmtpCommandException { StatusCode: < (SmtpStatusCode)500 } busy)
        {
            throw MonitoringErrors.NotDelivered(Channel.Name, $"{_host}:{_port} cannot look at the login now: {PlainLine.OfAnswer(busy.Message)}", error);
        }
        catch (AuthenticationException error)
        {
            throw MonitoringErrors.NotificationLoginFailed(Channel.Name, PlainLine.OfAnswer(error.Message), hasLogin: true, error);
        }
        catch (NotSupportedException error)
        {
            throw MonitoringErrors.NotificationLoginFailed(Channel.Name, $"{_host}:{_port} offers no way to log in that is known here.", hasLogin: true, error);
        }
        catch (Exception error) when (IsTrouble(error))
        {
            throw MonitoringErrors.NotDelivered(Channel.Name, $"{_host}:{_port}: {Describe(error)}", error);
        }
    }

    private async Task SendAsync(MailClient client, MimeMessage mail, CancellationToken cancellationToken)
    {
        try
        {
            await client.SendAsync(mail, cancellationToken).ConfigureAwait(false);
        }
        catch (ServiceNotAuthenticatedException error)
        {
            throw MonitoringErrors.NotificationLoginFailed(Channel.Name, PlainLine.OfAnswer(error.Message), hasLogin: Channel.User is not null, error);
        }
        catch (SmtpCommandException error) when (error.StatusCode == SmtpStatusCode.AuthenticationRequired)
        {
            throw MonitoringErrors.NotificationLoginFailed(Channel.Name, PlainLine.OfAnswer(error.Message), hasLogin: Channel.User is not null, error);
        }
        catch (SmtpCommandException error)
        {
            // RFC 5321, section 4.2.1: with 4 it may be tried again, with 5 it may not. Where nobody was accepted, one who may be later is enough to try again.
            var code = client.Refused.Count > 0 ? client.Refused.Min(static refused => refused.Code) : error.StatusCode;
            string answer = $"{(int)code} {PlainLine.OfAnswer(client.Refused.Count > 0 ? client.Refused.First(refused => refused.Code == code).Answer : error.Message)}";
            throw (int)code >= 500 ? MonitoringErrors.NotificationRefused(Channel.Name, answer, error) : MonitoringErrors.NotDelivered(Channel.Name, answer, error);
        }
        catch (Exception error) when (IsTrouble(error))
        {
            throw MonitoringErrors.NotDelivered(Channel.Name, $"{_host}:{_port}: {Describe(error)}", error);
        }
    }

    /// <summary>Says goodbye. The message is taken: what goes wrong now is no failure.</summary>
    private static async Task LeaveAsync(MailClient client, CancellationToken cancellationToken)
    {
        try
        {
            await client.DisconnectAsync(quit: true, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is OperationCanceledException || IsTrouble(error))
        {
        }
    }

    private static bool IsTrouble(Exception error) => error is SocketException or IOException or ProtocolException or CommandException or TimeoutException;

    private static string Describe(Exception error) => PlainLine.OfAnswer((error.InnerException as SocketException ?? error).Message);

    private MailboxAddress Address(string? text, string property)
    {
        if (!string.IsNullOrWhiteSpace(text) && !text.Any(char.IsControl) && MailboxAddress.TryParse(text, out var address) && address.Address.IndexOf('@') > 0) return address;
        throw Invalid($"'{text}' is no mail address", $"Write {property} as name@example.org, or 'Name <name@example.org>'.");
    }

    private ProdOpsException Invalid(string why, string recommendation) => MonitoringErrors.ChannelInvalid(Channel.Name, why, recommendation);
}
