using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Files.Tar;

/// <summary>
/// Reads an archive as it comes in. It checks the format, and no allocation is made by a number out of it; whether names may be used is
/// for the caller to say. One entry's content is read, or passed over, before the next entry. Archives may follow one another.
/// </summary>
/// <param name="stream">The archive; not disposed.</param>
/// <param name="origin">The server it comes from, for errors.</param>
internal sealed class TarReader(Stream stream, string origin)
{
    /// <summary>More is no header: names end at 4096 bytes, and all attributes of a file at 64 KiB on nearly every file system.</summary>
    private const int MaxExtension = 1024 * 1024;

    private readonly byte[] _buffer = new byte[256 * 1024];
    private int _start, _end;
    private SparseMap? _map;
    private long _content, _padding;
    private bool _atEnd;

    /// <summary>The next entry, or <see langword="null"/> where the stream ends after an archive's end mark.</summary>
    /// <exception cref="ProdOpsException">The archive is damaged, or stops before its end.</exception>
    public async ValueTask<TarEntry?> ReadEntryAsync(CancellationToken cancellationToken)
    {
        PaxRecords? pax = null;
        string? longName = null, longLink = null;
        while (true)
        {
            await SkipAsync(cancellationToken).ConfigureAwait(false);
            bool mayEnd = _atEnd && pax is null && longName is null && longLink is null;
            if (await TakeAsync(TarHeader.BlockSize, mayEnd, cancellationToken).ConfigureAwait(false) is not { } block) return null;
            if (_atEnd = TarHeader.IsEnd(block.Span)) continue;
            char type = Begin(block.Span);
            switch (type)
            {
                case 'x':
                    var text = await ReadExtensionAsync(cancellationToken).ConfigureAwait(false);
                    if (!PaxRecords.TryParse(text, out pax)) throw Damaged("an extended header is malformed");
                    break;
                case 'g':
                    await ReadExtensionAsync(cancellationToken).ConfigureAwait(false);
                    break;
                case 'L':
                    longName = ReadName(await ReadExtensionAsync(cancellationToken).ConfigureAwait(false));
                    break;
                case 'K':
                    longLink = ReadName(await ReadExtensionAsync(cancellationToken).ConfigureAwait(false));
                    break;
                default:
                    var entry = Describe(block.Span, pax, longName, longLink);
                    if (pax is { IsSparse: true } && entry is { Type: FileType.File, IsHardLink: false }) _map = await ReadMapAsync(entry.Size, cancellationToken).ConfigureAwait(false);
                    return entry;
            }
        }
    }

