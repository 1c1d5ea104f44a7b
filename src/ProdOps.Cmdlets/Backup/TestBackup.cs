using System.Management.Automation;
using ProdOps.Backup.Checking;
using ProdOps.Backup.Databases.Loading;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Restoring;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Places;

namespace ProdOps.Cmdlets.Backup;

/// <summary>Tests that backups can be restored.</summary>
[Cmdlet(VerbsDiagnostic.Test, "Backup", DefaultParameterSetName = "Structure")]
[OutputType(typeof(BackupTestResult))]
public sealed partial class TestBackup : ReadingCmdlet
{
    // By repository, the snapshots that were asked for; none is all.
    private readonly Dictionary<string, List<string>> _structures = new(StringComparer.Ordinal);

    /// <summary>The snapshot.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "The backup to test: its id or the beginning of it, latest, latest~1. Default: all, or with -Restore the newest.")]
    [Alias("Id", "SnapshotId")]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Snapshot { get; set; }

    /// <summary>Reads all data.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "ReadData", HelpMessage = "Reads, decrypts, unpacks and hashes the whole repository.")]
    public SwitchParameter ReadData { get; set; }

    /// <summary>Reads a part of the data.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "ReadDataSubset", HelpMessage = "Reads a part of the data: 2/7, 5%, 10G, rolling, or rolling 5%.")]
    [ArgumentCompleter(typeof(SubsetCompleter))]
    [ValidateNotNullOrEmpty]
    public string ReadDataSubset { get; set; } = "";

    /// <summary>Restores and compares.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Restore", HelpMessage = "Restores the backup to a scratch folder and compares it; dumps of databases are loaded into servers of their own.")]
    public SwitchParameter Restore { get; set; }

    /// <summary>Where the scratch folder is made.</summary>
    [Parameter(ParameterSetName = "Restore", HelpMessage = "Where the scratch folder is made. Default: the system's folder for temporary files.")]
    [ValidateNotNullOrEmpty]
    public string? ScratchPath { get; set; }

    private protected override bool UsesCache => false;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        string location = await GetLocationAsync();
        if (Restore)
        {
            await ReadAsync(RestoreAsync, cancellationToken, indexed: false, location: location);
            return;
        }

        if (!_structures.TryGetValue(location, out var wanted)) _structures.Add(location, wanted = []);
        wanted.Add(Snapshot ?? "");
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        foreach (var (location, wanted) in _structures) await CheckAsync(location, wanted, cancellationToken);
        await base.EndAsync(cancellationToken);
    }

    private async Task RestoreAsync(Repository repository, CancellationToken cancellationToken)
    {
        string scratch = ScratchPath is null ? System.IO.Path.GetTempPath() : await ResolvePathAsync(ScratchPath);
        BackupTestResult? result = null;
        SnapshotFile? tested = null;
        await TryAsync(async () =>
        {
            var filter = CreateFilter();
            var wanted = DumpSelection.Of(PostgreSql, MariaDb, Sqlite, Redis);
            bool any = wanted.IsEmpty && Query is null;
            tested = await repository.FindSnapshotAsync(Snapshot ?? "latest", Activity, file => filter.Matches(file) && (any || wanted.MayBeIn(file)), cancellationToken);
            result = await RestoreTest.JudgeAsync(repository, tested, async () =>
            {
                if (!repository.IsIndexLoaded) await repository.LoadIndexAsync(Activity, cancellationToken);
                var databases = await ChooseDatabasesAsync(repository, tested, wanted, scratch, cancellationToken);
                return await RestoreTest.RunAsync(repository, tested, scratch, databases, Activity, cancellationToken);
            });
        });
        if (result is not null) await ReportAsync(result, place => BackupProof.Of(result, place, [tested!], isWhole: false), cancellationToken);
    }

    /// <summary>However many snapshots were piped in, their repository is tested once: they share most of it.</summary>
    private async Task CheckAsync(string location, List<string> wanted, CancellationToken cancellationToken)
    {
        var subset = ReadData ? PackSubset.All : ParameterSetName == "ReadDataSubset" ? PackSubset.Parse(ReadDataSubset) : null;
        var repository = await OpenRepositoryAsync(cancellationToken, location: location);
        var snapshots = new HashSet<ObjectId>();
        bool all = wanted.Contains("") && Server.Length == 0 && Tag.Length == 0;
        if (wanted.Contains("") && !all)
            snapshots.UnionWith(CreateFilter().Apply(await repository.ListSnapshotsAsync(Activity, cancellationToken)).Select(snapshot => snapshot.Id));
        foreach (string name in wanted.Where(name => name.Length > 0))
            await TryAsync(async () => snapshots.Add((await repository.FindSnapshotAsync(name, Activity, CreateFilter().Matches, cancellationToken)).Id));
        // What was asked for and is not there must not become a test of everything.
        if (!all && snapshots.Count == 0) return;
        var options = new CheckOptions { Snapshots = all ? [] : snapshots, ReadData = subset, NoLock = NoLock, RetryLock = RetryLock };
        var result = await RepositoryCheck.RunAsync(repository, options, Activity, cancellationToken);
        await ReportAsync(result, place => BackupProof.Of(result, place, [], isWhole: all), cancellationToken);
    }

    /// <summary>The result first, so that nothing is lost if the first error ends the script.</summary>
    private async Task ReportAsync(BackupTestResult result, Func<RepositoryPlace, BackupTestEvidence> evidence, CancellationToken cancellationToken)
    {
        await KeepAsync(result.Repository, folder => folder.BackupTests, result.Time, evidence, cancellationToken);
        await WriteObjectAsync(result);
        // What was unlike long ago was looked into long ago.
        foreach (var anomaly in result.Anomalies.Where(anomaly => anomaly.IsLatest))
            Activity.Warning($"The newest backup of {anomaly.Server}, {anomaly.ShortId}, is unlike those before it: {anomaly.Message}.");
        foreach (var problem in result.Problems)
        {
            var error = new ProdOpsException(problem.ErrorId, ErrorKind.InvalidData, problem.Message, problem.Recommendation) { Target = problem };
            await WriteErrorAsync(ErrorMapper.ToErrorRecord(error));
        }
    }
}
