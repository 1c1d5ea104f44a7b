using System.Security.Cryptography;
using ProdOps.Backup.Chunking;
using ProdOps.Servers.Compression;
using ProdOps.Backup.Crypto;
using ProdOps.Benchmarks.Corpora;

namespace ProdOps.Benchmarks.Primitives;

/// <summary>The steps every byte of a backup takes, each alone on one core: what a whole backup can reach at best.</summary>
internal sealed class PrimitiveSuite(TextWriter output)
{
    private const int BlobSize = 1 << 20;
    private const int SmallBlobSize = 4 << 10;

    private readonly Stopwatches _stopwatches = new(output);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var part in new Func<Task>[] { HashAsync, ScanAsync, CompressAsync, SealAsync, DeriveAsync })
        {
            cancellationToken.ThrowIfCancellationRequested();
            await part();
        }
    }

    private async Task HashAsync()
    {
        var text = Text(BlobSize);
        var hash = new byte[SHA256.HashSizeInBytes];
        await _stopwatches.ThroughputAsync("SHA-256, 1024 KiB", BlobSize, () => SHA256.HashData(text, hash));
        await _stopwatches.ThroughputAsync("SHA-256, 4 KiB", SmallBlobSize, () => SHA256.HashData(text.AsSpan(0, SmallBlobSize), hash));
    }

    /// <summary>Of file bytes: the first half mebibyte of each chunk is not looked at.</summary>
    private async Task ScanAsync()
    {
        var file = Text(64 * BlobSize);
        ulong polynomial = ChunkerPolynomial.Generate();
        foreach (var path in Enum.GetValues<ScanPath>().Where(path => path != ScanPath.Gfni || ChunkScanner.IsGfniSupported))
        {
            var scanner = new ChunkScanner(polynomial, path);
            await _stopwatches.ThroughputAsync($"chunk scan, {path}", file.Length, () => Scan(scanner, file));
        }
    }

    private async Task CompressAsync()
    {
        var text = Text(BlobSize);
        foreach (int level in new[] { 1, 2, 3 })
        {
            using var native = new ZstdCompressor(level);
            using var managed = new ZstdCompressor(level, new ManagedZstd());
            var packed = new byte[ZstdCompressor.MaxCompressedLength(BlobSize)];
            foreach (int size in new[] { BlobSize, SmallBlobSize })
            {
                string ratio = FormattableString.Invariant($"{size >> 10} KiB ({size / (double)native.Compress(text.AsSpan(0, size), packed):F2}:1)");
                await _stopwatches.ThroughputAsync($"zstd level {level} native, {ratio}", size, () => native.Compress(text.AsSpan(0, size), packed));
                await _stopwatches.ThroughputAsync($"zstd level {level} managed, {ratio}", size, () => managed.Compress(text.AsSpan(0, size), packed));
            }
        }
    }

    private async Task SealAsync()
    {
        var key = MasterKey.Generate();
        foreach (int size in new[] { BlobSize, SmallBlobSize })
        {
            var plain = Text(size);
            var sealedBytes = new byte[size + MasterKey.Overhead];
            key.Seal(plain, sealedBytes);
            await _stopwatches.ThroughputAsync($"seal, {size >> 10} KiB", size, () => key.Seal(plain, sealedBytes));
            await _stopwatches.ThroughputAsync($"open, {size >> 10} KiB", size, () => Require(key.TryOpen(sealedBytes, plain)));
        }
        key.Wipe();
    }

    private async Task DeriveAsync()
    {
        var parameters = new ScryptParameters(32_768, 8, 1);
        var (password, salt, derived) = (RandomNumberGenerator.GetBytes(16), RandomNumberGenerator.GetBytes(64), new byte[64]);
        await _stopwatches.DurationAsync($"scrypt N={parameters.N} r={parameters.R} p={parameters.P}", () => Scrypt.DeriveKey(password, salt, parameters, derived));
    }

    private static void Scan(ChunkScanner scanner, byte[] file)
    {
        for (int start = 0; start < file.Length;)
        {
            int length = scanner.FindCut(file.AsSpan(start, Math.Min(ChunkScanner.MaxSize, file.Length - start)), 0);
            start += length < 0 ? ChunkScanner.MaxSize : length;
        }
    }

    /// <summary>Source text: what a backup reads most.</summary>
    private static byte[] Text(int size)
    {
        var random = new SeededRandom(Corpus.DefaultSeed);
        var text = new byte[size];
        new TextContent(new Vocabulary(Corpus.DefaultSeed, 30_000)).FillSource(ref random, text);
        return text;
    }

    private static void Require(bool opened)
    {
        if (!opened)
            throw new InvalidOperationException("A sealed blob did not open.");
    }
}
