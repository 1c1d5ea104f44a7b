namespace ProdOps.Monitoring.Store;

/// <summary>One of the tables of chunks: samples, or roll-ups of one width.</summary>
internal sealed class ChunkTable
{
    public const long Hour = 3_600_000;

    private const int SeriesBits = 24;

    private ChunkTable(string name, long span, long width)
    {
        Name = name;
        Span = span;
        Width = width;
        Select = $"SELECT data FROM {name} WHERE id = $1";
        SelectPeriod = $"SELECT id, data FROM {name} WHERE id BETWEEN $1 AND $2";
        Replace = $"INSERT OR REPLACE INTO {name} (id, entries, data) VALUES ($1, $2, $3)";
        Delete = $"DELETE FROM {name} WHERE id BETWEEN $1 AND $2";
        First = $"SELECT min(id) FROM {name} WHERE id >= $1";
        Newest = $"SELECT max(id) FROM {name}";
    }

    /// <summary>Samples: a chunk an hour.</summary>
    public static ChunkTable Raw { get; } = new("chunk", Hour, 0);

    /// <summary>Roll-ups of 5 minutes: a chunk a day.</summary>
    public static ChunkTable FiveMinutes { get; } = new("rollup_5m", 24 * Hour, Hour / 12);

    /// <summary>Roll-ups of an hour: a chunk a week. A month would have to be written again for each hour of it.</summary>
    public static ChunkTable Hours { get; } = new("rollup_1h", 7 * 24 * Hour, Hour);

    public string Name { get; }

    /// <summary>How long the time of a chunk is, in milliseconds; periods are counted from 1970 on.</summary>
    public long Span { get; }

    /// <summary>How long the time of a roll-up is, in milliseconds; 0 for samples.</summary>
    public long Width { get; }

    public string Select { get; }

    public string SelectPeriod { get; }

    public string Replace { get; }

    public string Delete { get; }

    public string First { get; }

    public string Newest { get; }

    public static long Id(long period, long series) => (period << SeriesBits) | series;

    public static long PeriodOf(long id) => id >> SeriesBits;

    public static long SeriesOf(long id) => id & LastSeries;

    public const long LastSeries = (1L << SeriesBits) - 1;

    /// <summary>The first period from one on that has chunks.</summary>
    public long? FirstPeriod(StoreConnection connection, long from) => connection.Number(First, Id(from, 0)) is { } id ? PeriodOf(id) : null;

    public int DeletePeriod(StoreConnection connection, long period) => connection.Execute(Delete, Id(period, 0), Id(period, LastSeries));
}
