using ProdOps.Servers;

namespace ProdOps.Backup.Archiving.Servers;

/// <summary>Reads records from a stream as they come.</summary>
internal sealed class ListReader(Stream stream, ListParser parser, string server)
{
    private byte[] _buffer = new byte[4 * ListParser.MaxRecord];
    private int _start, _end;
    private bool _isEnd;

    /// <summary>The next record; what is in its memory is good until the next call.</summary>
    /// <exception cref="ProdOpsException">The listing is none, or stops before its end.</exception>
    public async ValueTask<ListRecord> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_start < _end && parser.TryRead(_buffer.AsMemory(_start, _end - _start), _isEnd, out var record, out int length))
            {
                _start += length;
                return record;
            }
            if (_isEnd) throw ServersErrors.ListingNotUnderstood(server, "it stops before its end");
            if (_start > 0)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                (_start, _end) = (0, _end - _start);
            }
            int count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            _end += count;
            _isEnd = count == 0;
        }
    }

    /// <summary>The bytes up to an empty line, and the two texts with a NUL after each that follow: what the probe begins with.</summary>
    public async ValueTask<(byte[] Facts, byte[] Users, byte[] Groups)> ReadHeadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var text = _buffer.AsSpan(_start, _end - _start);
            int facts = text.IndexOf("\n\n"u8);
            int users = facts < 0 ? -1 : text[(facts + 2)..].IndexOf((byte)0);
            int groups = users < 0 ? -1 : text[(facts + 3 + users)..].IndexOf((byte)0);
            if (groups >= 0)
            {
                _start += facts + 4 + users + groups;
                return (text[..(facts + 1)].ToArray(), text.Slice(facts + 2, users).ToArray(), text.Slice(facts + 3 + users, groups).ToArray());
            }
            if (_isEnd || text.Length > 64 * 1024 * 1024) throw ServersErrors.ListingNotUnderstood(server, "it has no beginning");
            if (_end == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
            int count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            _end += count;
            _isEnd = count == 0;
        }
    }
}
