using System.Globalization;
using System.Text;
using ProdOps.Servers.Commands;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Files;

/// <summary>Copies one file of this machine to a server; one that was cut goes on where it stopped.</summary>
internal sealed class FileSender(IServerShell shell, CopyRequest request, CopyContext context)
{
    /// <summary>Two lines are expected: what is there, and the checksum.</summary>
    private const int MaximumAnswers = 64 * 1024;

    private const int BufferSize = 512 * 1024;
    private const int Overtaken = 76, Cut = 77;
    private const int Attempts = 3, MaximumOvertaken = 10;

    private readonly CopyOptions _options = request.Options;

    /// <summary>Copies.</summary>
    /// <param name="item">The file, as it was listed.</param>
    /// <param name="there">What is at the destination.</param>
    /// <param name="cancellationToken">Cancels; what was sent by then is kept for the next copy.</param>
    public async Task<ServerCopyResult> SendAsync(TreeItem item, RemoteListing there, CancellationToken cancellationToken)
    {
        long start = context.Time.GetTimestamp();
        if (there.Free is { } free && free < item.Size) throw ServersErrors.ServerDiskFull(shell.Name, request.Destination, item.Size, free);
        context.Progress.Plan(item.Size);
        int overtaken = 0;
        for (int attempt = 1; ; attempt++)
        {
            var sent = await SendContentAsync(item, there.SumTool, cancellationToken).ConfigureAwait(false);
            if (sent.Sum is not null && sent.Sum != sent.There)
            {
                await DropAsync(sent.File, cancellationToken).ConfigureAwait(false);
                // What an earlier copy left may have been damaged since; then all is sent anew.
                if (sent.Resumed > 0 && attempt < Attempts) continue;
                throw ServersErrors.CopyNotVerified(shell.Name, request.Destination);
            }
            if (sent.Sum is null) context.Activity.Warning($"Server '{shell.Name}' has no program for checksums, so the copy is not verified.");
            var command = new ServerCommand(FileSendScripts.Commit(request.Destination, sent.File, item, _options.PreserveOwner)) { AsRoot = _options.AsRoot };
            var output = await shell.RunAsync(command, cancellationToken).ConfigureAwait(false);
            // Another copy of the same file took over what looked abandoned.
            if (output.Exit.Code == Overtaken && ++overtaken < MaximumOvertaken) continue;
            if (!output.Exit.Succeeded) throw Failure(output.Exit, output.ErrorText);
            return new ServerCopyResult
            {
                Server = shell.Name,
                ToServer = true,
                Source = request.Source,
                Destination = request.Destination,
                Files = 1,
                Bytes = item.Size - sent.Resumed,
                Resumed = sent.Resumed,
                Duration = context.Time.GetElapsedTime(start),
                Verified = sent.Sum is not null,
                Checksum = sent.Sum,
                Algorithm = HashTool.AlgorithmOf(there.SumTool),
            };
        }
    }

