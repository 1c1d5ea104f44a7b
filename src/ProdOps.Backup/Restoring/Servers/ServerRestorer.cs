using ProdOps.Backup.Repositories;
using ProdOps.Backup.Trees;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Files;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Restoring.Servers;

/// <summary>
/// Restores to a server over SSH. Everything is unpacked by the server's tar in a folder of its own beside the destination, compared by checksum,
/// and only then renamed into place; until then nothing of the destination changes.
/// </summary>
internal sealed class ServerRestorer
{
    /// <summary>Who writes, whether tar makes holes (in a line each), and what tar says to an option for attributes: nothing, if it knows it.</summary>
    private const string Probe = """
        id -u
        case $(tar --version 2>/dev/null) in *GNU*|*bsdtar*) echo holes;; *) echo none;; esac
        tar --xattrs '--xattrs-include=*' --version 2>&1 >/dev/null

        """;

    private readonly Repository _source;
    private readonly IServerShell _shell;
    private readonly Abilities _abilities;
    private readonly SnapshotTree _tree;
    private readonly SnapshotFile _snapshot;
    private readonly ServerRestoreRequest _request;
    private readonly CopyContext _context;
    private readonly TreeSender _sender;

    private ServerRestorer(Repository repository, IServerShell shell, SnapshotTree tree, SnapshotFile snapshot, ServerRestoreRequest request, CopyContext context, Abilities abilities)
    {
        _shell = shell;
        _tree = tree;
        _snapshot = snapshot;
        _request = request;
        _context = context;
        (_source, _abilities) = (repository, abilities);
        var options = new CopyOptions
        {
            AsRoot = request.AsRoot,
            PreserveOwner = abilities.IsRoot,
            Special = abilities.IsRoot,
            Force = request.Restore.Overwrite is RestoreOverwrite.Always or RestoreOverwrite.IfNewer,
            MayReplace = MayReplaceOf(request.Restore.Overwrite),
            LeftAlone = tree.LeftAlone,
            Delete = request.Restore.DeleteExtra,
            Within = tree.Tops,
            IsLeftOut = tree.IsLeftOut,
        };
        var content = new SnapshotContent(repository, tree, abilities.TakesAttributes, request.Restore.Sparse && abilities.TakesHoles);
        var copy = new CopyRequest("/", request.Restore.Destination, options) { Content = content };
        _sender = new TreeSender(shell, copy, context);
    }

    private sealed record Abilities(bool IsRoot, bool TakesAttributes, bool TakesHoles);

    /// <summary>Reads what is to be restored, and asks the server what it can do. The repository's index is loaded.</summary>
    public static async Task<ServerRestorer> CreateAsync(
        Repository repository, SnapshotFile snapshot, ServerRestoreRequest request, IServerShell shell, CopyContext context, CancellationToken cancellationToken)
    {
        if (!request.Restore.Destination.StartsWith('/')) throw BackupErrors.ServerDestinationNotAbsolute(shell.Name, request.Restore.Destination);
        var tree = await SnapshotTree.ReadAsync(repository, snapshot, request.Restore, context.Activity, cancellationToken);
        var command = new ServerCommand(Probe) { AsRoot = request.AsRoot, PosixLocale = true, Idempotent = true };
        var lines = (await shell.RunAsync(command, cancellationToken)).Lines;
        var abilities = new Abilities(lines is ["0", ..], lines.Count == 2, lines is [_, "holes", ..]);
        if (tree.HasAttributes && !abilities.TakesAttributes) context.Activity.Warning($"The tar of '{shell.Name}' keeps no extended attributes: they are not restored, nor are ACLs and capabilities.");
        if (request.Restore.Sparse && !abilities.TakesHoles) context.Activity.Warning($"The tar of '{shell.Name}' knows no holes: files are written whole.");
        if (!abilities.IsRoot) context.Activity.Warning($"Owners are not restored on '{shell.Name}', since only root may give files away: use -AsRoot.");
        return new ServerRestorer(repository, shell, tree, snapshot, request, context, abilities);
    }

