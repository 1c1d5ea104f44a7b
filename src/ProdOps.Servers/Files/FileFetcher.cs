using System.Globalization;
using ProdOps.Servers.Commands;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Files;

/// <summary>Copies one file of a server to this machine; one that was cut goes on where it stopped.</summary>
internal sealed class FileFetcher(IServerShell shell, CopyRequest request, CopyContext context)
{
    private const int BufferSize = 512 * 1024;
    private const int MaximumErrors = 1024 * 1024;
    private const long FlushEvery = 64 * 1024 * 1024;

    /// <summary>How the server reads, in bytes: head by itself takes 1 to 8 KiB at a time, which costs a fifth of the speed.</summary>
    private const int BlockSize = 128 * 1024;

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
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // The server reads and hashes the file while it is sent: afterwards would take as long again.
        var summing = ServerSumAsync(item.Size, sumTool, stop.Token);
        long resumed;
        string? sum;
        bool isRight;
        try
        {
            using var file = folder.OpenFile(own, write: true);
            resumed = HashExisting(file, hash, cancellationToken);
            if (resumed > 0) context.Activity.Verbose($"{shell.Name}: {ByteSize.Format(resumed)} of '{request.Source}' are here from an earlier copy.");
            if (resumed < item.Size) await ReadRestAsync(file, hash, item, resumed, cancellationToken).ConfigureAwait(false);
            file.Flush();
            sum = hash.Finish();
            isRight = await summing.ConfigureAwait(false) == sum;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)summing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        if (!isRight)
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
        long offset = resumed, flushed = resumed;
        var flushing = Task.CompletedTask;
        CommandOutput output;
        try
        {
            output = await shell.DrainAsync(new ServerCommand(Part(resumed, item.Size)) { AsRoot = request.Options.AsRoot }, default, ReadAsync, MaximumErrors, cancellationToken).ConfigureAwait(false);
            // Linux tells a failed write-back to one flush only: this one is asked as well as the last.
            await flushing.ConfigureAwait(false);
        }
        finally
        {
            // The file must not be closed while it is flushed.
            await flushing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        if (offset < item.Size) throw ServersErrors.FetchFailed(shell.Name, request.Source, output.ErrorText);

        async Task ReadAsync(Stream stream, CancellationToken token)
        {
            byte[] buffer = new byte[BufferSize];
            int count = (int)(resumed % BlockSize);
            // The server reads whole blocks; what is here of the first one is not needed.
            if (count > 0) await stream.ReadAtLeastAsync(buffer.AsMemory(0, count), count, throwOnEndOfStream: false, token).ConfigureAwait(false);
            while (offset < item.Size && (count = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(BufferSize, item.Size - offset)), token).ConfigureAwait(false)) > 0)
            {
                file.Write(offset, buffer.AsSpan(0, count));
                hash.Append(buffer.AsSpan(0, count));
                offset += count;
                context.Progress.Add(count, request.Source);
                if (offset - flushed < FlushEvery || !flushing.IsCompleted) continue;
                // The disk writes while more comes in, instead of all of it at the end.
                await flushing.ConfigureAwait(false);
                flushed = offset;
                flushing = Task.Run(file.Flush, CancellationToken.None);
            }
            if (offset < item.Size) throw ServersErrors.TransferCut(shell.Name, request.Source, null);
        }
    }

    /// <summary>The checksum of as much of the server's file as was listed, or <see langword="null"/> if the server has no program for it.</summary>
    private async Task<string?> ServerSumAsync(long size, string sumTool, CancellationToken cancellationToken)
    {
        if (sumTool == "none") return null;
        var output = await shell.RunAsync(new ServerCommand($"{Part(0, size)} | {HashTool.CommandFor(sumTool)}") { AsRoot = request.Options.AsRoot, Idempotent = true }, cancellationToken).ConfigureAwait(false);
        return output.EnsureSuccess().Lines is [var line, ..] ? ChecksumList.FirstSum(line, sumTool) : "";
    }

    /// <summary>Prints the file from the beginning of the offset's block to the size. No more than was listed: a log that grows meanwhile would never end.</summary>
    private string Part(long offset, long size)
    {
        string path = ListScript.PathWord(request.Source);
        long skip = offset / BlockSize, count = size / BlockSize - skip, rest = size % BlockSize;
        // A count of no blocks means all of them to some.
        return count == 0
            ? string.Create(CultureInfo.InvariantCulture, $"tail -c +{skip * BlockSize + 1} < {path} | head -c {rest}")
            : string.Create(CultureInfo.InvariantCulture, $"{{ dd bs={BlockSize} skip={skip} count={count} 2>/dev/null && head -c {rest}; }} < {path}");
    }

    private readonly record struct Fetched(long Resumed, string? Sum, bool IsRight);
}
