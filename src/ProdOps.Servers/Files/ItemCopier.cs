using ProdOps.Servers.Commands;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Files;

/// <summary>Copies a path, be it a file or a folder, between this machine and one server.</summary>
internal sealed class ItemCopier(IServerShell shell, CopyOptions options, CopyContext context)
{
    /// <summary>Copies to the server, or tells what that would do.</summary>
    /// <param name="path">The local path, in full.</param>
    /// <param name="source">What is there: read once for all servers.</param>
    /// <param name="destination">The path on the server. A file goes into a folder of that name, or into one if a slash ends it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<CopyJob> SendAsync(string path, FileTree source, string destination, CancellationToken cancellationToken)
    {
        string target = Trim(destination);
        if (source.IsFolder)
        {
            var sender = new TreeSender(shell, new CopyRequest(path, target, options), context);
            return new CopyJob(shell.Name, target, async token => await sender.PlanAsync(source, token).ConfigureAwait(false), token => sender.SendAsync(source, token));
        }
        var item = source.Root!;
        if (item.Type != FileType.File) throw ServersErrors.LocalSourceNotFound(path);
        var there = await LookAsync(target, cancellationToken).ConfigureAwait(false);
        if (there.Kind == "folder" || destination.EndsWith('/'))
        {
            target = Join(target, Path.GetFileName(path));
            there = await LookAsync(target, cancellationToken).ConfigureAwait(false);
            if (there.Kind == "folder") throw ServersErrors.CopyFailed(shell.Name, target, "a folder has the file's name");
        }
        return FileJob(path, target, item, there, token => new FileSender(shell, new CopyRequest(path, target, options), context).SendAsync(item, there, token), isSent: true);
    }

    /// <summary>Copies from the server, or tells what that would do.</summary>
    /// <param name="path">The path on the server.</param>
    /// <param name="destination">The local path, in full. A file goes into a folder of that name, or into one if a slash ends it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<CopyJob> FetchAsync(string path, string destination, CancellationToken cancellationToken)
    {
        string source = Trim(path);
        var request = new ListRequest(source, ListScope.Everything) { AsRoot = options.AsRoot };
        var listing = await RemoteTree.ReadAsync(shell, request, context.Activity, cancellationToken).ConfigureAwait(false);
        if (listing.Kind is not ("file" or "folder") || listing.Tree.Root is not { } item) throw ServersErrors.ServerSourceNotFound(shell.Name, path);
        if (listing.Tree.IsFolder)
        {
            string folder = Path.TrimEndingDirectorySeparator(destination);
            var fetcher = new TreeFetcher(shell, new CopyRequest(source, folder, options), context);
            return new CopyJob(shell.Name, folder, token => Task.FromResult(fetcher.Plan(listing, token)), token => fetcher.FetchAsync(listing, token));
        }
        string target = Directory.Exists(destination) || Path.EndsInDirectorySeparator(destination) ? Path.Join(destination, source[(source.LastIndexOf('/') + 1)..]) : destination;
        var there = LocalTree.Read(target, error => throw error, cancellationToken);
        return FileJob(source, target, item, listing, token => new FileFetcher(shell, new CopyRequest(source, target, options), context).FetchAsync(listing, token), isSent: false, there);
    }

    private CopyJob FileJob(string path, string target, TreeItem item, RemoteListing listing, Func<CancellationToken, Task<ServerCopyResult>> copy, bool isSent, FileTree? there = null)
    {
        var source = new FileTree(new TreeItem { Path = "", Type = FileType.Directory }, [item with { Path = "file" }]);
        var existing = (there ?? listing.Tree).Root;
        var destination = new FileTree(source.Root, existing is null ? [] : [existing with { Path = "file" }]);
        var plan = CopyPlan.Create(source, destination, options);
        var skipped = new ServerCopyResult { Server = shell.Name, ToServer = isSent, Source = path, Destination = target, Skipped = 1 };
        // Wrong permissions alone are put right by sending the file again: that is one rename instead of a race.
        return new CopyJob(shell.Name, target, _ => Task.FromResult(plan), plan.Steps.Count == 0 ? _ => Task.FromResult(skipped) : copy) { IsFile = true };
    }

    private Task<RemoteListing> LookAsync(string path, CancellationToken cancellationToken) =>
        RemoteTree.ReadAsync(shell, new ListRequest(path, ListScope.Root) { AsRoot = options.AsRoot }, context.Activity, cancellationToken);

    private static string Trim(string path) => path.TrimEnd('/') is { Length: > 0 } trimmed ? trimmed : path.Length > 0 ? "/" : ".";

    private static string Join(string folder, string name) => folder.EndsWith('/') ? folder + name : $"{folder}/{name}";
}

/// <summary>A copy that is ready to run.</summary>
/// <param name="Server">The server at the other end.</param>
/// <param name="Destination">The path that the copy will have.</param>
/// <param name="Plan">Tells what it takes.</param>
/// <param name="Run">Does it.</param>
internal sealed record CopyJob(string Server, string Destination, Func<CancellationToken, Task<CopyPlan>> Plan, Func<CancellationToken, Task<ServerCopyResult>> Run)
{
    /// <summary>True for a single file.</summary>
    public bool IsFile { get; init; }

    /// <summary>What it would do, item by item.</summary>
    public async Task<IReadOnlyList<ServerCopyStep>> DescribeAsync(CancellationToken cancellationToken)
    {
        var plan = await Plan(cancellationToken).ConfigureAwait(false);
        var steps = plan.Steps.Select(step => new ServerCopyStep
        {
            Server = Server,
            Action = step.Action,
            Path = IsFile ? Destination : step.Item.Path.Length == 0 ? Destination : $"{Destination.TrimEnd('/')}/{step.Item.Path}",
            Size = step.IsSent && step.Item.Type == FileType.File && !plan.HardLinks.ContainsKey(step.Item.Path) ? step.Item.Size : 0,
        });
        // A destination that is not there is made as well.
        return plan.Destination.IsFolder ? [.. steps] : [new ServerCopyStep { Server = Server, Action = ServerCopyAction.Create, Path = Destination }, .. steps];
    }
}
