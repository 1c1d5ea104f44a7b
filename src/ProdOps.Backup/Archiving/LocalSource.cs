using ProdOps.Backup.Selection;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Archiving;

/// <summary>Files that this machine reads itself: each worker lists folders and reads files.</summary>
internal sealed class LocalSource(SourceFileSystem files, EntrySelection selection, TargetTree targets) : ArchiveSource
{
    public SourceFileSystem Files => files;

    public EntrySelection Selection => selection;

    public override IOwnerNames Owners => files;

    public override async Task FeedAsync(ArchiveWorker worker, PendingTree root, CancellationToken cancellationToken)
    {
        if (targets.IsTarget) worker.Pipeline.Queue.Add(new DirectoryWork(root));
        else await new LocalReader(worker, this).ReadTargetsAsync(root, targets, cancellationToken);
    }

    public override IWorkReader CreateReader(ArchiveWorker worker) => new LocalReader(worker, this);
}
