using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Restoring;

/// <summary>A piece of work: some items without content, or the parts that one read of a pack brings.</summary>
/// <param name="IsContent">Whether the positions are those of parts or of items.</param>
/// <param name="Start">The first position in the list of its kind.</param>
/// <param name="Count">How many.</param>
internal readonly record struct WorkUnit(bool IsContent, int Start, int Count);

/// <summary>
/// What the workers of a restore do, cut into pieces: content in the order in which it lies in the packs, so that each pack is
/// read in few long reads and each blob opened once, wherever it goes.
/// </summary>
internal sealed class RestoreWork
{
    /// <summary>Reading over what is not wanted is cheaper than another request up to here (restic's number).</summary>
    private const long MaxGap = 1 << 20;

    /// <summary>What a worker holds in memory; one blob alone may be larger.</summary>
    private const long MaxRead = 4 << 20;

    private const int LeavesAtOnce = 128;

    private readonly PlannedRestore _plan;
    private readonly int[] _leaves;
    private readonly int[] _parts;
    private int _nextUnit = -1;

    private RestoreWork(PlannedRestore plan, int[] leaves, int[] parts)
    {
        _plan = plan;
        _leaves = leaves;
        _parts = parts;
        Units = [.. LeafUnits(), .. ContentUnits()];
    }

    public IReadOnlyList<WorkUnit> Units { get; }

    public static RestoreWork Of(PlannedRestore plan)
    {
        var leaves = new List<int>();
        var parts = new List<int>();
        for (int i = 1; i < plan.Items.Count; i++)
        {
            ref var item = ref plan.Items[i];
            // Folders, further names and deletions have their own time.
            if (item.Type == FileType.Directory || item.LinkLeader >= 0 || item.Action is PlannedAction.Keep or PlannedAction.Delete) continue;
            int before = parts.Count;
            if (item.WritesContent)
            {
                for (int part = item.FirstPart; part < item.FirstPart + item.PartCount; part++)
                {
                    if (!plan.Parts[part].Present) parts.Add(part);
                }
            }
            if (parts.Count == before) leaves.Add(i);
        }
        return new RestoreWork(plan, [.. leaves], InPackOrder(plan, parts));
    }

    /// <summary>The next piece nobody has taken; <see langword="null"/> at the end.</summary>
    public WorkUnit? Take() => Interlocked.Increment(ref _nextUnit) is var next && next < Units.Count ? Units[next] : null;

    public int LeafAt(int position) => _leaves[position];

    public int PartAt(int position) => _parts[position];

    /// <summary>Packs come in the order in which the first file wants them, so that files of one folder are made together.</summary>
    private static int[] InPackOrder(PlannedRestore plan, List<int> parts)
    {
        int[] ordered = [.. parts];
        ulong[] keys = new ulong[ordered.Length];
        for (int i = 0; i < keys.Length; i++)
        {
            ref var part = ref plan.Parts[ordered[i]];
            keys[i] = ((ulong)part.Pack << 32) | part.PackOffset;
        }
        Array.Sort(keys, ordered);
        return ordered;
    }

    private IEnumerable<WorkUnit> LeafUnits()
    {
        for (int i = 0; i < _leaves.Length; i += LeavesAtOnce) yield return new WorkUnit(false, i, Math.Min(LeavesAtOnce, _leaves.Length - i));
    }

    private IEnumerable<WorkUnit> ContentUnits()
    {
        int start = 0;
        for (int i = 1; i <= _parts.Length; i++)
        {
            if (i < _parts.Length && BelongsTogether(start, i)) continue;
            yield return new WorkUnit(true, start, i - start);
            start = i;
        }
    }

    private bool BelongsTogether(int start, int next)
    {
        ref var first = ref _plan.Parts[_parts[start]];
        ref var before = ref _plan.Parts[_parts[next - 1]];
        ref var part = ref _plan.Parts[_parts[next]];
        if (part.Pack != first.Pack) return false;
        if (part.PackOffset == before.PackOffset) return true;
        long end = (long)part.PackOffset + part.StoredLength;
        return part.PackOffset - ((long)before.PackOffset + before.StoredLength) <= MaxGap && end - first.PackOffset <= MaxRead;
    }
}
