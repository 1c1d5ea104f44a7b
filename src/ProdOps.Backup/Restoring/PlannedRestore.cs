using ProdOps.Backup.Repositories;
using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Restoring;

/// <summary>
/// The plan of a restore in the form that execution takes: about 200 bytes a file, in the order of the paths. What users see of
/// it is <see cref="ToModel"/>.
/// </summary>
internal sealed class PlannedRestore(ObjectId snapshot, string repository, byte[] destination)
{
    /// <summary>The destination as the file system's bytes, without a slash at its end: empty for <c>/</c>.</summary>
    public byte[] Destination { get; } = destination;

    /// <summary>Folders before what is in them; the first is the destination itself.</summary>
    public SegmentedList<PlannedItem> Items { get; } = new();

    public SegmentedList<PlannedPart> Parts { get; } = new();

    public SegmentedList<ExistingItem> Existing { get; } = new();

    public List<ItemExtras> Extras { get; } = [];

    public NameTable Names { get; } = new();

    public List<ObjectId> Packs { get; } = [];

    /// <summary>Items that are left as they are and are not in the list.</summary>
    public long Skipped { get; set; }

    /// <summary>Items that failed while planning; each was reported.</summary>
    public long Errors { get; set; }

    public ReadOnlySpan<byte> NameOf(int item) => Names[Items[item].Name];

    /// <summary>The full path at the destination, as bytes.</summary>
    public byte[] PathOf(int item)
    {
        int length = Destination.Length;
        for (int i = item; i > 0; i = Items[i].Parent) length += 1 + Items[i].Name.Length;
        if (length == 0) return "/"u8.ToArray();
        byte[] path = new byte[length];
        for (int i = item; i > 0; i = Items[i].Parent)
        {
            var name = NameOf(i);
            length -= name.Length;
            name.CopyTo(path.AsSpan(length));
            path[--length] = (byte)'/';
        }
        Destination.CopyTo(path, 0);
        return path;
    }

    public string DisplayPathOf(int item) => FileNames.Decode(PathOf(item));

    public RestorePlan ToModel(bool applied, long errors, long verified, TimeSpan duration)
    {
        long created = 0, overwritten = 0, metadata = 0, deleted = 0, unchanged = Skipped, reused = 0, written = 0;
        var steps = new List<int>();
        for (int i = 0; i < Items.Count; i++)
        {
            ref var item = ref Items[i];
            if (i == 0 && item.Action == PlannedAction.Keep || item.Is(ItemFlags.Tentative)) continue;
            if (item.Action == PlannedAction.Keep)
            {
                if (!item.Is(ItemFlags.Ancestor)) unchanged++;
                reused += item.LinkLeader < 0 ? item.Size : 0;
                continue;
            }
            steps.Add(i);
            if (item.Action == PlannedAction.Create) created++;
            else if (item.Action == PlannedAction.Overwrite) overwritten++;
            else if (item.Action == PlannedAction.Metadata) metadata++;
            else deleted++;
            long bytes = BytesToWrite(item);
            written += bytes;
            if (item.Type == FileType.File && item.LinkLeader < 0 && item.Action != PlannedAction.Delete) reused += item.Size - bytes;
        }
        return new RestorePlan
        {
            SnapshotId = snapshot.ToString(),
            Destination = Destination.Length == 0 ? "/" : FileNames.Decode(Destination),
            Repository = repository,
            Steps = new RestoreStepList(this, [.. steps]),
            Created = created,
            Overwritten = overwritten,
            MetadataOnly = metadata,
            Deleted = deleted,
            Unchanged = unchanged,
            BytesToWrite = written,
            BytesReused = reused,
            Applied = applied,
            Errors = errors,
            Verified = verified,
            Duration = duration,
        };
    }

    /// <summary>How many bytes of an item are written: of a file the parts that are not there yet.</summary>
    public long BytesToWrite(in PlannedItem item)
    {
        if (!item.WritesContent) return 0;
        if (!item.Is(ItemFlags.InPlace)) return item.Size;
        long bytes = 0;
        for (int i = 0; i < item.PartCount; i++)
        {
            ref var part = ref Parts[item.FirstPart + i];
            if (!part.Present) bytes += part.Length;
        }
        return bytes;
    }

    public RestoreStep StepOf(int index)
    {
        ref var item = ref Items[index];
        return new RestoreStep
        {
            Action = item.Action switch
            {
                PlannedAction.Create => RestoreAction.Create,
                PlannedAction.Overwrite => RestoreAction.Overwrite,
                PlannedAction.Delete => RestoreAction.Delete,
                _ => RestoreAction.Metadata,
            },
            Path = DisplayPathOf(index),
            Type = NodeMapper.TypeOf(item.Type),
            Size = BytesToWrite(item),
        };
    }
}
