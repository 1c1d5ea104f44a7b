using ProdOps.Cmdlets.Servers;
using ProdOps.Monitoring.Checks;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>The servers that <c>-Server</c> means where nothing is connected to: those of the environment, and hosts that are checked in the place of one.</summary>
internal static class MonitoredServers
{
    /// <summary>The servers that were named, each once; all without a name. A name that nothing has is an error of its own.</summary>
    public static async Task<IReadOnlyList<Server>> SelectAsync(IReadOnlyList<ServerReference>? references, CheckList list, ProdOpsEnvironment? environment, Func<ProdOpsException, Task> writeError)
    {
        if (references is null) return list.Servers;
        var resolver = new ServerResolver(environment);
        var servers = new List<Server>();
        foreach (var reference in references)
        {
            string text = reference.Text.Trim();
            var known = reference.Server is { } server ? [resolver.Resolve(server)] : list.Servers.Where(server => NamePattern.IsMatch(text, server.Name)).ToArray();
            try
            {
                servers.AddRange(known.Length > 0 ? known : resolver.Select(text));
            }
            catch (ProdOpsException error)
            {
                await writeError(error);
            }
        }

        return [.. servers.DistinctBy(server => server.Name, StringComparer.OrdinalIgnoreCase)];
    }
}
