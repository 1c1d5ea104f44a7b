using System.Buffers;
using ProdOps.Servers.Files.Tar;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Files;

/// <summary>Writes the archive of what a plan sends, straight from the files.</summary>
internal sealed class TarSender(CopyPlan plan, CopyRequest request, string? algorithm, CopyProgress progress)
{
    private static readonly byte[] Zeros = new byte[64 * 1024];

    private readonly byte[] _root = FileNames.Encode(request.Source);
    private readonly ITreeContent? _content = request.Content;
    private readonly ArrayBufferWriter<byte> _header = new();

    /// <summary>Checksums of the files that were sent, by path.</summary>
    public Dictionary<string, string> Checksums { get; } = new(StringComparer.Ordinal);

    /// <summary>Files that could not be read, or not to their end; they are not to be put in place.</summary>
    public Dictionary<string, string> Failed { get; } = new(StringComparer.Ordinal);

    public async Task SendAsync(Stream sink, CancellationToken cancellationToken)
    {
        await using var output = new DoubleBuffer(sink);
        using var hash = new ContentHash(algorithm);
        var folders = plan.SentFolders();
        // Folders twice: first so that they can be written in, last with their own permissions and times, after what is in them.
        foreach (string folder in folders) await WriteAsync(output, Describe(folder) with { Permissions = 0x1C0 }, cancellationToken).ConfigureAwait(false);
        foreach (var step in plan.Steps)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await output.FlushIfFullAsync(cancellationToken).ConfigureAwait(false);
            if (!step.IsSent || step.Item.Type == FileType.Directory) continue;
            if (step.Item.Type == FileType.SymbolicLink) await SendLinkAsync(output, step.Item, cancellationToken).ConfigureAwait(false);
            else if (step.Item.Type != FileType.File) await WriteAsync(output, ToEntry(step.Item), cancellationToken).ConfigureAwait(false);
            else await SendFileAsync(output, hash, step.Item, cancellationToken).ConfigureAwait(false);
        }
        foreach (string folder in folders.Reverse()) await WriteAsync(output, Describe(folder), cancellationToken).ConfigureAwait(false);
        output.Write(TarWriter.End);
        await output.CompleteAsync(cancellationToken).ConfigureAwait(false);
    }

    private TarEntry Describe(string folder) => ToEntry(plan.Source.Find(folder)!);

    private TarEntry ToEntry(TreeItem item) => _content is null ? EntryOf(item) : _content.Describe(item, EntryOf(item));

    private static TarEntry EntryOf(TreeItem item) => new()
    {
        Name = item.Path.Length == 0 ? "./" : item.Type == FileType.Directory ? $"./{item.Path}/" : $"./{item.Path}",
        Type = item.Type,
        Permissions = item.Permissions,
        Modified = item.Modified,
        UserId = item.UserId,
        GroupId = item.GroupId,
        User = item.User,
        Group = item.Group,
    };

    /// <summary>Writes a header, piece by piece: the attributes that a repository tells of may be of any length.</summary>
    private async Task WriteAsync(DoubleBuffer output, TarEntry entry, CancellationToken cancellationToken)
    {
        _header.ResetWrittenCount();
        TarWriter.Write(_header, entry);
        for (var left = _header.WrittenMemory; !left.IsEmpty;)
        {
            await output.FlushIfFullAsync(cancellationToken).ConfigureAwait(false);
            int count = Math.Min(left.Length, DoubleBuffer.Margin / 2);
            output.Write(left.Span[..count]);
            left = left[count..];
        }
    }

    private async Task SendLinkAsync(DoubleBuffer output, TreeItem item, CancellationToken cancellationToken)
    {
        if (item.LinkTarget is null) Failed[item.Path] = "its target cannot be read";
        else await WriteAsync(output, ToEntry(item) with { LinkName = item.LinkTarget }, cancellationToken).ConfigureAwait(false);
    }

    private async Task SendFileAsync(DoubleBuffer output, ContentHash hash, TreeItem item, CancellationToken cancellationToken)
    {
        if (plan.HardLinks.TryGetValue(item.Path, out string? leader))
        {
            if (Failed.TryGetValue(leader, out string? reason)) Failed[item.Path] = reason;
            else await WriteAsync(output, ToEntry(item) with { IsHardLink = true, LinkName = $"./{leader}" }, cancellationToken).ConfigureAwait(false);
            return;
        }
        if (_content is not null)
        {
            await SendKeptAsync(output, hash, item, _content, cancellationToken).ConfigureAwait(false);
            return;
        }
        try
        {
            using var file = SourceFileSystem.Local.OpenFile(LocalTree.PathOf(_root, item.Path));
            var stat = file.GetStat();
            if (stat.Type != FileType.File) Failed[item.Path] = "it is no file any more";
            else await SendContentAsync(output, hash, item with { Size = stat.Size, Modified = stat.ModifiedTime }, file, cancellationToken).ConfigureAwait(false);
        }
        catch (FileSystemException e) when (!Failed.ContainsKey(item.Path))
        {
            Failed[item.Path] = e.Reason;
        }
    }

    /// <summary>As many bytes as the header says: what a file grows by meanwhile is left out, and what it lost is filled up, since the header is gone.</summary>
    private async Task SendContentAsync(DoubleBuffer output, ContentHash hash, TreeItem item, SourceFile file, CancellationToken cancellationToken)
    {
        await WriteAsync(output, ToEntry(item) with { Size = item.Size }, cancellationToken).ConfigureAwait(false);
        for (long left = item.Size; left > 0;)
        {
            await output.FlushIfFullAsync(cancellationToken).ConfigureAwait(false);
            var space = output.GetMemory();
            int wanted = (int)Math.Min(left, Math.Min(space.Length, DoubleBuffer.Size));
            int count = Read(file, space.Span[..wanted], item);
            hash.Append(space.Span[..count]);
            output.Advance(count);
            left -= count;
            progress.Add(count, item.Path);
        }
        await PadAsync(output, item.Size, cancellationToken).ConfigureAwait(false);
        if (hash.Finish() is { } sum) Checksums[item.Path] = sum;
    }

    /// <summary>A file whose content is not this machine's. What cannot be had of it is filled up, since the header is gone, and the file is not put in place.</summary>
    private async Task SendKeptAsync(DoubleBuffer output, ContentHash hash, TreeItem item, ITreeContent content, CancellationToken cancellationToken)
    {
        var data = content.DataOf(item);
        await WriteAsync(output, ToEntry(item) with { Size = item.Size, Data = data }, cancellationToken).ConfigureAwait(false);
        var layout = new DataLayout(data, item.Size);
        string? failure = await content.SendAsync(item, PutAsync, cancellationToken).ConfigureAwait(false);
        if (layout.Left > 0) failure ??= "it is shorter than its size says";
        if (failure is not null) Failed[item.Path] = failure;
        while (layout.Left > 0) await PutAsync(Zeros).ConfigureAwait(false);
        await PadAsync(output, data is null ? item.Size : data.Sum(segment => segment.Size), cancellationToken).ConfigureAwait(false);
        if (hash.Finish() is { } sum && failure is null) Checksums[item.Path] = sum;

        async ValueTask PutAsync(ReadOnlyMemory<byte> piece)
        {
            while (!piece.IsEmpty && layout.Left > 0)
            {
                await output.FlushIfFullAsync(cancellationToken).ConfigureAwait(false);
                var space = output.GetMemory();
                int count = layout.Take(Math.Min(piece.Length, Math.Min(space.Length, DoubleBuffer.Size)), out bool isData);
                hash.Append(piece.Span[..count]);
                if (isData)
                {
                    piece[..count].CopyTo(space);
                    output.Advance(count);
                }
                piece = piece[count..];
                progress.Add(count, item.Path);
            }
        }
    }

    /// <summary>Zeros up to a whole block.</summary>
    private static async Task PadAsync(DoubleBuffer output, long size, CancellationToken cancellationToken)
    {
        await output.FlushIfFullAsync(cancellationToken).ConfigureAwait(false);
        int padding = TarWriter.PaddingOf(size);
        output.GetSpan(padding)[..padding].Clear();
        output.Advance(padding);
    }

    private int Read(SourceFile file, Span<byte> buffer, TreeItem item)
    {
        try
        {
            int count = file.Read(buffer);
            if (count > 0) return count;
            Failed.TryAdd(item.Path, "it became shorter while it was read");
        }
        catch (FileSystemException e)
        {
            Failed.TryAdd(item.Path, e.Reason);
        }
        buffer.Clear();
        return buffer.Length;
    }
}
