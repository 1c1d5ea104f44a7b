using System.Text;
using System.Threading.Channels;
using ProdOps.Backup.Selection;
using ProdOps.Servers;
using ProdOps.Servers.Commands;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Archiving.Servers;

/// <summary>
/// A server's files, read over SSH with nothing but the server's own find (or stat) and tar. One command lists; what is not as in the parent
/// snapshot goes on to <see cref="ServerContent"/>, which asks for it meanwhile. How much may wait between the two is bounded, so the memory
/// that a run takes does not grow with the number of files: the list is never here as a whole.
/// </summary>
internal sealed class ServerSource : ArchiveSource
{
    /// <summary>Items that may wait to be asked for; then the listing waits, on the server.</summary>
    private const int MaxWaiting = 2 * ServerContent.MaxItems;

    private readonly IServerShell _shell;
    private readonly ServerProbe _probe;
    private readonly bool _asRoot;
    private readonly ServerOwners _owners;

    public ServerSource(IServerShell shell, ServerProbe probe, BackupRequest request, bool asRoot, IActivity activity)
    {
        _shell = shell;
        _probe = probe;
        _asRoot = asRoot;
        _owners = new ServerOwners(shell, probe.Facts);
        Selection = new EntrySelection(request.Selection, probe, probe.Targets, activity.Warning);
        Targets = TargetTree.From(probe.Targets);
        if (!probe.Facts.HasAttributes) activity.Verbose($"{shell.Name}: its tar tells no extended attributes and it has no getfattr, so they are not in the backup, nor are ACLs and capabilities.");
        if (!probe.Facts.HasFind) activity.Verbose($"{shell.Name}: it has no GNU find; stat tells what there is.");
    }

    public string Name => _shell.Name;

    public EntrySelection Selection { get; }

    public TargetTree Targets { get; }

    public override IOwnerNames Owners => _owners;

    public override bool TreesGrow => true;

    public override bool IsRemote => true;

    public override string Display(ReadOnlySpan<byte> path) => $"{_shell.Name}:{FileNames.Decode(path)}";

    public override async Task FeedAsync(ArchiveWorker worker, PendingTree root, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var wanted = Channel.CreateBounded<ServerItem>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true, SingleWriter = true });
        var content = new ServerContent(_shell, _probe.Facts, worker.Pipeline, _asRoot);
        var reading = StopOnFailureAsync(content.RunAsync(wanted.Reader, stop.Token), stop);
        try
        {
            var walk = new ServerWalk(worker, this, _probe, wanted.Writer);
            await walk.OpenTargetsAsync(root, Targets, stop.Token);
            await ListAsync(worker.Pipeline, walk, stop.Token);
            walk.Complete();
            content.ListingIsComplete = true;
            wanted.Writer.Complete();
            await reading;
        }
        catch
        {
            await stop.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // Where the reading failed, the listing was only cancelled.
            if (reading.IsFaulted) await reading;
            throw;
        }
    }

    public override IWorkReader CreateReader(ArchiveWorker worker) => NoWork.Instance;

    private async Task ListAsync(ArchivePipeline pipeline, ServerWalk walk, CancellationToken cancellationToken)
    {
        string mark = Guid.NewGuid().ToString("n");
        var rules = ListRules.From(Selection);
        pipeline.Activity.Verbose($"{_shell.Name}: listing.");
        var command = new ServerCommand(ServerScripts.List(_probe.Facts, walk.Order.Select(path => FileNames.Decode(path)), rules, mark)) { AsRoot = _asRoot };
        await using var process = await _shell.StartAsync(command, cancellationToken);
        await process.StandardInput.DisposeAsync();
        var complaints = Complaints.ReadAsync(process.StandardError, cancellationToken);
        var reader = new ListReader(process.StandardOutput, new ListParser(_shell.Name, _probe.Facts.HasFind ? null : Encoding.ASCII.GetBytes(mark)), _shell.Name);
        try
        {
            while (await reader.ReadAsync(cancellationToken) is { Kind: not 'Z' } record) await walk.AddAsync(record, cancellationToken);
        }
        catch (ProdOpsException e) when (e.ErrorId == ServersErrors.ListingNotUnderstood("", "").ErrorId)
        {
            // A lost connection looks like an end: asking how the command ended tells. One that still prints waits for a reader and does not end.
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(TimeSpan.FromSeconds(5));
            try
            {
                await process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                // The command does not end: what it printed is the error.
            }
            throw;
        }
        await process.WaitForExitAsync(cancellationToken);
        foreach (string line in (await complaints).Lines)
        {
            // What vanished while it was listed is not in the backup, like what was never there.
            if (line.EndsWith("No such file or directory", StringComparison.Ordinal) || line.Contains("can't stat", StringComparison.Ordinal) && line.Contains("No such file", StringComparison.Ordinal)) continue;
            Interlocked.Increment(ref pipeline.Counters.Errors);
            pipeline.Activity.Error(BackupErrors.ServerListingComplaint(_shell.Name, ServersErrors.Printable(line)));
        }
    }

    private static async Task StopOnFailureAsync(Task task, CancellationTokenSource others)
    {
        try
        {
            await task;
        }
        catch
        {
            await others.CancelAsync();
            throw;
        }
    }

    /// <summary>All of this source's work is done where it is fed.</summary>
    private sealed class NoWork : IWorkReader
    {
        public static NoWork Instance { get; } = new();

        public ValueTask ReadAsync(Work work, CancellationToken cancellationToken) => throw new InvalidOperationException("A server's files are read in one place.");
    }
}
