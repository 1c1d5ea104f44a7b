using System.Buffers;
using System.Text;

namespace ProdOps.Logging.Collecting.Files;

/// <summary>Reads what a server answers: lines, and bytes whose number was told before. What is none of it is <c>CollectReplyNotUnderstood</c>.</summary>
/// <param name="stream">The answer.</param>
/// <param name="server">The server's name, for messages.</param>
internal sealed class ReplyReader(Stream stream, string server) : IDisposable
{
    private const int MaximumLine = 4096;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
    private int _start, _end;

    /// <summary>The next line without its end; <see langword="null"/> at the end of the answer.</summary>
    public async ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        int searched = 0;
        while (true)
        {
            int end = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (end >= 0)
            {
                string line = Encoding.Latin1.GetString(_buffer, _start, searched + end);
                _start += searched + end + 1;
                return line;
            }

            searched = _end - _start;
            if (searched > MaximumLine) throw LoggingErrors.ReplyNotUnderstood(server, "a line is too long");
            if (await FillAsync(cancellationToken).ConfigureAwait(false)) continue;
            if (searched == 0) return null;
            throw LoggingErrors.ReplyCut(server);
        }
    }

    /// <summary>So many bytes.</summary>
    public async ValueTask ReadExactlyAsync(Memory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0)
        {
            if (_start == _end && !await FillAsync(cancellationToken).ConfigureAwait(false)) throw LoggingErrors.ReplyCut(server);
            int count = Math.Min(bytes.Length, _end - _start);
            _buffer.AsSpan(_start, count).CopyTo(bytes.Span);
            _start += count;
            bytes = bytes[count..];
        }
    }

    /// <summary>Some of what comes, but never the last bytes of the answer, which <see cref="TakeRest"/> has.</summary>
    /// <returns>None when only those are left.</returns>
    public async ValueTask<ReadOnlyMemory<byte>> ReadSomeAsync(int heldBack, CancellationToken cancellationToken)
    {
        while (_end - _start <= heldBack)
            if (!await FillAsync(cancellationToken).ConfigureAwait(false)) return default;
        var some = _buffer.AsMemory(_start, _end - _start - heldBack);
        _start = _end - heldBack;
        return some;
    }

    /// <summary>All that is left in the buffer.</summary>
    public ReadOnlySpan<byte> TakeRest()
    {
        var rest = _buffer.AsSpan(_start, _end - _start);
        _start = _end;
        return rest;
    }

    /// <summary>A number of a line's words.</summary>
    public long Number(ReadOnlySpan<char> word) => long.TryParse(word, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out long number)
        ? number : throw LoggingErrors.ReplyNotUnderstood(server, "a number is no number");

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _start = _end = 0;
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length) throw LoggingErrors.ReplyNotUnderstood(server, "a line is too long");
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
}
