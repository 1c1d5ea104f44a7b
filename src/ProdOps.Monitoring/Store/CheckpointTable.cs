using System.Security.Cryptography;
using System.Text;

namespace ProdOps.Monitoring.Store;

/// <summary>
/// What all events before a moment add up to, so that not all there ever were must be read. As long as it stands there it is true: an event that comes late deletes, by a trigger, what
/// was added up without it, whoever writes it. What is damaged is passed over.
/// </summary>
internal sealed class CheckpointTable(StoreFile file)
{
    /// <summary>Stores get it with the first row. What is there without the trigger need not be true.</summary>
    public const string Tables = """
        CREATE TABLE IF NOT EXISTS checkpoint (time INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, json TEXT NOT NULL);
        CREATE TRIGGER IF NOT EXISTS checkpoint_true AFTER INSERT ON event BEGIN DELETE FROM checkpoint WHERE time > NEW.time; END;
        DELETE FROM checkpoint;
        """;

    private const string Exists = "SELECT count(*) FROM sqlite_schema WHERE name IN ('checkpoint', 'checkpoint_true')";
    private const string Before = "SELECT time, sha256, json FROM checkpoint WHERE time < $1 ORDER BY time DESC LIMIT 1";
    private const string LastEvent = "SELECT coalesce(max(number), 0) FROM event";
    private const string Late = "SELECT number FROM event WHERE number > $1 AND time < $2 LIMIT 1";
    private const string Put = "INSERT OR REPLACE INTO checkpoint VALUES ($1, $2, $3)";
    private const string Thin = "DELETE FROM checkpoint WHERE time < $1 OR (time < $2 AND strftime('%d', time / 1000, 'unixepoch') <> '01')";

    /// <summary>The number of the last event.</summary>
    public long LastNumber => file.Read(static connection => connection.Number(LastEvent)) ?? 0;

    /// <summary>Whole ones of a moment and before, the newest first.</summary>
    public IEnumerable<(DateTimeOffset Time, string Json)> Newest(DateTimeOffset until)
    {
        for (long limit = until.ToUnixTimeMilliseconds() + 1; Read(limit) is var (time, hash, json); limit = time)
        {
            if (hash == HashOf(time, json)) yield return (DateTimeOffset.FromUnixTimeMilliseconds(time), json);
        }
    }

    /// <summary>Keeps one, unless an event from before it has come meanwhile.</summary>
    /// <param name="time">What happened before this moment is added up.</param>
    /// <param name="json">To what.</param>
    /// <param name="lastNumber">The <see cref="LastNumber"/> before the events were read.</param>
    /// <returns>Whether it is kept.</returns>
    public bool Keep(DateTimeOffset time, string json, long lastNumber) => file.Write(connection =>
    {
        long moment = time.ToUnixTimeMilliseconds();
        if (connection.Number(Late, lastNumber, moment) is not null) return false;
        if (connection.Number(Exists) != 2) connection.Once(Tables);
        connection.Execute(Put, moment, HashOf(moment, json), json);
        return true;
    });

    /// <summary>Deletes all from before a moment, and from before another all but the first of each month.</summary>
    public void Remove(DateTimeOffset before, DateTimeOffset daily) => file.Write(connection =>
        connection.Number(Exists) == 2 ? connection.Execute(Thin, before.ToUnixTimeMilliseconds(), daily.ToUnixTimeMilliseconds()) : 0);

    private (long Time, string Hash, string Json)? Read(long before) => file.Read<(long, string, string)?>(connection =>
    {
        // Without the trigger nothing says that it is true.
        if (connection.Number(Exists) != 2) return null;
        using var reader = connection.Query(Before, before);
        return reader.Read() ? (reader.GetInt64(0), reader.GetString(1), reader.GetString(2)) : null;
    });

    private static string HashOf(long time, string json) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{time}\n{json}"))));
}
