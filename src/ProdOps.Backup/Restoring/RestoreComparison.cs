using System.Security.Cryptography;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Restoring;

/// <summary>One way in which a restored item is not as in the snapshot.</summary>
/// <param name="Path">The path at the destination.</param>
/// <param name="Type">What it is.</param>
/// <param name="What">How it differs, as the end of a sentence.</param>
/// <param name="IsMetadata">True if the content is as it should be.</param>
internal sealed record RestoreDifference(string Path, BackupItemType Type, string What, bool IsMetadata);

/// <summary>What comparing a restored folder with its snapshot gave.</summary>
/// <param name="Files">Files that were read and compared.</param>
/// <param name="Items">Items of every kind that were compared.</param>
/// <param name="Bytes">Bytes of content that were read.</param>
/// <param name="Differences">What is not as in the snapshot.</param>
/// <param name="Errors">Items that could not be compared; each was reported.</param>
/// <param name="EvidenceHash">SHA-256 over the paths, types and content ids of all items, in order.</param>
internal sealed record RestoreComparisonResult(
    long Files, long Items, long Bytes, IReadOnlyList<RestoreDifference> Differences, long Errors, string EvidenceHash);

/// <summary>
/// Compares a restored folder with the snapshot it came from, content and metadata of every item. It is the plan of a further restore, with
/// deletion of what should not be there: whatever that would still have to do is a difference.
/// </summary>
internal static class RestoreComparison
{
    public static async Task<RestoreComparisonResult> RunAsync(
        Repository repository, SnapshotFile snapshot, RestoreRequest restored, IActivity activity, CancellationToken cancellationToken)
    {
        var request = restored with { Overwrite = RestoreOverwrite.Always, DeleteExtra = true, DryRun = true };
        var plan = await Restorer.PlanAsync(repository, snapshot, request, activity, cancellationToken);
        using var evidence = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var differences = new List<RestoreDifference>();
        long files = 0, items = 0, bytes = 0;
        for (int i = 1; i < plan.Items.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ref var item = ref plan.Items[i];
            if (item.Is(ItemFlags.Tentative)) continue;
            items++;
            if (item.Type == FileType.File && item.Existing >= 0)
            {
                files++;
                if (item.LinkLeader < 0) bytes += Math.Min(item.Size, plan.Existing[item.Existing].Size);
            }
            if (Describe(plan, item) is { } what) differences.Add(new RestoreDifference(plan.DisplayPathOf(i), NodeMapper.TypeOf(item.Type), what, item.Action == PlannedAction.Metadata));
            AddEvidence(evidence, plan, i);
        }
        return new RestoreComparisonResult(files, items, bytes, differences, plan.Errors, Convert.ToHexStringLower(evidence.GetHashAndReset()));
    }

    private static string? Describe(PlannedRestore plan, in PlannedItem item) => item.Action switch
    {
        PlannedAction.Create => "it is missing",
        PlannedAction.Delete => "it is not in the snapshot",
        PlannedAction.Metadata => $"{DescribeMetadata(item.Differences)} not as in the snapshot",
        PlannedAction.Overwrite when item.LinkLeader >= 0 => $"it is not another name of '{plan.DisplayPathOf(item.LinkLeader)}'",
        PlannedAction.Overwrite when item.Existing >= 0 && plan.Existing[item.Existing].Size != item.Size =>
            $"it has {plan.Existing[item.Existing].Size} bytes instead of {item.Size}",
        PlannedAction.Overwrite when item.Existing >= 0 => "its content differs",
        PlannedAction.Overwrite => "it is another kind of item, or leads elsewhere",
        _ => null,
    };

    private static string DescribeMetadata(MetadataDifference differences)
    {
        var words = new List<string>(4);
        if ((differences & MetadataDifference.Owner) != 0) words.Add("owner");
        if ((differences & MetadataDifference.Permissions) != 0) words.Add("mode");
        if ((differences & MetadataDifference.ModifiedTime) != 0) words.Add("modification time");
        if ((differences & MetadataDifference.ExtendedAttributes) != 0) words.Add("extended attributes");
        return $"{string.Join(", ", words)} {(words.Count == 1 && words[0][^1] != 's' ? "is" : "are")}";
    }

    private static void AddEvidence(IncrementalHash evidence, PlannedRestore plan, int index)
    {
        ref var item = ref plan.Items[index];
        // The path below the destination: the same snapshot gives the same evidence wherever it is restored to.
        evidence.AppendData(plan.PathOf(index).AsSpan(plan.Destination.Length));
        evidence.AppendData([0, (byte)item.Type, (byte)item.Action]);
        int source = item.LinkLeader >= 0 ? item.LinkLeader : index;
        Span<byte> id = stackalloc byte[ObjectId.Size];
        for (int i = 0; i < plan.Items[source].PartCount; i++)
        {
            plan.Parts[plan.Items[source].FirstPart + i].Id.CopyTo(id);
            evidence.AppendData(id);
        }
    }
}
