using ProdOps.Servers.Inventory;

namespace ProdOps.Monitoring.Store;

/// <summary>A series: one metric of one server, and which of several.</summary>
internal sealed record SeriesRow(long Id, string Server, string Metric, string? Instance, string Unit)
{
    public override string ToString() => Instance is null ? $"{Metric} of {Server}" : $"{Metric} ({Instance}) of {Server}";
}

/// <summary>The numbers of series. Those that were once asked for are remembered, until any process has deleted some.</summary>
internal sealed class SeriesTable
{
    private const string Generation = "SELECT value FROM setting WHERE name = 'series_generation'";
    private const string Insert = "INSERT INTO series (server, metric, instance, unit) VALUES ($1, $2, $3, $4) ON CONFLICT DO UPDATE SET unit = excluded.unit";
    private const string Find = "SELECT id FROM series WHERE server = $1 AND metric = $2 AND instance = $3";
    private const string All = "SELECT id, server, metric, instance, unit FROM series";

    private const int FewNames = 16;

    private readonly Dictionary<(string Server, string Name, string Instance, string Unit), long> _known = [];
    private long _generation;

    /// <summary>Forgets what it knew if that may have become wrong. Call it first in a transaction.</summary>
    public void Refresh(StoreConnection connection)
    {
        long now = connection.Number(Generation) ?? 0;
        if (now != _generation) _known.Clear();
        _generation = now;
    }

    /// <summary>Forgets everything: a transaction that had given out numbers was taken back.</summary>
    public void Forget() => _known.Clear();

    /// <summary>The number of a sample's series, which is entered if it is new.</summary>
    public long IdOf(StoreConnection connection, MetricSample sample)
    {
        var key = (sample.Server, sample.Name, Instance: sample.Instance ?? "", sample.Unit);
        if (_known.TryGetValue(key, out long id)) return id;
        connection.Execute(Insert, key.Server, key.Name, key.Instance, key.Unit);
        id = connection.Number(Find, key.Server, key.Name, key.Instance)!.Value;
        if (id > ChunkTable.LastSeries) throw MonitoringErrors.TooManySeries();
        _known.Add(key, id);
        return id;
    }

    /// <summary>Removes series of which nothing is left since an hour, counted from 1970 on.</summary>
    public int RemoveUnused(StoreConnection connection, long hour)
    {
        int removed = connection.Execute("DELETE FROM series WHERE last_hour < $1 AND id NOT IN (SELECT series FROM sample)", hour);
        if (removed > 0) connection.Execute("INSERT INTO setting VALUES ('series_generation', 1) ON CONFLICT DO UPDATE SET value = value + 1");
        return removed;
    }

    /// <summary>The series that fit patterns, by server, metric and instance. No instance's pattern fits any, also none.</summary>
    public static List<SeriesRow> Match(StoreConnection connection, string server, string metric, string? instance) =>
        Match(connection, new NamePatterns([server]), new NamePatterns([metric]), new NamePatterns(instance is null ? [] : [instance]));

    /// <summary>The same of several patterns each.</summary>
    public static List<SeriesRow> Match(StoreConnection connection, NamePatterns servers, NamePatterns metrics, NamePatterns instances)
    {
        var rows = new List<SeriesRow>();
        var names = new List<object?>();
        string sql = All + In("WHERE", "server", servers, names);
        sql += In(names.Count == 0 ? "WHERE" : "AND", "metric", metrics, names);
        using var reader = connection.Query(sql, [.. names]);
        while (reader.Read())
        {
            string measured = reader.GetString(2), name, which;
            if (!metrics.Fit(measured) || !servers.Fit(name = reader.GetString(1)) || !instances.Fit(which = reader.GetString(3))) continue;
            rows.Add(new SeriesRow(reader.GetInt64(0), name, measured, which.Length == 0 ? null : which, reader.GetString(4)));
        }

        rows.Sort(static (a, b) =>
        {
            int order = string.CompareOrdinal(a.Server, b.Server);
            if (order == 0) order = string.CompareOrdinal(a.Metric, b.Metric);
            return order != 0 ? order : string.CompareOrdinal(a.Instance, b.Instance);
        });
        return rows;
    }

    /// <summary>A condition where there are a few names alone: rows that SQLite leaves out need not become texts.</summary>
    private static string In(string word, string column, NamePatterns patterns, List<object?> arguments)
    {
        if (patterns.OnlyNames is not { Count: <= FewNames } names) return "";
        int first = arguments.Count + 1;
        arguments.AddRange(names);
        return $" {word} {column} IN ({string.Join(", ", Enumerable.Range(first, names.Count).Select(static number => $"${number}"))})";
    }
}
