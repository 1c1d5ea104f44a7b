using System.Text;
using ProdOps.Servers.Commands;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Files;

/// <summary>Copies a folder of this machine to a server: one listing, one archive, one command that puts everything in place.</summary>
internal sealed class TreeSender(IServerShell shell, CopyRequest request, CopyContext context)
{
    private const int BadDestination = 71, BadStaging = 72, BadUnpacking = 73, BadRename = 74, Overtaken = 76;
    private const int MaximumOutput = 512 * 1024 * 1024;
    private static readonly TimeSpan CleanUpTime = TimeSpan.FromSeconds(10);

    /// <summary>A plan that was shown longer ago, while a question stood open, say, is made anew: somebody may have worked at the destination meanwhile.</summary>
    private static readonly TimeSpan PlanLifetime = TimeSpan.FromMinutes(1);

    private readonly CopyOptions _options = request.Options;
    private Shown? _shown;

    /// <summary>What it would do. What <see cref="SendAsync"/> does is this very plan, if it is fresh; otherwise a new one that deletes nothing else.</summary>
    public async Task<CopyPlan> PlanAsync(FileTree source, CancellationToken cancellationToken)
    {
        var (plan, listing) = await LookAsync(source, _options, cancellationToken).ConfigureAwait(false);
        _shown = new Shown(source, plan, listing, context.Time.GetTimestamp());
        return plan;
    }

    /// <summary>Copies.</summary>
    /// <exception cref="ProdOpsException">Nothing, or not all, could be copied; what was there is as it was unless the error says otherwise.</exception>
    public async Task<ServerCopyResult> SendAsync(FileTree source, CancellationToken cancellationToken) =>
        (await CarryOutAsync(source, cancellationToken).ConfigureAwait(false)).Result;

    /// <summary>As <see cref="SendAsync"/>; the answer has the plan that was carried out, too.</summary>
    public async Task<(CopyPlan Plan, ServerCopyResult Result)> CarryOutAsync(FileTree source, CancellationToken cancellationToken)
    {
        long start = context.Time.GetTimestamp();
        var (plan, listing) = TakeShown(source) ?? await LookAgainAsync(source, cancellationToken).ConfigureAwait(false);
        var run = await TrySendAsync(plan, listing, cancellationToken).ConfigureAwait(false);
        if (run is null)
        {
            // Another copy made the destination meanwhile: look again, and put it right.
            (plan, listing) = await LookAgainAsync(source, cancellationToken).ConfigureAwait(false);
            run = await TrySendAsync(plan, listing, cancellationToken).ConfigureAwait(false) ?? throw ServersErrors.CopyOvertaken(shell.Name, request.Destination);
        }
        var failed = run.Failed;
        long errors = Report(plan, failed);
        return (plan, new ServerCopyResult
        {
            Server = shell.Name,
            ToServer = true,
            Source = request.Source,
            Destination = request.Destination,
            Files = plan.Files - failed.Count,
            Bytes = plan.Bytes,
            Skipped = plan.Skipped,
            Deleted = plan.Deletions(failed).Count,
            Errors = errors,
            Duration = context.Time.GetElapsedTime(start),
            Verified = run.Algorithm is not null,
            Algorithm = run.Algorithm,
        });
    }

    private (CopyPlan, RemoteListing)? TakeShown(FileTree source)
    {
        if (_shown is not { IsUsed: false } shown || shown.Source != source || context.Time.GetElapsedTime(shown.At) >= PlanLifetime) return null;
        // It holds once: when it was carried out, the destination is another.
        _shown = shown with { IsUsed = true };
        return (shown.Plan, shown.Listing);
    }

    private Task<(CopyPlan Plan, RemoteListing Listing)> LookAgainAsync(FileTree source, CancellationToken cancellationToken)
    {
        var options = _options;
        if (options.Delete && _shown is { } shown && shown.Source == source)
        {
            var agreed = shown.Plan.Steps.Where(step => step.Action == ServerCopyAction.Delete).Select(step => step.Item.Path).ToHashSet(StringComparer.Ordinal);
            options = options with { MayDelete = item => agreed.Contains(item.Path) };
        }
        return LookAsync(source, options, cancellationToken);
    }

