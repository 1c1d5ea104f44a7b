using System.Text.Json;
using ProdOps.Servers.FileSystem;
using ProdOps.Servers.Secrets;

namespace ProdOps.Recovery.Execution;

/// <summary>What a run has done so far, on disk before and after each attempt of a step, so that it can be taken up again whatever ended it. No secret is in it.</summary>
internal sealed class RunJournal : IDisposable
{
    private readonly JournalFile _file;
    private readonly TimeProvider _time;
    private readonly List<RunRecord> _records;
    private readonly Lock _lock = new();

    private RunJournal(JournalFile file, RunHeader header, IEnumerable<RunRecord> records, TimeProvider time) => (_file, Header, _records, _time) = (file, header, [.. records], time);

    /// <summary>The user's folder of journals; <see langword="null"/> for a user without a home.</summary>
    public static string? DefaultFolder => UserFolders.Data is { } data ? Path.Combine(data, "recovery-runs") : null;

    public RunHeader Header { get; }

    /// <summary>Is told of each note before it is written and after it is on disk: the moments at which a process can die, for tests.</summary>
    public Action<RunRecord, bool>? Moments { get; set; }

    /// <summary>All that was noted, in order.</summary>
    public IReadOnlyList<RunRecord> Records
    {
        get
        {
            lock (_lock) return [.. _records];
        }
    }

    /// <summary>Begins a journal. The run's name is given here: the plan's and the time.</summary>
    /// <exception cref="ProdOpsException">The folder cannot be written to.</exception>
    public static RunJournal Create(string folder, RunHeader header, TimeProvider time)
    {
        try
        {
            header = header with { Time = time.GetUtcNow() };
            var file = JournalFile.Create(folder, header.Plan, time.GetLocalNow(), name => JsonSerializer.SerializeToUtf8Bytes(header with { Run = name }, RunJson.Default.RunHeader));
            return new RunJournal(file, header with { Run = file.Name }, [], time);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw RecoveryErrors.RunJournalUnwritable(folder, error);
        }
    }

    /// <summary>Opens the journal of a run that has begun.</summary>
    /// <exception cref="ProdOpsException">There is none, another process has it open, or it is damaged.</exception>
    public static RunJournal Open(string folder, string run, TimeProvider time)
    {
        if (!JournalFile.Exists(folder, run)) throw RecoveryErrors.RunNotFound(run, JournalFile.List(folder));
        try
        {
            var file = JournalFile.TryOpen(folder, run) ?? throw RecoveryErrors.RunBusy(run);
            try
            {
                var (header, records) = Parse(run, file.Lines);
                return new RunJournal(file, header, records, time);
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw RecoveryErrors.RunJournalUnwritable(folder, error);
        }
    }

    /// <summary>What a journal says, while it may be written to.</summary>
    /// <exception cref="ProdOpsException">It is damaged.</exception>
    public static (RunHeader Header, IReadOnlyList<RunRecord> Records) Parse(string run, IReadOnlyList<string> lines)
    {
        var header = lines.Count > 0 ? JournalLine.TryRead<RunHeader>(lines[0], RunJson.Default) : null;
        if (header is not { Version: RunHeader.CurrentVersion } || header.Run != run || header.Steps is null || header.Only is null) throw RecoveryErrors.RunJournalDamaged(run, 1);
        return (header, [.. lines.Skip(1).Select((line, i) => JournalLine.TryRead<RunRecord>(line, RunJson.Default) ?? throw RecoveryErrors.RunJournalDamaged(run, i + 2))]);
    }

    /// <summary>Notes something; it is on disk when this returns.</summary>
    /// <exception cref="ProdOpsException">It cannot be written.</exception>
    public RunRecord Add(RunRecord record)
    {
        var timed = record with { Time = _time.GetUtcNow(), Message = Clean(record.Message), Error = Clean(record.Error), Output = Clean(record.Output), Changes = record.Changes is { } changes ? [.. changes.Select(SecretRedactor.Shared.Redact)] : null };
        lock (_lock)
        {
            Moments?.Invoke(timed, false);
            try
            {
                _file.Append(JsonSerializer.SerializeToUtf8Bytes(timed, RunJson.Default.RunRecord));
            }
            catch (IOException error)
            {
                throw RecoveryErrors.RunJournalUnwritable(_file.Path, error);
            }

            _records.Add(timed);
            Moments?.Invoke(timed, true);
        }

        return timed;
    }

    /// <summary>Removes the journal of a run that has not begun: it is none that could be gone on with.</summary>
    public void Discard() => _file.Discard();

    public void Dispose() => _file.Dispose();

    private static string? Clean(string? text) => text is null ? null : SecretRedactor.Shared.Redact(text);
}
