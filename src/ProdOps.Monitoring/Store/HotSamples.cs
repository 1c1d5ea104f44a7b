using ProdOps.Monitoring.Store.Chunks;
using SQLitePCL;

namespace ProdOps.Monitoring.Store;

/// <summary>The samples that are not in a chunk yet.</summary>
internal static class HotSamples
{
    public const string Insert = "INSERT OR REPLACE INTO sample (time, series, value)";
    public const string Count = "SELECT count(*) FROM sample";
    public const string Newest = "SELECT max(time) FROM sample";
    private const string First = "SELECT min(time) FROM sample WHERE time >= $1";
    private const string Between = "SELECT time, series, value FROM sample WHERE time >= $1 AND time < $2";
    private const string Keys = "SELECT time, series FROM sample WHERE time >= $1 AND time < $2";
    private const string OfRun = "SELECT series, value FROM sample WHERE time = $1 AND series BETWEEN $2 AND $3";
    private const string DeleteRun = "DELETE FROM sample WHERE time = $1 AND series BETWEEN $2 AND $3";

    /// <summary>Series are sealed so many numbers at a time: a transaction takes some hundredths of a second, and who has to write down what was decided waits no longer.</summary>
    private const long Part = 512;

    /// <summary>The first moment from one on.</summary>
    public static long? FirstFrom(StoreConnection connection, long from) => connection.Number(First, from);

    /// <summary>By series, in the order of time: of those that are wanted, or of all.</summary>
    public static Dictionary<long, List<Point>> Read(StoreConnection connection, (long From, long To) time, Func<long, bool>? wanted)
    {
        var found = new Dictionary<long, List<Point>>();
        using var reader = connection.Query(Between, time.From, time.To);
        // There may be millions, of which few are wanted: the reader's own getters look at each value's type first.
        var row = reader.Handle;
        while (reader.Read())
        {
            long series = raw.sqlite3_column_int64(row, 1);
            if (wanted is not null && !wanted(series)) continue;
            if (!found.TryGetValue(series, out var points)) found.Add(series, points = []);
            points.Add(new Point(raw.sqlite3_column_int64(row, 0), raw.sqlite3_column_double(row, 2)));
        }

        return found;
    }

    /// <summary>What there is between two moments, as runs in the order of time: one list for each part of the series.</summary>
    public static List<List<HotRun>> Runs(StoreConnection connection, long from, long to)
    {
        var parts = new SortedDictionary<long, List<HotRun>>();
        using var reader = connection.Query(Keys, from, to);
        List<HotRun>? runs = null;
        var run = default(HotRun);
        while (reader.Read())
        {
            long time = reader.GetInt64(0), series = reader.GetInt64(1);
            if (runs is not null && time == run.Time && series / Part == run.First / Part)
            {
                run = run with { Last = series };
                continue;
            }

            runs?.Add(run);
            if (!parts.TryGetValue(series / Part, out runs)) parts.Add(series / Part, runs = []);
            run = new HotRun(time, series, series);
        }

        runs?.Add(run);
        return [.. parts.Values];
    }

    /// <summary>Takes the samples of runs out of the table.</summary>
    public static SortedDictionary<long, List<Point>> Take(StoreConnection connection, List<HotRun> runs)
    {
        var taken = new SortedDictionary<long, List<Point>>();
        foreach (var run in runs)
        {
            using (var reader = connection.Query(OfRun, run.Time, run.First, run.Last))
            {
                while (reader.Read())
                {
                    if (!taken.TryGetValue(reader.GetInt64(0), out var points)) taken.Add(reader.GetInt64(0), points = []);
                    points.Add(new Point(run.Time, reader.GetDouble(1)));
                }
            }

            connection.Execute(DeleteRun, run.Time, run.First, run.Last);
        }

        return taken;
    }
}

/// <summary>Samples of one moment whose series' numbers lie between two.</summary>
internal readonly record struct HotRun(long Time, long First, long Last);
