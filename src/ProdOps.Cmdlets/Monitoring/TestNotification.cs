using System.Management.Automation;
using System.Security;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.Monitoring;
using ProdOps.Monitoring.Notifications;
using ProdOps.Servers.Secrets;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Sends a test message by channels, and tells of each whether it was taken.</summary>
[Cmdlet(VerbsDiagnostic.Test, "Notification", DefaultParameterSetName = ChannelSet)]
[OutputType(typeof(NotificationDelivery))]
public sealed class TestNotification : MonitoringCmdlet
{
    private const string ChannelSet = "Channel", MailSet = "Mail", WebhookSet = "Webhook", SyslogSet = "Syslog", ScriptSet = "Script";

    private readonly List<string> _channels = [];

    /// <summary>The environment's channels to try.</summary>
    [Parameter(Position = 0, ParameterSetName = ChannelSet, ValueFromPipeline = true, HelpMessage = "Channels of the environment: names or wildcards. Default, if there is no -Route: all.")]
    [ArgumentCompleter(typeof(ChannelCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Channel { get; set; }

    /// <summary>The routes whose channels to try.</summary>
    [Parameter(ParameterSetName = ChannelSet, HelpMessage = "Routes of the environment, all of whose channels are tried: names or wildcards.")]
    [ArgumentCompleter(typeof(RouteCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Route { get; set; } = [];

    /// <summary>The environment file that has the channels.</summary>
    [Parameter(ParameterSetName = ChannelSet, HelpMessage = "The environment.psd1 with the channels. Default: $env:PRODOPS_ENVIRONMENT, else the one in this folder or above.")]
    [ArgumentCompleter(typeof(EnvironmentFileCompleter))]
    [ValidateNotNullOrEmpty]
    public override string? Environment { get; set; }

    /// <summary>A mail server to try.</summary>
    [Parameter(Mandatory = true, ParameterSetName = MailSet, HelpMessage = "A mail server to send by: host or host:port. Default port: 587, or 465 with -Security Tls.")]
    [ValidateNotNullOrEmpty]
    public string SmtpServer { get; set; } = "";

    /// <summary>Who the mail is from.</summary>
    [Parameter(Mandatory = true, ParameterSetName = MailSet, HelpMessage = "Who the mail is from.")]
    [ValidateNotNullOrEmpty]
    public string From { get; set; } = "";

    /// <summary>Who the mail goes to.</summary>
    [Parameter(Mandatory = true, ParameterSetName = MailSet, HelpMessage = "Who the mail goes to.")]
    [ValidateNotNullOrEmpty]
    public string[] To { get; set; } = [];

    /// <summary>How the connection is secured.</summary>
    [Parameter(ParameterSetName = MailSet, HelpMessage = "How the connection is secured. Default: Auto, TLS at port 465 and STARTTLS at all others, which must be offered.")]
    public MailSecurity Security { get; set; }

    /// <summary>A web address to try.</summary>
    [Parameter(Mandatory = true, ParameterSetName = WebhookSet, HelpMessage = "A web address to post to. Its path is shown nowhere.")]
    [ValidateNotNullOrEmpty]
    public string Uri { get; set; } = "";

    /// <summary>What the web address expects.</summary>
    [Parameter(ParameterSetName = WebhookSet, HelpMessage = "What the web address expects. Default: Json.")]
    public WebhookTemplate Template { get; set; }

    /// <summary>A bearer token.</summary>
    [Parameter(ParameterSetName = WebhookSet, HelpMessage = "A bearer token; of PagerDuty the routing key.")]
    [ValidateNotNull]
    public SecureString? Token { get; set; }

    /// <summary>The user to log in as, and the password.</summary>
    [Parameter(ParameterSetName = MailSet, HelpMessage = "The user to log in as and the password.")]
    [Parameter(ParameterSetName = WebhookSet, HelpMessage = "The user to log in as and the password.")]
    [Credential]
    [ValidateNotNull]
    public PSCredential? Credential { get; set; }

    /// <summary>The authorities to believe.</summary>
    [Parameter(ParameterSetName = MailSet, HelpMessage = "A PEM file with the authorities to believe. Default: those of the system.")]
    [Parameter(ParameterSetName = WebhookSet, HelpMessage = "A PEM file with the authorities to believe. Default: those of the system.")]
    [Parameter(ParameterSetName = SyslogSet, HelpMessage = "A PEM file with the authorities to believe. Default: those of the system.")]
    [ValidateNotNullOrEmpty]
    public string? CACertificate { get; set; }

    /// <summary>A syslog to try.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SyslogSet, HelpMessage = "A syslog to write to: udp://host:514, tcp://host:514, tls://host:6514, or an empty text for this machine's own.")]
    [AllowEmptyString]
    public string Syslog { get; set; } = "";

    /// <summary>A program to try.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ScriptSet, HelpMessage = "A command line of this machine that gets the message as JSON on its standard input.")]
    [ValidateNotNullOrEmpty]
    public string Script { get; set; } = "";

    /// <summary>How bad the message says it is.</summary>
    [Parameter(HelpMessage = "How bad the message says it is: Critical tries whether a telephone rings. Default: OK.")]
    public HealthState Severity { get; set; }

    /// <summary>How long one attempt may take, in seconds.</summary>
    [Parameter(HelpMessage = "How many seconds a channel may take. Default: what the channel says, else 15.")]
    [ValidateRange(1, 3600)]
    public int TimeoutSec { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (Channel is not null) _channels.AddRange(Channel);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        string environment = "";
        var typed = new TypedSecrets(Credential is null ? null : SecretSource.FromSecureString(Credential.Password), Token is null ? null : SecretSource.FromSecureString(Token));
        IReadOnlyList<NotificationChannel> channels;
        if (ParameterSetName == ChannelSet)
        {
            var loaded = await LoadEnvironmentAsync();
            environment = loaded?.Name ?? "";
            channels = await SelectAsync(loaded?.Monitoring ?? new MonitoringOptions());
        }
        else
        {
            channels = [await InvokeAsync(Describe)];
        }

        var message = OwnMessage.Trial(environment, System.Environment.MachineName, Severity, TimeProvider.System.GetLocalNow());
        await Task.WhenAll(channels.Select(async channel =>
        {
            var chosen = TimeoutSec > 0 ? channel with { Timeout = TimeSpan.FromSeconds(TimeoutSec) } : channel;
            var (delivery, _) = await DirectDelivery.SendAsync(
                chosen, () => NotificationSenders.Create(chosen, new SessionVault(this), TimeProvider.System, Activity, typed), message, TimeProvider.System, cancellationToken);
            if (ParameterSetName == ChannelSet) await KeepAsync(environment, delivery, message, cancellationToken);
            await WriteObjectAsync(delivery);
        }));
    }

    private Task KeepAsync(string environment, NotificationDelivery delivery, NotificationMessage message, CancellationToken cancellationToken)
    {
        var evidence = new NotificationEvidence
        {
            Channel = delivery.Channel, Kind = delivery.Kind, Delivered = delivery.Delivered, Severity = message.Severity, Time = message.Time, Duration = delivery.Duration, Error = delivery.Error,
        };
        return EvidenceKeeper.KeepAsync(Activity, folder => folder.Notifications, evidence.Time, environment, evidence, cancellationToken);
    }

    private async Task<IReadOnlyList<NotificationChannel>> SelectAsync(MonitoringOptions options)
    {
        bool all = _channels.Count == 0 && Route.Length == 0 && !MyInvocation.ExpectingInput;
        if (all && options.Channels.Count == 0) throw MonitoringErrors.NoChannels("channel");
        var ways = await ChannelChoice.SelectAsync(options, all ? ["*"] : _channels, Route, WriteErrorAsync);
        return [.. ways.SelectMany(way => way.Channels).DistinctBy(channel => channel.Name, StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>The channel that the parameters describe. Runs on the pipeline thread.</summary>
    private NotificationChannel Describe()
    {
        var channel = new NotificationChannel
        {
            Name = "",
            User = Credential?.UserName,
            CaCertificate = CACertificate is null ? null : SessionState.Path.GetUnresolvedProviderPathFromPSPath(CACertificate),
        };
        return ParameterSetName switch
        {
            MailSet => channel with { Name = SmtpServer, Kind = NotificationChannelKind.Mail, Target = SmtpServer, From = From, To = To, Security = Security },
            WebhookSet => channel with { Name = System.Uri.TryCreate(Uri, UriKind.Absolute, out var url) ? url.Host : "webhook", Kind = NotificationChannelKind.Webhook, Target = Uri, Template = Template },
            SyslogSet => channel with { Name = Syslog.Length > 0 ? Syslog : "syslog", Kind = NotificationChannelKind.Syslog, Target = Syslog },
            _ => channel with { Name = "script", Kind = NotificationChannelKind.Script, Target = Script },
        };
    }
}
