using ProdOps.Backup.Trees;
using ProdOps.Servers;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Files.Tar;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Archiving.Servers;

/// <summary>What came of an archive.</summary>
/// <param name="Files">Files that were read to their end; each waits to be kept or discarded.</param>
/// <param name="Missing">What was asked for and did not come, or came as something else.</param>
/// <param name="Exit">How the command ended.</param>
/// <param name="Complaints">What it said.</param>
internal sealed record TakenArchive(List<TakenFile> Files, List<ServerItem> Missing, CommandExit Exit, Complaints Complaints);

/// <summary>A file as it came.</summary>
/// <param name="Item">The item.</param>
/// <param name="Pending">Its content.</param>
/// <param name="Size">How many bytes came.</param>
internal sealed record TakenFile(ServerItem Item, PendingFile Pending, long Size)
{
    /// <summary>Whether the file is the same now as when its reading began.</summary>
    public bool IsStill(FileStat? now) => now is { Type: FileType.File } stat && stat.Size == Size
        && stat.ChangeTime == Pending.Node.ChangeTime && stat.ModifiedTime == Pending.Node.ModifiedTime;
}

/// <summary>
/// Takes what a server's archive brings. Only what was asked for is looked at, in the order in which it was; no name in it is ever used as a path.
/// </summary>
internal sealed class ArchiveTaker(string server, ArchivePipeline pipeline, ArchiveWorker worker, FileCutter cutter)
{
    private static readonly TimeSpan CutPatience = TimeSpan.FromSeconds(5);

    public async Task<TakenArchive> TakeAsync(ArchiveRequest request, CancellationToken cancellationToken)
    {
        var files = new List<TakenFile>();
        var missing = new List<ServerItem>();
        bool isCut = false;
        int next = 0;
        foreach (var item in request.Described) Take(request, item, null);
        if (request.Process is null) return new TakenArchive(files, missing, new CommandExit(0), Complaints.None);
        try
        {
            var reader = new TarReader(request.Process.StandardOutput, server);
            while (await reader.ReadEntryAsync(cancellationToken) is { } entry)
            {
                int at = Find(request.Items, next, entry.Name);
                if (at < 0) continue;
                for (; next < at; next++) missing.Add(request.Items[next]);
                next++;
                var item = request.Items[at];
                if (entry.IsHardLink || entry.Type != item.Node.Type) missing.Add(item);
                else if (!item.IsFile) Take(request, item, entry);
                else
                {
                    // Not read to its end, it counts as missing.
                    missing.Add(item);
                    var file = await TakeFileAsync(request, item, entry, reader, cancellationToken);
                    missing.RemoveAt(missing.Count - 1);
                    files.Add(file);
                }
            }
        }
        catch (ProdOpsException e) when (e.ErrorId == ServersErrors.ArchiveCut("").ErrorId)
        {
            cutter.Abandon();
            isCut = true;
        }
        catch
        {
            cutter.Abandon();
            foreach (var file in files) Discard(file);
            throw;
        }
        for (; next < request.Items.Count; next++) missing.Add(request.Items[next]);
        var exit = await WaitForExitAsync(request.Process, files, isCut, cancellationToken);
        var complaints = await request.ReadComplaintsAsync();
        if (missing.Count == request.Items.Count && exit.Code is not (0 or 1 or 2 or 123)) throw BackupErrors.ServerReadFailed(server, exit, complaints.Lines);
        return new TakenArchive(files, missing, exit, complaints);
    }

    private async Task<CommandExit> WaitForExitAsync(IServerProcess process, List<TakenFile> files, bool isCut, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (isCut) patience.CancelAfter(CutPatience);
        try
        {
            return await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException) when (isCut && !cancellationToken.IsCancellationRequested)
        {
            // They are asked for again, or the run is over.
            foreach (var file in files) Discard(file);
            throw ServersErrors.ConnectionLost(server, null);
        }
        catch (ProdOpsException)
        {
            foreach (var file in files) Discard(file);
            throw;
        }
    }

    /// <summary>A file counts.</summary>
    public void Keep(TakenFile file)
    {
        Interlocked.Increment(ref file.Item.IsNew ? ref pipeline.Counters.FilesNew : ref pipeline.Counters.FilesChanged);
        if (file.Pending.Arrive()) worker.Finish(file.Pending);
    }

