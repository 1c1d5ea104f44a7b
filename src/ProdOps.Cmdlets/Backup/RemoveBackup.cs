using System.Collections;
using System.Management.Automation;
using ProdOps.Backup;
using ProdOps.Backup.Browsing;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Retention;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;

namespace ProdOps.Cmdlets.Backup;

/// <summary>Removes backups: those that are named, or those that no rule keeps.</summary>
[Cmdlet(VerbsCommon.Remove, "Backup", DefaultParameterSetName = "Id", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(RetentionDecision), typeof(BackupPrunePlan))]
public sealed class RemoveBackup : PruningCmdlet
{
    private readonly List<(string Location, string Id)> _named = [];

    /// <summary>Ids, beginnings of ids, <c>latest</c> or <c>latest~1</c>.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, ParameterSetName = "Id", HelpMessage = "Ids or beginnings of ids; latest is the newest, latest~1 the one before.")]
    [Alias("SnapshotId")]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    /// <summary>The rules that keep backups.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Policy", HelpMessage = "What stays, e.g. @{ Last = 3; Daily = 14; Monthly = 12; Within = '7d'; Tags = 'keep' }; -1 is all. The rest is removed.")]
    [ValidateNotNull]
    public IDictionary? Keep { get; set; }

    /// <summary>What makes the groups that the rules count in.</summary>
    [Parameter(ParameterSetName = "Policy", HelpMessage = "What makes the groups in which the rules count: Server, Paths, Tags, or None for all together. Default: Server, Paths.")]
    [ArgumentCompleter(typeof(GroupByCompleter))]
    [ValidateNotNull]
    [AllowEmptyCollection]
    public string[] GroupBy { get; set; } = ["Server", "Paths"];

    /// <summary>Guards that do not apply.</summary>
    [Parameter(ParameterSetName = "Policy", HelpMessage = "Guards to leave out: Newest, Future, Time, Empty, or All for the bare rules.")]
    public RetentionGuard SkipGuard { get; set; }

