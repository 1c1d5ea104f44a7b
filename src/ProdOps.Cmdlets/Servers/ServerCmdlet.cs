using System.ComponentModel;
using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Connections;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Servers;

/// <summary>
/// The base of the cmdlets that work on servers. Servers from the pipeline are collected; a derived cmdlet calls
/// <c>ForEachServerAsync</c> in its last step and works on all of them side by side.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ServerCmdlet : ConnectingCmdlet
{
    private readonly List<ServerReference> _selectors = [];
    private ServerShells? _shells;
    private bool _asked;

    /// <summary>The servers; without it this machine.</summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Servers: names, wildcards, role:App, group:blue, user@host:port, or server objects. Default: this machine.")]
    [Alias("ComputerName", "Cn")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public virtual ServerReference[]? Server { get; set; }

    /// <summary>The environment file that knows the servers.</summary>
    [Parameter(HelpMessage = "The environment.psd1 that knows the servers. Default: $env:PRODOPS_ENVIRONMENT, else the one in this folder or above.")]
    [ArgumentCompleter(typeof(EnvironmentFileCompleter))]
    [ValidateNotNullOrEmpty]
    public virtual string? Environment { get; set; }

    /// <summary>How many servers are worked on at the same time.</summary>
    [Parameter(HelpMessage = "How many servers are worked on at the same time. Default: 32.")]
    [ValidateRange(1, 1024)]
    public virtual int ThrottleLimit { get; set; } = 32;

    /// <summary>The servers of the present input; a cmdlet with another parameter for them says so here.</summary>
    private protected virtual ServerReference[]? SelectedServers => Server;

    /// <summary>Collects the servers of this input.</summary>
    /// <param name="cancellationToken">Cancelled when the command is stopped.</param>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        _asked = true;
        if (SelectedServers is { } servers) _selectors.AddRange(servers);
        return Task.CompletedTask;
    }

    /// <summary>
    /// The servers that were named, each once, in the order named; this machine if none was. A pipeline that brought nothing means no
    /// server, not this machine. A name that nothing has is an error record and does not stop the others.
    /// </summary>
    private protected async Task<IReadOnlyList<Server>> GetServersAsync(CancellationToken cancellationToken)
    {
        if (!_asked) return [];
        if (_selectors.Count == 0) return [ServerResolver.Local];
        cancellationToken.ThrowIfCancellationRequested();
        return await ServerAccess.ResolveAsync(_selectors, LoadEnvironment(await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment))), WriteErrorAsync);
    }

    /// <summary>The environment that names are looked up in, if there is one.</summary>
    private protected virtual ProdOpsEnvironment? LoadEnvironment(SessionEnvironment source) => source.Load();

    /// <summary>
    /// Works on the servers side by side. What one of them fails with becomes its error record, with the server as the target, and
    /// the others go on.
    /// </summary>
    /// <param name="action">What to do on one; it writes its results as they come.</param>
    /// <param name="cancellationToken">Stops all.</param>
    private protected async Task ForEachServerAsync(Func<Server, IServerShell, CancellationToken, Task> action, CancellationToken cancellationToken) =>
        await ForEachServerAsync(await GetServersAsync(cancellationToken), action, cancellationToken);

    /// <inheritdoc cref="ForEachServerAsync(Func{Server, IServerShell, CancellationToken, Task}, CancellationToken)"/>
    private protected Task ForEachServerAsync(IReadOnlyList<Server> servers, Func<Server, IServerShell, CancellationToken, Task> action, CancellationToken cancellationToken) =>
        ServerAccess.ForEachAsync(WriteServerErrorAsync, servers, server => server, ThrottleLimit, async (server, token) => await action(server, await OpenAsync(server, token), token), cancellationToken);

    /// <summary>Tells what one server fails with.</summary>
    private protected virtual Task WriteServerErrorAsync(ErrorRecord record) => WriteErrorAsync(record);

    /// <summary>A server's shell, by what the parameters say about connecting.</summary>
    private protected async Task<IServerShell> OpenAsync(Server server, CancellationToken cancellationToken)
    {
        var shells = _shells ??= await InvokeAsync(() => SessionShells.Current);
        return await shells.OpenAsync(Access.TargetOf(server), Activity, cancellationToken);
    }

    /// <summary>Asks before items are deleted, as all does that cannot be taken back; with nothing to delete there is nothing to ask.</summary>
    /// <param name="target">Where.</param>
    /// <param name="count">Finds out how many.</param>
    private protected async Task<bool> ConfirmDeletionAsync(string target, Func<Task<int>> count)
    {
        bool isAnswered = await InvokeAsync(() => MyInvocation.BoundParameters.ContainsKey("Confirm") || $"{GetVariableValue("ConfirmPreference")}" == nameof(ConfirmImpact.None));
        if (isAnswered) return true;
        int items = await count();
        return items == 0 || await ShouldContinueAsync($"Delete {items} items of {target} that the source lacks?", $"{MyInvocation.MyCommand.Name} -Delete");
    }
}
