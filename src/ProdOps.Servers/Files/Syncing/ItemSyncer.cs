using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Files.Syncing;

/// <summary>A server as an end of a synchronisation.</summary>
/// <param name="Shell">Its shell.</param>
/// <param name="Kind">What is at the path: <c>folder</c>, <c>empty</c> for an empty one, <c>file</c>, <c>other</c>, <c>none</c>.</param>
internal sealed record SyncEnd(IServerShell Shell, string Kind)
{
    public bool IsFolder => Kind is "folder" or "empty";

    /// <summary>Looks at it.</summary>
    /// <exception cref="ProdOpsException">There is no rsync that will do.</exception>
    public static async Task<SyncEnd> ProbeAsync(IServerShell shell, string path, bool asRoot, CancellationToken cancellationToken)
    {
        var output = (await shell.RunAsync(RsyncScripts.Probe(path, asRoot), cancellationToken).ConfigureAwait(false)).EnsureSuccess();
        if (output.Lines is not [var version, var kind]) throw ServersErrors.RsyncTooOld(shell.Name, output.Text);
        if (version == "missing") throw ServersErrors.RsyncMissing(shell.Name);
        // "rsync  version 3.2.7  protocol version 32"; macOS says "rsync version 2.6.9 compatible".
        var words = version.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words is not ["rsync", "version", var number, ..] || number.TrimStart('v').Split('.', '-', 'p') is not [var major, var minor, ..]
            || !int.TryParse(major, out int first) || !int.TryParse(minor, out int second) || (first, second).CompareTo((3, 1)) < 0)
            throw ServersErrors.RsyncTooOld(shell.Name, version);
        return new SyncEnd(shell, kind);
    }
}

/// <summary>How a synchronisation ended.</summary>
/// <param name="Result">What was done.</param>
/// <param name="Error">Why that is not all; <see langword="null"/> if it is.</param>
internal sealed record SyncOutcome(ServerSyncResult Result, ProdOpsException? Error);

/// <summary>Makes a path of other servers the same as the source's, by rsync on both.</summary>
/// <param name="source">The source, looked at.</param>
/// <param name="path">The path, on all.</param>
/// <param name="options">How.</param>
/// <param name="activity">Where it tells what it does.</param>
/// <param name="time">The clock.</param>
internal sealed class ItemSyncer(SyncEnd source, string path, SyncOptions options, IActivity activity, TimeProvider time)
{
    private const int MaximumSteps = 2_000_000, Partial = 23, Vanished = 24;
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>A source that can be synchronised from.</summary>
    /// <exception cref="ProdOpsException">There is nothing there, or it is empty and the others would be emptied.</exception>
    public static async Task<ItemSyncer> OpenAsync(IServerShell shell, string path, SyncOptions options, IActivity activity, TimeProvider time, CancellationToken cancellationToken)
    {
        string trimmed = path.TrimEnd('/');
        if (IsRoot(trimmed)) throw ServersErrors.SyncRoot();
        var end = await SyncEnd.ProbeAsync(shell, trimmed, options.AsRoot, cancellationToken).ConfigureAwait(false);
        if (end.Kind == "root") throw ServersErrors.SyncRoot();
        if (!end.IsFolder && end.Kind != "file") throw ServersErrors.ServerSourceNotFound(shell.Name, trimmed);
        if (options.Delete && end.Kind == "empty") throw ServersErrors.SyncSourceEmpty(shell.Name, trimmed);
        return new ItemSyncer(end, trimmed, options, activity, time);
    }

    /// <summary>The path without a slash at its end.</summary>
    public string Path => path;

    /// <summary>Whether a path leads nowhere, as written: "", ".", "/srv/..". Links to the root are found where they are.</summary>
    private static bool IsRoot(string path)
    {
        int depth = 0;
        foreach (string part in path.Split('/'))
        {
            if (part == "..") depth = Math.Max(0, depth - 1);
            else if (part is not ("" or ".")) depth++;
        }

        return depth == 0;
    }

    /// <summary>What it would do to a server, by rsync's dry run.</summary>
    public async Task<IReadOnlyList<ServerSyncStep>> PlanAsync(IServerShell target, CancellationToken cancellationToken)
    {
        var steps = new List<ServerSyncStep>();
        var report = new RsyncReport
        {
            OnItem = item =>
            {
                if (item.Action is not { } action) return;
                if (steps.Count >= MaximumSteps) throw ServersErrors.SyncPlanTooLong(source.Shell.Name, MaximumSteps);
                bool isSent = action is ServerCopyAction.Create or ServerCopyAction.Replace;
                steps.Add(new ServerSyncStep { Server = target.Name, Action = action, Path = FullPath(item.Path), Size = isSent ? item.Size : 0, Itemized = item.Flags.TrimEnd() });
            },
        };
        var (_, error) = await RunAsync(target, new SyncRun(options) { DryRun = true }, report, cancellationToken).ConfigureAwait(false);
        return error is null ? steps : throw error;
    }

    /// <summary>Makes a server the same.</summary>
    public async Task<SyncOutcome> SyncAsync(IServerShell target, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        // Which items the patterns leave, only rsync knows.
        var named = options.Verify && options.Exclude.Count > 0 ? new HashSet<string>(StringComparer.Ordinal) : null;
        var report = new RsyncReport { OnItem = item => named?.Add(item.Path) };
        var (end, error) = await RunAsync(target, new SyncRun(options) { NameAll = named is not null }, report, cancellationToken).ConfigureAwait(false);
        bool? verified = null;
        if (options.Verify && error is null)
        {
            error = await CompareAsync(target, named, cancellationToken).ConfigureAwait(false);
            verified = error is null;
        }

        var result = new ServerSyncResult
        {
            Server = target.Name,
            Source = source.Shell.Name,
            Path = path,
            Files = report.Files,
            Corrected = report.Corrected,
            Deleted = report.Deleted,
            TotalItems = report.TotalItems,
            TotalSize = report.TotalSize,
            BytesSent = end.Sent,
            BytesReceived = end.Received,
            Duration = time.GetElapsedTime(start),
            Verified = verified,
            Problem = error?.Message,
        };
        return new SyncOutcome(result, error);
    }

