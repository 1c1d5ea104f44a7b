using System.Globalization;
using ProdOps.Servers.Commands;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Files;

/// <summary>Copies one file of a server to this machine; one that was cut goes on where it stopped.</summary>
internal sealed class FileFetcher(IServerShell shell, CopyRequest request, CopyContext context)
{
    private const int BufferSize = 512 * 1024;
    private const int MaximumErrors = 1024 * 1024;

    private readonly MetadataProblems _problems = new(error => throw error);

    /// <summary>Copies what was listed.</summary>
    public async Task<ServerCopyResult> FetchAsync(RemoteListing listing, CancellationToken cancellationToken)
    {
        try
        {
            long start = context.Time.GetTimestamp();
            var item = listing.Tree.Root!;
            context.Progress.Plan(item.Size);
            string full = Path.GetFullPath(request.Destination);
            using var folder = TargetFileSystem.Local.OpenRoot(Path.GetDirectoryName(full)!);
            byte[] name = FileNames.Encode(Path.GetFileName(full));
            if (folder.TryGetStat(name, out var stat) && stat.Type == FileType.Directory) throw ServersErrors.LocalDestinationFolder(request.Destination);
            var fetched = await FetchAsync(folder, name, item, listing.SumTool, cancellationToken).ConfigureAwait(false);
            // What an earlier copy left may have been damaged since; then all is fetched anew.
            if (!fetched.IsRight && fetched.Resumed > 0) fetched = await FetchAsync(folder, name, item, listing.SumTool, cancellationToken).ConfigureAwait(false);
            if (!fetched.IsRight) throw ServersErrors.CopyNotVerified(shell.Name, request.Source);
            if (listing.SumTool == "none") context.Activity.Warning($"Server '{shell.Name}' has no program for checksums, so the copy is not verified.");
            return new ServerCopyResult
            {
                Server = shell.Name,
                Source = request.Source,
                Destination = request.Destination,
                Files = 1,
                Bytes = item.Size - fetched.Resumed,
                Resumed = fetched.Resumed,
                Duration = context.Time.GetElapsedTime(start),
                Verified = fetched.Sum is not null,
                Checksum = fetched.Sum,
                Algorithm = HashTool.AlgorithmOf(listing.SumTool),
            };
        }
        catch (FileSystemException e)
        {
            throw IsFull(e) ? ServersErrors.LocalDiskFull(request.Destination, e) : ServersErrors.LocalCopyFailed(request.Destination, e);
        }
    }

    private async Task<Fetched> FetchAsync(TargetFolder folder, byte[] name, TreeItem item, string sumTool, CancellationToken cancellationToken)
    {
        string partial = PartialName.Of($"{shell.Name}:{request.Source}", item, FileNames.Decode(name));
        LocalPartial.RemoveOld(folder, context.Time.GetUtcNow());
        using var taken = LocalPartial.TakeOver(folder, partial, item.Size);
        try
        {
            return await FetchAsync(folder, taken.Name, name, item, sumTool, cancellationToken).ConfigureAwait(false);
        }
        catch (FileSystemException e) when (IsFull(e))
        {
            // What has come would keep the disk full.
            folder.Remove(taken.Name);
            throw;
        }
    }

    private async Task<Fetched> FetchAsync(TargetFolder folder, byte[] own, byte[] name, TreeItem item, string sumTool, CancellationToken cancellationToken)
    {
        using var hash = new ContentHash(HashTool.AlgorithmOf(sumTool));
        long resumed;
        using (var file = folder.OpenFile(own, write: true))
        {
            resumed = HashExisting(file, hash, cancellationToken);
            if (resumed > 0) context.Activity.Verbose($"{shell.Name}: {ByteSize.Format(resumed)} of '{request.Source}' are here from an earlier copy.");
            if (resumed < item.Size) await ReadRestAsync(file, hash, item, resumed, cancellationToken).ConfigureAwait(false);
            file.Flush();
        }
        string? sum = hash.Finish();
        if (sum is not null && !await IsSumAsync(sum, item.Size, sumTool, cancellationToken).ConfigureAwait(false))
        {
            folder.Remove(own);
            return new Fetched(resumed, sum, false);
        }
        folder.SetMetadata(own, CopyMetadata.Of(item, request.Options.PreserveOwner), _problems);
        folder.Rename(own, name);
        return new Fetched(resumed, sum, true);
    }

    private static bool IsFull(FileSystemException error) => error.ErrorName is "ENOSPC" or "EDQUOT" or "EFBIG";

    private long HashExisting(TargetFile file, ContentHash hash, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[BufferSize];
        long offset = 0;
        int count;
        while ((count = file.Read(offset, buffer)) > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.Append(buffer.AsSpan(0, count));
            offset += count;
            context.Progress.Add(count, request.Source);
        }
        return offset;
    }

    private async Task ReadRestAsync(TargetFile file, ContentHash hash, TreeItem item, long resumed, CancellationToken cancellationToken)
    {
        context.Activity.Verbose($"{shell.Name}: taking '{request.Source}'.");
        file.Reserve(item.Size);
        string path = ListScript.PathWord(request.Source);
        // No more than was listed: a log that grows meanwhile would never end.
        string text = resumed == 0
            ? string.Create(CultureInfo.InvariantCulture, $"exec head -c {item.Size} {path}")
            : string.Create(CultureInfo.InvariantCulture, $"tail -c +{resumed + 1} {path} | head -c {item.Size - resumed}");
        long offset = resumed;
        var output = await shell.DrainAsync(new ServerCommand(text) { AsRoot = request.Options.AsRoot }, default, async (stream, token) =>
        {
            byte[] buffer = new byte[BufferSize];
            int count;
            while (offset < item.Size && (count = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(BufferSize, item.Size - offset)), token).ConfigureAwait(false)) > 0)
            {
                file.Write(offset, buffer.AsSpan(0, count));
                hash.Append(buffer.AsSpan(0, count));
                offset += count;
                context.Progress.Add(count, request.Source);
            }
            if (offset < item.Size) throw ServersErrors.TransferCut(shell.Name, request.Source, null);
        }, MaximumErrors, cancellationToken).ConfigureAwait(false);
        if (offset < item.Size) throw ServersErrors.FetchFailed(shell.Name, request.Source, output.ErrorText);
    }

    /// <summary>Whether the server's file has the checksum; of one that grew since, what was there when it was listed.</summary>
    private async Task<bool> IsSumAsync(string sum, long size, string sumTool, CancellationToken cancellationToken)
    {
        string path = ListScript.PathWord(request.Source), tool = HashTool.CommandFor(sumTool);
        foreach (string text in new[] { $"{tool} < {path}", string.Create(CultureInfo.InvariantCulture, $"head -c {size} {path} | {tool}") })
        {
            var output = await shell.RunAsync(new ServerCommand(text) { AsRoot = request.Options.AsRoot, Idempotent = true }, cancellationToken).ConfigureAwait(false);
            if (output.EnsureSuccess().Lines is [var line, ..] && ChecksumList.FirstSum(line, sumTool) == sum) return true;
        }
        return false;
    }

    private readonly record struct Fetched(long Resumed, string? Sum, bool IsRight);
}
