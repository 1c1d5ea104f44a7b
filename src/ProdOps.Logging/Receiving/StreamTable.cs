using System.Collections.Concurrent;
using ProdOps.Logging.Collecting;
using ProdOps.Logging.Receiving.Protocol;
using ProdOps.Logging.Receiving.Storing;

namespace ProdOps.Logging.Receiving;

/// <summary>
/// Finds the stream of a message by the bytes of its header, so that no text is made for a line whose like came before. How many streams there are is bounded: whoever
/// makes names up fills one more, not the disk with folders.
/// </summary>
internal sealed class StreamTable(GroupCommit commit, ServerNaming naming, LogNaming rules, int maximumStreams, IActivity activity)
{
    /// <summary>The server of lines that came when there were too many others.</summary>
    public const string Overflow = "other";

    // Several spellings lead to one stream.
    private const int SpellingsPerStream = 4;
    private const int MaximumKeyLength = 512;

    private readonly ConcurrentDictionary<byte[], StreamBuffer> _known = new(new BytesComparer());
    private readonly ConcurrentDictionary<LogStream, bool> _streams = new();
    private int _warned;

    /// <summary>A cursor for one reader: it remembers the last stream, which most often is the next line's too.</summary>
    public Cursor OpenCursor(LogPeer peer, LineOrigin origin) => new(this, peer, origin);

    private StreamBuffer Find(ReadOnlySpan<byte> host, ReadOnlySpan<byte> program, LogPeer peer, bool isAcknowledged)
    {
        Span<byte> key = stackalloc byte[MaximumKeyLength];
        if (rules.ServerFrom == LogServerFrom.Peer || host.IsEmpty) host = peer.NameBytes;
        int length = WriteKey(host, program, isAcknowledged, key);
        if (_known.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key[..length], out var known)) return known;
        string? server = host == peer.NameBytes ? peer.Name : naming.ServerOf(host);
        // What no name can be is not remembered: the next sender of the same is another peer.
        if (server is null) return Find(peer.NameBytes, program, peer, isAcknowledged);
        var stream = Admit(new LogStream(server, program.IsEmpty ? ServerNaming.DefaultSource : ServerNaming.SourceOf(program)));
        var buffer = commit.Find(stream, isAcknowledged);
        if (_known.Count < maximumStreams * SpellingsPerStream) _known.TryAdd(key[..length].ToArray(), buffer);
        return buffer;
    }

    private LogStream Admit(LogStream stream)
    {
        if (_streams.ContainsKey(stream)) return stream;
        if (_streams.Count < maximumStreams)
        {
            _streams.TryAdd(stream, true);
            return stream;
        }

        if (Interlocked.Exchange(ref _warned, 1) == 0)
            activity.Warning($"Lines came for more than {maximumStreams:N0} servers and programs. Those of further ones are stored as of the server '{Overflow}'. A sender may be making names up: -ServerFrom Peer goes by addresses.");
        return new LogStream(Overflow, ServerNaming.DefaultSource);
    }

    private static int WriteKey(ReadOnlySpan<byte> host, ReadOnlySpan<byte> program, bool isAcknowledged, Span<byte> key)
    {
        key[0] = isAcknowledged ? (byte)1 : (byte)0;
        host.CopyTo(key[1..]);
        // A header's words hold no space.
        key[host.Length + 1] = (byte)' ';
        program.CopyTo(key[(host.Length + 2)..]);
        return host.Length + program.Length + 2;
    }

    /// <summary>Hands one reader's messages on.</summary>
    internal sealed class Cursor(StreamTable table, LogPeer peer, LineOrigin origin)
    {
        private byte[] _host = [];
        private byte[] _program = [];
        private StreamBuffer? _stream;

        /// <summary>Hands a message on to be stored.</summary>
        /// <param name="message">The message without its frame.</param>
        /// <param name="isCut">Whether it was longer.</param>
        /// <returns>The batch that it is part of, or <see langword="null"/> if it is empty.</returns>
        public PendingBatch? Append(ReadOnlySpan<byte> message, bool isCut)
        {
            message = LineText.Trim(message);
            if (message.IsEmpty) return null;
            var header = SyslogHeader.Parse(message);
            var program = table.Rules.SourceFrom == LogSourceFrom.Program ? header.Program : default;
            if (_stream is null || !header.Host.SequenceEqual(_host) || !program.SequenceEqual(_program))
            {
                _stream = table.Find(header.Host, program, peer, origin.IsAcknowledged);
                (_host, _program) = (header.Host.ToArray(), program.ToArray());
            }

            return _stream.Append(message, isCut, origin);
        }
    }

    private LogNaming Rules => rules;

    private sealed class BytesComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] value) => GetHashCode(value.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}

/// <summary>By what lines are told apart.</summary>
/// <param name="ServerFrom">Where the server's name comes from.</param>
/// <param name="SourceFrom">Where the source's name comes from.</param>
internal sealed record LogNaming(LogServerFrom ServerFrom, LogSourceFrom SourceFrom);
