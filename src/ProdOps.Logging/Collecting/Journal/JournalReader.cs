using System.Buffers;
using System.Buffers.Binary;

namespace ProdOps.Logging.Collecting.Journal;

/// <summary>
/// Reads the Journal Export Format (systemd.io/JOURNAL_EXPORT_FORMATS): fields as <c>NAME=VALUE</c> and a line feed, or as a name, a line feed, a length of 64 bits, bytes
/// and a line feed; an empty line ends an entry. What is not that is <c>CollectReplyNotUnderstood</c>.
/// </summary>
/// <param name="stream">The entries.</param>
/// <param name="server">The server's name, for messages.</param>
internal sealed class JournalReader(Stream stream, string server) : IDisposable
{
    /// <summary>A longer value is dropped, as journalctl drops it from its JSON; a core dump is no line of a log.</summary>
    public const int MaximumValue = 512 * 1024;

    private const int MaximumEntry = 1024 * 1024, MaximumFields = 4096, MaximumName = 256;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(MaximumValue + (64 * 1024));
    private int _start, _end;

    /// <summary>Reads the next entry.</summary>
    /// <returns>False at the end. An entry that the end cuts is none.</returns>
    public async ValueTask<bool> ReadAsync(JournalEntry entry, CancellationToken cancellationToken)
    {
        entry.Clear();
        while (true)
        {
            int length = await FindLineAsync(cancellationToken).ConfigureAwait(false);
            if (length == AtEnd) return false;
            if (length == 0)
            {
                _start++;
                if (entry.Count > 0) return true;
                continue;
            }

            if (entry.Count >= MaximumFields) throw Wrong("an entry has too many fields");
            if (length == TooLong) await DropLineAsync(entry, cancellationToken).ConfigureAwait(false);
            else if (_buffer.AsSpan(_start, length).IndexOf((byte)'=') is >= 0 and var equals)
            {
                Add(entry, _buffer.AsSpan(_start, equals), _buffer.AsSpan(_start + equals + 1, length - equals - 1));
                _start += length + 1;
            }
            else await ReadBinaryAsync(entry, length, cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _start = _end = 0;
    }

    private const int AtEnd = -1, TooLong = -2;

    private static void Add(JournalEntry entry, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (value.Length > MaximumValue || entry.Length + value.Length > MaximumEntry) entry.AddDropped(name);
        else entry.Add(name, value);
    }

    private async ValueTask<int> FindLineAsync(CancellationToken cancellationToken)
    {
        int searched = 0;
        while (true)
        {
            int end = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (end >= 0) return searched + end;
            searched = _end - _start;
            if (searched > MaximumValue + MaximumName) return TooLong;
            if (!await FillAsync(cancellationToken).ConfigureAwait(false)) return AtEnd;
        }
    }

    /// <summary>A text that is too long: its name is kept.</summary>
    private async ValueTask DropLineAsync(JournalEntry entry, CancellationToken cancellationToken)
    {
        int equals = _buffer.AsSpan(_start, MaximumName).IndexOf((byte)'=');
        if (equals < 1) throw Wrong("a field has no name");
        entry.AddDropped(_buffer.AsSpan(_start, equals));
        while (true)
        {
            int end = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            _start = end < 0 ? _end : _start + end + 1;
            if (end >= 0) return;
            if (!await FillAsync(cancellationToken).ConfigureAwait(false)) return;
        }
    }

    private async ValueTask ReadBinaryAsync(JournalEntry entry, int nameLength, CancellationToken cancellationToken)
    {
        if (nameLength > MaximumName) throw Wrong("a field has no name");
        byte[] name = _buffer.AsSpan(_start, nameLength).ToArray();
        _start += nameLength + 1;
        await NeedAsync(sizeof(ulong), cancellationToken).ConfigureAwait(false);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(_buffer.AsSpan(_start));
        _start += sizeof(ulong);
        // DATA_SIZE_MAX of systemd is 768 MiB.
        if (length > 1UL << 30) throw Wrong("a field is too long");
        if (length <= MaximumValue)
        {
            await NeedAsync((int)length + 1, cancellationToken).ConfigureAwait(false);
            Add(entry, name, _buffer.AsSpan(_start, (int)length));
            _start += (int)length;
        }
        else
        {
            entry.AddDropped(name);
            for (long left = (long)length; left > 0;)
            {
                await NeedAsync(1, cancellationToken).ConfigureAwait(false);
                int step = (int)Math.Min(left, _end - _start);
                _start += step;
                left -= step;
            }

            await NeedAsync(1, cancellationToken).ConfigureAwait(false);
        }

        if (_buffer[_start++] != '\n') throw Wrong("a field is longer than it says");
    }

    private async ValueTask NeedAsync(int count, CancellationToken cancellationToken)
    {
        while (_end - _start < count)
            if (!await FillAsync(cancellationToken).ConfigureAwait(false)) throw LoggingErrors.ReplyCut(server);
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        int count;
        try
        {
            count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidDataException error)
        {
            throw LoggingErrors.ReplyNotUnderstood(server, "it is not compressed as it should be", error);
        }

        _end += count;
        return count > 0;
    }

    private ProdOpsException Wrong(string what) => LoggingErrors.ReplyNotUnderstood(server, what);
}
