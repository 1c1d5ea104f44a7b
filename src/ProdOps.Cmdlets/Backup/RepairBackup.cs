using System.Management.Automation;
using ProdOps.Backup.Checking;
using ProdOps.Backup.Repositories;
using ProdOps.Cmdlets.Common;

namespace ProdOps.Cmdlets.Backup;

/// <summary>Repairs a repository: its index, damaged packs, and, if wanted, the snapshots that lost something.</summary>
[Cmdlet(VerbsDiagnostic.Repair, "Backup", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(BackupRepairPlan))]
public sealed class RepairBackup : RepositoryCmdlet
{
    /// <summary>What a test found.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "Problems that Test-Backup found: the packs among them are taken to be damaged.")]
    [Alias("Problems")]
    [AllowEmptyCollection]
    public BackupProblem[] Problem { get; set; } = [];

    /// <summary>Reads all packs.</summary>
    [Parameter(HelpMessage = "Reads every pack to find the damaged ones.")]
    public SwitchParameter ReadData { get; set; }

    /// <summary>Writes snapshots anew without what is lost.</summary>
    [Parameter(HelpMessage = "Writes every backup that lost something anew without it, with the tag repaired, beside the old one.")]
    public SwitchParameter RewriteSnapshot { get; set; }

    /// <summary>Removes the snapshots that lost something.</summary>
    [Parameter(HelpMessage = "Writes backups that lost something anew and removes the old ones, backups that cannot be read at all, and damaged keys.")]
    public SwitchParameter Forget { get; set; }

    /// <summary>Keeps copies of damaged files.</summary>
    [Parameter(HelpMessage = "A folder that gets a copy of every damaged file before it is removed.")]
    [ValidateNotNullOrEmpty]
    public string? QuarantinePath { get; set; }

    /// <summary>How long to wait for somebody else's lock.</summary>
    [Parameter(HelpMessage = "How long to wait while somebody else works in the repository.")]
    public TimeSpan RetryLock { get; set; }

    private protected override bool UsesCache => false;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var repository = await OpenRepositoryAsync(cancellationToken);
        var options = new RepairOptions
        {
            DamagedPacks = [.. DamagedPacks()],
            ReadData = ReadData,
            RewriteSnapshots = RewriteSnapshot || Forget,
            Forget = Forget,
            QuarantineFolder = QuarantinePath is null ? null : await ResolvePathAsync(QuarantinePath),
            RetryLock = RetryLock,
        };
        await using var repair = await IndexRebuilder.PlanAsync(repository, options, Activity, cancellationToken);
        var plan = repair.ToModel();
        var decision = repair.IsEmpty ? ChangeDecision.Plan : await DecideAsync(repository.Location, $"Repair ({plan})");
        if (decision == ChangeDecision.Act) plan = await repair.ApplyAsync(cancellationToken);
        if (decision != ChangeDecision.Refuse) await WriteObjectAsync(plan);
    }

    private IEnumerable<ObjectId> DamagedPacks()
    {
        foreach (var problem in Problem)
        {
            if (problem.ErrorId is "PackDamaged" or "PackWrongSize" or "PackIndexMismatch" or "IndexConflict" && ObjectId.TryParse(problem.Item, out var pack)) yield return pack;
        }
    }
}
