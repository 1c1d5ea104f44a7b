using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Archiving;

/// <summary>
/// Where a run's items come from. A source says what there is; comparing with the parent snapshot, cutting, storing and the trees are the
/// same for every source.
/// </summary>
internal abstract class ArchiveSource
{
    /// <summary>Names of users and groups, as the source knows them.</summary>
    public abstract IOwnerNames Owners { get; }

    /// <summary>What was read came over a network, so that a run that fails keeps what it has stored.</summary>
    public virtual bool IsRemote => false;

    /// <summary>Entries of a folder come one by one, and not in the order of their names.</summary>
    public virtual bool TreesGrow => false;

    /// <summary>
    /// How the trees write times: as restic on this machine does, in its zone; or in UTC for what another machine has, so that what has not
    /// changed there is the same tree whichever machine reads it.
    /// </summary>
    public Rfc3339 Times => IsRemote ? Rfc3339.Utc : Rfc3339.Local;

    /// <summary>A path as messages show it.</summary>
    public virtual string Display(ReadOnlySpan<byte> path) => FileNames.Decode(path);

    /// <summary>
    /// Archives everything, or hands it to the pipeline's queue as work that <see cref="CreateReader"/> does. It may return before that work
    /// is done; the run is over when the root's last entry is.
    /// </summary>
    /// <param name="worker">For this source alone, until it returns.</param>
    /// <param name="root">The root's tree, still empty.</param>
    /// <param name="cancellationToken">Stops.</param>
    public abstract Task FeedAsync(ArchiveWorker worker, PendingTree root, CancellationToken cancellationToken);

    /// <summary>What does a worker's part of this source's own kinds of work.</summary>
    public abstract IWorkReader CreateReader(ArchiveWorker worker);
}

/// <summary>Does a source's own kinds of work, on one of the pipeline's threads.</summary>
internal interface IWorkReader
{
    ValueTask ReadAsync(Work work, CancellationToken cancellationToken);
}
