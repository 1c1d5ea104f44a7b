using ProdOps.Backup.Browsing;
using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Retention;

/// <summary>Snapshots that are named to be removed, those that cannot be read any more among them.</summary>
internal static class NamedSnapshots
{
    private const string Reason = "named";

    /// <summary>Finds one by its id, the beginning of it, or <c>latest</c>.</summary>
    public static async Task<RetentionDecision> FindAsync(
        Repository repository, string name, SnapshotFilter filter, IActivity activity, CancellationToken cancellationToken)
    {
        try
        {
            var snapshot = await repository.FindSnapshotAsync(name, activity, filter.Matches, cancellationToken);
            return ToDecision(BackupModel.ToSnapshot(snapshot, repository.Location), repository.Location, Reason);
        }
        catch (ProdOpsException error) when (error.ErrorId == "SnapshotDamaged" && error.Target is string id)
        {
            return ToDecision(new BackupSnapshot { Id = id, Repository = repository.Location }, repository.Location, $"{Reason}; it is damaged");
        }
    }

    private static RetentionDecision ToDecision(BackupSnapshot snapshot, string location, string remark) => new()
    {
        Snapshot = snapshot, Action = RetentionAction.Remove, Remarks = new[] { remark }, Repository = location,
    };
}
