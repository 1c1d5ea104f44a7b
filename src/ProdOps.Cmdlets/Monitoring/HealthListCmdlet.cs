using System.ComponentModel;
using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.Monitoring.Checks;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>The base of the cmdlets that list what an environment defines by name: of which servers, and which names.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class HealthListCmdlet : MonitoringCmdlet
{
    private readonly List<ServerReference> _servers = [];

    /// <summary>Only what is of these servers.</summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Only what is of these servers: names, wildcards, role:App, group:blue, hosts, or server objects. Default: all there is.")]
    [Alias("ComputerName", "Cn")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public ServerReference[]? Server { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (Server is not null) _servers.AddRange(Server);
        return Task.CompletedTask;
    }

    /// <summary>The servers that were named; <see langword="null"/> where none was, which means all. A name that nothing has is an error of its own.</summary>
    private protected async Task<IReadOnlyList<Server>?> SelectServersAsync(CheckList list, ProdOpsEnvironment? environment) =>
        _servers.Count > 0 || MyInvocation.ExpectingInput ? await MonitoredServers.SelectAsync(_servers, list, environment, WriteErrorAsync) : null;

    /// <summary>Emits what has one of the names. One without wildcards that nothing has is an error, which tells the nearest there is.</summary>
    private protected async Task WriteNamedAsync<T>(IReadOnlyList<T> all, IReadOnlyList<string> names, Func<T, string> nameOf, Func<string, string?, ProdOpsException> notFound)
        where T : class
    {
        foreach (string name in names)
        {
            if (!NamePattern.HasWildcards(name) && !all.Any(one => nameOf(one).Equals(name, StringComparison.OrdinalIgnoreCase)))
                await WriteErrorAsync(notFound(name, Nearest.Find(name, all.Select(nameOf))));
        }

        await WriteAllAsync([.. all.Where(one => names.Any(name => NamePattern.IsMatch(name, nameOf(one))))]);
    }
}
