using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.Monitoring;
using ProdOps.Monitoring.Notifications;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Sends a message of one's own by the environment's channels.</summary>
[Cmdlet(VerbsCommunications.Send, "Notification", SupportsShouldProcess = true)]
[OutputType(typeof(NotificationDelivery))]
public sealed class SendNotification : MonitoringCmdlet
{
    private readonly List<object> _things = [];

    /// <summary>The first line.</summary>
    [Parameter(Position = 0, HelpMessage = "The first line. Default: the servers and checks from the pipeline.")]
    [ValidateNotNullOrEmpty]
    public string? Title { get; set; }

    /// <summary>What follows.</summary>
    [Parameter(Position = 1, HelpMessage = "What follows the first line: lines of text.")]
    [AllowEmptyString]
    [ValidateNotNull]
    public string[] Text { get; set; } = [];

    /// <summary>How bad it is.</summary>
    [Parameter(HelpMessage = "How bad it is, which decides colors, priorities and who is woken. Default: the worst of what comes from the pipeline, else OK.")]
    public HealthState? Severity { get; set; }

    /// <summary>What it is about.</summary>
    [Parameter(ValueFromPipeline = true, HelpMessage = "What it is about: health of servers, results of checks. Anything else becomes a line of text.")]
    [AllowNull]
    public PSObject? InputObject { get; set; }

    /// <summary>The channels to send by.</summary>
    [Parameter(HelpMessage = "Channels of the environment to send by, each of them: names or wildcards. Default, if there is no -Route: all routes.")]
    [ArgumentCompleter(typeof(ChannelCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Channel { get; set; } = [];

    /// <summary>The routes to send by.</summary>
    [Parameter(HelpMessage = "Routes of the environment to send by: names or wildcards. The first channel of each that works is used.")]
    [ArgumentCompleter(typeof(RouteCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Route { get; set; } = [];

    /// <summary>How long one attempt may take, in seconds.</summary>
    [Parameter(HelpMessage = "How many seconds a channel may take. Default: what the channel says, else 15.")]
    [ValidateRange(1, 3600)]
    public int TimeoutSec { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (InputObject?.BaseObject is { } thing) _things.Add(thing is ServerHealth or HealthCheckResult ? thing : InputObject.ToString());
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        // A pipeline that brought nothing has nothing to tell.
        if (MyInvocation.ExpectingInput && _things.Count == 0) return;
        if (Title is null && Text.Length == 0 && _things.Count == 0) throw MonitoringErrors.MessageEmpty();
        var environment = await LoadEnvironmentAsync();
        var options = environment?.Monitoring ?? new MonitoringOptions();
        var ways = await ChannelChoice.SelectAsync(options, Channel, Channel.Length == 0 && Route.Length == 0 ? ["*"] : Route, WriteErrorAsync);
        if (ways.Count == 0 && Channel.Length == 0 && Route.Length == 0) throw MonitoringErrors.NoChannels("route");
        var message = OwnMessage.Make(environment?.Name ?? "", Title ?? Text.FirstOrDefault(line => line.Length > 0), Title is null ? [.. Text.SkipWhile(line => line.Length == 0).Skip(1)] : Text, Severity, _things, TimeProvider.System.GetLocalNow());
        var approved = new List<NotificationWay>();
        foreach (var way in ways)
            if (await ShouldProcessAsync(way.Name, $"Send '{message.Title}'")) approved.Add(way);
        await Task.WhenAll(approved.Select(way => SendAsync(message, way, cancellationToken)));
    }

    private async Task SendAsync(NotificationMessage message, NotificationWay way, CancellationToken cancellationToken)
    {
        foreach (var (index, channel) in way.Channels.Index())
        {
            var chosen = TimeoutSec > 0 ? channel with { Timeout = TimeSpan.FromSeconds(TimeoutSec) } : channel;
            var (delivery, error) = await DirectDelivery.SendAsync(
                chosen, () => NotificationSenders.Create(chosen, new SessionVault(this), TimeProvider.System, Activity), message, TimeProvider.System, cancellationToken);
            if (error is null)
            {
                await WriteObjectAsync(delivery);
                return;
            }

            if (index == way.Channels.Count - 1) await WriteErrorAsync(error);
            else Activity.Warning($"{error.Message} The next channel of the route '{way.Name}' is used.");
        }
    }
}
