using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Restoring;

/// <summary>
/// Puts the content of blobs into files, from several threads at once. A file of one blob is made, written, given its metadata
/// and closed in one go; of a larger one the handle stays open until its last blob came. What is not whole at the end is removed.
/// </summary>
internal sealed class ContentWriter(PlannedRestore plan, ItemMaker maker, RestoreCounters counters) : IDisposable
{
    private const int MaxOpenFiles = 96;

    private readonly Lock _lock = new();
    private readonly Dictionary<int, GrowingFile> _growing = [];
    private long _clock;

    /// <summary>Writes a blob to one of its places.</summary>
    public void Write(in PlannedPart part, ReadOnlySpan<byte> content)
    {
        ref var item = ref plan.Items[part.Item];
        if (item.Is(ItemFlags.Failed)) return;
        if (item.PartCount == 1 && !item.Is(ItemFlags.InPlace)) WriteWhole(part.Item, content);
        else WritePart(part, content);
    }

    /// <summary>Gives up a file, reports why, and removes what was written of it.</summary>
    public void Abandon(int index, Func<bool, ProdOpsException> describe)
    {
        bool started = false;
        lock (_lock)
        {
            if (plan.Items[index].Is(ItemFlags.Failed)) return;
            maker.MarkFailed(index);
            if (_growing.TryGetValue(index, out var file))
            {
                started = file.Started;
                file.Abandoned = true;
                if (file.Users > 0) file = null;
                else _growing.Remove(index);
            }
            if (file is not null) Discard(file);
        }
        maker.Report(describe(started));
    }

    /// <summary>Removes every file that is not whole. Called when nobody writes any more.</summary>
    public void Dispose()
    {
        foreach (var file in _growing.Values) Discard(file);
        _growing.Clear();
    }

    private void WriteWhole(int index, ReadOnlySpan<byte> content)
    {
        try
        {
            maker.MakeFile(index, content);
            Interlocked.Add(ref counters.Bytes, content.Length);
        }
        catch (FileSystemException e)
        {
            maker.ThrowIfFull(index, e);
            Abandon(index, _ => BackupErrors.RestoreFailed(plan.DisplayPathOf(index), e));
        }
    }

    private void WritePart(in PlannedPart part, ReadOnlySpan<byte> content)
    {
        int index = part.Item;
        if (Begin(index) is not { } file) return;
        FileSystemException? failure = null;
        try
        {
            lock (file) file.Handle ??= Open(file);
            maker.WriteContent(index, file.Handle, content, part.FileOffset);
            Interlocked.Add(ref counters.Bytes, content.Length);
        }
        catch (FileSystemException e)
        {
            failure = e;
        }
        End(file, failure);
    }

    private GrowingFile? Begin(int index)
    {
        lock (_lock)
        {
            if (plan.Items[index].Is(ItemFlags.Failed)) return null;
            if (!_growing.TryGetValue(index, out var file)) _growing.Add(index, file = new GrowingFile { Item = index, Remaining = CountMissing(index) });
            file.Users++;
            file.LastUse = ++_clock;
            return file;
        }
    }

    private TargetFile Open(GrowingFile file)
    {
        CloseIdle();
        var handle = file.Started ? maker.Reopen(file.Item) : maker.Begin(file.Item);
        file.Started = true;
        return handle;
    }

    private void End(GrowingFile file, FileSystemException? failure)
    {
        if (failure is not null)
        {
            maker.ThrowIfFull(file.Item, failure);
            Abandon(file.Item, _ => BackupErrors.RestoreFailed(plan.DisplayPathOf(file.Item), failure));
        }
        lock (_lock)
        {
            file.Users--;
            if (failure is null) file.Remaining--;
            if (file.Abandoned ? file.Users > 0 : file.Remaining > 0) return;
            _growing.Remove(file.Item);
        }
        if (file.Abandoned) Discard(file);
        else Finish(file);
    }

    private void Finish(GrowingFile file)
    {
        try
        {
            maker.Complete(file.Item, file.Handle!);
        }
        catch (FileSystemException e)
        {
            maker.ThrowIfFull(file.Item, e);
            Abandon(file.Item, _ => BackupErrors.RestoreFailed(plan.DisplayPathOf(file.Item), e));
            Discard(file);
        }
        finally
        {
            file.Handle!.Dispose();
        }
    }

    private void Discard(GrowingFile file)
    {
        file.Handle?.Dispose();
        if (file.Started) maker.RemoveIncomplete(file.Item);
    }

    /// <summary>Closes the files that were not written to for longest, so that a restore of many large files does not run out of handles.</summary>
    private void CloseIdle()
    {
        lock (_lock)
        {
            if (_growing.Count < MaxOpenFiles) return;
            var idle = _growing.Values.Where(file => file is { Users: 0, Handle: not null }).OrderBy(file => file.LastUse).ToList();
            if (idle.Count < MaxOpenFiles / 2) return;
            foreach (var file in idle.Take(idle.Count / 2))
            {
                file.Handle!.Dispose();
                file.Handle = null;
            }
        }
    }

    private int CountMissing(int index)
    {
        ref var item = ref plan.Items[index];
        int missing = 0;
        for (int i = 0; i < item.PartCount; i++)
        {
            if (!plan.Parts[item.FirstPart + i].Present) missing++;
        }
        return missing;
    }

    private sealed class GrowingFile
    {
        public int Item;
        public TargetFile? Handle;
        public bool Started;
        public bool Abandoned;
        public int Users;
        public int Remaining;
        public long LastUse;
    }
}
