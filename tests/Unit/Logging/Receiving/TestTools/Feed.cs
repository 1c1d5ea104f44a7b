using ProdOps.Logging.Receiving.Protocol;

namespace ProdOps.Logging.Tests.Receiving.TestTools;

/// <summary>Feeds a stream to a framer as a connection does: through a buffer that keeps what is not consumed.</summary>
internal static class Feed
{
    public static List<(string Message, bool IsCut)> Syslog(byte[] stream, IEnumerable<int> pieces, bool isEnded = true)
    {
        var framer = new SyslogFramer();
        var found = new List<(string, bool)>();
        var buffer = new FeedBuffer(stream, pieces);
        bool more;
        do
        {
            more = buffer.Fill();
            bool isFrame;
            do
            {
                isFrame = framer.TryRead(buffer.Data, isEnded && !more, out var frame, out int consumed);
                if (isFrame && !frame.Message.IsEmpty) found.Add((Latin(frame.Message), frame.IsCut));
                // What was skipped frees the buffer for more, though no frame was found.
                buffer.Consume(consumed);
            }
            while (isFrame);
        }
        while (more);
        return found;
    }

    public static List<(int Number, RelpCommand Command, string Data, bool IsCut)> Relp(byte[] stream, IEnumerable<int> pieces, out bool isInvalid)
    {
        var framer = new RelpFramer();
        var found = new List<(int, RelpCommand, string, bool)>();
        var buffer = new FeedBuffer(stream, pieces);
        isInvalid = false;
        while (buffer.Fill())
        {
            while (true)
            {
                var reading = framer.Read(buffer.Data, out var frame, out int consumed);
                if (reading == RelpReading.Frame) found.Add((frame.Number, frame.Command, Latin(frame.Data), frame.IsCut));
                buffer.Consume(consumed);
                if (reading == RelpReading.NeedsMore) break;
                isInvalid = reading == RelpReading.Invalid;
                if (isInvalid) return found;
            }
        }

        return found;
    }

    /// <summary>Pieces of up to a size, the same ones for the same seed.</summary>
    public static IEnumerable<int> Pieces(int maximum, int seed = 7)
    {
        var random = new Random(seed);
        while (true) yield return random.Next(1, maximum + 1);
    }

    public static byte[] Bytes(string text) => System.Text.Encoding.Latin1.GetBytes(text);

    private static string Latin(ReadOnlySpan<byte> bytes) => System.Text.Encoding.Latin1.GetString(bytes);

    private sealed class FeedBuffer(byte[] stream, IEnumerable<int> pieces)
    {
        private readonly byte[] _buffer = new byte[SyslogFramer.BufferSize];
        private readonly IEnumerator<int> _pieces = pieces.GetEnumerator();
        private int _length;
        private int _taken;

        public ReadOnlySpan<byte> Data => _buffer.AsSpan(0, _length);

        public bool Fill()
        {
            if (_taken == stream.Length) return false;
            if (_length == _buffer.Length) throw new InvalidOperationException("The framer wants more than a buffer.");
            _pieces.MoveNext();
            int count = Math.Min(Math.Min(_pieces.Current, _buffer.Length - _length), stream.Length - _taken);
            stream.AsSpan(_taken, count).CopyTo(_buffer.AsSpan(_length));
            (_taken, _length) = (_taken + count, _length + count);
            return true;
        }

        public void Consume(int count)
        {
            _buffer.AsSpan(count, _length - count).CopyTo(_buffer);
            _length -= count;
        }
    }
}
