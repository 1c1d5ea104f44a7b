using ProdOps.Servers.Files;

namespace ProdOps.Servers.Compression;

/// <summary>
/// What a stream of zstd frames holds, read front to back; skippable frames are passed over (RFC 8878, section 3.1.2). Bytes that are not zstd or end early are an
/// <see cref="InvalidDataException"/>.
/// </summary>
internal sealed unsafe class ZstdReadStream : ReadOnlyStream
{
    private readonly Stream _source;
    private readonly ZstdLibrary _library;
    private readonly ZstdContext _context;
    private readonly byte[] _input = new byte[128 * 1024];
    private int _start, _end;
    private bool _insideFrame;

    /// <param name="source">The frames. It is disposed with this stream.</param>
    public ZstdReadStream(Stream source)
        : this(source, ZstdLibrary.Best) { }

    /// <summary>For tests: keeps to one library.</summary>
    public ZstdReadStream(Stream source, ZstdLibrary library)
    {
        _source = source;
        _library = library;
        _context = ZstdContext.ForDecompression(library);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_context.IsClosed, this);
        if (buffer.IsEmpty) return 0;
        while (true)
        {
            // A frame that is decoded may still have content to hand out: the input is refilled only when nothing came.
            int produced = Decode(buffer);
            if (produced > 0) return produced;
            if (_start < _end) continue;
            _start = 0;
            _end = _source.Read(_input);
            if (_end > 0) continue;
            return _insideFrame ? throw new InvalidDataException("The zstd data ends in the middle of a frame.") : 0;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _context.Dispose();
            _source.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Decode(Span<byte> buffer)
    {
        if (_start == _end && !_insideFrame) return 0;
        nuint left;
        int produced;
        fixed (byte* from = _input, to = buffer)
        {
            var input = new ZstdBuffer { Start = from, Size = (nuint)_end, Position = (nuint)_start };
            var output = new ZstdBuffer { Start = to, Size = (nuint)buffer.Length };
            left = _library.DecompressStream(_context.DangerousGetHandle(), &output, &input);
            _start = (int)input.Position;
            produced = (int)output.Position;
        }

        GC.KeepAlive(_context);
        if (ZstdLibrary.IsError(left)) throw new InvalidDataException($"The zstd data is damaged: {_library.GetErrorName(left)}.");
        _insideFrame = left != 0;
        return produced;
    }
}
