using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Servers;
using ProdOps.Logging;
using ProdOps.Logging.Collecting;
using ProdOps.Logging.Engines;
using ProdOps.Logging.Formats;
using ProdOps.Logging.Searching;

namespace ProdOps.Cmdlets.Logging;

/// <summary>Where lines go that a command collects or receives, and where they are looked for: the store that is named, the environment's engine, or the environment's store or the user's own.</summary>
internal static class LogSinks
{
    /// <param name="cmdlet">The command.</param>
    /// <param name="store">What <c>-Store</c> says, if it does.</param>
    /// <param name="environment">The environment, if there is one.</param>
    /// <param name="activity">Told what goes on.</param>
    /// <exception cref="ProdOpsException">The engine cannot be used as it is described, or there is no store.</exception>
    public static async Task<OpenSink> OpenAsync(AsyncCmdlet cmdlet, string? store, ProdOpsEnvironment? environment, IActivity activity)
    {
        if (TryOpenEngine(cmdlet, store, environment, activity) is { } engine) return new OpenSink(engine.Sink, engine, environment!.Logging.ToString());
        string folder = await cmdlet.InvokeAsync(() => StoreAccess.FolderOf(cmdlet.SessionState, store, environment));
        var opened = StoreAccess.Open(folder, environment, activity);
        return new OpenSink(opened, opened, folder);
    }

    /// <summary>What answers queries: the environment's engine, or the store that is named, or the environment's or the user's own.</summary>
    /// <param name="cmdlet">The command.</param>
    /// <param name="store">What <c>-Store</c> says, if it does.</param>
    /// <param name="environment">The environment, if there is one.</param>
    /// <param name="activity">Told what goes on.</param>
    /// <exception cref="ProdOpsException">There is none.</exception>
    public static async Task<OpenSearch> OpenSearchAsync(AsyncCmdlet cmdlet, string? store, ProdOpsEnvironment? environment, IActivity activity)
    {
        if (TryOpenEngine(cmdlet, store, environment, activity) is { } engine) return new OpenSearch(engine.Search, engine);
        string folder = await cmdlet.InvokeAsync(() => StoreAccess.FolderOf(cmdlet.SessionState, store, environment));
        if (!Directory.Exists(folder)) throw LoggingErrors.StoreEmpty(folder);
        var opened = StoreAccess.Open(folder, environment, activity);
        return new OpenSearch(new StoreSearch(opened, activity), opened);
    }

    /// <summary>The environment's engine, unless there is none or a store is named.</summary>
    public static OpenEngine? TryOpenEngine(AsyncCmdlet cmdlet, string? store, ProdOpsEnvironment? environment, IActivity activity) =>
        string.IsNullOrEmpty(store) && environment?.Logging is { Engine: not null } logging
            ? LogEngines.Open(logging, new SessionVault(cmdlet), FormatCatalog.Of(logging.Filters), activity)
            : null;
}

/// <summary>What takes lines, and what is given back when all are taken.</summary>
/// <param name="Sink">What takes lines.</param>
/// <param name="Owner">What is given back.</param>
/// <param name="Place">Where the lines go, for people: a folder, or an engine with its address.</param>
internal readonly record struct OpenSink(ILogSink Sink, IDisposable Owner, string Place) : IDisposable
{
    public void Dispose() => Owner.Dispose();
}
