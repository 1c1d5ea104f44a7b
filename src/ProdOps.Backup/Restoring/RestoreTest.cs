using System.Security.Cryptography;
using System.Text;
using ProdOps.Backup.Browsing;
using ProdOps.Backup.Databases;
using ProdOps.Backup.Databases.Testing;
using ProdOps.Backup.Repositories;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Restoring;

/// <summary>The dumps of a snapshot that are loaded into databases instead of being restored as files.</summary>
/// <param name="Dumps">Which.</param>
/// <param name="Options">How.</param>
/// <param name="Here">Whether they take room on this machine.</param>
internal sealed record RestoreTestDatabases(IReadOnlyList<DatabaseDump> Dumps, DatabaseTestOptions Options, bool Here);

/// <summary>
/// Proves that a snapshot can be restored: restores it to a scratch folder, compares every item with the snapshot, loads its dumps into databases of
/// their own, and measures how long that took. The scratch folder and servers go away however the test ends.
/// </summary>
internal static class RestoreTest
{
    /// <param name="repository">Its index is loaded.</param>
    /// <param name="snapshot">What to restore.</param>
    /// <param name="scratchPath">Where the scratch folder is made; it is made itself if need be.</param>
    /// <param name="databases">The dumps of databases.</param>
    /// <param name="activity">Hears of progress. What fails is not told to it: it is in the result.</param>
    /// <param name="cancellationToken">Stops; the scratch folder is removed.</param>
    public static async Task<BackupTestResult> RunAsync(
        Repository repository, SnapshotFile snapshot, string scratchPath, RestoreTestDatabases? databases, IActivity activity, CancellationToken cancellationToken)
    {
        var time = repository.TimeProvider;
        var started = time.GetLocalNow();
        var dumps = databases?.Dumps ?? [];
        var browser = new SnapshotBrowser(repository, snapshot, activity);
        await ThrowIfTooSmallAsync(repository, snapshot, scratchPath, databases?.Here == false ? await SizeOfAsync(browser, dumps, cancellationToken) : 0, activity, cancellationToken);
        string name = $"prodops-test-{snapshot.Id.ToShortString()}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        string scratch = Path.Combine(scratchPath, name);
        Make(scratch);
        try
        {
            var problems = new ProblemCollector(activity, snapshot, scratch);
            var request = new RestoreRequest { Destination = scratch, Exclude = [.. dumps.Select(dump => Escape(dump.Path))] };
            var restored = await Restorer.RunAsync(repository, snapshot, request, problems, time, cancellationToken);
            var comparison = await RestoreComparison.RunAsync(repository, snapshot, request, problems, cancellationToken);
            problems.Add(comparison.Differences);
            var tests = databases is null ? [] : await LoadAsync(browser, databases, problems, time, cancellationToken);
            return new BackupTestResult
            {
                Kind = BackupTestKind.Restore,
                Repository = repository.Location,
                SnapshotId = snapshot.Id.ToString(),
                Time = started,
                Duration = tests.Aggregate(restored.Duration, (sum, test) => sum + test.Duration),
                SnapshotsTested = 1,
                FilesTested = comparison.Files + tests.Count(test => test.Success),
                Databases = tests,
                BytesRead = restored.BytesToWrite + tests.Sum(test => test.Size),
                Problems = problems.ToModel(),
                EvidenceHash = tests.Count == 0 ? comparison.EvidenceHash : await AddEvidenceAsync(comparison.EvidenceHash, browser, dumps, cancellationToken),
            };
        }
        finally
        {
            Remove(scratchPath, name, activity);
        }
    }

    /// <summary>A test that the repository ended, since it lacks what the snapshot needs or has it damaged, is one that failed. What else ends it says nothing of the backup.</summary>
    public static async Task<BackupTestResult> JudgeAsync(Repository repository, SnapshotFile snapshot, Func<Task<BackupTestResult>> test)
    {
        var time = repository.TimeProvider;
        var started = time.GetLocalNow();
        try
        {
            return await test();
        }
        catch (ProdOpsException error) when (error.Kind == ErrorKind.InvalidData || error.ErrorId == "StoredFileMissing")
        {
            string id = snapshot.Id.ToString(), item = error.Target?.ToString() ?? "";
            return new BackupTestResult
            {
                Kind = BackupTestKind.Restore,
                Repository = repository.Location,
                SnapshotId = id,
                Time = started,
                Duration = time.GetLocalNow() - started,
                Problems = [new BackupProblem { ErrorId = error.ErrorId, Message = error.Message, Item = item, Affected = [snapshot.Id.ToShortString()], Recommendation = error.Recommendation }],
            };
        }
    }

