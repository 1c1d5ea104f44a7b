using System.Diagnostics;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ProdOps.Benchmarks.Monitors;

/// <summary>How long somebody who wants to write to a store has to wait: whoever decides waits as long to write down what was decided.</summary>
internal sealed class StoreWaits : IDisposable
{
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(50);

    private readonly SqliteConnection _connection;
    private readonly Lock _lock = new();
    private TimeSpan _longest;

    public StoreWaits(string file)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        _connection.Open();
    }

    /// <summary>Asks for the right to write again and again, and gives it back at once.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            long begun = Stopwatch.GetTimestamp();
            // By SQLite itself, which is not told to wait: its waiting, and a command's, sleeps for a tenth of a second at a time.
            while (raw.sqlite3_exec(_connection.Handle, "BEGIN IMMEDIATE") != raw.SQLITE_OK) await Task.Delay(2, cancellationToken);
            raw.sqlite3_exec(_connection.Handle, "ROLLBACK");
            var waited = Stopwatch.GetElapsedTime(begun);
            lock (_lock) _longest = waited > _longest ? waited : _longest;
            await Task.Delay(Apart, cancellationToken);
        }
    }

    /// <summary>The longest since this was last asked.</summary>
    public TimeSpan TakeLongest()
    {
        lock (_lock)
        {
            var longest = _longest;
            _longest = default;
            return longest;
        }
    }

    public void Dispose() => _connection.Dispose();
}
