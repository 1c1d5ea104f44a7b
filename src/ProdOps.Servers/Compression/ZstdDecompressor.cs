namespace ProdOps.Servers.Compression;

/// <summary>
/// Reads zstd frames, one or several in a row, with one context. For one thread at a time. Bytes that are not zstd, end early or hold more than was
/// allowed for are an <see cref="InvalidDataException"/>.
/// </summary>
internal sealed unsafe class ZstdDecompressor : IDisposable
{
    private const int FirstGuess = 64 * 1024, PlausibleRatio = 32;

    private readonly ZstdLibrary _library;
    private readonly ZstdContext _context;

    /// <param name="verify">Whether the checksums of frames are compared; false only where the frames' bytes were checked otherwise.</param>
    public ZstdDecompressor(bool verify = true)
        : this(ZstdLibrary.Best, verify) { }

    /// <summary>For tests: keeps to one library.</summary>
    public ZstdDecompressor(ZstdLibrary library, bool verify = true)
    {
        _library = library;
        _context = ZstdContext.ForDecompression(library, verify);
    }

    /// <summary>Decompresses all of <paramref name="source"/> and returns the length of what it held.</summary>
    public int Decompress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_context.IsClosed, this);
        nuint result;
        fixed (byte* from = source, to = destination)
            result = _library.Decompress(_context.DangerousGetHandle(), to, (nuint)destination.Length, from, (nuint)source.Length);
        GC.KeepAlive(_context);
        return ZstdLibrary.IsError(result) ? throw Damaged(result) : (int)result;
    }

    /// <summary>
    /// How much longer than the content a buffer must be for decompressing in place, with a frame's last byte at most <c>16</c> bytes before the
    /// buffer's end: one block and the headers (zstd.h, ZSTD_DECOMPRESSION_MARGIN).
    /// </summary>
    public static int InPlaceMargin(int contentLength)
    {
        const int BlockSize = 128 * 1024, FrameOverhead = 18 + 4, BlockHeader = 3, Tail = 16;
        return FrameOverhead + (BlockHeader * ((contentLength + BlockSize - 1) / BlockSize)) + BlockSize + Tail;
    }

    /// <summary>
    /// Decompresses all of <paramref name="source"/> when nothing tells the length of what it holds, not even its frames. What a
    /// frame claims is used as a hint only, so that little input cannot ask for much memory without filling it.
    /// </summary>
    /// <param name="source">Frames.</param>
    /// <param name="maxLength">What is longer is an error.</param>
    public byte[] DecompressUnknown(ReadOnlySpan<byte> source, int maxLength)
    {
        ObjectDisposedException.ThrowIf(_context.IsClosed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(maxLength);
        nint context = _context.DangerousGetHandle();
        byte[] result;
        int length = 0;
        fixed (byte* from = source)
        {
            result = new byte[Math.Min(maxLength, FirstCapacity(_library.GetContentSize(from, (nuint)source.Length), source.Length))];
            var input = new ZstdBuffer { Start = from, Size = (nuint)source.Length };
            nuint expected = _library.Reset(context);
            while (expected != 0 || input.Position < input.Size)
            {
                nuint consumed = input.Position;
                int produced = length;
                fixed (byte* to = result)
                {
                    var output = new ZstdBuffer { Start = to, Size = (nuint)result.Length, Position = (nuint)length };
                    expected = _library.DecompressStream(context, &output, &input);
                    length = (int)output.Position;
                }

                if (ZstdLibrary.IsError(expected)) throw Damaged(expected);
                if (expected == 0 && input.Position == input.Size) break;
                if (length == result.Length) Grow(ref result, maxLength);
                else if (input.Position == input.Size || (input.Position == consumed && length == produced))
                    throw new InvalidDataException("The zstd data ends in the middle of a frame.");
            }
        }

        GC.KeepAlive(_context);
        if (length > maxLength) throw TooLong(maxLength);
        if (length < result.Length) Array.Resize(ref result, length);
        return result;
    }

    public void Dispose() => _context.Dispose();

    private static int FirstCapacity(ulong contentSize, int sourceLength)
    {
        long plausible = Math.Max(FirstGuess, (long)sourceLength * PlausibleRatio);
        return contentSize <= (ulong)Math.Min(plausible, Array.MaxLength)
            ? (int)contentSize
            : (int)Math.Min(Math.Max(FirstGuess, sourceLength * 4L), Array.MaxLength);
    }

    // One byte more than is allowed tells content that is too long from content that just fits.
    private static void Grow(ref byte[] buffer, int maxLength)
    {
        if (buffer.Length > maxLength || buffer.Length == Array.MaxLength) throw TooLong(maxLength);
        Array.Resize(ref buffer, (int)Math.Min(Math.Min((long)maxLength + 1, Array.MaxLength), Math.Max(FirstGuess, buffer.Length * 2L)));
    }

    private static InvalidDataException TooLong(int maxLength) => new($"The zstd data holds more than the {maxLength} bytes allowed for.");

    private InvalidDataException Damaged(nuint result) => new(
        result == ZstdLibrary.DestinationTooSmall
            ? "The zstd data holds more than its stated length."
            : $"The zstd data is damaged: {_library.GetErrorName(result)}.");
}
