using System.Globalization;
using System.Management.Automation;
using ProdOps.Backup.Repositories;
using ProdOps.Cmdlets.Drive;

namespace ProdOps.Cmdlets.Completers;

/// <summary>Proposes <c>latest</c> and the ids of snapshots, newest first.</summary>
internal sealed class SnapshotCompleter : BackupCompleter
{
    /// <inheritdoc/>
    protected override async Task<IReadOnlyList<CompletionResult>> CompleteAsync(RepositoryView view, string word, BoundValues bound)
    {
        var snapshots = (await view.GetSnapshotsAsync(SilentActivity.Instance, CancellationToken.None)).Reverse().ToList();
        var results = new List<CompletionResult>();
        if ("latest".StartsWith(word, StringComparison.OrdinalIgnoreCase) && snapshots is [var newest, ..])
            results.Add(CompletionText.Value("latest", toolTip: Describe(newest)));
        foreach (var snapshot in snapshots.Where(snapshot => snapshot.Id.ToString().StartsWith(word, StringComparison.OrdinalIgnoreCase)))
        {
            string id = word.Length > 8 ? snapshot.Id.ToString() : snapshot.Id.ToShortString();
            results.Add(CompletionText.Value(id, $"{id}  {Describe(snapshot)}", Describe(snapshot)));
        }

        return results;
    }

    private static string Describe(SnapshotFile snapshot) => string.Create(
        CultureInfo.InvariantCulture, $"{snapshot.Time.ToDateTimeOffset().ToLocalTime():yyyy-MM-dd HH:mm:ss}  {snapshot.HostName}  {string.Join(", ", snapshot.Paths)}");
}
