using System.Runtime.InteropServices;

namespace ProdOps.Servers.Compression;

/// <summary>
/// The few functions of zstd's stable C API (zstd.h) that are used here, from whichever library can be had: the native one, or where none loads (musl,
/// rarer processors) its translation to C#, which is a quarter slower and compresses the same.
/// </summary>
internal abstract unsafe class ZstdLibrary
{
    private static readonly Lazy<ZstdLibrary> LazyBest = new(static () => NativeZstd.IsAvailable ? new NativeZstd() : new ManagedZstd());

    public static ZstdLibrary Best => LazyBest.Value;

    /// <summary>zstd_errors.h, ZSTD_error_dstSize_tooSmall, as functions return it.</summary>
    public static nuint DestinationTooSmall => unchecked((nuint)(-70));

    // zstd_errors.h, ZSTD_error_maxCode: errors are returned as the negatives of codes below it.
    public static bool IsError(nuint result) => result > unchecked((nuint)(-120));

    /// <summary>A new compression context for a level, or 0.</summary>
    /// <param name="level">1, fast, to 22, small.</param>
    /// <param name="checksum">Frames end with a checksum of their content (RFC 8878, section 3.1.1), which decompressing verifies.</param>
    public abstract nint CreateCompressor(int level, bool checksum);

    public abstract void FreeCompressor(nint context);

    /// <summary>Writes one frame with its content size.</summary>
    public abstract nuint Compress(nint context, byte* destination, nuint capacity, byte* source, nuint length);

    /// <summary>A new decompression context, or 0.</summary>
    /// <param name="verify">Whether the checksums of frames are compared; without it what is damaged may come out as something else, and costs a seventh less.</param>
    public abstract nint CreateDecompressor(bool verify);

    public abstract void FreeDecompressor(nint context);

    public abstract nuint Decompress(nint context, byte* destination, nuint capacity, byte* source, nuint length);

    /// <summary>Forgets a stream that was left in the middle.</summary>
    public abstract nuint Reset(nint context);

    public abstract nuint DecompressStream(nint context, ZstdBuffer* destination, ZstdBuffer* source);

    /// <summary>The content size that the first frame states; one of the two highest values if it states none.</summary>
    public abstract ulong GetContentSize(byte* source, nuint length);

    public abstract string GetErrorName(nuint result);
}

/// <summary>zstd.h, ZSTD_inBuffer and ZSTD_outBuffer, which look alike.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ZstdBuffer
{
    public byte* Start;
    public nuint Size;
    public nuint Position;
}

/// <summary>Frees a context at the end of its owner, or when it was forgotten.</summary>
internal sealed class ZstdContext : SafeHandle
{
    private readonly ZstdLibrary _library;
    private readonly bool _compresses;

    private ZstdContext(ZstdLibrary library, nint context, bool compresses)
        : base(0, ownsHandle: true)
    {
        _library = library;
        _compresses = compresses;
        SetHandle(context);
        if (context == 0) throw new InsufficientMemoryException("There is not enough memory for zstd.");
    }

    public override bool IsInvalid => handle == 0;

    public static ZstdContext ForCompression(ZstdLibrary library, int level, bool checksum) => new(library, library.CreateCompressor(level, checksum), compresses: true);

    public static ZstdContext ForDecompression(ZstdLibrary library, bool verify = true) => new(library, library.CreateDecompressor(verify), compresses: false);

    protected override bool ReleaseHandle()
    {
        if (_compresses) _library.FreeCompressor(handle);
        else _library.FreeDecompressor(handle);
        return true;
    }
}
