using System.ComponentModel;
using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.Logging;
using ProdOps.Logging.Collecting;
using ProdOps.Logging.Store;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Logging;

/// <summary>The base of the cmdlets that look at servers' logs. Without servers they work on those of the environment.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class CollectingCmdlet : ServerCmdlet
{
    /// <summary>The servers; without it all of the environment.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Servers: names, wildcards, role:App, group:blue, user@host:port, or server objects. Default: all of the environment; without one this machine.")]
    [Alias("ComputerName", "Cn")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public override ServerReference[]? Server { get; set; }

    /// <summary>Sources.</summary>
    [Parameter(HelpMessage = "Sources: names or wildcards. Default: all.")]
    [ArgumentCompleter(typeof(DefinedSourceCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Source { get; set; } = [];

    /// <summary>Read as root.</summary>
    [Parameter(HelpMessage = "Read all logs as root by sudo.")]
    public SwitchParameter AsRoot { get; set; }

    /// <summary>The store's folder.</summary>
    [Parameter(HelpMessage = LoggingCmdlet.StoreHelp)]
    [ValidateNotNullOrEmpty]
    public string? Store { get; set; }

    private TimeSpan _clockSkewLimit;

    /// <summary>How logs are collected.</summary>
    private protected virtual CollectOptions Options => new() { AsRoot = AsRoot, Sources = Source, ClockSkewLimit = _clockSkewLimit };

    /// <summary>Works on the servers side by side.</summary>
    /// <param name="action">What to do on one, with the environment's sources of it.</param>
    /// <param name="cancellationToken">Stops all.</param>
    private protected async Task ForEachSourceServerAsync(Func<Server, IServerShell, OpenSink, IReadOnlyList<LogSourceDefinition>?, CancellationToken, Task<int>> action, CancellationToken cancellationToken)
    {
        var environment = LoadEnvironment(await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment)));
        _clockSkewLimit = (environment?.Logging ?? new LoggingOptions()).ClockSkewLimit;
        using var sink = await LogSinks.OpenAsync(this, Store, environment, Activity);
        bool isAll = !MyInvocation.ExpectingInput && Server is null && environment is { Servers.Count: > 0 };
        IReadOnlyList<Server> servers = isAll ? environment!.Servers : await GetServersAsync(cancellationToken);
        int found = 0, asked = 0;
        await ForEachServerAsync(servers, async (server, shell, token) =>
        {
            Interlocked.Add(ref found, await action(server, shell, sink, SourceSelection.Of(server, environment), token));
            Interlocked.Increment(ref asked);
        }, cancellationToken);
        if (sink.Sink is LogStore store) await AfterAsync(store, environment, cancellationToken);
        // A server that did not answer may have it.
        if (found == 0 && asked == servers.Count && asked > 0 && Source.FirstOrDefault(name => !NamePattern.HasWildcards(name)) is { } missing) await WriteErrorAsync(LoggingErrors.SourceNotFound(missing));
    }

    /// <summary>What is done with the store when all servers are; an engine elsewhere looks after itself.</summary>
    private protected virtual Task AfterAsync(LogStore store, ProdOpsEnvironment? environment, CancellationToken cancellationToken) => Task.CompletedTask;
}
