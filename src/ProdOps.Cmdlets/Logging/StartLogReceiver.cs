using System.Management.Automation;
using System.Net;
using System.Runtime.InteropServices;
using System.Security;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.Logging;
using ProdOps.Logging.Receiving;
using ProdOps.Logging.Receiving.Tls;
using ProdOps.Servers.Schedules;
using ProdOps.Servers.Secrets;

namespace ProdOps.Cmdlets.Logging;

/// <summary>Receives log lines from rsyslog, syslog-ng, devices and programs, and stores them, until it is stopped.</summary>
[Cmdlet(VerbsLifecycle.Start, "LogReceiver", SupportsShouldProcess = true)]
[OutputType(typeof(LogReceiverStatus))]
public sealed class StartLogReceiver : LoggingCmdlet
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(1);

    /// <summary>Ports of UDP.</summary>
    [Parameter(Position = 0, HelpMessage = "Ports to receive syslog at by UDP, e.g. 514. 0: any that is free.")]
    [ValidateRange(0, 65535)]
    public int[] Udp { get; set; } = [];

    /// <summary>Ports of TCP.</summary>
    [Parameter(HelpMessage = "Ports to receive syslog at by TCP, e.g. 514. 0: any that is free.")]
    [ValidateRange(0, 65535)]
    public int[] Tcp { get; set; } = [];

    /// <summary>Ports of TLS.</summary>
    [Parameter(HelpMessage = "Ports to receive syslog at by TLS, e.g. 6514. Needs -Certificate. 0: any that is free.")]
    [ValidateRange(0, 65535)]
    public int[] Tls { get; set; } = [];

    /// <summary>Ports of RELP.</summary>
    [Parameter(HelpMessage = "Ports to receive RELP at, e.g. 2514: each line is acknowledged when it is stored. 0: any that is free.")]
    [ValidateRange(0, 65535)]
    public int[] Relp { get; set; } = [];

    /// <summary>Ports of RELP over TLS.</summary>
    [Parameter(HelpMessage = "Ports to receive RELP over TLS at. Needs -Certificate. 0: any that is free.")]
    [ValidateRange(0, 65535)]
    public int[] RelpTls { get; set; } = [];

    /// <summary>The addresses to listen at.</summary>
    [Parameter(HelpMessage = "Addresses of this machine to listen at. Default: all, of IPv4 and IPv6.")]
    [ArgumentCompleter(typeof(ListenAddressCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] ListenAddress { get; set; } = [];

    /// <summary>The certificate for TLS.</summary>
    [Parameter(HelpMessage = "The certificate for TLS: a PEM file, with issuers' behind it, or a PFX file. Taken up anew when it changes.")]
    [ValidateNotNullOrEmpty]
    public string? Certificate { get; set; }

    /// <summary>The certificate's key.</summary>
    [Parameter(HelpMessage = "The certificate's key (PEM), where it is in a file of its own.")]
    [ValidateNotNullOrEmpty]
    public string? CertificateKey { get; set; }

    /// <summary>The key's password.</summary>
    [Parameter(HelpMessage = "The password of the key or of the PFX file.")]
    [ValidateNotNull]
    public SecureString? CertificatePassword { get; set; }

    /// <summary>A file with the key's password.</summary>
    [Parameter(HelpMessage = "A file that holds the password of the key or of the PFX file.")]
    [ValidateNotNullOrEmpty]
    public string? CertificatePasswordFile { get; set; }

    /// <summary>Whose certificates senders must have.</summary>
    [Parameter(HelpMessage = "A PEM file of certificate authorities: senders by TLS must show a certificate of theirs.")]
    [ValidateNotNullOrEmpty]
    public string? ClientCertificateAuthority { get; set; }

    /// <summary>The names senders' certificates may have.</summary>
    [Parameter(HelpMessage = "Names or wildcards, one of which a sender's certificate must have, e.g. *.shop.example. Default: any name.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] AllowedPeer { get; set; } = [];

    /// <summary>The addresses senders may have.</summary>
    [Parameter(HelpMessage = "Networks or addresses that senders may have, e.g. 10.0.0.0/8. Default: any.")]
    [ValidateNotNullOrEmpty]
    public string[] AllowFrom { get; set; } = [];

    /// <summary>Where the server's name comes from.</summary>
    [Parameter(HelpMessage = "Whether a line is of the server that it names (Message) or of the one whose address it came from (Peer). Default: Message.")]
    public LogServerFrom ServerFrom { get; set; }

    /// <summary>Where the source's name comes from.</summary>
    [Parameter(HelpMessage = "Whether all lines are of the source syslog (Syslog) or each of the program that it names (Program). Default: Syslog.")]
    public LogSourceFrom SourceFrom { get; set; }

    /// <summary>How many connections there may be.</summary>
    [Parameter(HelpMessage = "How many connections there may be in all. Default: 1000.")]
    [ValidateRange(1, 1_000_000)]
    public int MaxConnections { get; set; } = 1000;

    /// <summary>How many connections a sender may have.</summary>
    [Parameter(HelpMessage = "How many connections one sender may have. Default: 100.")]
    [ValidateRange(1, 1_000_000)]
    public int MaxConnectionsPerPeer { get; set; } = 100;

    /// <summary>How long a connection may be silent.</summary>
    [Parameter(HelpMessage = "Ends connections that are silent for so long, e.g. 1h. Default: never.")]
    [Duration]
    public TimeSpan IdleTimeout { get; set; }

    /// <summary>How long to receive.</summary>
    [Parameter(HelpMessage = "How long to receive, e.g. 10m. Default: until it is stopped.")]
    [Duration(MostDays = DurationAttribute.Waitable)]
    public TimeSpan For { get; set; }

    /// <summary>How often to emit a status.</summary>
    [Parameter(HelpMessage = "Emits a status each time so long has passed, e.g. 1m. Default: only one at the end.")]
    [Duration(MostDays = DurationAttribute.Waitable)]
    public TimeSpan StatisticsInterval { get; set; }

    /// <summary>Emit a status at the beginning.</summary>
    [Parameter(HelpMessage = "Emits a status as soon as it listens, which tells the ports that were taken for 0.")]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (AllowedPeer.Length > 0 && ClientCertificateAuthority is null) throw LoggingErrors.ReceiverPeerWithoutAuthority();
        var environment = await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment).Load());
        using var sink = await LogSinks.OpenAsync(this, Store, environment, Activity);
        using var identity = await LoadIdentityAsync(cancellationToken);
        var options = new LogReceiverOptions
        {
            Ports =
            [
                .. Udp.Select(port => (LogReceiverProtocol.Udp, port)), .. Tcp.Select(port => (LogReceiverProtocol.Tcp, port)), .. Tls.Select(port => (LogReceiverProtocol.Tls, port)),
                .. Relp.Select(port => (LogReceiverProtocol.Relp, port)), .. RelpTls.Select(port => (LogReceiverProtocol.RelpTls, port)),
            ],
            Addresses = [.. ListenAddress.Select(text => IPAddress.TryParse(text, out var address) ? address : throw LoggingErrors.ReceiverAddressInvalid(text))],
            Tls = identity,
            AllowFrom = [.. AllowFrom.Select(AddressRange.Parse)],
            Naming = new LogNaming(ServerFrom, SourceFrom),
            Servers = await ServerNaming.OfAsync(environment?.Servers ?? [], Dns.GetHostAddressesAsync, Activity, cancellationToken),
            MaximumConnections = MaxConnections,
            MaximumConnectionsPerPeer = MaxConnectionsPerPeer,
            IdleTimeout = IdleTimeout,
        };
        if (!await ShouldProcessAsync(sink.Place, $"Store what is received at {string.Join(", ", options.Ports.Select(port => $"port {port.Port} ({port.Protocol})"))}")) return;
        Activity.Verbose($"Received lines are stored in '{sink.Place}'.");
        await ReceiveAsync(LogReceiver.Start(options, sink.Sink, Activity, TimeProvider.System), cancellationToken);
    }

    private async Task ReceiveAsync(LogReceiver receiver, CancellationToken cancellationToken)
    {
        ProdOpsException? lost = null;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            // A shell would end at once; lines that are under way would be lost.
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
            {
                signal.Cancel = true;
                stop.Cancel();
            });
            if (For > TimeSpan.Zero) stop.CancelAfter(For);
            ServiceNotifier.Ready($"Listening at {string.Join(", ", receiver.GetStatus().Endpoints)}");
            if (PassThru) await WriteObjectAsync(receiver.GetStatus());
            await ReportAsync(receiver, stop.Token);
        }
        finally
        {
            ServiceNotifier.Stopping();
            try
            {
                await receiver.StopAsync();
            }
            catch (ProdOpsException exception)
            {
                lost = exception;
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        await WriteObjectAsync(receiver.GetStatus());
        if (lost is not null) throw lost;
    }

    /// <summary>Shows progress and emits statuses until it is stopped.</summary>
    private async Task ReportAsync(LogReceiver receiver, CancellationToken stop)
    {
        var clock = TimeProvider.System;
        LogReceiverStatus? shown = null, told = null;
        long toldAt = clock.GetTimestamp();
        var interval = StatisticsInterval > TimeSpan.Zero && StatisticsInterval < ProgressInterval ? StatisticsInterval : ProgressInterval;
        try
        {
            using var timer = new PeriodicTimer(interval);
            while (await timer.WaitForNextTickAsync(stop))
            {
                shown = receiver.GetStatus(shown);
                Activity.Progress(new ActivityProgress("Receiving logs", Describe(shown)));
                if (StatisticsInterval == TimeSpan.Zero || clock.GetElapsedTime(toldAt) + (interval / 2) < StatisticsInterval) continue;
                toldAt = clock.GetTimestamp();
                told = receiver.GetStatus(told);
                await WriteObjectAsync(told);
            }
        }
        catch (OperationCanceledException)
        {
            // The end that was asked for.
        }
    }

    private async Task<TlsIdentity?> LoadIdentityAsync(CancellationToken cancellationToken)
    {
        if (Certificate is null) return null;
        var (certificate, key, passwordFile, authority) = await InvokeAsync(() => (FullPath(Certificate)!, FullPath(CertificateKey), FullPath(CertificatePasswordFile), FullPath(ClientCertificateAuthority)));
        var password = CertificatePassword is not null ? SecretSource.FromSecureString(CertificatePassword) : passwordFile is null ? null : SecretSource.FromFile(passwordFile);
        var clients = authority is null ? null : ClientCertificates.Load(authority, AllowedPeer);
        return await TlsIdentity.LoadAsync(new TlsFiles(certificate, key), password, clients, TimeProvider.System, cancellationToken);
    }

    private string? FullPath(string? path) => path is null ? null : SessionState.Path.GetUnresolvedProviderPathFromPSPath(path);

    private static string Describe(LogReceiverStatus status) => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"{status.Received:N0} lines, {status.LinesPerSecond:N0}/s, {status.Connections:N0} connections{(status.Dropped > 0 ? $", {status.Dropped:N0} lost" : "")}{(status.Failure is null ? "" : $", not stored: {status.Failure}")}");
}
