using System.Runtime.InteropServices;

namespace ProdOps.Servers.Compression;

/// <summary>The native library that the ZstdNet package ships.</summary>
internal sealed unsafe partial class NativeZstd : ZstdLibrary
{
    private const int CompressionLevelParameter = 100, ChecksumParameter = 201, IgnoreChecksumParameter = 1002, ResetSession = 1, OldestVersion = 10400;

    /// <summary>Whether the library loads on this system and is new enough for the calls below (1.4.0 made them stable).</summary>
    public static bool IsAvailable
    {
        get
        {
            try
            {
                return Imports.VersionNumber() >= OldestVersion;
            }
            catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
            {
                return false;
            }
        }
    }

    public override nint CreateCompressor(int level, bool checksum)
    {
        nint context = Imports.CreateCompressor();
        if (context == 0) return 0;
        Imports.SetParameter(context, CompressionLevelParameter, level);
        Imports.SetParameter(context, ChecksumParameter, checksum ? 1 : 0);
        return context;
    }

    public override void FreeCompressor(nint context) => Imports.FreeCompressor(context);

    public override nuint Compress(nint context, byte* destination, nuint capacity, byte* source, nuint length) =>
        Imports.Compress(context, destination, capacity, source, length);

    public override nint CreateDecompressor(bool verify)
    {
        nint context = Imports.CreateDecompressor();
        // A library that does not know it compares them all the same.
        if (context != 0 && !verify) Imports.SetDecompressorParameter(context, IgnoreChecksumParameter, 1);
        return context;
    }

    public override void FreeDecompressor(nint context) => Imports.FreeDecompressor(context);

    public override nuint Decompress(nint context, byte* destination, nuint capacity, byte* source, nuint length) =>
        Imports.Decompress(context, destination, capacity, source, length);

    public override nuint Reset(nint context) => Imports.Reset(context, ResetSession);

    public override nuint DecompressStream(nint context, ZstdBuffer* destination, ZstdBuffer* source) =>
        Imports.DecompressStream(context, destination, source);

    public override ulong GetContentSize(byte* source, nuint length) => Imports.GetContentSize(source, length);

    public override string GetErrorName(nuint result) => Marshal.PtrToStringUTF8((nint)Imports.GetErrorName(result)) ?? "";

    private static partial class Imports
    {
        private const string Library = "libzstd";

        [LibraryImport(Library, EntryPoint = "ZSTD_versionNumber")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
        public static partial uint VersionNumber();

        [LibraryImport(Library, EntryPoint = "ZSTD_createCCtx")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
        public static partial nint CreateCompressor();

        [LibraryImport(Library, EntryPoint = "ZSTD_CCtx_setParameter")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
        public static partial nuint SetParameter(nint context, int parameter, int value);

        [LibraryImport(Library, EntryPoint = "ZSTD_freeCCtx")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
        public static partial nuint FreeCompressor(nint context);

        [LibraryImport(Library, EntryPoint = "ZSTD_compress2")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
        public static partial nuint Compress(nint context, byte* destination, nuint capacity, byte* source, nuint length);

        [LibraryImport(Library, EntryPoint = "ZSTD_createDCtx")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
        public static partial nint CreateDecompressor();

        [LibraryImport(Library, EntryPoint = "ZSTD_DCtx_setParameter")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
        public static partial nuint SetDecompressorParameter(nint context, int parameter, int value);

        [LibraryImport(Library, EntryPoint = "ZSTD_freeDCtx")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
        public static partial nuint FreeDecompressor(nint context);

        [LibraryImport(Library, EntryPoint = "ZSTD_decompressDCtx")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
        public static partial nuint Decompress(nint context, byte* destination, nuint capacity, byte* source, nuint length);

        [LibraryImport(Library, EntryPoint = "ZSTD_DCtx_reset")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
        public static partial nuint Reset(nint context, int directive);

        [LibraryImport(Library, EntryPoint = "ZSTD_decompressStream")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
        public static partial nuint DecompressStream(nint context, ZstdBuffer* destination, ZstdBuffer* source);

        [LibraryImport(Library, EntryPoint = "ZSTD_getFrameContentSize")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
        public static partial ulong GetContentSize(byte* source, nuint length);

        [LibraryImport(Library, EntryPoint = "ZSTD_getErrorName")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
        public static partial byte* GetErrorName(nuint result);
    }
}
