using System.Management.Automation;
using ProdOps.Cmdlets.Monitoring;
using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Store;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Completers;

/// <summary>The base of completers that look what monitoring has kept. None of them ever fails.</summary>
internal abstract class MetricStoreCompleter : SessionCompleter
{
    private protected sealed override IEnumerable<(string Text, string ToolTip)> Propose(SessionState? session, BoundValues bound)
    {
        if (session is null) return [];
        var environment = HealthStoreAccess.EnvironmentOf(session, bound.Text("Environment"));
        return Sorted(Propose(Read(session, bound, environment), bound, environment));
    }

    private protected abstract IEnumerable<(string Text, string ToolTip)> Propose(IReadOnlyList<SeriesRow> series, BoundValues bound, ProdOpsEnvironment? environment);

    private static IReadOnlyList<SeriesRow> Read(SessionState session, BoundValues bound, ProdOpsEnvironment? environment)
    {
        try
        {
            using var store = HealthStoreAccess.FolderOf(session, bound.Text("Store"), environment).Open(TimeProvider.System, SilentActivity.Instance, readOnly: true);
            return store.Series([], [], []);
        }
        catch (ProdOpsException)
        {
            // There is none yet: what ProdOps measures by itself is proposed all the same.
            return [];
        }
    }
}

/// <summary>Proposes the metrics that were kept, and those that ProdOps measures by itself, with what they are.</summary>
internal sealed class MetricNameCompleter : MetricStoreCompleter
{
    private protected override IEnumerable<(string Text, string ToolTip)> Propose(IReadOnlyList<SeriesRow> series, BoundValues bound, ProdOpsEnvironment? environment) =>
        MetricCatalog.All.Select(static info => (info.Name, info.Unit.Length == 0 ? info.Description : $"{info.Description} ({info.Unit})"))
            .Concat(series.GroupBy(static row => row.Metric, StringComparer.OrdinalIgnoreCase).Select(static rows => (rows.Key, Few(rows.Select(static row => row.Server)))));
}

/// <summary>Proposes the servers of which something was kept, and those of the environment with their roles and groups.</summary>
internal sealed class MetricServerCompleter : MetricStoreCompleter
{
    private protected override IEnumerable<(string Text, string ToolTip)> Propose(IReadOnlyList<SeriesRow> series, BoundValues bound, ProdOpsEnvironment? environment)
    {
        var servers = environment?.Servers ?? [];
        return servers.Select(static server => (server.Name, string.Join(", ", server.Roles)))
            .Concat(series.GroupBy(static row => row.Server, StringComparer.OrdinalIgnoreCase).Select(static rows => (rows.Key, $"{rows.Count()} series")))
            .Concat(servers.SelectMany(static server => server.Roles.Select(role => ($"role:{role}", "the servers of this role"))))
            .Concat(servers.SelectMany(static server => server.Groups.Select(group => ($"group:{group}", "the servers of this group"))));
    }
}

/// <summary>Proposes the instances that were kept of the metrics that the line names.</summary>
internal sealed class MetricInstanceCompleter : MetricStoreCompleter
{
    private protected override IEnumerable<(string Text, string ToolTip)> Propose(IReadOnlyList<SeriesRow> series, BoundValues bound, ProdOpsEnvironment? environment) =>
        series.Where(row => row.Instance is not null && NamePattern.IsMatch(bound.Text("Name") ?? "*", row.Metric))
            .GroupBy(static row => row.Instance!, StringComparer.Ordinal).Select(static rows => (rows.Key, Few(rows.Select(static row => row.Metric))));
}
