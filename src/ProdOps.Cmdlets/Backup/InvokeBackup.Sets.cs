using System.Management.Automation;
using ProdOps.Backup;
using ProdOps.Backup.Sets;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.Servers;

namespace ProdOps.Cmdlets.Backup;

/// <content>Running the environment's backup sets.</content>
public sealed partial class InvokeBackup
{
    private const string SetSet = "Set";

    /// <summary>What a set says itself, so that giving it here would be in vain.</summary>
    private static readonly string[] OfSets =
    [
        nameof(Repository), nameof(Before), nameof(After), nameof(OnFailure), nameof(Exclude), nameof(ExcludeIgnoreCase), nameof(ExcludeFile), nameof(ExcludeIfPresent),
        nameof(ExcludeCaches), nameof(ExcludeLargerThan), nameof(OneFileSystem), nameof(HostName), nameof(Time), nameof(Parent), nameof(IgnoreInode), nameof(IgnoreChangeTime),
        nameof(WithAccessTime), nameof(SkipIfUnchanged), nameof(Compression), nameof(PackSize), nameof(NoExtraVerify), nameof(RetryLock), nameof(CACertificate),
        nameof(LimitUpload), nameof(LimitDownload), nameof(Password), nameof(PasswordFile), nameof(PasswordVariable), nameof(PasswordCommand),
    ];

    private SetAccess? _setAccess;

    /// <summary>The backup sets to run.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SetSet, HelpMessage = "Backup sets of the environment: names, which run now, or wildcards, of which those run that are due.")]
    [ArgumentCompleter(typeof(BackupSetCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override async ValueTask ReleaseAsync()
    {
        if (_setAccess is not null) await _setAccess.DisposeAsync();
        await base.ReleaseAsync();
    }

    private async Task RunSetsAsync(CancellationToken cancellationToken)
    {
        if (OfSets.FirstOrDefault(MyInvocation.BoundParameters.ContainsKey) is { } needless) throw BackupErrors.BackupSetParameter(needless, nameof(Name), "the set says it in the environment's file");
        var (source, shells) = await InvokeAsync(() => (SessionEnvironment.Of(SessionState, Environment), SessionShells.Current));
        var environment = source.Load() ?? throw ServersErrors.NoEnvironment();
        var activity = new ErrorsAsWarnings(Activity);
        _setAccess = new SetAccess(this, Access, shells, environment, activity);
        // Errors come last: with -ErrorAction Stop the first one would keep the other sets from running.
        var errors = new List<ProdOpsException>();
        var sets = SetSelection.Find(environment, Name, errors)
            .Select(found => (found.Set, SetSelection.Servers(environment, found.Set), found.IsExact ? "it was named" : Force ? "-Force was given" : null));
        var jobs = new List<SetJob>();
        foreach (var job in await new SetPlan(_setAccess, activity, TimeProvider.System).CreateAsync(sets, cancellationToken))
        {
            var decision = await DecideAsync($"{job.Set.Name} of {job.Server.Name}", $"Back up to '{job.Set.Repository}', because {job.Reason}");
            if (decision == ChangeDecision.Act) jobs.Add(job);
            else if (decision == ChangeDecision.Plan) await WriteObjectAsync(PlannedResult(job));
        }

        var options = new SetRunOptions { ThrottleLimit = ThrottleLimit, Tags = Tag, TurnFolder = ServerTurn.DefaultFolder };
        await new SetRun(_setAccess, options, activity, TimeProvider.System).RunAsync(jobs, async outcome =>
        {
            if (outcome.Error is { } error) errors.Add(error);
            await EvidenceKeeper.KeepAsync(activity, folder => folder.BackupRuns, outcome.Result.StartTime, environment.Name, BackupProof.Of(outcome.Result), cancellationToken);
            await WriteObjectAsync(outcome.Result);
        }, cancellationToken);
        foreach (var error in errors) await WriteErrorAsync(error);
    }

    private static BackupSetResult PlannedResult(SetJob job) => new()
    {
        Name = job.Set.Name,
        Server = job.Server.Name,
        Status = BackupSetStatus.Planned,
        Reason = job.Reason,
        Repository = job.Set.Repository,
        StartTime = TimeProvider.System.GetLocalNow(),
    };
}
