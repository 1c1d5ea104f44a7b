using ProdOps.Backup.Trees;
using ProdOps.Servers.Commands;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Archiving.Streams;

/// <summary>
/// What commands print, as files: one command after the other, each cut into pieces while it runs, so that memory does not grow with its
/// output. The root's tree is finished only after the last command has ended with 0: whatever else happens, there is nothing that a snapshot
/// could be made of.
/// </summary>
/// <param name="shell">Where the commands run.</param>
/// <param name="files">The files.</param>
/// <param name="time">The time that the files bear.</param>
internal sealed class StreamSource(IServerShell shell, IReadOnlyList<StreamFile> files, DateTimeOffset time) : ArchiveSource
{
    private readonly Dictionary<string, StreamFile> _files = files.ToDictionary(file => file.Path, StringComparer.Ordinal);

    public override IOwnerNames Owners { get; } = new NoNames();

    public override bool IsRemote => true;

    public override async Task FeedAsync(ArchiveWorker worker, PendingTree root, CancellationToken cancellationToken)
    {
        var cutter = new FileCutter(worker.Pipeline, worker) { HandsOverSmallFiles = false };
        await FillAsync(worker, cutter, root, TargetTree.From(files.Select(file => FileNames.Encode(file.Path))), cancellationToken);
    }

    public override IWorkReader CreateReader(ArchiveWorker worker) => NoWork.Instance;

    private async Task FillAsync(ArchiveWorker worker, FileCutter cutter, PendingTree tree, TargetTree targets, CancellationToken cancellationToken)
    {
        var previous = await worker.ReadPreviousAsync(tree, cancellationToken);
        var names = targets.Children.Keys.ToArray();
        tree.SetCount(names.Length);
        for (int slot = 0; slot < names.Length; slot++)
        {
            byte[] path = tree.PathOf(names[slot]);
            var before = previous.FindName(names[slot]);
            if (targets.Children[names[slot]].IsTarget)
            {
                var file = _files[FileNames.Decode(path)];
                await ReadAsync(worker, cutter, new PendingFile(tree, slot, CreateNode(names[slot], FileType.File, file.Permissions)), file, before, cancellationToken);
            }
            else
            {
                var below = ArchiveWorker.BeginDirectory(tree, slot, CreateNode(names[slot], FileType.Directory, 0x1ED), path, before); // 0755
                await FillAsync(worker, cutter, below, targets.Children[names[slot]], cancellationToken);
            }
        }
        worker.Arrive(tree);
    }

    private async Task ReadAsync(ArchiveWorker worker, FileCutter cutter, PendingFile pending, StreamFile file, Node? previous, CancellationToken cancellationToken)
    {
        var pipeline = worker.Pipeline;
        pipeline.Activity.Verbose($"{shell.Name}: reading {file.Title} into '{file.Path}'.");
        pending.Tree.Expect();
        cutter.Begin(pending);
        try
        {
            await using var stream = await CommandStream.StartAsync(shell, file, cancellationToken);
            int count;
            while ((count = await stream.Output.ReadAsync(cutter.Space, cancellationToken)) > 0) cutter.Advance(count);
            // The end of the output is no proof that all of it came: how the command ended is.
            await stream.EnsureSuccessAsync(cancellationToken);
        }
        catch
        {
            cutter.Abandon();
            throw;
        }
        long size = cutter.Finish();
        pending.Node.Size = (ulong)size;
        pipeline.Activity.Verbose($"{shell.Name}: '{file.Path}' has {ByteSize.Format(size)}.");
        Interlocked.Increment(ref previous is null ? ref pipeline.Counters.FilesNew : ref pipeline.Counters.FilesChanged);
        if (pending.Arrive()) worker.Finish(pending);
    }

    // As restic has files of --stdin: root's, with no inode to compare.
    private Node CreateNode(byte[] name, FileType type, uint permissions)
    {
        var stamp = UnixTime.From(time);
        return new Node
        {
            Name = name,
            Type = type,
            Mode = GoFileMode.From(type, permissions),
            ModifiedTime = stamp,
            AccessTime = stamp,
            ChangeTime = stamp,
            Links = type == FileType.File ? 1u : 0,
        };
    }

    private sealed class NoNames : IOwnerNames
    {
        public string GetUserName(uint userId) => "";

        public string GetGroupName(uint groupId) => "";
    }

    /// <summary>All of this source's work is done where it is fed.</summary>
    private sealed class NoWork : IWorkReader
    {
        public static NoWork Instance { get; } = new();

        public ValueTask ReadAsync(Work work, CancellationToken cancellationToken) => throw new InvalidOperationException("Commands are read in one place.");
    }
}
