using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using ProdOps.Servers.Compression;

namespace ProdOps.Servers.Tests.Compression;

public sealed class ZstdTests
{
    /// <summary>"Hello" as one frame without a content size: window descriptor, one raw last block (RFC 8878, section 3.1.1).</summary>
    private static readonly byte[] SizelessHello = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x48, 0x29, 0x00, 0x00, .. "Hello"u8];

    public static TheoryData<bool, bool> Pairs => NativeZstd.IsAvailable
        ? new() { { true, true }, { true, false }, { false, true }, { false, false } }
        : new() { { false, false } };

    public static TheoryData<bool> Libraries => NativeZstd.IsAvailable ? [true, false] : [false];

    [Fact]
    public void The_native_library_loads_where_the_package_ships_one()
    {
        bool shipped = OperatingSystem.IsWindows() || OperatingSystem.IsMacOS()
            || (OperatingSystem.IsLinux() && !RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal));
        if (shipped && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64) Assert.IsType<NativeZstd>(ZstdLibrary.Best);
    }

    [Theory, MemberData(nameof(Pairs))]
    public void What_one_library_compresses_the_other_reads(bool compressNative, bool decompressNative)
    {
        using var decompressor = new ZstdDecompressor(Library(decompressNative));
        foreach (int level in (int[])[1, 2, 3, 9, 19])
        {
            using var compressor = new ZstdCompressor(level, Library(compressNative));
            foreach (byte[] content in Contents())
            {
                byte[] frame = Compress(compressor, content);
                byte[] restored = new byte[content.Length];
                Assert.Equal(content.Length, decompressor.Decompress(frame, restored));
                Assert.Equal(content, restored);
                Assert.Equal(content, decompressor.DecompressUnknown(frame, content.Length));
            }
        }
    }

    [NativeZstdFact]
    public void Both_libraries_make_the_same_frames()
    {
        foreach (int level in (int[])[1, 3])
        {
            using ZstdCompressor native = new(level, Library(true)), managed = new(level, Library(false));
            foreach (byte[] content in Contents()) Assert.InRange(Compress(managed, content).Length, 0, (Compress(native, content).Length * 1.01) + 16);
        }
    }

    [Theory, MemberData(nameof(Libraries))]
    public void Frames_state_their_content_size_and_carry_no_checksum(bool native)
    {
        using var compressor = new ZstdCompressor(3, Library(native));
        byte[] frame = Compress(compressor, new byte[300]);
        // RFC 8878, section 3.1.1.1.1: single segment with a content size of two bytes (less 256), no checksum, no dictionary.
        Assert.Equal([0x28, 0xB5, 0x2F, 0xFD, 0x60, 300 - 256, 0], frame[..7]);
    }

    [Theory, MemberData(nameof(Libraries))]
    public void Frames_without_a_content_size_and_several_in_a_row_are_read(bool native)
    {
        using var decompressor = new ZstdDecompressor(Library(native));
        using var compressor = new ZstdCompressor(1, Library(native));
        byte[] skippable = [0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3], zeros = Compress(compressor, new byte[200_000]);

        Assert.Equal("Hello"u8.ToArray(), decompressor.DecompressUnknown(SizelessHello, 5));
        Assert.Equal([.. "HelloHello"u8, .. new byte[200_000], .. "Hello"u8],
            decompressor.DecompressUnknown([.. SizelessHello, .. SizelessHello, .. skippable, .. zeros, .. SizelessHello], 1 << 20));
        Assert.Empty(decompressor.DecompressUnknown([], 10));
        Assert.Empty(decompressor.DecompressUnknown(Compress(compressor, []), 0));

        byte[] restored = new byte[10];
        Assert.Equal(10, decompressor.Decompress([.. SizelessHello, .. SizelessHello], restored));
    }

    [Theory, MemberData(nameof(Libraries))]
    public void Content_longer_than_allowed_is_an_error(bool native)
    {
        using var decompressor = new ZstdDecompressor(Library(native));
        using var compressor = new ZstdCompressor(1, Library(native));
        foreach (byte[] frame in (byte[][])[SizelessHello, Compress(compressor, "Hello"u8.ToArray())])
        {
            for (int length = 0; length < 5; length++)
            {
                Assert.Throws<InvalidDataException>(() => decompressor.DecompressUnknown(frame, length));
                Assert.Throws<InvalidDataException>(() => decompressor.Decompress(frame, new byte[length]));
            }

            Assert.Equal(5, decompressor.DecompressUnknown(frame, 6).Length);
        }

        byte[] bomb = Compress(compressor, new byte[64 << 20]);
        Assert.InRange(bomb.Length, 1, 20_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InvalidDataException>(() => decompressor.DecompressUnknown(bomb, 1 << 20));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
    }

    [Theory, MemberData(nameof(Libraries))]
    public void A_stated_content_size_is_not_believed(bool native)
    {
        using var decompressor = new ZstdDecompressor(Library(native));
        // The header of a single segment of nearly 2 GiB, and one raw block of five bytes.
        byte[] liar = [0x28, 0xB5, 0x2F, 0xFD, 0xA0, 0xF0, 0xFF, 0xFF, 0x7F, 0x29, 0x00, 0x00, .. "Hello"u8];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InvalidDataException>(() => decompressor.DecompressUnknown(liar, int.MaxValue));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Theory, MemberData(nameof(Libraries))]
    public void Damaged_bytes_are_an_InvalidDataException_or_other_content_and_leave_the_context_usable(bool native)
    {
        using var decompressor = new ZstdDecompressor(Library(native));
        using var compressor = new ZstdCompressor(3, Library(native));
        var random = new Random(9);
        byte[] content = Text(20_000), frame = Compress(compressor, content), buffer = new byte[30_000];
        for (int length = 0; length < frame.Length; length += 7)
        {
            if (length > 0) Assert.Throws<InvalidDataException>(() => decompressor.DecompressUnknown(frame.AsSpan(0, length), 1 << 20));
            if (length > 0) Assert.Throws<InvalidDataException>(() => decompressor.Decompress(frame.AsSpan(0, length), buffer));
        }

        for (int i = 0; i < 3000; i++)
        {
            byte[] damaged = i % 3 == 0 ? new byte[random.Next(200)] : [.. frame];
            if (i % 3 == 0) random.NextBytes(damaged);
            else for (int n = random.Next(1, 5); n > 0; n--) damaged[random.Next(i % 3 == 1 ? damaged.Length : 30)] = (byte)random.Next(256);
            try
            {
                decompressor.Decompress(damaged, buffer);
            }
            catch (InvalidDataException) { }

            try
            {
                Assert.InRange(decompressor.DecompressUnknown(damaged, 30_000).Length, 0, 30_000);
            }
            catch (InvalidDataException) { }
        }

        Assert.Equal(content, decompressor.DecompressUnknown(frame, content.Length));
    }

    [Theory, MemberData(nameof(Libraries))]
    public void A_short_buffer_tells_that_compressing_does_not_pay(bool native)
    {
        using var compressor = new ZstdCompressor(3, Library(native));
        byte[] noise = new byte[100_000], buffer = new byte[99_000];
        new Random(4).NextBytes(noise);
        Assert.False(compressor.TryCompress(noise, buffer, out _));
        Assert.Throws<ArgumentException>(() => compressor.Compress(noise, buffer));
        Assert.True(compressor.TryCompress(Text(100_000), buffer, out int length));
        Assert.InRange(length, 1, 50_000);
    }

    [Fact]
    public void Misuse_is_an_error()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ZstdCompressor(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ZstdCompressor(23));
        var compressor = new ZstdCompressor(1);
        compressor.Dispose();
        Assert.Throws<ObjectDisposedException>(() => compressor.Compress([1], new byte[100]));
        var decompressor = new ZstdDecompressor();
        decompressor.Dispose();
        Assert.Throws<ObjectDisposedException>(() => decompressor.DecompressUnknown(SizelessHello, 100));
    }

    /// <summary>As the module loads it: everything through the dependency resolver of a load context of its own.</summary>
    [NativeZstdFact]
    public void The_native_library_is_found_from_a_load_context_of_its_own()
    {
        string output = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
        string configuration = Path.GetFileName(Path.GetDirectoryName(output)!);
        string root = Path.GetFullPath(Path.Combine(output, "../../../../../.."));
        string path = Path.Combine(root, "src", "ProdOps.Servers", "bin", configuration, Path.GetFileName(output), "ProdOps.Servers.dll");

        var context = new ResolvingContext(path);
        var type = context.LoadFromAssemblyPath(path).GetType(typeof(ZstdLibrary).FullName!)!;
        object best = type.GetProperty(nameof(ZstdLibrary.Best))!.GetValue(null)!;
        Assert.NotSame(typeof(ZstdLibrary), type);
        Assert.Equal(nameof(NativeZstd), best.GetType().Name);
        Assert.True(context.NativeResolved);
        context.Unload();
    }

    private static ZstdLibrary Library(bool native) => native ? new NativeZstd() : new ManagedZstd();

    private static byte[] Compress(ZstdCompressor compressor, byte[] content)
    {
        byte[] buffer = new byte[ZstdCompressor.MaxCompressedLength(content.Length)];
        return buffer[..compressor.Compress(content, buffer)];
    }

    private static IEnumerable<byte[]> Contents()
    {
        yield return [];
        yield return [7];
        yield return new byte[100_000];
        yield return Text(1_000);
        yield return Text(300_000);
        byte[] noise = new byte[150_000];
        new Random(1).NextBytes(noise);
        yield return noise;
    }

    private static byte[] Text(int length)
    {
        var random = new Random(length);
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) bytes[i] = (byte)('a' + Math.Min(random.Next(26), random.Next(26)));
        for (int i = 0; i + 200 < length; i += random.Next(60, 400)) bytes.AsSpan(random.Next(i + 1), random.Next(10, 100)).CopyTo(bytes.AsSpan(i));
        return bytes;
    }

    private sealed class ResolvingContext(string path) : AssemblyLoadContext("test", isCollectible: true)
    {
        private readonly AssemblyDependencyResolver _resolver = new(path);

        public bool NativeResolved { get; private set; }

        protected override Assembly? Load(AssemblyName name) =>
            _resolver.ResolveAssemblyToPath(name) is { } file ? LoadFromAssemblyPath(file) : null;

        protected override nint LoadUnmanagedDll(string name)
        {
            if (_resolver.ResolveUnmanagedDllToPath(name) is not { } file) return 0;
            NativeResolved |= name.Contains("zstd", StringComparison.Ordinal);
            return LoadUnmanagedDllFromPath(file);
        }
    }
}

/// <summary>A test of the native library, which not every system has.</summary>
internal sealed class NativeZstdFactAttribute : FactAttribute
{
    public NativeZstdFactAttribute() => Skip = NativeZstd.IsAvailable ? null : "needs the native libzstd";
}
