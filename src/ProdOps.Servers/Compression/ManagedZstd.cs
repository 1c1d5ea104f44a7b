using ZstdSharp.Unsafe;

namespace ProdOps.Servers.Compression;

/// <summary>The translation of the library to C# by the ZstdSharp.Port package.</summary>
internal sealed unsafe class ManagedZstd : ZstdLibrary
{
    // zstd.h, ZSTD_d_forceIgnoreChecksum.
    private const ZSTD_dParameter IgnoreChecksum = ZSTD_dParameter.ZSTD_d_experimentalParam3;

    public override nint CreateCompressor(int level, bool checksum)
    {
        var context = Methods.ZSTD_createCCtx();
        if (context is null) return 0;
        Methods.ZSTD_CCtx_setParameter(context, ZSTD_cParameter.ZSTD_c_compressionLevel, level);
        Methods.ZSTD_CCtx_setParameter(context, ZSTD_cParameter.ZSTD_c_checksumFlag, checksum ? 1 : 0);
        return (nint)context;
    }

    public override void FreeCompressor(nint context) => Methods.ZSTD_freeCCtx((ZSTD_CCtx_s*)context);

    public override nuint Compress(nint context, byte* destination, nuint capacity, byte* source, nuint length) =>
        Methods.ZSTD_compress2((ZSTD_CCtx_s*)context, destination, capacity, source, length);

    public override nint CreateDecompressor(bool verify)
    {
        var context = Methods.ZSTD_createDCtx();
        if (context is not null && !verify) Methods.ZSTD_DCtx_setParameter(context, IgnoreChecksum, 1);
        return (nint)context;
    }

    public override void FreeDecompressor(nint context) => Methods.ZSTD_freeDCtx((ZSTD_DCtx_s*)context);

    public override nuint Decompress(nint context, byte* destination, nuint capacity, byte* source, nuint length) =>
        Methods.ZSTD_decompressDCtx((ZSTD_DCtx_s*)context, destination, capacity, source, length);

    public override nuint Reset(nint context) =>
        Methods.ZSTD_DCtx_reset((ZSTD_DCtx_s*)context, ZSTD_ResetDirective.ZSTD_reset_session_only);

    public override nuint DecompressStream(nint context, ZstdBuffer* destination, ZstdBuffer* source) =>
        Methods.ZSTD_decompressStream((ZSTD_DCtx_s*)context, (ZSTD_outBuffer_s*)destination, (ZSTD_inBuffer_s*)source);

    public override ulong GetContentSize(byte* source, nuint length) => Methods.ZSTD_getFrameContentSize(source, length);

    public override string GetErrorName(nuint result) => Methods.ZSTD_getErrorName(result);
}
