using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using ProdOps.Monitoring.Checks;
using ProdOps.Monitoring.Notifications.Syslog;
using ProdOps.Servers.Connections;

namespace ProdOps.Monitoring.Notifications;

/// <summary>
/// Writes messages to a syslog: another machine's by UDP, TCP or TLS, or this machine's own. Syslog acknowledges nothing: with UDP only a refusal that comes
/// at once is seen, with TCP and TLS one that comes before the other side has closed too.
/// </summary>
internal sealed class SyslogSender : INotificationSender
{
    // RFC 5424, section 6.1: what every receiver should take; by UDP what fits into a packet on any way.
    private const int LongestDatagram = 1024, LongestMessage = 2048;
    private static readonly TimeSpan RefusalWait = TimeSpan.FromMilliseconds(100), CloseWait = TimeSpan.FromSeconds(2);
    private static readonly string[] OwnSockets = ["/dev/log", "/var/run/syslog", "/run/systemd/journal/dev-log"];

    private readonly TimeProvider _time;
    private readonly string _scheme, _host;
    private readonly int _port;

    public SyslogSender(NotificationChannel channel, TimeProvider time)
    {
        (Channel, _time) = (channel, time);
        (_scheme, _host, _port) = channel.Target.Length == 0 ? ("", "", 0) : Parse(channel.Target);
    }

    public NotificationChannel Channel { get; }

    /// <summary>The socket of this machine's own syslog, for tests; <see langword="null"/> for the one that is there.</summary>
    public string? OwnSocket { get; init; }

    public Task SendAsync(NotificationMessage message, CancellationToken cancellationToken) => SendLimit.RunAsync(Channel, _time, async token =>
    {
        try
        {
            await (_scheme switch
            {
                "" => SendLocalAsync(message, token),
                "udp" => SendDatagramAsync(SyslogText.Write(message, Environment.MachineName, LongestDatagram), token),
                _ => SendStreamAsync(SyslogText.Write(message, Environment.MachineName, LongestMessage), token),
            }).ConfigureAwait(false);
        }
        catch (SocketException error)
        {
            throw MonitoringErrors.NotDelivered(Channel.Name, _scheme.Length > 0 ? NetworkConnect.Describe(error, _host, _port) : $"this machine's syslog: {error.Message}", error);
        }
        catch (IOException error)
        {
            throw MonitoringErrors.NotDelivered(Channel.Name, $"{_host}, port {_port}: {error.Message}", error);
        }
    }, cancellationToken);

    private async Task SendLocalAsync(NotificationMessage message, CancellationToken cancellationToken)
    {
        string path = OwnSocket ?? Array.Find(OwnSockets, File.Exists) ?? throw MonitoringErrors.NotDelivered(Channel.Name, $"this machine has no syslog at {OwnSockets[0]}");
        byte[] line = SyslogText.WriteLocal(message, _time.LocalTimeZone, LongestMessage);
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
            await socket.SendAsync(line, SocketFlags.None, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ProtocolType)
        {
            // Some daemons take a stream there, in which a NUL ends a message.
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
            await socket.SendAsync((byte[])[.. line, 0], SocketFlags.None, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task SendDatagramAsync(byte[] line, CancellationToken cancellationToken)
    {
        var addresses = await System.Net.Dns.GetHostAddressesAsync(_host, cancellationToken).ConfigureAwait(false);
        if (addresses.Length == 0) throw new SocketException((int)SocketError.HostNotFound);
        using var socket = new Socket(addresses[0].AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(addresses[0], _port, cancellationToken).ConfigureAwait(false);
        await socket.SendAsync(line, SocketFlags.None, cancellationToken).ConfigureAwait(false);
        // Where nobody listens, the host says so, and the next call learns of it.
        var refusal = socket.ReceiveAsync(new byte[1], SocketFlags.None, cancellationToken).AsTask();
        try
        {
            await refusal.WaitAsync(RefusalWait, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
        }
    }

    private async Task SendStreamAsync(byte[] line, CancellationToken cancellationToken)
    {
        var connected = await NetworkConnect.ConnectAsync(_host, _port, _time, cancellationToken).ConfigureAwait(false);
        await using var network = new NetworkStream(connected.Socket, ownsSocket: true);
        // RFC 6587, section 3.4.1, and RFC 5425, section 4.3: the length stands before the message.
        byte[] frame = [.. Encoding.ASCII.GetBytes(line.Length.ToString(CultureInfo.InvariantCulture)), (byte)' ', .. line];
        if (_scheme == "tcp")
        {
            await network.WriteAsync(frame, cancellationToken).ConfigureAwait(false);
            connected.Socket.Shutdown(SocketShutdown.Send);
            await ReadToEndAsync(network, cancellationToken).ConfigureAwait(false);
            return;
        }

        await using var tls = await AuthenticateAsync(network, cancellationToken).ConfigureAwait(false);
        await tls.WriteAsync(frame, cancellationToken).ConfigureAwait(false);
        await tls.ShutdownAsync().ConfigureAwait(false);
        await ReadToEndAsync(tls, cancellationToken).ConfigureAwait(false);
    }

    private async Task<SslStream> AuthenticateAsync(Stream network, CancellationToken cancellationToken)
    {
        var trust = new CertificateTrust(Channel.CaCertificate, MonitoringErrors.CaCertificateUnreadable);
        trust.Options.TargetHost = _host;
        var tls = new SslStream(network, leaveInnerStreamOpen: true);
        try
        {
            await tls.AuthenticateAsClientAsync(trust.Options, cancellationToken).ConfigureAwait(false);
            return tls;
        }
        catch (Exception error)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            if (error is not AuthenticationException) throw;
            throw trust.Distrust is { } reason ? MonitoringErrors.NotificationNotTrusted(Channel.Name, reason, error) : MonitoringErrors.NotDelivered(Channel.Name, $"{_host}, port {_port}: {error.Message}", error);
        }
    }

    /// <summary>Waits until the other side closes too, which it does when it has read everything; one that keeps the connection is not waited for.</summary>
    private async Task ReadToEndAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var wait = new CancellationTokenSource(CloseWait, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(wait.Token, cancellationToken);
        byte[] buffer = new byte[256];
        try
        {
            while (await stream.ReadAsync(buffer, both.Token).ConfigureAwait(false) > 0)
            {
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
        }
    }

    private (string Scheme, string Host, int Port) Parse(string target)
    {
        if (Uri.TryCreate(target, UriKind.Absolute, out var url) && url.Scheme is "udp" or "tcp" or "tls" && url.Host.Length > 0 && url.UserInfo.Length == 0 && url.PathAndQuery is "" or "/")
            return (url.Scheme, url.IdnHost.Trim('[', ']'), url.Port > 0 ? url.Port : url.Scheme == "tls" ? 6514 : 514);
        throw MonitoringErrors.ChannelInvalid(Channel.Name, $"'{PlainLine.Of(target, MessageText.LongestTitle)}' is no syslog", "Write udp://host:514, tcp://host:514 or tls://host:6514, or nothing for this machine's own.");
    }
}
