using Microsoft.Data.Sqlite;

namespace ProdOps.Monitoring.Store;

/// <summary>Something that happened, as JSON.</summary>
/// <param name="Number">In which place: 1, 2, 3 …, in the order in which they were added; 0 before that.</param>
/// <param name="Time">When, to the millisecond.</param>
/// <param name="Server">Which server it is about, or <see langword="null"/>.</param>
/// <param name="Kind">What sort of event.</param>
/// <param name="Json">All of it.</param>
internal sealed record StoredEvent(long Number, DateTimeOffset Time, string? Server, string Kind, string Json);

/// <summary>Which events are wanted.</summary>
internal sealed record EventQuery
{
    public DateTimeOffset? From { get; init; }

    /// <summary>Nor those up to this one, in the order of time.</summary>
    public (DateTimeOffset Time, long Number)? Behind { get; init; }

    /// <summary>An event of this very moment is not wanted any more.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>A server's name; case does not count.</summary>
    public string? Server { get; init; }

    public string? Kind { get; init; }

    /// <summary>A kind that is not wanted.</summary>
    public string? Without { get; init; }
}

/// <summary>Everything that happened, in order. Events are added, never changed or deleted: the file itself refuses that.</summary>
internal sealed class EventStore(StoreFile file)
{
    private const string Insert = "INSERT INTO event (time, server, kind, json) VALUES ($1, $2, $3, $4) RETURNING number";
    private const string Columns = "SELECT number, time, server, kind, json FROM event";
    private const string One = Columns + " WHERE number = $1";
    private const string Behind = Columns + " WHERE number > $1 ORDER BY number LIMIT $2";

    // In the order of time; a clock that was set back does not change which of two came first.
    private const string Matching = Columns + """
         WHERE time >= $1 AND (time > $1 OR number > $2) AND time < $3 AND ($4 IS NULL OR server = $4) AND ($5 IS NULL OR kind = $5) AND ($7 IS NULL OR kind <> $7) ORDER BY time, number LIMIT $6
        """;

    private const string MatchingServer = Columns + """
         INDEXED BY event_server WHERE server IS NOT NULL AND server = $4 AND time >= $1 AND (time > $1 OR number > $2) AND time < $3 AND ($5 IS NULL OR kind = $5) AND ($7 IS NULL OR kind <> $7) ORDER BY time, number LIMIT $6
        """;

    private const string FromEnd = "SELECT time FROM event WHERE time >= $1 AND time < $2 AND ($3 IS NULL OR kind <> $3) ORDER BY time DESC LIMIT 1 OFFSET $4";

    private const int Page = 512;

    /// <summary>Adds events: all of them when this returns, or none if it throws. Their numbers are given out here.</summary>
    /// <param name="events">The events.</param>
    /// <param name="expected">The number that the first must get, if that is known: with another, somebody else has added some.</param>
    /// <param name="with">Writes what must stand there with them, or not at all.</param>
    /// <returns>The number of the first; the others follow it.</returns>
    /// <exception cref="ProdOpsException">They could not be written, or the first got another number.</exception>
    public long Append(IReadOnlyList<StoredEvent> events, long? expected = null, Action<StoreConnection>? with = null)
    {
        if (events.Count == 0) return 0;
        return file.Write(connection =>
        {
            long first = 0;
            foreach (var happened in events)
            {
                long number = connection.Number(Insert, happened.Time.ToUnixTimeMilliseconds(), happened.Server, happened.Kind, happened.Json)!.Value;
                if (first == 0) first = number;
                if (expected is { } wanted && first != wanted) throw MonitoringErrors.TwoMonitors(file.Path);
            }

            with?.Invoke(connection);
            return first;
        });
    }

    /// <summary>The event of a number, if there is one.</summary>
    public StoredEvent? Find(long number) => file.Read(connection => Read(connection.Query(One, number))) is [var found] ? found : null;

    /// <summary>When the newest so many events of a time begin; <see langword="null"/> where there are fewer.</summary>
    public DateTimeOffset? BeginOfNewest(EventQuery query, long count) =>
        file.Read(connection => connection.Number(FromEnd, query.From?.ToUnixTimeMilliseconds() ?? long.MinValue, query.To?.ToUnixTimeMilliseconds() ?? long.MaxValue, query.Without, count - 1)) is { } time
            ? DateTimeOffset.FromUnixTimeMilliseconds(time) : null;

    /// <summary>All events behind a number, in the order in which they were added; with those that are added meanwhile.</summary>
    public IEnumerable<StoredEvent> Replay(long after, CancellationToken cancellationToken)
    {
        for (var page = Next(); page.Count > 0; page = Next())
        {
            foreach (var happened in page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return happened;
            }
        }

        List<StoredEvent> Next()
        {
            var page = file.Read(connection => Read(connection.Query(Behind, after, Page)));
            if (page.Count > 0) after = page[^1].Number;
            return page;
        }
    }

    /// <summary>The events that fit, in the order of time.</summary>
    public IEnumerable<StoredEvent> Query(EventQuery query, CancellationToken cancellationToken)
    {
        long time = (query.Behind?.Time ?? query.From)?.ToUnixTimeMilliseconds() ?? long.MinValue, number = query.Behind?.Number ?? 0, to = query.To?.ToUnixTimeMilliseconds() ?? long.MaxValue;
        for (var page = Next(); page.Count > 0; page = Next())
        {
            foreach (var happened in page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return happened;
            }
        }

        List<StoredEvent> Next()
        {
            string sql = query.Server is null ? Matching : MatchingServer;
            var page = file.Read(connection => Read(connection.Query(sql, time, number, to, query.Server, query.Kind, Page, query.Without)));
            if (page.Count > 0) (time, number) = (page[^1].Time.ToUnixTimeMilliseconds(), page[^1].Number);
            return page;
        }
    }

    private static List<StoredEvent> Read(SqliteDataReader reader)
    {
        using (reader)
        {
            var events = new List<StoredEvent>();
            while (reader.Read())
            {
                events.Add(new StoredEvent(
                    reader.GetInt64(0), DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(1)), reader.IsDBNull(2) ? null : reader.GetString(2), reader.GetString(3), reader.GetString(4)));
            }

            return events;
        }
    }
}
