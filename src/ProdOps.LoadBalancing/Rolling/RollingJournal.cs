using System.Globalization;
using System.Text;
using System.Text.Json;
using ProdOps.Servers.FileSystem;

namespace ProdOps.LoadBalancing.Rolling;

/// <summary>
/// What a rolling update has done so far, on disk before and after each phase, so that it can be taken up again whatever ended it. One process at a time has it open. Its file is its user's alone: it holds the
/// texts of failures.
/// </summary>
internal sealed class RollingJournal : IDisposable
{
    private const string Ending = ".jsonl";
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite, OwnersFolder = OwnersFile | UnixFileMode.UserExecute;

    private readonly FileStream _file;
    private readonly TimeProvider _time;
    private readonly List<RollingRecord> _records = [];
    private readonly Lock _lock = new();

    private RollingJournal(FileStream file, RollingHeader header, TimeProvider time) => (_file, Header, _time) = (file, header, time);

    /// <summary>The user's folder of journals; <see langword="null"/> for a user without a home.</summary>
    public static string? DefaultFolder => UserFolders.Data is { } data ? Path.Combine(data, "rolling-updates") : null;

    public RollingHeader Header { get; }

    /// <summary>All that was noted, in order.</summary>
    public IReadOnlyList<RollingRecord> Records
    {
        get
        {
            lock (_lock) return [.. _records];
        }
    }

    /// <summary>Begins a journal. The update's name is given here: the entry's and the time.</summary>
    /// <exception cref="ProdOpsException">The folder cannot be written to.</exception>
    public static RollingJournal Create(string folder, RollingHeader header, TimeProvider time)
    {
        try
        {
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
            else Directory.CreateDirectory(folder, OwnersFolder);
            string name = NameFor(header.LoadBalancer, time.GetLocalNow());
            for (int number = 1; ; number++)
            {
                string update = number == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-{number}");
                string path = PathOf(folder, update);
                if (File.Exists(path)) continue;
                var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
                if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnersFile;
                var journal = new RollingJournal(new FileStream(path, options), header with { Update = update }, time);
                journal.Write(JsonSerializer.SerializeToUtf8Bytes(journal.Header, RollingJson.Default.RollingHeader));
                NativeFiles.SyncDirectory(folder);
                return journal;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw LoadBalancingErrors.RollingJournalUnwritable(folder, error);
        }
    }

    /// <summary>Opens the journal of an update that has begun.</summary>
    /// <exception cref="ProdOpsException">There is none, another process has it open, or it is damaged.</exception>
    public static RollingJournal Open(string folder, string update, TimeProvider time)
    {
        string path = PathOf(folder, update);
        if (update.Length == 0 || update.AsSpan().ContainsAny('/', '\\') || !File.Exists(path)) throw LoadBalancingErrors.RollingUpdateNotFound(update, folder, List(folder));
        try
        {
            var file = FileLock.TryTake(path) ?? throw LoadBalancingErrors.RollingUpdateBusy(update);
            try
            {
                return Read(file, update, time);
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw LoadBalancingErrors.RollingJournalUnwritable(folder, error);
        }
    }

    /// <summary>The names of all updates, the latest first.</summary>
    public static IReadOnlyList<string> List(string folder)
    {
        try
        {
            return [.. new DirectoryInfo(folder).EnumerateFiles($"*{Ending}").OrderByDescending(file => file.LastWriteTimeUtc).Select(file => file.Name[..^Ending.Length])];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Notes something; it is on disk when this returns.</summary>
    /// <exception cref="ProdOpsException">It cannot be written.</exception>
    public void Add(RollingRecord record)
    {
        var timed = record with { Time = _time.GetUtcNow() };
        lock (_lock)
        {
            try
            {
                Write(JsonSerializer.SerializeToUtf8Bytes(timed, RollingJson.Default.RollingRecord));
            }
            catch (IOException error)
            {
                throw LoadBalancingErrors.RollingJournalUnwritable(_file.Name, error);
            }

            _records.Add(timed);
        }
    }

    public void Dispose() => _file.Dispose();

    private static RollingJournal Read(FileStream file, string update, TimeProvider time)
    {
        using var reader = new StreamReader(file, Encoding.UTF8, leaveOpen: true);
        string text = reader.ReadToEnd();
        // What was written when the power went is a line without an end: it was not noted.
        int whole = text.LastIndexOf('\n') + 1;
        string[] lines = text[..whole].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var header = lines.Length > 0 ? RollingJson.TryRead<RollingHeader>(lines[0]) : null;
        if (header is not { Version: RollingHeader.CurrentVersion } || header.Update != update || header.Batches is null || header.Options is null || header.Balancers is null) throw LoadBalancingErrors.RollingJournalDamaged(update, 1);
        var journal = new RollingJournal(file, header, time);
        for (int i = 1; i < lines.Length; i++) journal._records.Add(RollingJson.TryRead<RollingRecord>(lines[i]) ?? throw LoadBalancingErrors.RollingJournalDamaged(update, i + 1));
        file.SetLength(Encoding.UTF8.GetByteCount(text[..whole]));
        file.Position = file.Length;
        return journal;
    }

    private void Write(byte[] json)
    {
        _file.Write([.. json, (byte)'\n']);
        _file.Flush(flushToDisk: true);
    }

    private static string NameFor(string loadBalancer, DateTimeOffset now)
    {
        string safe = string.Concat(loadBalancer.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '-')).TrimStart('.', '-');
        return string.Create(CultureInfo.InvariantCulture, $"{(safe.Length == 0 ? "update" : safe[..Math.Min(safe.Length, 60)])}-{now:yyyyMMdd-HHmmss}");
    }

    private static string PathOf(string folder, string update) => Path.Combine(folder, update + Ending);
}