    private async Task<(CopyPlan Plan, RemoteListing Listing)> LookAsync(FileTree source, CopyOptions options, CancellationToken cancellationToken)
    {
        bool lists = options.Delete && options.Within is null;
        var list = new ListRequest(request.Destination, lists ? ListScope.Everything : ListScope.Named)
        {
            Names = lists ? [] : source.Items.Select(item => item.Path),
            Folders = options.Delete ? options.Within ?? [] : [],
            AsRoot = _options.AsRoot,
        };
        var listing = await RemoteTree.ReadAsync(shell, list, context.Activity, cancellationToken).ConfigureAwait(false);
        if (listing.Kind is "file" or "other") throw ServersErrors.DestinationNoFolder(shell.Name, request.Destination);
        if (listing.TarTool == "none") throw ServersErrors.TarMissing(shell.Name);
        if (options.LeftAlone.Contains("") && listing.Tree.IsFolder) source = source.WithRoot(listing.Tree.Root! with { Path = "" });
        return (CopyPlan.Create(source, listing.Tree, options), listing);
    }

    private async Task<SendRun?> TrySendAsync(CopyPlan plan, RemoteListing listing, CancellationToken cancellationToken)
    {
        if (plan.Destination.IsFolder && plan.Steps.Count == 0) return new SendRun([], HashTool.AlgorithmOf(listing.SumTool));
        long needed = plan.Bytes - BytesInHoles(plan);
        if (listing.Free is { } free && free < needed) throw ServersErrors.ServerDiskFull(shell.Name, request.Destination, needed, free);
        context.Progress.Plan(plan.Bytes);
        string id = Guid.NewGuid().ToString("n")[..16];
        string? algorithm = HashTool.AlgorithmOf(listing.SumTool);
        if (algorithm is null) context.Activity.Warning($"Server '{shell.Name}' has no program for checksums, so the copy is not verified.");
        var sender = new TarSender(plan, request, algorithm, context.Progress);
        bool isDone = false;
        try
        {
            string staging = "";
            if (!plan.Destination.IsFolder || plan.Steps.Any(step => step.IsSent))
            {
                var output = await UnpackAsync(sender, id, listing.SumTool, cancellationToken).ConfigureAwait(false);
                staging = TakeStaging(output, id, out var sums);
                if (algorithm is not null) Verify(sender, plan, sums.Span, listing.SumTool);
            }
            cancellationToken.ThrowIfCancellationRequested();
            isDone = await CommitAsync(plan, staging, sender.Failed, listing.TarTool is not ("gnu" or "bsd"), cancellationToken).ConfigureAwait(false);
            return isDone ? new SendRun(sender.Failed, algorithm) : null;
        }
        finally
        {
            if (!isDone) await CleanUpAsync(id).ConfigureAwait(false);
        }
    }

    private async Task<CommandOutput> UnpackAsync(TarSender sender, string id, string sumTool, CancellationToken cancellationToken)
    {
        context.Activity.Verbose($"{shell.Name}: sending '{request.Source}' as one archive for '{request.Destination}'.");
        var command = new ServerCommand(SendScripts.Receive(request, id, sumTool)) { AsRoot = _options.AsRoot };
        var output = await shell.FeedAsync(command, sender.SendAsync, MaximumOutput, cancellationToken).ConfigureAwait(false);
        if (!output.Exit.Succeeded) throw Failure(output);
        return output;
    }

    private async Task<bool> CommitAsync(CopyPlan plan, string staging, IReadOnlyDictionary<string, string> failed, bool linksLast, CancellationToken cancellationToken)
    {
        context.Activity.Verbose($"{shell.Name}: putting it in place.");
        var options = new CommandRunOptions { Input = SendScripts.Commit(plan, request.Destination, staging, failed, _options, linksLast) };
        var output = await shell.RunAsync(new ServerCommand("exec sh") { AsRoot = _options.AsRoot }, options, cancellationToken).ConfigureAwait(false);
        if (output.Exit.Code == Overtaken) return false;
        return output.Exit.Succeeded ? true : throw Failure(output);
    }

