namespace ProdOps.Monitoring.Store;

/// <summary>Samples that an engine elsewhere is still to be sent.</summary>
/// <param name="First">The number of the first batch of them.</param>
/// <param name="Last">The number of the last one.</param>
/// <param name="Samples">The samples, in the order in which they were kept.</param>
internal readonly record struct Unsent(long First, long Last, IReadOnlyList<MetricSample> Samples);

/// <summary>
/// What an engine elsewhere has not acknowledged yet, in the store's file: it is written together with the samples themselves, and removed when the engine has them. So nothing is missing there after a
/// crash, whenever it was. Its size is bounded: when an engine stays away for too long, the oldest goes first, and that is told.
/// </summary>
internal sealed class UnsentTable(StoreFile file)
{
    private const string Table = "CREATE TABLE IF NOT EXISTS unsent (id INTEGER PRIMARY KEY AUTOINCREMENT, samples INTEGER NOT NULL, data BLOB NOT NULL)";
    private const string Insert = "INSERT INTO unsent (samples, data) VALUES ($1, $2)";
    private const string Oldest = "SELECT id, samples, length(data) FROM unsent ORDER BY id LIMIT 256";
    private const string Next = "SELECT id, samples, data FROM unsent WHERE id > $1 ORDER BY id";
    private const string DeleteUntil = "DELETE FROM unsent WHERE id <= $1";
    private const string All = "SELECT id, server, metric, instance, unit FROM series";

    private readonly Dictionary<long, SeriesRow> _series = [];
    private long? _bytes;
    private long _lost;

    /// <summary>How many bytes may wait.</summary>
    public long MaxBytes { get; set; } = 256L << 20;

    /// <summary>Whether samples are kept for an engine from now on.</summary>
    public bool IsKept { get; private set; }

    /// <summary>How many samples were given up since the file was opened, since they were too many to wait.</summary>
    public long Lost => Volatile.Read(ref _lost);

    /// <summary>Keeps samples for an engine from now on.</summary>
    /// <returns>The number of the last batch that is waiting from before; 0 if none is.</returns>
    public long Keep()
    {
        file.Write(static connection => connection.Execute(Table));
        IsKept = true;
        return file.Read(static connection => connection.Number("SELECT max(id) FROM unsent")) ?? 0;
    }

    /// <summary>Adds what was just kept, in the transaction that keeps it.</summary>
    public void Add(StoreConnection connection, IReadOnlyList<HotRow> samples)
    {
        if (samples.Count == 0) return;
        _bytes ??= connection.Number("SELECT coalesce(sum(length(data)), 0) FROM unsent") ?? 0;
        byte[] data = Encode(samples);
        connection.Execute(Insert, samples.Count, data);
        _bytes += data.Length;
        if (_bytes > MaxBytes) GiveUpOldest(connection);
    }

    /// <summary>A transaction was taken back.</summary>
    public void Forget() => _bytes = null;

    /// <summary>The oldest behind a batch, so many samples and one batch at the most; <see langword="null"/> if there are none.</summary>
    /// <param name="after">The number of the batch.</param>
    /// <param name="most">How many samples.</param>
    /// <param name="damaged">Told of batches that cannot be read, by their numbers: they are gone.</param>
    public Unsent? Read(long after, int most, Action<long> damaged)
    {
        var (found, unreadable) = file.Read(connection =>
        {
            var samples = new List<MetricSample>();
            var odd = new List<long>();
            long first = 0, last = 0;
            using var reader = connection.Query(Next, after);
            while (samples.Count < most && reader.Read())
            {
                last = reader.GetInt64(0);
                if (first == 0) first = last;
                if (!TryDecode(reader.GetFieldValue<byte[]>(2), out var points)) odd.Add(last);
                else foreach (var (time, series, value) in points) if (RowOf(connection, series) is { } row) samples.Add(MetricReader.Sample(row, time, value));
            }

            return (last == 0 ? null : (Unsent?)new Unsent(first, last, samples), odd);
        });
        foreach (long id in unreadable) damaged(id);
        return found;
    }

    /// <summary>Removes what the engine has.</summary>
    public void Remove(long last) => file.Write(connection =>
    {
        _bytes = null;
        return connection.Execute(DeleteUntil, last);
    });

    private static byte[] Encode(IReadOnlyList<HotRow> samples)
    {
        using var memory = new MemoryStream(samples.Count * 12);
        using var writer = new BinaryWriter(memory);
        long before = 0;
        foreach (var (time, series, value) in samples)
        {
            writer.Write7BitEncodedInt64(series);
            // Mostly 0: a round is of one moment. Zigzag, since it may go back.
            long difference = time - before;
            writer.Write7BitEncodedInt64((difference << 1) ^ (difference >> 63));
            writer.Write(value);
            before = time;
        }

        writer.Flush();
        return memory.ToArray();
    }

    private static bool TryDecode(byte[] data, out List<HotRow> samples)
    {
        samples = [];
        using var reader = new BinaryReader(new MemoryStream(data));
        try
        {
            long time = 0;
            while (reader.BaseStream.Position < data.Length)
            {
                long series = reader.Read7BitEncodedInt64(), coded = reader.Read7BitEncodedInt64();
                time += (long)((ulong)coded >> 1) ^ -(coded & 1);
                _ = DateTimeOffset.FromUnixTimeMilliseconds(time);
                double value = reader.ReadDouble();
                if (!double.IsFinite(value)) return false;
                samples.Add(new HotRow(time, series, value));
            }

            return true;
        }
        catch (Exception error) when (error is EndOfStreamException or FormatException or ArgumentOutOfRangeException)
        {
            return false;
        }
    }

    private SeriesRow? RowOf(StoreConnection connection, long id)
    {
        if (_series.TryGetValue(id, out var known)) return known;
        // A number is never given out twice.
        using var reader = connection.Query(All);
        while (reader.Read()) _series[reader.GetInt64(0)] = new SeriesRow(reader.GetInt64(0), reader.GetString(1), reader.GetString(2), reader.GetString(3) is { Length: > 0 } instance ? instance : null, reader.GetString(4));
        return _series.GetValueOrDefault(id);
    }

    private void GiveUpOldest(StoreConnection connection)
    {
        while (_bytes > MaxBytes)
        {
            long last = 0, samples = 0, bytes = 0;
            using (var reader = connection.Query(Oldest))
            {
                while (_bytes - bytes > MaxBytes && reader.Read()) (last, samples, bytes) = (reader.GetInt64(0), samples + reader.GetInt64(1), bytes + reader.GetInt64(2));
            }

            if (last == 0) return;
            connection.Execute(DeleteUntil, last);
            _bytes -= bytes;
            Interlocked.Add(ref _lost, samples);
        }
    }
}