    private static async Task<IReadOnlyList<BackupDatabaseTest>> LoadAsync(
        SnapshotBrowser browser, RestoreTestDatabases databases, ProblemCollector problems, TimeProvider time, CancellationToken cancellationToken)
    {
        var tests = new List<BackupDatabaseTest>();
        await using var test = new DatabaseTest(browser, databases.Options, problems, time);
        foreach (var dump in databases.Dumps)
        {
            tests.Add(await test.RunAsync(dump, cancellationToken));
            if (tests[^1].Problem is { } problem) problems.Add(problem);
        }
        return tests;
    }

    private static async Task<long> SizeOfAsync(SnapshotBrowser browser, IReadOnlyList<DatabaseDump> dumps, CancellationToken cancellationToken)
    {
        long size = 0;
        foreach (var dump in dumps) size += (await browser.FindAsync(dump.Path, cancellationToken))?.Size ?? 0;
        return size;
    }

    private static async Task<string> AddEvidenceAsync(string evidence, SnapshotBrowser browser, IReadOnlyList<DatabaseDump> dumps, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(evidence));
        foreach (var dump in dumps)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"\n{dump.Path}\n"));
            foreach (var piece in (await browser.FindEntryAsync(dump.Path, cancellationToken))?.Node.Content ?? []) hash.AppendData(Encoding.UTF8.GetBytes(piece.ToString()));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>A path as a pattern that means it alone.</summary>
    private static string Escape(string path) => string.Concat(path.Select(letter => letter is '*' or '?' or '[' or '\\' ? $"\\{letter}" : $"{letter}"));

    private static async Task ThrowIfTooSmallAsync(
        Repository repository, SnapshotFile snapshot, string scratchPath, long elsewhere, IActivity activity, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(scratchPath);
            long needed = (await RestoreSize.CountAsync(repository, snapshot, SilentActivity.Instance, cancellationToken)).Bytes - elsewhere;
            long free = new DriveInfo(scratchPath).AvailableFreeSpace;
            activity.Verbose($"The restore takes {ByteSize.Format(needed)}; '{scratchPath}' has {ByteSize.Format(free)}.");
            if (needed > free) throw BackupErrors.ScratchTooSmall(scratchPath, needed, free);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw BackupErrors.ScratchNotUsable(scratchPath, e);
        }
    }

    /// <summary>What is restored may be secret: nobody else may look in.</summary>
    private static void Make(string scratch)
    {
        try
        {
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(scratch);
            else Directory.CreateDirectory(scratch, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw BackupErrors.ScratchNotUsable(scratch, e);
        }
    }

    private static void Remove(string scratchPath, string name, IActivity activity)
    {
        try
        {
            using var folder = TargetFileSystem.Local.OpenRoot(scratchPath);
            folder.Remove(FileNames.Encode(name));
        }
        catch (FileSystemException e)
        {
            activity.Warning($"The scratch folder '{Path.Combine(scratchPath, name)}' could not be removed: {e.Reason}. Remove it by hand; it holds restored files.");
        }
    }

    /// <summary>Turns what the restore and the comparison tell into problems, by the items' paths in the snapshot.</summary>
    private sealed class ProblemCollector(IActivity activity, SnapshotFile snapshot, string scratch) : IActivity
    {
        private readonly List<BackupProblem> _problems = [];
        private readonly HashSet<string> _items = new(StringComparer.Ordinal);

        public void Verbose(string message) => activity.Verbose(message);

        public void Warning(string message) => activity.Warning(message);

        public void Progress(ActivityProgress progress) => activity.Progress(progress);

        public void Error(ProdOpsException error)
        {
            string item = PathOf(error.Target?.ToString() ?? "");
            // The comparison meets again what the restore could not do.
            lock (_problems)
            {
                if (_items.Add(item)) _problems.Add(Problem(error.ErrorId, error.Message, item, error.Recommendation));
            }
        }

        public void Add(IEnumerable<RestoreDifference> differences)
        {
            foreach (var difference in differences)
            {
                string item = PathOf(difference.Path);
                if (!_items.Add(item)) continue;
                var error = BackupErrors.RestoredItemDiffers(item, difference.What, difference.IsMetadata);
                _problems.Add(Problem(error.ErrorId, error.Message, item, error.Recommendation));
            }
        }

        public void Add(BackupProblem problem) => _problems.Add(Problem(problem.ErrorId, problem.Message, problem.Item, problem.Recommendation));

        public IReadOnlyList<BackupProblem> ToModel() => [.. _problems.OrderBy(problem => problem.Item, StringComparer.Ordinal)];

        private string PathOf(string path) => path.StartsWith(scratch, StringComparison.Ordinal) ? path[scratch.Length..] : path;

        private BackupProblem Problem(string id, string message, string item, string? recommendation) => new()
        {
            ErrorId = id,
            Message = message,
            Item = item,
            Affected = item.StartsWith('/') ? [$"{snapshot.Id.ToShortString()}:{item}"] : [snapshot.Id.ToShortString()],
            Recommendation = recommendation,
        };
    }
}
