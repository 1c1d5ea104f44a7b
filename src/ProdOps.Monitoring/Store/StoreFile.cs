using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace ProdOps.Monitoring.Store;

/// <summary>
/// The SQLite file that monitoring keeps samples and events in. It writes ahead (WAL), so that readers and the writer of this and other processes do not wait for each other; two
/// writers take turns. What is committed survives the end of the process; if the machine loses power, the newest moments may be gone, and the file is whole.
/// </summary>
internal sealed class StoreFile : IDisposable
{
    /// <summary>How long one writer waits for another before it gives up.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly ConcurrentBag<StoreConnection> _readers = [];
    private readonly Lock _writing = new();
    private readonly StoreConnection? _writer;
    private readonly TimeSpan _patience;
    private volatile bool _closed;

    private StoreFile(string path, bool readOnly, TimeSpan patience)
    {
        Path = path;
        IsReadOnly = readOnly;
        _patience = patience;
        var first = Connect();
        try
        {
            Prepare(first);
        }
        catch
        {
            first.Dispose();
            throw;
        }

        if (readOnly) _readers.Add(first);
        else _writer = first;
    }

    public string Path { get; }

    public bool IsReadOnly { get; }

    /// <summary>What the file and its log take on the disk, in bytes.</summary>
    public long Size => Length(Path) + Length(Path + "-wal");

    /// <exception cref="ProdOpsException">It is not there, not ours, damaged, of a later version, or cannot be opened.</exception>
    public static StoreFile Open(string path, bool readOnly, TimeSpan? patience = null)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            if (readOnly && !File.Exists(path)) throw MonitoringErrors.StoreNotFound(path);
            if (!readOnly) Create(path);
            return new StoreFile(path, readOnly, patience ?? Patience);
        }
        catch (SqliteException exception)
        {
            throw MonitoringErrors.Store(path, exception.SqliteErrorCode, exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw MonitoringErrors.StoreNotOpened(path, exception);
        }
    }

    /// <summary>Reads what the file holds at one moment, whatever is written meanwhile.</summary>
    public T Read<T>(Func<StoreConnection, T> read)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        try
        {
            if (!_readers.TryTake(out var reader)) reader = Connect();
            try
            {
                reader.Execute("BEGIN");
                var result = read(reader);
                reader.Execute("COMMIT");
                if (_closed) reader.Dispose();
                else _readers.Add(reader);
                return result;
            }
            catch
            {
                reader.Dispose();
                throw;
            }
        }
        catch (SqliteException exception)
        {
            throw MonitoringErrors.Store(Path, exception.SqliteErrorCode, exception);
        }
    }

    /// <summary>Writes all that the function writes, or nothing if it throws.</summary>
    /// <param name="write">Writes.</param>
    /// <param name="takenBack">Is told if nothing was written, before anybody else writes.</param>
    public T Write<T>(Func<StoreConnection, T> write, Action? takenBack = null)
    {
        if (_writer is not { } writer) throw new InvalidOperationException("The store was opened to read.");
        lock (_writing)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            try
            {
                writer.Execute("BEGIN IMMEDIATE");
                try
                {
                    var result = write(writer);
                    writer.Execute("COMMIT");
                    return result;
                }
                catch
                {
                    TakeBack(writer);
                    takenBack?.Invoke();
                    throw;
                }
            }
            catch (SqliteException exception)
            {
                throw MonitoringErrors.Store(Path, exception.SqliteErrorCode, exception);
            }
        }
    }

    /// <summary>Gives room that nothing uses any more back to the disk.</summary>
    public void Shrink()
    {
        lock (_writing)
        {
            try
            {
                // The log is emptied if nobody reads what is in it at the moment; that is not waited for.
                _writer?.Once($"PRAGMA incremental_vacuum; PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA busy_timeout = {(int)_patience.TotalMilliseconds}");
            }
            catch (SqliteException exception)
            {
                throw MonitoringErrors.Store(Path, exception.SqliteErrorCode, exception);
            }
        }
    }

    public void Dispose()
    {
        lock (_writing)
        {
            _closed = true;
            _writer?.Dispose();
        }

        while (_readers.TryTake(out var reader)) reader.Dispose();
    }

    private static void TakeBack(StoreConnection writer)
    {
        try
        {
            writer.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // A full disk has already ended the transaction.
        }
    }

    private static void Create(string path)
    {
        string folder = System.IO.Path.GetDirectoryName(path)!;
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, Private | UnixFileMode.UserExecute);
        if (File.Exists(path)) return;
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = Private;
        new FileStream(path, options).Dispose();
    }

    private static long Length(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    private StoreConnection Connect()
    {
        var options = new SqliteConnectionStringBuilder
        {
            DataSource = Path,
            Mode = IsReadOnly ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWrite,
            Pooling = false,
            DefaultTimeout = Math.Max(1, (int)_patience.TotalSeconds),
        };
        var connection = new SqliteConnection(options.ToString());
        try
        {
            connection.Open();
            var opened = new StoreConnection(connection);
            opened.Once($"PRAGMA busy_timeout = {(int)_patience.TotalMilliseconds}; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 67108864");
            return opened;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void Prepare(StoreConnection connection)
    {
        if (!IsReadOnly && IsEmpty(connection)) CreateTables(connection);
        if (connection.Number("PRAGMA application_id") != StoreSchema.ApplicationId) throw MonitoringErrors.StoreForeign(Path);
        if (connection.Number("PRAGMA user_version") is { } version and not StoreSchema.Version) throw MonitoringErrors.StoreVersion(Path, version);
    }

    private static void CreateTables(StoreConnection connection)
    {
        // In this order: once anything is written it is too late for the way of giving room back.
        connection.Once("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL");
        connection.Once("BEGIN IMMEDIATE");
        // Another process may have been quicker.
        if (IsEmpty(connection)) connection.Once($"{StoreSchema.Tables} PRAGMA application_id = {StoreSchema.ApplicationId}; PRAGMA user_version = {StoreSchema.Version}");
        connection.Once("COMMIT");
    }

    private static bool IsEmpty(StoreConnection connection) => connection.Once("SELECT count(*) FROM sqlite_schema") == "0";
}
