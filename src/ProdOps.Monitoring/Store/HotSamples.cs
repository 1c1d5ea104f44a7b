using ProdOps.Monitoring.Store.Chunks;

namespace ProdOps.Monitoring.Store;

/// <summary>The samples that are not in a chunk yet.</summary>
internal static class HotSamples
{
    public const string Insert = "INSERT OR REPLACE INTO sample (time, series, value)";
    public const string Delete = "DELETE FROM sample WHERE time >= $1 AND time < $2";
    public const string Count = "SELECT count(*) FROM sample";
    public const string Newest = "SELECT max(time) FROM sample";
    private const string First = "SELECT min(time) FROM sample WHERE time >= $1";
    private const string Between = "SELECT time, series, value FROM sample WHERE time >= $1 AND time < $2";

    /// <summary>The first moment from one on.</summary>
    public static long? FirstFrom(StoreConnection connection, long from) => connection.Number(First, from);

    /// <summary>By series, in the order of time: of those that are wanted, or of all.</summary>
    public static Dictionary<long, List<Point>> Read(StoreConnection connection, (long From, long To) time, Func<long, bool>? wanted)
    {
        var found = new Dictionary<long, List<Point>>();
        using var reader = connection.Query(Between, time.From, time.To);
        while (reader.Read())
        {
            long series = reader.GetInt64(1);
            if (wanted is not null && !wanted(series)) continue;
            if (!found.TryGetValue(series, out var points)) found.Add(series, points = []);
            points.Add(new Point(reader.GetInt64(0), reader.GetDouble(2)));
        }

        return found;
    }
}
