using ProdOps.Servers.Commands;
using ProdOps.Servers.Files.Tar;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Files;

/// <summary>Copies a folder of a server to this machine: one listing, one archive, then everything is renamed into place.</summary>
internal sealed class TreeFetcher(IServerShell shell, CopyRequest request, CopyContext context)
{
    private const int MaximumOutput = 512 * 1024 * 1024;

    private readonly CopyOptions _options = request.Options;

    /// <summary>What it would do.</summary>
    public CopyPlan Plan(RemoteListing listing, CancellationToken cancellationToken) =>
        CopyPlan.Create(listing.Tree, LocalTree.Read(request.Destination, error => throw error, cancellationToken), _options);

    /// <summary>Copies what was listed.</summary>
    /// <exception cref="ProdOpsException">Nothing, or not all, could be copied; what was there is as it was unless the error says otherwise.</exception>
    public async Task<ServerCopyResult> FetchAsync(RemoteListing listing, CancellationToken cancellationToken)
    {
        long start = context.Time.GetTimestamp();
        if (listing.TarTool == "none") throw ServersErrors.TarMissing(shell.Name);
        try
        {
            var plan = Plan(listing, cancellationToken);
            if (plan.Destination.Root is { Type: not FileType.Directory }) throw ServersErrors.LocalDestinationNoFolder(request.Destination);
            context.Progress.Plan(plan.Bytes);
            string? algorithm = HashTool.AlgorithmOf(listing.SumTool);
            using var target = new LocalStaging(request.Destination, plan, _options.PreserveOwner, context.Time.GetUtcNow());
            var unpacker = new TarUnpacker(plan, target.Staged, shell.Name, algorithm, context.Progress) { PreserveOwner = _options.PreserveOwner };
            target.MakeFolders();
            if (plan.Files > 0) await UnpackAsync(plan, listing, unpacker, cancellationToken).ConfigureAwait(false);
            bool isVerified = algorithm is not null && await VerifyAsync(plan, listing, unpacker, cancellationToken).ConfigureAwait(false);
            if (algorithm is null) context.Activity.Warning($"Server '{shell.Name}' has no program for checksums, so the copy is not verified.");
            cancellationToken.ThrowIfCancellationRequested();
            target.Commit(unpacker.Failed);
            long errors = Report(plan, listing, unpacker.Failed);
            return new ServerCopyResult
            {
                Server = shell.Name,
                Source = request.Source,
                Destination = request.Destination,
                Files = plan.Files - unpacker.Failed.Count,
                Bytes = unpacker.Bytes,
                Skipped = plan.Skipped,
                Deleted = plan.Deletions(unpacker.Failed).Count,
                Errors = errors,
                Duration = context.Time.GetElapsedTime(start),
                Verified = isVerified,
                Algorithm = isVerified ? algorithm : null,
            };
        }
        catch (FileSystemException e)
        {
            throw e.ErrorName is "ENOSPC" or "EDQUOT" or "EFBIG" ? ServersErrors.LocalDiskFull(request.Destination, e) : ServersErrors.LocalCopyFailed(request.Destination, e);
        }
    }

    private async Task UnpackAsync(CopyPlan plan, RemoteListing listing, TarUnpacker unpacker, CancellationToken cancellationToken)
    {
        context.Activity.Verbose($"{shell.Name}: taking '{request.Source}' as one archive.");
        string tar = listing.TarTool switch
        {
            "gnu" => "tar --null --no-recursion --format=gnu -cf - -T -",
            "bsd" => "tar --null -n --format gnutar -cf - -T -",
            // Not all take names by a list, and those that do take them by the line. Several archives follow one another then.
            _ => "xargs -0 tar -cf -",
        };
        var names = plan.Steps.Where(step => step.IsSent && step.Item.Type != FileType.Directory).Select(step => step.Item.Path);
        byte[] input = RemoteTree.NamesInput(names);
        var command = new ServerCommand($"LC_ALL=C; export LC_ALL; unset POSIXLY_CORRECT TAPE TAR_OPTIONS; cd {ListScript.PathWord(request.Source)} || exit 71\nexec {tar}") { AsRoot = _options.AsRoot };
        var output = await shell.DrainAsync(command, input, (stream, token) => unpacker.UnpackAsync(new TarReader(stream, shell.Name), token), MaximumOutput, cancellationToken).ConfigureAwait(false);
        // tar ends with 1 when a file changed while it was read, and with 2 when one could not be (xargs: 123): each is looked at by itself.
        if (output.Exit.Code is not (<= 2 or 123)) throw ServersErrors.FetchFailed(shell.Name, request.Source, output.ErrorText);
        foreach (string line in output.ErrorText.Split('\n', StringSplitOptions.RemoveEmptyEntries).Take(10)) context.Activity.Verbose($"{shell.Name}: {ServersErrors.Printable(line)}");
    }

    /// <summary>
    /// Compares checksums with the server's. A file that was written to meanwhile, a log, is kept as it was at that moment, with a warning; any
    /// other difference is that file's error.
    /// </summary>
    private async Task<bool> VerifyAsync(CopyPlan plan, RemoteListing listing, TarUnpacker unpacker, CancellationToken cancellationToken)
    {
        if (unpacker.Checksums.Count == 0) return true;
        var names = unpacker.Checksums.Keys.ToHashSet(StringComparer.Ordinal);
        var command = new ServerCommand($"LC_ALL=C; export LC_ALL; cd {ListScript.PathWord(request.Source)} && exec xargs -0 {HashTool.ManyCommandFor(listing.SumTool)}") { AsRoot = _options.AsRoot };
        var options = new CommandRunOptions { Input = RemoteTree.NamesInput(names), MaximumOutput = MaximumOutput };
        var output = await shell.RunAsync(command, options, cancellationToken).ConfigureAwait(false);
        var there = ChecksumList.Parse(output.StandardOutput.Span, listing.SumTool, name => name is [(byte)'.', (byte)'/', ..] ? FileNames.Decode(name[2..]) : null, names);
        var different = unpacker.Checksums.Where(sum => there.GetValueOrDefault(sum.Key) != sum.Value).Select(sum => sum.Key).ToList();
        if (different.Count == 0) return true;
        var again = await RemoteTree.ReadAsync(shell, new ListRequest(request.Source, ListScope.Named) { Names = different, AsRoot = _options.AsRoot }, context.Activity, cancellationToken).ConfigureAwait(false);
        foreach (string path in different)
        {
            var before = plan.Source.Find(path)!;
            bool hasChanged = again.Tree.Find(path) is not { } now || now.Size != before.Size || now.Modified != before.Modified;
            if (hasChanged) context.Activity.Warning($"'{path}' of '{shell.Name}' was written to while it was copied: the copy is of that moment.");
            else unpacker.Failed[path] = "its checksum is another than the server's";
        }
        return false;
    }

    private long Report(CopyPlan plan, RemoteListing listing, Dictionary<string, string> failed)
    {
        foreach (string problem in listing.Problems) context.Activity.Warning($"{shell.Name}: {problem}");
        foreach (var (item, reason) in plan.Refused) context.Activity.Error(ServersErrors.ItemNotCopied(shell.Name, item.Path, reason));
        foreach (var (path, reason) in failed) context.Activity.Error(ServersErrors.ItemNotCopied(shell.Name, path, reason));
        plan.WarnOfKept(request.Destination, failed, context.Activity);
        return plan.Refused.Count + failed.Count;
    }
}
