using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ProdOps.Monitoring.Store;

/// <summary>A sample as the table has it.</summary>
internal readonly record struct HotRow(long Time, long Series, double Value);

/// <summary>
/// Inserts rows by the thousand, many with each step, by SQLite's own functions: a command of Microsoft.Data.Sqlite makes a reader for each row, which takes longer than the row itself.
/// Measured, of CPU time a row: 1.3 µs so, 0.8 with a step for each row, 0.5 with 64.
/// </summary>
internal sealed class RowInserter : IDisposable
{
    private const int Columns = 3, Many = 64;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _one, _many;

    /// <param name="connection">An open connection.</param>
    /// <param name="insert">The statement up to VALUES, for three columns.</param>
    /// <exception cref="SqliteException">It is no statement.</exception>
    public RowInserter(SqliteConnection connection, string insert)
    {
        _database = connection.Handle!;
        _one = Prepare(1);
        _many = Prepare(Many);

        sqlite3_stmt Prepare(int rows)
        {
            Check(raw.sqlite3_prepare_v2(_database, $"{insert} VALUES {string.Join(", ", Enumerable.Repeat("(?, ?, ?)", rows))}", out var statement));
            return statement;
        }
    }

    /// <summary>Inserts them in their order.</summary>
    /// <exception cref="SqliteException">One could not be; that this takes those before it back is the transaction's.</exception>
    public void Insert(ReadOnlySpan<HotRow> rows)
    {
        for (; rows.Length >= Many; rows = rows[Many..]) Run(_many, rows[..Many]);
        for (; rows.Length > 0; rows = rows[1..]) Run(_one, rows[..1]);
    }

    public void Dispose()
    {
        _one.Dispose();
        _many.Dispose();
    }

    private void Run(sqlite3_stmt statement, ReadOnlySpan<HotRow> rows)
    {
        int at = 1;
        foreach (var row in rows)
        {
            Check(raw.sqlite3_bind_int64(statement, at, row.Time));
            Check(raw.sqlite3_bind_int64(statement, at + 1, row.Series));
            Check(raw.sqlite3_bind_double(statement, at + 2, row.Value));
            at += Columns;
        }

        int result = raw.sqlite3_step(statement);
        try
        {
            if (result != raw.SQLITE_DONE) Check(result);
        }
        finally
        {
            // Tells the step's failure once more. A statement that is not reset holds the transaction open.
            _ = raw.sqlite3_reset(statement);
        }
    }

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _database);
}
