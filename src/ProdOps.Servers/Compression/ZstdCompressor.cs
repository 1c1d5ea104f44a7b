using System.Diagnostics;

namespace ProdOps.Servers.Compression;

/// <summary>Makes zstd frames, each on its own, with one context. For one thread at a time.</summary>
internal sealed unsafe class ZstdCompressor : IDisposable
{
    public const int MinLevel = 1, MaxLevel = 22;

    private readonly ZstdLibrary _library;
    private readonly ZstdContext _context;

    /// <param name="level">1, fast, to 22, small.</param>
    /// <param name="checksum">Whether frames end with a checksum of their content.</param>
    public ZstdCompressor(int level, bool checksum = false)
        : this(level, ZstdLibrary.Best, checksum) { }

    /// <summary>For tests: keeps to one library.</summary>
    public ZstdCompressor(int level, ZstdLibrary library, bool checksum = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(level, MinLevel);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, MaxLevel);
        Level = level;
        _library = library;
        _context = ZstdContext.ForCompression(library, level, checksum);
    }

    public int Level { get; }

    /// <summary>How long a frame can become (zstd.h, ZSTD_COMPRESSBOUND).</summary>
    public static int MaxCompressedLength(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return checked(length + (length >> 8) + (length < 128 * 1024 ? ((128 * 1024) - length) >> 11 : 0));
    }

    /// <summary>Compresses all of <paramref name="source"/> into one frame and returns its length.</summary>
    /// <exception cref="ArgumentException">The frame does not fit.</exception>
    public int Compress(ReadOnlySpan<byte> source, Span<byte> destination) =>
        TryCompress(source, destination, out int length)
            ? length
            : throw new ArgumentException("The frame is longer than the buffer.", nameof(destination));

    /// <summary>As <see cref="Compress"/>, but answers false when the frame does not fit: a short buffer asks whether compressing pays.</summary>
    public bool TryCompress(ReadOnlySpan<byte> source, Span<byte> destination, out int length)
    {
        ObjectDisposedException.ThrowIf(_context.IsClosed, this);
        nuint result;
        fixed (byte* from = source, to = destination)
            result = _library.Compress(_context.DangerousGetHandle(), to, (nuint)destination.Length, from, (nuint)source.Length);
        GC.KeepAlive(_context);
        length = 0;
        if (result == ZstdLibrary.DestinationTooSmall) return false;
        if (ZstdLibrary.IsError(result)) throw new UnreachableException($"zstd failed: {_library.GetErrorName(result)}.");
        length = (int)result;
        return true;
    }

    public void Dispose() => _context.Dispose();
}
