using Microsoft.Data.Sqlite;

namespace ProdOps.Monitoring.Store;

/// <summary>A connection that keeps its statements prepared. Arguments stand as $1, $2 … in a statement. For one thread at a time.</summary>
internal sealed class StoreConnection(SqliteConnection connection) : IDisposable
{
    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);
    private RowInserter? _samples;

    public int Execute(string sql, params ReadOnlySpan<object?> arguments) => Prepare(sql, arguments).ExecuteNonQuery();

    public SqliteDataReader Query(string sql, params ReadOnlySpan<object?> arguments) => Prepare(sql, arguments).ExecuteReader();

    public long? Number(string sql, params ReadOnlySpan<object?> arguments) => Prepare(sql, arguments).ExecuteScalar() as long?;

    public byte[]? Bytes(string sql, params ReadOnlySpan<object?> arguments) => Prepare(sql, arguments).ExecuteScalar() as byte[];

    /// <summary>A value that is long, read or written piece by piece; its length stays.</summary>
    public Stream OpenBlob(string table, string column, long row, bool readOnly) => new SqliteBlob(connection, table, column, row, readOnly);

    /// <summary>Inserts samples, in their order.</summary>
    public void Insert(ReadOnlySpan<HotRow> samples) => (_samples ??= new RowInserter(connection, HotSamples.Insert)).Insert(samples);

    /// <summary>Runs statements that are not used again, each to its end.</summary>
    public string? Once(string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        string? first = null;
        do
        {
            while (reader.Read()) first ??= reader.IsDBNull(0) ? null : reader.GetString(0);
        }
        while (reader.NextResult());
        return first;
    }

    public void Dispose()
    {
        foreach (var command in _commands.Values) command.Dispose();
        _samples?.Dispose();
        connection.Dispose();
    }

    private SqliteCommand Prepare(string sql, ReadOnlySpan<object?> arguments)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
            command.CommandText = sql;
            for (int i = 1; i <= arguments.Length; i++) command.Parameters.Add(new SqliteParameter { ParameterName = $"${i}" });
            _commands.Add(sql, command);
        }

        for (int i = 0; i < arguments.Length; i++) command.Parameters[i].Value = arguments[i] ?? DBNull.Value;
        return command;
    }
}