    /// <summary>Runs both rsyncs.</summary>
    /// <returns>How they ended, and an error if not everything came over.</returns>
    /// <exception cref="ProdOpsException">They failed.</exception>
    private async Task<(RsyncEnd End, ProdOpsException? Error)> RunAsync(IServerShell target, SyncRun run, RsyncReport report, CancellationToken cancellationToken)
    {
        await CheckAsync(target, cancellationToken).ConfigureAwait(false);
        activity.Verbose($"{source.Shell.Name}: rsync of '{path}' to {target.Name}{(run.DryRun ? ", without changing anything" : "")}; the data goes through this machine.");
        var bridge = new RsyncBridge(source.Shell, target, time) { OnSent = Progress(target.Name), Patience = options.Patience };
        RsyncEnd end;
        try
        {
            end = await bridge.RunAsync(RsyncScripts.Source(path, source.IsFolder, run), words => RsyncServerArguments.Accept(words, run) is { } accepted
                ? RsyncScripts.Target(path, source.IsFolder, run, accepted)
                : throw ServersErrors.SyncRefused(source.Shell.Name, words), report.Add, cancellationToken).ConfigureAwait(false);
        }
        catch (ProdOpsException lost) when (lost.ErrorId == ServersErrors.ConnectionLostId)
        {
            throw ServersErrors.SyncCut(target.Name, path, lost);
        }

        return (end, Judge(end, target.Name, report));
    }

    private async Task CheckAsync(IServerShell target, CancellationToken cancellationToken)
    {
        string there = (await SyncEnd.ProbeAsync(target, path, options.AsRoot, cancellationToken).ConfigureAwait(false)).Kind;
        bool isFolder = there is "folder" or "empty";
        if (there != "none" && isFolder != source.IsFolder)
            throw source.IsFolder ? ServersErrors.DestinationNoFolder(target.Name, path) : ServersErrors.CopyFailed(target.Name, path, "a folder has the file's name");
    }

    private ProdOpsException? Judge(RsyncEnd end, string target, RsyncReport report)
    {
        string name = source.Shell.Name;
        var said = report.Complaints.Concat(end.TargetErrors.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToList();
        // That the connection closed is what the one says after the other has said why.
        var reasons = said.Where(line => !line.Contains("connection unexpectedly closed", StringComparison.Ordinal) && !line.Contains("error in rsync protocol data stream", StringComparison.Ordinal)).ToList();
        string errors = string.Join('\n', reasons.Count > 0 ? reasons : said);
        var exit = end.Source.Succeeded ? end.Target ?? end.Source : end.Source;
        switch (exit.Code)
        {
            case 0 or Vanished:
                foreach (string line in reasons) activity.Warning($"{name}: {ServersErrors.Printable(line)}");
                return null;
            case Partial when end.Target is { Code: 0 or Partial or Vanished }:
                return ServersErrors.SyncIncomplete(name, target, path, errors);
            default:
                throw ServersErrors.SyncFailed(name, target, path, exit, errors);
        }
    }

    /// <summary>Compares both sides, as Compare-ServerItem does. What the target has besides is no difference: it is kept unless it is to be deleted.</summary>
    private async Task<ProdOpsException?> CompareAsync(IServerShell target, HashSet<string>? named, CancellationToken cancellationToken)
    {
        activity.Verbose($"{target.Name}: comparing '{path}' with {source.Shell.Name} by checksums.");
        var trees = await Task.WhenAll(
            ItemReader.ReadAsync(source.Shell, path, options.AsRoot, activity, cancellationToken),
            ItemReader.ReadAsync(target, path, options.AsRoot, activity, cancellationToken)).ConfigureAwait(false);
        var different = new ItemComparer(path, [trees[0] with { Name = "source" }, trees[1] with { Name = "target" }]) { Reference = "source" }.Compare()
            .Where(item => !item.IsEqual && (options.Delete || !item.Versions[0].IsMissing) && (named is null || named.Contains(Below(item.Path)))).ToList();
        return different.Count == 0 ? null : ServersErrors.SyncNotVerified(source.Shell.Name, target.Name, different.Count, different[0].Path);
    }

    private Action<long> Progress(string target)
    {
        long sent = 0, start = time.GetTimestamp(), shown = start;
        return count =>
        {
            sent += count;
            long now = time.GetTimestamp();
            if (time.GetElapsedTime(shown, now) < ProgressInterval) return;
            shown = now;
            double seconds = time.GetElapsedTime(start, now).TotalSeconds;
            activity.Progress(new ActivityProgress("Synchronising servers", $"{target}:{path}: {ByteSize.Format(sent)}, {ByteSize.Format((long)(sent / seconds))}/s"));
        };
    }

    private string FullPath(string below) => below.Length == 0 || !source.IsFolder ? path : $"{path}/{below}";

    private string Below(string full) => source.IsFolder ? full.Length > path.Length ? full[(path.Length + 1)..] : "" : full[(path.LastIndexOf('/') + 1)..];
}