    /// <summary>
    /// A file that was written to both times it was read. As long as it only grew, what came is what it held at one moment; otherwise it may be the
    /// half of something, and is left out.
    /// </summary>
    public void KeepChanged(TakenFile file, FileStat? now, bool mayBeTorn)
    {
        bool isWhole = !mayBeTorn && now is { Type: FileType.File } stat && stat.Size >= file.Size;
        Interlocked.Increment(ref pipeline.Counters.Errors);
        pipeline.Activity.Error(BackupErrors.SourceChanging(pipeline.Source.Display(file.Item.Path), isWhole));
        if (isWhole)
        {
            Keep(file);
            return;
        }
        Discard(file);
        Finish(file.Item, null);
    }

    /// <summary>What was read of a file does not count. Its blobs may stay: whatever holds the same uses them.</summary>
    public void Discard(TakenFile file) => Interlocked.Add(ref pipeline.Counters.BytesProcessed, -file.Size);

    /// <summary>An item is not in the backup, or lacks what only the archive would have told.</summary>
    public void Fail(ServerItem item, FileStat? now, string? reason)
    {
        string errorName = now is not { } stat ? "ENOENT"
            : stat.Type != item.Node.Type ? "EFTYPE"
            : reason?.Contains("Permission denied", StringComparison.Ordinal) == true ? "EACCES" : "EIO";
        string why = errorName switch
        {
            "ENOENT" => "no such file or folder",
            "EFTYPE" => "it is something else by now",
            "EACCES" => "permission denied",
            _ => reason is null ? "the server's tar did not send it" : ServersErrors.Printable(reason),
        };
        pipeline.Fail(item.Path, new FileSystemException("read", FileNames.Decode(item.Path), errorName, why));
        // A folder stays for what is in it.
        if (item.Node.Type != FileType.Directory) item.Tree[item.Slot] = null;
        Finish(item, null);
    }

    private void Take(ArchiveRequest request, ServerItem item, TarEntry? entry)
    {
        item.Node.ExtendedAttributes = request.AttributesOf(item, entry);
        if (entry?.Type is FileType.BlockDevice or FileType.CharacterDevice) item.Node.Device = entry.Device;
        Finish(item, item.Node);
    }

    private void Finish(ServerItem item, Node? stored)
    {
        foreach (var follower in item.Finish(stored)) ServerContent.FinishFollower(worker, follower, item);
        worker.Arrive(item.Tree);
    }

    private async Task<TakenFile> TakeFileAsync(ArchiveRequest request, ServerItem item, TarEntry entry, TarReader reader, CancellationToken cancellationToken)
    {
        var node = item.Node;
        node.ExtendedAttributes = request.AttributesOf(item, entry);
        Describe(node, entry);
        var pending = new PendingFile(item.Tree, item.Slot, node)
        {
            Finished = (by, stored) =>
            {
                foreach (var follower in item.Finish(stored)) ServerContent.FinishFollower(by, follower, item);
            },
        };
        cutter.Begin(pending);
        while (true)
        {
            var piece = await reader.ReadContentAsync(cancellationToken);
            if (piece.IsEmpty) break;
            while (!piece.IsEmpty)
            {
                var space = cutter.Space;
                int length = Math.Min(space.Length, piece.Length);
                piece.Span[..length].CopyTo(space.Span);
                cutter.Advance(length);
                piece = piece[length..];
            }
        }
        long size = cutter.Finish();
        node.Size = (ulong)size;
        return new TakenFile(item, pending, size);
    }

    /// <summary>The archive tells what the file was when its reading began, which is what belongs to the content.</summary>
    private void Describe(Node node, TarEntry entry)
    {
        if (entry.Changed is not { } changed || changed == node.ChangeTime) return;
        var now = pipeline.Nodes.Create(node.Name, new FileStat
        {
            Type = FileType.File,
            Permissions = entry.Permissions,
            UserId = entry.UserId,
            GroupId = entry.GroupId,
            ModifiedTime = entry.Modified,
            AccessTime = entry.Accessed ?? entry.Modified,
            ChangeTime = changed,
        });
        (node.Mode, node.UserId, node.GroupId, node.User, node.Group) = (now.Mode, now.UserId, now.GroupId, now.User, now.Group);
        (node.ModifiedTime, node.AccessTime, node.ChangeTime) = (now.ModifiedTime, now.AccessTime, now.ChangeTime);
    }

    private static int Find(IReadOnlyList<ServerItem> items, int from, string name)
    {
        byte[] bytes = FileNames.Encode(name);
        // As it was asked for: a point, and the path from the root. Folders come with a slash behind.
        var path = bytes.AsSpan().StartsWith("./"u8) ? bytes.AsSpan(1) : bytes;
        if (path.Length > 1) path = path.TrimEnd((byte)'/');
        for (int i = from; i < items.Count; i++)
        {
            if (path.SequenceEqual(items[i].Path)) return i;
        }
        return -1;
    }
}