    /// <summary>Only backups of these servers.</summary>
    [Parameter(HelpMessage = "Only backups of these servers; wildcards work.")]
    [Alias("HostName")]
    [ArgumentCompleter(typeof(ServerCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Server { get; set; } = [];

    /// <summary>Only backups that carry all of these tags.</summary>
    [Parameter(HelpMessage = "Only backups that carry all of these tags.")]
    [ArgumentCompleter(typeof(TagCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Tag { get; set; } = [];

    /// <summary>Only backups that hold all of these paths.</summary>
    [Parameter(HelpMessage = "Only backups that have all of these among their paths.")]
    [ArgumentCompleter(typeof(BackupRootCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Prunes afterwards.</summary>
    [Parameter(HelpMessage = "Afterwards removes the data that no backup uses any more, as Optimize-BackupRepository does.")]
    public SwitchParameter Prune { get; set; }

    private SnapshotFilter Filter => new() { Hosts = Server, Tags = Tag.Length == 0 ? [] : [Tag], Paths = Path };

    /// <inheritdoc/>
    protected override async Task BeginAsync(CancellationToken cancellationToken)
    {
        if (!Prune && await FindPruneOptionAsync() is { } option) throw BackupErrors.PruneOptionWithoutPrune(option);
        await base.BeginAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (Keep is not null)
        {
            await ApplyPolicyAsync(await OpenRepositoryAsync(cancellationToken), cancellationToken);
            return;
        }

        string location = await GetLocationAsync();
        _named.AddRange(Id.Select(id => (location, id)));
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        foreach (var named in _named.GroupBy(named => named.Location, StringComparer.Ordinal))
        {
            var repository = await OpenRepositoryAsync(cancellationToken, location: named.Key);
            await RemoveNamedAsync(repository, named.Select(entry => entry.Id), cancellationToken);
        }
    }

    private async Task ApplyPolicyAsync(Repository repository, CancellationToken cancellationToken)
    {
        var request = new RetentionRequest
        {
            Policy = RetentionPolicy.Parse(Unwrap(Keep!)),
            Grouping = SnapshotGrouping.Parse(GroupBy),
            Guards = RetentionGuard.All & ~SkipGuard,
            Filter = Filter,
        };
        var removal = CreateRemoval(repository);
        var decisions = await PlanAsync(Activity, cancellationToken);
        string[] removed = [.. decisions.Where(decision => decision.Action == RetentionAction.Remove).Select(decision => decision.Id)];
        var answer = removed.Length == 0 ? ChangeDecision.Plan : await DecideAsync(
            repository.Location, $"Remove {removed.Length} of {decisions.Count} backups{(Prune ? " and the data that only they use" : "")}");
        // What is damaged was told the first time.
        if (answer == ChangeDecision.Act) await ActAsync(removal, token => PlanAsync(SilentActivity.Instance, token), removed, cancellationToken);
        else if (answer == ChangeDecision.Plan) await ShowAsync(removal, decisions, cancellationToken);

        async Task<IReadOnlyList<RetentionDecision>> PlanAsync(IActivity activity, CancellationToken token) =>
            [.. (await new RetentionRun(repository, request, activity).PlanAsync(token)).Select(planned => planned.ToModel(repository.Location))];
    }

    private async Task RemoveNamedAsync(Repository repository, IEnumerable<string> names, CancellationToken cancellationToken)
    {
        var decisions = new List<RetentionDecision>();
        var planned = new List<RetentionDecision>();
        foreach (string name in names)
        {
            try
            {
                var found = await NamedSnapshots.FindAsync(repository, name, Filter, Activity, cancellationToken);
                if (decisions.Concat(planned).Any(known => known.Id == found.Id)) continue;
                var answer = await DecideAsync(Describe(found.Snapshot), "Remove backup");
                if (answer == ChangeDecision.Act) decisions.Add(found);
                else if (answer == ChangeDecision.Plan) planned.Add(found);
            }
            catch (ProdOpsException e)
            {
                await WriteErrorAsync(e);
            }
        }

        var removal = CreateRemoval(repository);
        if (decisions.Count > 0)
            await ActAsync(removal, _ => Task.FromResult<IReadOnlyList<RetentionDecision>>(decisions), decisions.Select(decision => decision.Id), cancellationToken);
        if (planned.Count > 0) await ShowAsync(removal, planned, cancellationToken);
    }

    private SnapshotRemoval CreateRemoval(Repository repository) => new(repository, Prune ? CreatePruneOptions() : null, RetryLock, Activity);

    // Emitted once the lock is given back: whoever comes next in the pipeline may want one.
    private async Task ActAsync(
        SnapshotRemoval removal, Func<CancellationToken, Task<IReadOnlyList<RetentionDecision>>> decide, IEnumerable<string> confirmed, CancellationToken cancellationToken)
    {
        var result = await removal.RunAsync(decide, confirmed.ToHashSet(StringComparer.Ordinal), cancellationToken);
        foreach (var decision in result.Decisions) await WriteObjectAsync(decision);
        if (result.Prune is not null) await WriteObjectAsync(result.Prune);
    }

    private async Task ShowAsync(SnapshotRemoval removal, IReadOnlyList<RetentionDecision> decisions, CancellationToken cancellationToken)
    {
        bool removes = decisions.Any(decision => decision.Action == RetentionAction.Remove);
        var prune = Prune && removes ? await removal.PreviewPruneAsync(decisions, cancellationToken) : null;
        foreach (var decision in decisions) await WriteObjectAsync(decision);
        if (prune is not null) await WriteObjectAsync(prune);
    }

    private static string Describe(BackupSnapshot snapshot) =>
        snapshot.Server.Length == 0 ? snapshot.Id : $"{snapshot.ShortId} of {snapshot.Server}, {snapshot.Time:yyyy-MM-dd HH:mm}, {string.Join(", ", snapshot.Paths)}";

    private static Hashtable Unwrap(IDictionary rules)
    {
        var plain = new Hashtable();
        foreach (DictionaryEntry rule in rules) plain[rule.Key] = rule.Value is PSObject wrapped ? wrapped.BaseObject : rule.Value;
        return plain;
    }
}