    /// <summary>The next piece of the content, in a buffer that the next call uses again; empty at its end. Holes are zeros.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadContentAsync(CancellationToken cancellationToken)
    {
        if (_map is not { } map) return await ReadStoredAsync(cancellationToken).ConfigureAwait(false);
        if (map.TakeHole() is { IsEmpty: false } hole) return hole;
        if (map.IsAtEnd) return default;
        if (_start == _end) await FillAsync(cancellationToken).ConfigureAwait(false);
        int length = map.TakeData((int)Math.Min(_content, _end - _start));
        var piece = _buffer.AsMemory(_start, length);
        _start += length;
        _content -= length;
        return piece;
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadStoredAsync(CancellationToken cancellationToken)
    {
        if (_content == 0) return default;
        if (_start == _end) await FillAsync(cancellationToken).ConfigureAwait(false);
        int length = (int)Math.Min(_content, _end - _start);
        var piece = _buffer.AsMemory(_start, length);
        _start += length;
        _content -= length;
        return piece;
    }

    private char Begin(ReadOnlySpan<byte> block)
    {
        if (!TarHeader.TryParse(block, out var header, out string? reason)) throw Damaged(reason);
        SetContent(header.Type is '0' or 'x' or 'g' or 'L' or 'K' ? header.Size : 0);
        return header.Type;
    }

    private TarEntry Describe(ReadOnlySpan<byte> block, PaxRecords? pax, string? longName, string? longLink)
    {
        if (!TarHeader.TryParse(block, out var header, out string? reason)) throw Damaged(reason);
        long stored = pax?.Size ?? header.Size, size = header.Type == '0' ? pax?.SparseSize ?? stored : stored;
        if (header.Type is not ('0' or '5') && size != 0) throw Damaged("an entry that is no file has content");
        if (header.Type == '0') SetContent(stored);
        return new TarEntry
        {
            Name = pax?.SparseName ?? pax?.Path ?? longName ?? header.Name,
            LinkName = pax?.LinkPath ?? longLink ?? header.LinkName,
            IsHardLink = header.Type == '1',
            Type = header.Type switch
            {
                '0' or '1' => FileType.File,
                '2' => FileType.SymbolicLink,
                '3' => FileType.CharacterDevice,
                '4' => FileType.BlockDevice,
                '5' => FileType.Directory,
                '6' => FileType.Fifo,
                _ => throw Damaged($"an entry is of the unknown type '{(char.IsAsciiLetterOrDigit(header.Type) ? header.Type : '?')}'"),
            },
            Size = header.Type == '0' ? size : 0,
            Permissions = header.Permissions,
            Modified = pax?.Modified ?? new UnixTime(header.Modified, 0),
            UserId = pax?.UserId ?? header.UserId,
            GroupId = pax?.GroupId ?? header.GroupId,
            Changed = pax?.Changed,
            Accessed = pax?.Accessed,
            Device = header.Type is '3' or '4' ? header.Device : 0,
            ExtendedAttributes = pax is { ExtendedAttributes.Count: > 0 } ? pax.ExtendedAttributes : Array.Empty<ExtendedAttribute>(),
            User = pax?.User ?? header.User,
            Group = pax?.Group ?? header.Group,
        };
    }

    private void SetContent(long size)
    {
        if (size > long.MaxValue - TarHeader.BlockSize) throw Damaged("a header's size is no size");
        _content = size;
        _padding = -size & (TarHeader.BlockSize - 1);
    }

    private async ValueTask<byte[]> ReadExtensionAsync(CancellationToken cancellationToken)
    {
        if (_content > MaxExtension) throw Damaged("an extended header is too long");
        byte[] text = new byte[_content];
        int length = 0;
        while (_content > 0)
        {
            var piece = await ReadStoredAsync(cancellationToken).ConfigureAwait(false);
            piece.CopyTo(text.AsMemory(length));
            length += piece.Length;
        }
        return text;
    }

    /// <summary>The map that a sparse file's content begins with: lines of decimal numbers, filled up to a whole block.</summary>
    private async ValueTask<SparseMap> ReadMapAsync(long size, CancellationToken cancellationToken)
    {
        var text = new SparseMapReader(size);
        long read = 0;
        while (!text.IsComplete)
        {
            if (_content == 0) throw Damaged("a sparse file's map is cut off");
            if (_start == _end) await FillAsync(cancellationToken).ConfigureAwait(false);
            int length = (int)Math.Min(_content, _end - _start), used = text.Append(_buffer.AsSpan(_start, length));
            if (used < 0) throw Damaged("a sparse file's map is malformed");
            _start += used;
            _content -= used;
            read += used;
        }
        for (long rest = -read & (TarHeader.BlockSize - 1); rest > 0;)
        {
            if (_content == 0) throw Damaged("a sparse file's map is cut off");
            if (_start == _end) await FillAsync(cancellationToken).ConfigureAwait(false);
            int length = (int)Math.Min(Math.Min(rest, _content), _end - _start);
            _start += length;
            _content -= length;
            rest -= length;
        }
        return text.Finish(_content) ?? throw Damaged("a sparse file's map does not fit its content");
    }

    private static string ReadName(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf((byte)0);
        return FileNames.Decode(end < 0 ? text : text[..end]);
    }

    private async ValueTask SkipAsync(CancellationToken cancellationToken)
    {
        _map = null;
        while (_content > 0) await ReadStoredAsync(cancellationToken).ConfigureAwait(false);
        while (_padding > 0)
        {
            if (_start == _end) await FillAsync(cancellationToken).ConfigureAwait(false);
            int length = (int)Math.Min(_padding, _end - _start);
            _start += length;
            _padding -= length;
        }
    }

    /// <summary>That many bytes in one piece, or null if the stream ends before the first and may do so.</summary>
    private async ValueTask<ReadOnlyMemory<byte>?> TakeAsync(int length, bool mayEnd, CancellationToken cancellationToken)
    {
        if (_buffer.Length - _start < length)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        while (_end - _start < length)
        {
            if (await TryReadMoreAsync(cancellationToken).ConfigureAwait(false)) continue;
            return mayEnd && _start == _end ? null : throw ServersErrors.ArchiveCut(origin);
        }
        var piece = _buffer.AsMemory(_start, length);
        _start += length;
        return piece;
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        (_start, _end) = (0, 0);
        if (!await TryReadMoreAsync(cancellationToken).ConfigureAwait(false)) throw ServersErrors.ArchiveCut(origin);
    }

    private async ValueTask<bool> TryReadMoreAsync(CancellationToken cancellationToken)
    {
        int count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        _end += count;
        return count > 0;
    }

    private ProdOpsException Damaged(string reason) => ServersErrors.ArchiveDamaged(origin, reason);
}