    private long BytesInHoles(CopyPlan plan) => request.Content is not { } content ? 0 : plan.Steps
        .Where(step => step.IsSent && step.Item.Type == FileType.File && !plan.HardLinks.ContainsKey(step.Item.Path))
        .Sum(step => content.DataOf(step.Item) is { } data ? step.Item.Size - data.Sum(piece => piece.Size) : 0);

    private string TakeStaging(CommandOutput output, string id, out ReadOnlyMemory<byte> sums)
    {
        var text = output.StandardOutput;
        int end = text.Span.IndexOf((byte)0);
        string first = end < 0 ? "" : Encoding.ASCII.GetString(text.Span[..end]);
        if (!first.StartsWith($"staging=./{CopyNames.Staging}{id}.", StringComparison.Ordinal)) throw Failure(output);
        sums = text[(end + 1)..];
        return first["staging=".Length..];
    }

    private void Verify(TarSender sender, CopyPlan plan, ReadOnlySpan<byte> sums, string sumTool)
    {
        var there = ChecksumList.Parse(sums, sumTool, name => name is [(byte)'.', (byte)'/', ..] ? FileNames.Decode(name[2..]) : null, sender.Checksums.Keys.Concat(plan.HardLinks.Keys).ToHashSet(StringComparer.Ordinal));
        foreach (var (path, sum) in sender.Checksums)
        {
            if (!sender.Failed.ContainsKey(path) && (!there.TryGetValue(path, out string? other) || other != sum)) throw ServersErrors.CopyNotVerified(shell.Name, path);
        }
    }

    private long Report(CopyPlan plan, IReadOnlyDictionary<string, string> failed)
    {
        foreach (var (item, reason) in plan.Refused) context.Activity.Error(ServersErrors.ItemNotCopied(shell.Name, item.Path, reason));
        foreach (var (path, reason) in failed) context.Activity.Error(ServersErrors.ItemNotCopied(shell.Name, path, reason));
        if (_options.Delete && plan.Source.IsPartial) context.Activity.Warning($"Nothing was deleted on '{shell.Name}', since not all that belongs there could be read.");
        plan.WarnOfKept(shell.Name, failed, context.Activity);
        return plan.Refused.Count + failed.Count;
    }

    private ProdOpsException Failure(CommandOutput output) => output.Exit.Code switch
    {
        _ when IsFull(output.ErrorText) => ServersErrors.ServerDiskFull(shell.Name, request.Destination),
        BadDestination or BadStaging => ServersErrors.DestinationNotWritable(shell.Name, request.Destination, output.ErrorText),
        BadUnpacking or BadRename => ServersErrors.CopyFailed(shell.Name, request.Destination, output.ErrorText),
        _ => ServersErrors.CopyFailed(shell.Name, request.Destination, output.ErrorText.Length > 0 ? output.ErrorText : $"the command ended with {output.Exit.Code}"),
    };

    internal static bool IsFull(string errors) => errors.Contains("No space left", StringComparison.OrdinalIgnoreCase) || errors.Contains("Wrote only", StringComparison.Ordinal) || errors.Contains("quota exceeded", StringComparison.OrdinalIgnoreCase);

    /// <summary>The copy has failed or was stopped. What it left on the server goes, if the server can be reached; else the next copy removes it.</summary>
    private async Task CleanUpAsync(string id)
    {
        using var limit = new CancellationTokenSource(CleanUpTime, context.Time);
        try
        {
            await shell.RunAsync(new ServerCommand(SendScripts.CleanUp(request.Destination, id)) { AsRoot = _options.AsRoot }, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ProdOpsException or OperationCanceledException or IOException)
        {
            context.Activity.Verbose($"{shell.Name}: what the copy left behind could not be removed: {e.Message}");
        }
    }

    private sealed record Shown(FileTree Source, CopyPlan Plan, RemoteListing Listing, long At)
    {
        public bool IsUsed { get; init; }
    }

    private sealed record SendRun(Dictionary<string, string> Failed, string? Algorithm);
}
