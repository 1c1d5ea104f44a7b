using ProdOps.Monitoring;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>One way to send: channels of which the first that works is used.</summary>
/// <param name="Name">The channel or the route.</param>
/// <param name="Channels">The preferred one first.</param>
internal sealed record NotificationWay(string Name, IReadOnlyList<NotificationChannel> Channels);

/// <summary>Finds an environment's channels and routes by name.</summary>
internal static class ChannelChoice
{
    /// <summary>The channels and routes that were named, each once. A name that nothing has is an error and does not stop the others.</summary>
    public static async Task<List<NotificationWay>> SelectAsync(MonitoringOptions options, IReadOnlyList<string> channels, IReadOnlyList<string> routes, Func<ProdOpsException, Task> writeError)
    {
        var ways = new List<NotificationWay>();
        foreach (string name in channels)
        {
            var found = options.Channels.Where(channel => NamePattern.IsMatch(name, channel.Name)).ToList();
            if (found.Count == 0 && !NamePattern.HasWildcards(name)) await writeError(MonitoringErrors.ChannelNotFound(name, options.Channels.Select(channel => channel.Name)));
            ways.AddRange(found.Select(channel => new NotificationWay(channel.Name, [channel])));
        }

        foreach (string name in routes)
        {
            var found = options.Notify.Where(route => NamePattern.IsMatch(name, route.Name)).ToList();
            if (found.Count == 0 && !NamePattern.HasWildcards(name)) await writeError(MonitoringErrors.ChannelNotFound(name, options.Notify.Select(route => route.Name)));
            ways.AddRange(found.Select(route => new NotificationWay(route.Name, ChannelsOf(options, route))));
        }

        return [.. ways.Where(way => way.Channels.Count > 0).DistinctBy(way => string.Join('\n', way.Channels.Select(channel => channel.Name)), StringComparer.OrdinalIgnoreCase)];
    }

    private static List<NotificationChannel> ChannelsOf(MonitoringOptions options, NotificationRoute route) =>
        [.. route.Channels.Select(name => options.Channels.FirstOrDefault(channel => channel.Name.Equals(name, StringComparison.OrdinalIgnoreCase))).OfType<NotificationChannel>()];
}