    /// <summary>The same with another answer to what becomes of what is there; nothing is read again.</summary>
    public ServerRestorer With(RestoreOverwrite overwrite) =>
        new(_source, _shell, _tree, _snapshot, _request with { Restore = _request.Restore with { Overwrite = overwrite } }, _context, _abilities);

    /// <summary>The files that are restored whatever is there, each with its size; of a file with several names one.</summary>
    public IEnumerable<(string Path, long Size)> Files =>
        _tree.Tree.Items.Where(item => item.Type == FileType.File).DistinctBy(item => item.Links > 1 ? (item.Device, item.Inode, "") : (0, 0, item.Path)).Select(item => ($"{_request.Restore.Destination.TrimEnd('/')}/{item.Path}", item.Size));

    /// <summary>All that is restored, folders before what is in them, but for those above what was backed up or asked for.</summary>
    public IEnumerable<string> Items => _tree.Tree.Items.Where(item => !_tree.LeftAlone.Contains(item.Path)).Select(item => $"{_request.Restore.Destination.TrimEnd('/')}/{item.Path}");

    /// <summary>What the restore would do.</summary>
    public async Task<RestorePlan> PlanAsync(CancellationToken cancellationToken) =>
        Describe(await _sender.PlanAsync(_tree.Tree, cancellationToken), null, default);

    /// <summary>Restores.</summary>
    /// <exception cref="ProdOpsException">Nothing, or not all, could be restored; what was there is as it was unless the error says otherwise.</exception>
    public async Task<RestorePlan> ApplyAsync(CancellationToken cancellationToken)
    {
        long start = _context.Time.GetTimestamp();
        var (plan, result) = await _sender.CarryOutAsync(_tree.Tree, cancellationToken);
        return Describe(plan, result, _context.Time.GetElapsedTime(start));
    }

    private RestorePlan Describe(CopyPlan plan, ServerCopyResult? result, TimeSpan duration)
    {
        long bytes = plan.Steps.Sum(step => SizeOf(plan, step));
        return new RestorePlan
        {
            SnapshotId = _snapshot.Id.ToString(),
            Destination = $"{_shell.Name}:{_request.Restore.Destination}",
            Repository = _source.Location,
            Steps = [.. plan.Steps.Select(step => new RestoreStep
            {
                Action = step.Action switch
                {
                    ServerCopyAction.Create => RestoreAction.Create,
                    ServerCopyAction.Replace => RestoreAction.Overwrite,
                    ServerCopyAction.Delete => RestoreAction.Delete,
                    _ => RestoreAction.Metadata,
                },
                Path = $"{_shell.Name}:{_request.Restore.Destination.TrimEnd('/')}/{step.Item.Path}",
                Type = NodeMapper.TypeOf(step.Item.Type),
                Size = SizeOf(plan, step),
            })],
            Created = plan.Steps.Count(step => step.Action == ServerCopyAction.Create),
            Overwritten = plan.Steps.Count(step => step.Action == ServerCopyAction.Replace),
            Deleted = result?.Deleted ?? plan.Steps.Count(step => step.Action == ServerCopyAction.Delete),
            MetadataOnly = plan.Steps.Count(step => step.Action == ServerCopyAction.Metadata),
            Unchanged = plan.Skipped,
            BytesToWrite = bytes,
            BytesReused = plan.Source.Items.Where(item => item.Type == FileType.File && !plan.HardLinks.ContainsKey(item.Path)).Sum(item => item.Size) - bytes,
            Applied = result is not null,
            Errors = _tree.Errors + (result?.Errors ?? plan.Refused.Count),
            Verified = result is { Verified: true } ? result.Files : 0,
            Duration = duration,
        };
    }

    private static long SizeOf(CopyPlan plan, CopyStep step) =>
        step.IsSent && step.Item.Type == FileType.File && !plan.HardLinks.ContainsKey(step.Item.Path) ? step.Item.Size : 0;

    private static Func<TreeItem, TreeItem, bool>? MayReplaceOf(RestoreOverwrite overwrite) => overwrite switch
    {
        RestoreOverwrite.Never => (_, _) => false,
        RestoreOverwrite.IfNewer => (item, existing) => item.Modified.CompareTo(existing.Modified) > 0,
        _ => null,
    };
}
