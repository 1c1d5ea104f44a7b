using System.ComponentModel;
using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Logging;
using ProdOps.Logging.Collecting;
using ProdOps.Logging.Store;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Logging;

/// <summary>The base of the cmdlets that look after a log store: which store, and which of its servers and sources.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class StoreCmdlet : LoggingCmdlet
{
    /// <summary>Only these servers.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "Only these servers: names, wildcards, role:App, group:blue. Default: all.")]
    [Alias("ComputerName", "Cn")]
    [ArgumentCompleter(typeof(LogServerCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Server { get; set; } = [];

    /// <summary>Only these sources.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "Only these sources: names or wildcards. Default: all.")]
    [ArgumentCompleter(typeof(LogSourceCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Source { get; set; } = [];

    /// <summary>The environment of the present input, as far as it can be read.</summary>
    private protected ProdOpsEnvironment? Known { get; private set; }

    /// <summary>Works on the store with the streams that the present input names.</summary>
    /// <exception cref="ProdOpsException">There is no store.</exception>
    private protected async Task WithStoreAsync(Func<LogStore, IReadOnlyList<LogStream>, Task> work)
    {
        var environment = Known = await InvokeAsync(() => StoreAccess.EnvironmentOf(SessionState, Environment));
        string folder = await InvokeAsync(() => StoreAccess.FolderOf(SessionState, Store, environment));
        if (!Directory.Exists(folder)) throw LoggingErrors.StoreEmpty(folder);
        using var store = StoreAccess.Open(folder, environment, Activity);
        var servers = ServerNames.Resolve(Server, environment);
        LogStream[] streams = [.. store.GetStreams().Where(stream => Fits(servers, stream.Server) && Fits(Source, stream.Source))];
        if (streams.Length == 0 && (Server.Length > 0 || Source.Length > 0)) await WriteErrorAsync(LoggingErrors.NothingStored(Server, Source, folder));
        await work(store, streams);
    }

    private static bool Fits(IReadOnlyList<string> patterns, string name) => patterns.Count == 0 || patterns.Any(pattern => NamePattern.IsMatch(pattern, name));
}
