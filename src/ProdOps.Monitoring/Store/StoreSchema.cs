namespace ProdOps.Monitoring.Store;

/// <summary>
/// The tables, as any SQLite program sees them. Times are milliseconds since 1970, UTC; the key of a chunk is its period * 16777216 + its series, so that what
/// comes together lies together. Chunks are as <see cref="Chunks.SampleCodec"/> and <see cref="Chunks.RollupCodec"/> say; all else is read with plain SQL.
/// </summary>
internal static class StoreSchema
{
    public const int Version = 1;

    /// <summary>"PrOp": marks the file as ours.</summary>
    public const int ApplicationId = 0x50724f70;

    public const string Tables = """
        CREATE TABLE setting (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE series (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            server TEXT NOT NULL COLLATE NOCASE,
            metric TEXT NOT NULL COLLATE NOCASE,
            instance TEXT NOT NULL,
            unit TEXT NOT NULL,
            last_hour INTEGER,
            UNIQUE (server, metric, instance));
        -- What is not in a chunk yet: the last hour or two. In the order of time it takes a round at its end, many times quicker than in the order of series.
        CREATE TABLE sample (time INTEGER NOT NULL, series INTEGER NOT NULL, value REAL NOT NULL, PRIMARY KEY (time, series)) WITHOUT ROWID;
        -- A chunk an hour and series; roll-ups of 5 minutes a day and series, of an hour a week and series.
        CREATE TABLE chunk (id INTEGER PRIMARY KEY, entries INTEGER NOT NULL, data BLOB NOT NULL);
        CREATE TABLE rollup_5m (id INTEGER PRIMARY KEY, entries INTEGER NOT NULL, data BLOB NOT NULL);
        CREATE TABLE rollup_1h (id INTEGER PRIMARY KEY, entries INTEGER NOT NULL, data BLOB NOT NULL);
        CREATE TABLE sealed_hour (hour INTEGER PRIMARY KEY, series INTEGER NOT NULL, samples INTEGER NOT NULL, bytes INTEGER NOT NULL);
        CREATE TABLE damaged_chunk (number INTEGER PRIMARY KEY, kind TEXT NOT NULL, id INTEGER NOT NULL, data BLOB NOT NULL);
        CREATE TABLE event (number INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, server TEXT COLLATE NOCASE, kind TEXT NOT NULL, json TEXT NOT NULL);
        CREATE INDEX event_time ON event (time);
        CREATE INDEX event_server ON event (server, time) WHERE server IS NOT NULL;
        CREATE TRIGGER event_unchanged BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
        CREATE TRIGGER event_kept BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;

        -- What the monitor's state was after an event, so that it need not read all events to go on; the last is enough.
        CREATE TABLE snapshot (id INTEGER PRIMARY KEY CHECK (id = 1), number INTEGER NOT NULL, json TEXT NOT NULL);
        -- What other processes ask of the monitor, and what it answered.
        CREATE TABLE request (id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, json TEXT NOT NULL, answer TEXT);

        CREATE VIEW events AS
            SELECT number, strftime('%Y-%m-%dT%H:%M:%fZ', time / 1000.0, 'unixepoch') AS time, server, kind, json FROM event;
        CREATE VIEW recent_samples AS
            SELECT strftime('%Y-%m-%dT%H:%M:%fZ', time / 1000.0, 'unixepoch') AS time, server, metric, nullif(instance, '') AS instance, value, unit
            FROM sample JOIN series ON series.id = sample.series;
        CREATE VIEW chunks AS
            SELECT 'samples' AS kind, strftime('%Y-%m-%dT%H:%M:%SZ', (chunk.id >> 24) * 3600, 'unixepoch') AS start, server, metric, nullif(instance, '') AS instance, entries, length(data) AS bytes
            FROM chunk JOIN series ON series.id = chunk.id & 16777215
            UNION ALL
            SELECT '5m', strftime('%Y-%m-%dT%H:%M:%SZ', (rollup_5m.id >> 24) * 86400, 'unixepoch'), server, metric, nullif(instance, ''), entries, length(data)
            FROM rollup_5m JOIN series ON series.id = rollup_5m.id & 16777215
            UNION ALL
            SELECT '1h', strftime('%Y-%m-%dT%H:%M:%SZ', (rollup_1h.id >> 24) * 604800, 'unixepoch'), server, metric, nullif(instance, ''), entries, length(data)
            FROM rollup_1h JOIN series ON series.id = rollup_1h.id & 16777215;
        """;
}
