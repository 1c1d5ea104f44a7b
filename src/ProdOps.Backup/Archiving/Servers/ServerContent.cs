using System.Threading.Channels;
using ProdOps.Servers;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Files.Tar;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Archiving.Servers;

/// <summary>
/// Gets from a server what the listing asks for: thousands of items at once, as one archive, while the next archive is already on its way. What
/// came counts once the archive's end is known and so is that nothing was written to meanwhile; what was is asked for once more.
/// </summary>
internal sealed class ServerContent(IServerShell shell, ServerFacts facts, ArchivePipeline pipeline, bool asRoot)
{
    public const int MaxItems = 4096;

    private const int MinItems = 512;
    private const long MaxBytes = 256 << 20, MinBytes = 8 << 20;

    /// <summary>One archive is read, and one waits.</summary>
    private const int MaxStarted = 2;

    private bool _hasReconnected;

    /// <summary>Nothing but archives is needed from the server any more, so that a lost connection can be made again.</summary>
    public bool ListingIsComplete { get; set; }

    public async Task RunAsync(ChannelReader<ServerItem> wanted, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var room = new SemaphoreSlim(MaxStarted);
        var started = Channel.CreateUnbounded<ArchiveRequest>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        var starting = StartAllAsync(wanted, started.Writer, room, stop.Token);
        using var worker = new ArchiveWorker(pipeline);
        var cutter = new FileCutter(pipeline, worker) { HandsOverSmallFiles = true };
        try
        {
            await foreach (var request in started.Reader.ReadAllAsync(stop.Token))
            {
                try
                {
                    await TakeAsync(request, new ArchiveTaker(shell.Name, pipeline, worker, cutter), stop.Token);
                }
                finally
                {
                    room.Release();
                }
            }
            await starting;
        }
        catch
        {
            await stop.CancelAsync();
            await starting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (started.Reader.TryRead(out var left)) await left.DisposeAsync();
            throw;
        }
    }

    /// <summary>A further name of a file is done when the first is, and as the first.</summary>
    public static void FinishFollower(ArchiveWorker worker, ServerItem follower, ServerItem first)
    {
        if (first.Stored is { } stored)
        {
            var node = follower.Node;
            (node.Content, node.ExtendedAttributes, node.Size) = (stored.Content, stored.ExtendedAttributes, stored.Size);
            (node.Mode, node.UserId, node.GroupId, node.User, node.Group) = (stored.Mode, stored.UserId, stored.GroupId, stored.User, stored.Group);
            (node.ModifiedTime, node.AccessTime, node.ChangeTime) = (stored.ModifiedTime, stored.AccessTime, stored.ChangeTime);
            follower.Tree[follower.Slot] = node;
            var counters = worker.Pipeline.Counters;
            Interlocked.Increment(ref follower.IsNew ? ref counters.FilesNew : ref counters.FilesChanged);
            Interlocked.Add(ref counters.BytesProcessed, (long)node.Size);
        }
        else worker.Pipeline.Fail(follower.Path, new FileSystemException("read", FileNames.Decode(follower.Path), "EIO", $"'{FileNames.Decode(first.Path)}', another name of it, could not be read"));
        worker.Arrive(follower.Tree);
    }

