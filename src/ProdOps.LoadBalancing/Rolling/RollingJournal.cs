using System.Text.Json;
using ProdOps.Servers.FileSystem;

namespace ProdOps.LoadBalancing.Rolling;

/// <summary>What a rolling update has done so far, on disk before and after each phase, so that it can be taken up again whatever ended it.</summary>
internal sealed class RollingJournal : IDisposable
{
    private readonly JournalFile _file;
    private readonly TimeProvider _time;
    private readonly List<RollingRecord> _records;
    private readonly Lock _lock = new();

    private RollingJournal(JournalFile file, RollingHeader header, IEnumerable<RollingRecord> records, TimeProvider time) => (_file, Header, _records, _time) = (file, header, [.. records], time);

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
            var file = JournalFile.Create(folder, header.LoadBalancer, time.GetLocalNow(), name => JsonSerializer.SerializeToUtf8Bytes(header with { Update = name }, RollingJson.Default.RollingHeader));
            return new RollingJournal(file, header with { Update = file.Name }, [], time);
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
        if (!JournalFile.Exists(folder, update)) throw LoadBalancingErrors.RollingUpdateNotFound(update, folder, List(folder));
        try
        {
            var file = JournalFile.TryOpen(folder, update) ?? throw LoadBalancingErrors.RollingUpdateBusy(update);
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

    /// <summary>
    /// What a journal says, also while it is written to; <see langword="null"/> for one that cannot be read. Lines that are damaged are passed over: it is for who tells of an update, not for who goes on
    /// with it.
    /// </summary>
    public static (RollingHeader Header, IReadOnlyList<RollingRecord> Records)? Peek(string folder, string update)
    {
        try
        {
            string[] lines = JournalFile.Read(folder, update);
            if (lines.Length == 0 || JournalLine.TryRead<RollingHeader>(lines[0], RollingJson.Default) is not { Update: not null, LoadBalancer: not null } header) return null;
            return (header, [.. lines.Skip(1).Select(static line => JournalLine.TryRead<RollingRecord>(line, RollingJson.Default)).OfType<RollingRecord>().Where(static record => record.Server is not null)]);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The names of all updates, the latest first.</summary>
    public static IReadOnlyList<string> List(string folder) => JournalFile.List(folder);

    /// <summary>Notes something; it is on disk when this returns.</summary>
    /// <exception cref="ProdOpsException">It cannot be written.</exception>
    public void Add(RollingRecord record)
    {
        var timed = record with { Time = _time.GetUtcNow() };
        lock (_lock)
        {
            try
            {
                _file.Append(JsonSerializer.SerializeToUtf8Bytes(timed, RollingJson.Default.RollingRecord));
            }
            catch (IOException error)
            {
                throw LoadBalancingErrors.RollingJournalUnwritable(_file.Path, error);
            }

            _records.Add(timed);
        }
    }

    public void Dispose() => _file.Dispose();

    private static RollingJournal Read(JournalFile file, string update, TimeProvider time)
    {
        var lines = file.Lines;
        var header = lines.Count > 0 ? JournalLine.TryRead<RollingHeader>(lines[0], RollingJson.Default) : null;
        if (header is not { Version: RollingHeader.CurrentVersion } || header.Update != update || header.Batches is null || header.Options is null || header.Balancers is null) throw LoadBalancingErrors.RollingJournalDamaged(update, 1);
        return new RollingJournal(file, header, lines.Skip(1).Select((line, i) => JournalLine.TryRead<RollingRecord>(line, RollingJson.Default) ?? throw LoadBalancingErrors.RollingJournalDamaged(update, i + 2)), time);
    }
}
