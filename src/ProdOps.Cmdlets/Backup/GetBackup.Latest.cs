using System.Management.Automation;
using ProdOps.Backup;
using ProdOps.Backup.Sets;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.Servers;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Backup;

/// <content>How recent the newest backups are.</content>
public sealed partial class GetBackup
{
    private const string LatestSet = "Latest";

    private SetAccess? _setAccess;

    /// <summary>Tells how recent the newest backup of each set is.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LatestSet, HelpMessage = "Of each backup set, how old the newest backup is, against what was promised; without sets, of each server and set of paths.")]
    public SwitchParameter Latest { get; set; }

    /// <summary>The sets.</summary>
    [Parameter(ParameterSetName = LatestSet, HelpMessage = "Backup sets of the environment: names or wildcards. Default: all.")]
    [ArgumentCompleter(typeof(BackupSetCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>How old the newest may be.</summary>
    [Parameter(ParameterSetName = LatestSet, HelpMessage = "How old the newest backup may be, e.g. 26h. Default: what the set promises, else the environment.")]
    [Duration]
    public TimeSpan RecoveryPoint { get; set; }

    /// <inheritdoc/>
    protected override async ValueTask ReleaseAsync()
    {
        if (_setAccess is not null) await _setAccess.DisposeAsync();
        await base.ReleaseAsync();
    }

    private async Task GetStatesAsync(CancellationToken cancellationToken)
    {
        string[] needless = [nameof(Id), nameof(Path), nameof(Tag), nameof(Before), nameof(After), nameof(Last)];
        if (needless.FirstOrDefault(MyInvocation.BoundParameters.ContainsKey) is { } name) throw BackupErrors.BackupSetParameter(name, nameof(Latest), "that looks at all backups; the newest few of each server and set of paths are -Last 1");
        var (source, shells) = await InvokeAsync(() => (SessionEnvironment.Of(SessionState, Environment), SessionShells.Current));
        // A repository that is named can be read whatever is wrong with an environment around.
        var environment = Repository is null || Environment is not null ? source.Load() : source.TryLoad();
        bool bySet = environment is { Backups.Count: > 0 } && (Repository is null || environment.Backups.Any(Uses));
        if (!bySet && Name.Length > 0) throw environment is null ? ServersErrors.NoEnvironment() : BackupErrors.BackupSetNotFound(Name[0], environment, null);
        if (!bySet) await GetGroupsAsync(environment, cancellationToken);
        else await GetSetsAsync(environment!, _setAccess ??= new SetAccess(this, new ServerAccess(this), shells, environment!, Activity), cancellationToken);
    }

    private async Task GetSetsAsync(ProdOpsEnvironment environment, SetAccess access, CancellationToken cancellationToken)
    {
        var errors = new List<ProdOpsException>();
        var sets = SetSelection.Find(environment, Name.Length == 0 ? ["*"] : Name, errors).Select(found => found.Set).Select(set => (
            set, (IReadOnlyList<Server>)[.. SetSelection.Servers(environment, set).Where(IsWanted)], PromisedOf(set.Objectives.RecoveryPoint ?? environment.Objectives.RecoveryPoint)));
        var (states, failures) = await new SetReport(access, Activity, TimeProvider.System)
            .ReadAsync([.. sets], name => Repository is null || name.Equals(Repository, StringComparison.OrdinalIgnoreCase), cancellationToken);
        foreach (var state in states) await WriteObjectAsync(state);
        foreach (var error in errors) await WriteErrorAsync(error);
        foreach (var failure in failures) await WriteErrorAsync(ErrorMapper.ToErrorRecord(failure));
    }

    private async Task GetGroupsAsync(ProdOpsEnvironment? environment, CancellationToken cancellationToken)
    {
        var states = new List<BackupState>();
        await ReadAsync(async (repository, token) =>
        {
            var snapshots = (await repository.ListSnapshotsAsync(Activity, token)).Where(CreateFilter().Matches).ToList();
            var measure = new BackupStates(TimeProvider.System.GetUtcNow(), TimeProvider.System.LocalTimeZone);
            states.AddRange(BackupStates.Sort(measure.OfGroups(PromisedOf(environment?.Objectives.RecoveryPoint), snapshots, repository.Location)));
        }, cancellationToken, indexed: false);
        await UnlockAsync();
        foreach (var state in states) await WriteObjectAsync(state);
    }

    private TimeSpan? PromisedOf(TimeSpan? objective) => MyInvocation.BoundParameters.ContainsKey(nameof(RecoveryPoint)) ? RecoveryPoint : objective;

    private bool Uses(BackupSet set) => set.CopyTo.Prepend(set.Repository).Contains(Repository, StringComparer.OrdinalIgnoreCase);

    private bool IsWanted(Server server) => Server.Length == 0 || Server.Any(name => NamePattern.IsMatch(name, server.Name));
}
