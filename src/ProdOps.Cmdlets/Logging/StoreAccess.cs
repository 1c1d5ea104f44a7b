using System.Management.Automation;
using ProdOps.Cmdlets.Servers;
using ProdOps.Logging;
using ProdOps.Logging.Formats;
using ProdOps.Logging.Store;

namespace ProdOps.Cmdlets.Logging;

/// <summary>Which store a command works on: the one that is named, the environment's, that of <c>$env:PRODOPS_LOG_STORE</c>, or the user's own.</summary>
internal static class StoreAccess
{
    public const string Variable = "PRODOPS_LOG_STORE";

    /// <summary>The store's folder. Must be called on the pipeline thread.</summary>
    /// <param name="session">The command's session.</param>
    /// <param name="named">What <c>-Store</c> says, if it does.</param>
    /// <param name="environment">The environment, if there is one.</param>
    /// <exception cref="ProdOpsException">None is named and the user has no home.</exception>
    public static string FolderOf(SessionState session, string? named, ProdOpsEnvironment? environment)
    {
        if (!string.IsNullOrEmpty(named)) return session.Path.GetUnresolvedProviderPathFromPSPath(named);
        if (environment?.Logging?.Store is { Length: > 0 } store) return Expand(store);
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } variable) return Path.GetFullPath(variable);
        return LogStore.DefaultFolder ?? throw LoggingErrors.NoStore();
    }

    public static LogStore Open(string folder, ProdOpsEnvironment? environment, IActivity activity) =>
        new(folder, FormatCatalog.Of(environment?.Logging?.Filters ?? [], error => activity.Warning(error.Message)), new LogStoreOptions(), activity);

    /// <summary>The environment as far as it can be read: a search must work while somebody mends the file.</summary>
    public static ProdOpsEnvironment? EnvironmentOf(SessionState session, string? named) => SessionEnvironment.Of(session, named).TryLoad();

    private static string Expand(string path) => path.StartsWith("~/", StringComparison.Ordinal)
        ? Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path[2..]) : Path.GetFullPath(path);
}
