using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Archiving;

/// <summary>Reads folders and files of this machine for one worker.</summary>
internal sealed class LocalReader(ArchiveWorker worker, LocalSource source) : IWorkReader
{
    private readonly ArchivePipeline _pipeline = worker.Pipeline;
    private readonly DirectoryListing _listing = new();
    private FileCutter? _cutter;

    public ValueTask ReadAsync(Work work, CancellationToken cancellationToken)
    {
        if (work is FileWork file)
        {
            ReadFile(file, cancellationToken);
            return default;
        }
        return ReadDirectoryAsync((DirectoryWork)work, cancellationToken);
    }

    /// <summary>Makes the folders above the targets and hands the targets themselves to the workers.</summary>
    public async Task ReadTargetsAsync(PendingTree tree, TargetTree targets, CancellationToken cancellationToken)
    {
        var previous = await worker.ReadPreviousAsync(tree, cancellationToken);
        var names = targets.Children.Keys.ToArray();
        tree.SetCount(names.Length);
        for (int slot = 0; slot < names.Length; slot++)
        {
            var target = targets.Children[names[slot]];
            byte[] path = tree.PathOf(names[slot]);
            if (GetTargetStat(path, follow: !target.IsTarget) is not { } stat) continue;
            int at = previous.FindFrom(names[slot], 0);
            var before = at < 0 ? null : previous[at];
            if (target.IsTarget)
            {
                if (!source.Selection.Includes(path, stat) || source.Selection.ReadTags(PathOrRoot(tree)).Exclude(names[slot])) continue;
                ReadEntry(tree, slot, names[slot], stat, before);
            }
            else if (stat.Type == FileType.Directory)
            {
                if (BeginDirectory(tree, slot, names[slot], path, stat, before) is not { } below) continue;
                await ReadTargetsAsync(below, target, cancellationToken);
            }
        }
        worker.Arrive(tree);
    }

    private FileStat? GetTargetStat(byte[] path, bool follow)
    {
        try
        {
            return source.Files.GetStat(path, follow);
        }
        catch (FileSystemException e)
        {
            _pipeline.Fail(path, e);
            return null;
        }
    }

    private async ValueTask ReadDirectoryAsync(DirectoryWork work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var previous = await worker.ReadPreviousAsync(work.Tree, cancellationToken);
        ReadDirectory(work.Tree, previous);
    }

    private void ReadDirectory(PendingTree tree, IReadOnlyList<Node> previous)
    {
        var path = PathOrRoot(tree);
        try
        {
            source.Files.ReadDirectory(path, _listing);
        }
        catch (FileSystemException e)
        {
            _pipeline.Fail(path, e);
            worker.LeaveOut(tree);
            return;
        }
        foreach (var (name, error) in _listing.Failures) _pipeline.Fail(tree.PathOf(name), error);
        var tags = source.Selection.ReadTags(path, _listing);
        bool all = source.Selection.IncludesAll;
        tree.SetCount(_listing.Count);
        for (int slot = 0, before = 0; slot < _listing.Count; slot++)
        {
            var name = _listing.NameOf(slot);
            ref readonly var stat = ref _listing.StatOf(slot);
            if (stat.Type == FileType.Socket || tags.Exclude(name) || !(all || source.Selection.Includes(tree.PathOf(name), stat))) continue;
            int at = previous.FindFrom(name, before);
            var known = at < 0 ? null : previous[at];
            before = at < 0 ? ~at : at + 1;
            ReadEntry(tree, slot, known is not null ? known.Name : name.ToArray(), stat, known);
        }
        worker.Arrive(tree);
    }