    private async Task StartAllAsync(ChannelReader<ServerItem> wanted, ChannelWriter<ArchiveRequest> started, SemaphoreSlim room, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            while (await wanted.WaitToReadAsync(cancellationToken))
            {
                // With one archive on its way there is time to collect for the next.
                await room.WaitAsync(cancellationToken);
                var items = await CollectAsync(wanted, cancellationToken);
                await started.WriteAsync(await StartAsync(items, cancellationToken), cancellationToken);
            }
        }
        catch (Exception e)
        {
            failure = e;
            throw;
        }
        finally
        {
            started.Complete(failure);
        }
    }

    private static async Task<List<ServerItem>> CollectAsync(ChannelReader<ServerItem> wanted, CancellationToken cancellationToken)
    {
        var items = new List<ServerItem>();
        long bytes = 0;
        while (items.Count < MaxItems && bytes < MaxBytes)
        {
            if (wanted.TryRead(out var item))
            {
                items.Add(item);
                bytes += (long)item.Node.Size;
            }
            else if (items.Count >= MinItems || bytes >= MinBytes || !await wanted.WaitToReadAsync(cancellationToken)) break;
        }
        return items;
    }

    private async Task<ArchiveRequest> StartAsync(IReadOnlyList<ServerItem> items, CancellationToken cancellationToken)
    {
        pipeline.Activity.Verbose($"{shell.Name}: asking for {items.Count:N0} items as one archive.");
        // Reading twice harms nobody, so a connection that died while it was kept is made again.
        var command = new ServerCommand(ServerScripts.Read(facts)) { AsRoot = asRoot, Idempotent = true };
        if (!facts.HasGetfattr) return new ArchiveRequest(items, [], await shell.StartAsync(command, cancellationToken), cancellationToken);
        var attributes = await AttributeList.ReadAsync(shell, items, asRoot, cancellationToken);
        // Folders and links have nothing else to ask for, and such a tar sends a folder with all that is in it.
        var sent = items.Where(item => item.Node.Type is FileType.File or FileType.BlockDevice or FileType.CharacterDevice).ToList();
        var process = sent.Count == 0 ? null : await shell.StartAsync(command, cancellationToken);
        return new ArchiveRequest(sent, [.. items.Except(sent)], process, cancellationToken) { Attributes = attributes };
    }

    private async Task TakeAsync(ArchiveRequest request, ArchiveTaker taker, CancellationToken cancellationToken)
    {
        var taken = await TakeOnceAsync(request, taker, cancellationToken);
        var again = await JudgeAsync(taken, taker, isLast: false, cancellationToken);
        if (again.Count == 0) return;
        var second = await TakeOnceAsync(await StartAsync(again, cancellationToken), taker, cancellationToken);
        await JudgeAsync(second, taker, isLast: true, cancellationToken);
    }

    /// <summary>Reads an archive. One that a lost connection cut off is asked for again, once in a run and only if nothing else was lost with it.</summary>
    private async Task<TakenArchive> TakeOnceAsync(ArchiveRequest request, ArchiveTaker taker, CancellationToken cancellationToken)
    {
        await using var first = request;
        ProdOpsException lost;
        try
        {
            return await taker.TakeAsync(request, cancellationToken);
        }
        catch (ProdOpsException e) when (e.ErrorId == ServersErrors.ConnectionLostId && ListingIsComplete && !_hasReconnected)
        {
            _hasReconnected = true;
            lost = e;
            pipeline.Activity.Warning($"The connection to '{shell.Name}' was lost; connecting again to read the rest.");
        }
        await using var second = await StartAgainAsync([.. request.Items.Where(item => !item.IsDone)], lost, cancellationToken);
        return await taker.TakeAsync(second, cancellationToken);
    }

    private async Task<ArchiveRequest> StartAgainAsync(IReadOnlyList<ServerItem> items, ProdOpsException lost, CancellationToken cancellationToken)
    {
        try
        {
            return await StartAsync(items, cancellationToken);
        }
        catch (ProdOpsException e)
        {
            // That the connection was lost is what happened; that it cannot be made again only follows.
            pipeline.Activity.Verbose($"{shell.Name}: {e.Message}");
            throw lost;
        }
    }

    /// <summary>Decides what counts; the answer is what is to be asked for once more.</summary>
    private async Task<List<ServerItem>> JudgeAsync(TakenArchive taken, ArchiveTaker taker, bool isLast, CancellationToken cancellationToken)
    {
        if (taken.Files.Count == 0 && taken.Missing.Count == 0) return [];
        // GNU tar looks at each file after it has read it, and its exit code tells whether all were still the same.
        if (facts.IsGnuTar && taken.Exit.Succeeded && taken.Missing.Count == 0)
        {
            foreach (var file in taken.Files) taker.Keep(file);
            return [];
        }
        var now = await ServerLook.RunAsync(shell, facts, taken.Files.Select(file => file.Item).Concat(taken.Missing), asRoot, cancellationToken);
        var again = new List<ServerItem>();
        foreach (var file in taken.Files)
        {
            FileStat? stat = now.TryGetValue(file.Item, out var found) ? found : null;
            if (file.IsStill(stat)) taker.Keep(file);
            else if (!isLast)
            {
                taker.Discard(file);
                Ask(file.Item, stat, taker, again);
            }
            else taker.KeepChanged(file, stat, mayBeTorn: taken.Complaints.Lines.Any(line => line.Contains("shrank", StringComparison.Ordinal)));
        }
        foreach (var item in taken.Missing)
        {
            FileStat? stat = now.TryGetValue(item, out var found) ? found : null;
            string? reason = taken.Complaints.Of(item.Path, facts.IsGnuTar);
            if (isLast || reason?.Contains("Permission denied", StringComparison.Ordinal) == true) taker.Fail(item, stat, reason);
            else Ask(item, stat, taker, again);
        }
        return again;
    }

    /// <summary>Makes ready to ask for an item again, as it is now.</summary>
    private void Ask(ServerItem item, FileStat? stat, ArchiveTaker taker, List<ServerItem> again)
    {
        if (stat is not { } now || now.Type != item.Node.Type)
        {
            taker.Fail(item, stat, null);
            return;
        }
        if (item.IsFile) item.Node = pipeline.Nodes.Create(item.Node.Name, now);
        again.Add(item);
    }
}

/// <summary>An archive that a server was asked for.</summary>
/// <param name="items">What is to come in it.</param>
/// <param name="described">What does not come in it, since <see cref="Attributes"/> tell all that was wanted.</param>
/// <param name="process">What sends it; <see langword="null"/> where nothing is to come.</param>
/// <param name="cancellationToken">Stops.</param>
internal sealed class ArchiveRequest(IReadOnlyList<ServerItem> items, IReadOnlyList<ServerItem> described, IServerProcess? process, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly Task _feeding = process?.SendInputAsync(new CommandRunOptions { Input = ServerScripts.Names(items.Select(item => item.Path)) }, cancellationToken) ?? Task.CompletedTask;
    private readonly Task<Complaints>? _complaints = process is null ? null : Complaints.ReadAsync(process.StandardError, cancellationToken);

    public IReadOnlyList<ServerItem> Items => items;

    public IReadOnlyList<ServerItem> Described => described;

    /// <summary>Extended attributes by path, where the archive does not tell them.</summary>
    public IReadOnlyDictionary<string, ExtendedAttribute[]>? Attributes { get; init; }

    public IServerProcess? Process => process;

    /// <summary>What the command says, once it has ended.</summary>
    public Task<Complaints> ReadComplaintsAsync() => _complaints ?? Task.FromResult(Complaints.None);

    /// <summary>An item's attributes, as the archive or another command tells them.</summary>
    public ExtendedAttribute[] AttributesOf(ServerItem item, TarEntry? entry) =>
        Attributes is null ? [.. entry?.ExtendedAttributes ?? []] : Attributes.GetValueOrDefault(FileNames.Decode(item.Path), []);

    public async ValueTask DisposeAsync()
    {
        if (process is not null) await process.DisposeAsync();
        await Task.WhenAll(_feeding, ReadComplaintsAsync()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
