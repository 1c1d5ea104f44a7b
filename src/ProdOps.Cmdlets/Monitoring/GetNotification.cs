using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Monitoring.History;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Tells which messages monitoring has sent, and what became of each.</summary>
[Cmdlet(VerbsCommon.Get, "Notification")]
[OutputType(typeof(SentNotification))]
public sealed class GetNotification : HistoryCmdlet
{
    private static readonly TimeSpan Usual = TimeSpan.FromDays(7);

    /// <summary>The routes.</summary>
    [Parameter(Position = 0, HelpMessage = "Only messages of these routes: names or wildcards. Default: all.")]
    [ArgumentCompleter(typeof(RouteCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Route { get; set; } = [];

    /// <summary>The channels that took them.</summary>
    [Parameter(HelpMessage = "Only messages that these channels took: names or wildcards. Default: all.")]
    [ArgumentCompleter(typeof(ChannelCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Channel { get; set; } = [];

    /// <summary>What became of them.</summary>
    [Parameter(HelpMessage = "Only messages of which this became. Default: all. With Pending, and no time, however old they are.")]
    public DeliveryStatus[] Status { get; set; } = [];

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var (from, to) = Window(Status is [DeliveryStatus.Pending] ? TimeSpan.MaxValue : Usual);
        var routes = (await FindEnvironmentAsync())?.Monitoring.Notify ?? [];
        var store = await OpenStoreAsync();
        var history = new NotificationHistory(store.Events, Activity);
        foreach (var sent in history.Read(from, to, name => routes.FirstOrDefault(route => route.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Channels, cancellationToken))
        {
            if (Fits(Route, sent.Route) && Fits(Channel, sent.Channel) && (Status.Length == 0 || Status.Contains(sent.Status))) await WriteObjectAsync(sent);
        }
    }

    private static bool Fits(string[] patterns, string name) => patterns.Length == 0 || patterns.Any(pattern => NamePattern.IsMatch(pattern, name));
}