    private async Task<Sent> SendContentAsync(TreeItem item, string sumTool, CancellationToken cancellationToken)
    {
        string name = request.Destination[(request.Destination.LastIndexOf('/') + 1)..];
        string partial = PartialName.Of(request.Source, item, name);
        context.Activity.Verbose($"{shell.Name}: sending '{request.Source}' to '{request.Destination}'.");
        var command = new ServerCommand(FileSendScripts.Receive(request.Destination, partial, item.Size, sumTool)) { AsRoot = _options.AsRoot };
        await using var process = await shell.StartAsync(command, cancellationToken).ConfigureAwait(false);
        var errors = BoundedStream.ReadStartAsync(process.StandardError, cancellationToken);
        var answers = new BoundedStream(process.StandardOutput, MaximumAnswers, () => ServersErrors.OutputTooLarge(shell.Name, command.Text, MaximumAnswers));
        using var output = new StreamReader(answers, Encoding.ASCII, false, 1024, leaveOpen: true);
        long resumed = 0;
        string? sum = null, file = null;
        Exception? broken = null;
        try
        {
            (resumed, file) = ParseFirst(await output.ReadLineAsync(cancellationToken).ConfigureAwait(false), item.Size, partial);
            if (file is not null)
            {
                if (resumed > 0) context.Activity.Verbose($"{shell.Name}: {ByteSize.Format(resumed)} are there from an earlier copy.");
                sum = await WriteAsync(process.StandardInput, item, resumed, HashTool.AlgorithmOf(sumTool), cancellationToken).ConfigureAwait(false);
            }
            await process.StandardInput.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException and not FileSystemException or ObjectDisposedException)
        {
            broken = e; // How the command ended says why.
        }
        string? line = broken is null ? await output.ReadLineAsync(cancellationToken).ConfigureAwait(false) : null;
        var exit = await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        if (!exit.Succeeded)
        {
            string said = await errors.ConfigureAwait(false);
            // What has come would keep the disk full.
            if (file is not null && TreeSender.IsFull(said)) await DropAsync(file, cancellationToken).ConfigureAwait(false);
            throw Failure(exit, said);
        }
        if (broken is not null || file is null) throw ServersErrors.TransferCut(shell.Name, request.Destination, broken);
        return new Sent(resumed, file, sum, ChecksumList.FirstSum(line ?? "", sumTool));
    }

    /// <summary>How many bytes are there, and the name of the file.</summary>
    private static (long Resumed, string? File) ParseFirst(string? line, long size, string partial)
    {
        int space = line?.IndexOf(' ') ?? -1;
        if (space < 0 || !line.AsSpan(space + 1).StartsWith($"./{partial}.")) return (0, null);
        return long.TryParse(line.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out long have) && have <= size ? (have, line![(space + 1)..]) : (0, null);
    }

    /// <summary>Sends the rest of the file. All of it is read, for the checksum is of the whole.</summary>
    private async Task<string?> WriteAsync(Stream sink, TreeItem item, long resumed, string? algorithm, CancellationToken cancellationToken)
    {
        using var hash = new ContentHash(algorithm);
        using var file = SourceFileSystem.Local.OpenFile(FileNames.Encode(request.Source));
        await using var buffer = new DoubleBuffer(sink);
        if (file.GetStat().Size != item.Size) throw ServersErrors.SourceChanged(request.Source);
        for (long offset = 0; offset < item.Size;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long end = offset < resumed ? resumed : item.Size;
            var space = buffer.GetMemory()[..(int)Math.Min(BufferSize, end - offset)];
            int count = file.Read(space.Span);
            if (count == 0) throw ServersErrors.SourceChanged(request.Source);
            hash.Append(space.Span[..count]);
            if (offset >= resumed)
            {
                buffer.Advance(count);
                await buffer.FlushIfFullAsync(cancellationToken).ConfigureAwait(false);
            }
            offset += count;
            context.Progress.Add(count, request.Source);
        }
        await buffer.CompleteAsync(cancellationToken).ConfigureAwait(false);
        return hash.Finish();
    }

    private Task DropAsync(string file, CancellationToken cancellationToken) =>
        shell.RunAsync(new ServerCommand(FileSendScripts.Drop(request.Destination, file)) { AsRoot = _options.AsRoot }, cancellationToken);

    private ProdOpsException Failure(CommandExit exit, string errors) => exit.Code switch
    {
        _ when TreeSender.IsFull(errors) => ServersErrors.ServerDiskFull(shell.Name, request.Destination),
        Cut => ServersErrors.TransferCut(shell.Name, request.Destination, null),
        71 or 72 => ServersErrors.DestinationNotWritable(shell.Name, request.Destination, errors),
        78 => ServersErrors.CopyOvertaken(shell.Name, request.Destination),
        _ => ServersErrors.CopyFailed(shell.Name, request.Destination, errors.Length > 0 ? errors : $"the command ended with {exit.Code}"),
    };

    private sealed record Sent(long Resumed, string File, string? Sum, string? There);
}