    private void ReadEntry(PendingTree tree, int slot, byte[] name, in FileStat stat, Node? previous)
    {
        byte[]? path = null;
        try
        {
            switch (stat.Type)
            {
                case FileType.Directory:
                    path = tree.PathOf(name);
                    if (BeginDirectory(tree, slot, name, path, stat, previous) is { } below) _pipeline.Queue.Add(new DirectoryWork(below));
                    break;
                case FileType.File:
                    if (!TryKeepFile(tree, slot, name, stat, previous))
                    {
                        tree.Expect();
                        _pipeline.Queue.Add(new FileWork(tree, slot, name, previous));
                    }
                    break;
                default:
                    tree[slot] = _pipeline.Nodes.Reuse(stat, previous) ?? CreateNode(name, tree.PathOf(name), stat, previous);
                    break;
            }
        }
        catch (FileSystemException e)
        {
            _pipeline.Fail(path ?? tree.PathOf(name), e);
        }
    }

    private bool TryKeepFile(PendingTree tree, int slot, byte[] name, in FileStat stat, Node? previous)
    {
        if (!_pipeline.Nodes.IsContentUnchanged(stat, previous) || !worker.IsStored(previous!.Content!)) return false;
        var node = _pipeline.Nodes.Reuse(stat, previous);
        if (node is null)
        {
            node = CreateNode(name, tree.PathOf(name), stat, previous);
            node.Content = previous.Content;
        }
        worker.Keep(tree, slot, node);
        return true;
    }

    /// <summary>Puts a folder's entry into the tree above and returns its own tree, still to be filled.</summary>
    private PendingTree? BeginDirectory(PendingTree tree, int slot, byte[] name, byte[] path, in FileStat stat, Node? previous)
    {
        try
        {
            return ArchiveWorker.BeginDirectory(tree, slot, CreateNode(name, path, stat, previous), path, previous);
        }
        catch (FileSystemException e)
        {
            _pipeline.Fail(path, e);
            return null;
        }
    }

    /// <summary>An item's entry, with its attributes and link target; those of an item that nobody has touched are taken over from the parent.</summary>
    private Node CreateNode(byte[] name, ReadOnlySpan<byte> path, in FileStat stat, Node? previous)
    {
        var node = _pipeline.Nodes.Create(name, stat);
        bool untouched = _pipeline.Nodes.IsUntouched(stat, previous);
        node.ExtendedAttributes = untouched ? previous!.ExtendedAttributes : source.Files.ReadExtendedAttributes(path);
        if (stat.Type == FileType.SymbolicLink) node.LinkTarget = untouched ? previous!.LinkTarget : source.Files.ReadLink(path);
        return node;
    }

    private void ReadFile(FileWork work, CancellationToken cancellationToken)
    {
        byte[] path = work.Tree.PathOf(work.Name);
        PendingFile? pending = null;
        var cutter = _cutter ??= new FileCutter(_pipeline, worker);
        try
        {
            using var file = source.Files.OpenFile(path);
            var stat = file.GetStat();
            if (stat.Type != FileType.File) throw new FileSystemException("open", FileNames.Decode(path), "EFTYPE", "it is no regular file any more");
            pending = new PendingFile(work.Tree, work.Slot, CreateNode(work.Name, path, stat, work.Previous));
            cutter.Begin(pending);
            ReadContent(file, cutter, cancellationToken);
            // What was read is what is stored, even if the file grew or shrank meanwhile.
            pending.Node.Size = (ulong)cutter.Finish();
        }
        catch (FileSystemException e)
        {
            cutter.Abandon();
            _pipeline.Fail(path, e);
            if (pending is null)
            {
                worker.Arrive(work.Tree);
                return;
            }
            pending.Failed = true;
        }
        if (!pending.Failed) Interlocked.Increment(ref work.Previous is null ? ref _pipeline.Counters.FilesNew : ref _pipeline.Counters.FilesChanged);
        if (pending.Arrive()) worker.Finish(pending);
    }

    private static void ReadContent(SourceFile file, FileCutter cutter, CancellationToken cancellationToken)
    {
        while (true)
        {
            var space = cutter.Space.Span;
            int read = file.Read(space);
            if (read > 0) cutter.Advance(read);
            // Fewer bytes come only at the end of the file. A long one may have grown meanwhile, which another read tells.
            if (read == 0 || (read < space.Length && cutter.IsSmall)) return;
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static ReadOnlySpan<byte> PathOrRoot(PendingTree tree) => tree.Path.Length == 0 ? "/"u8 : tree.Path;
}
