using System.IO.Enumeration;
using ProdOps.Servers.Compression;

namespace ProdOps.Benchmarks.Corpora;

/// <summary>What a corpus holds; the ratio is that of zstd level 3 over pieces of at most 1 MiB, as a backup would cut them.</summary>
internal sealed record CorpusFacts(int Files, int Folders, int Links, long Bytes, double Ratio)
{
    private const int Piece = 1 << 20;

    public string Name { get; init; } = "";

    public ulong Seed { get; init; }

    public double Scale { get; init; }

    public int Generation { get; init; }

    public override string ToString() => FormattableString.Invariant(
        $"{Name}: {Files:N0} files, {Folders:N0} folders, {Links:N0} symbolic links, {Bytes / 1048576.0:N0} MiB, zstd level 3 {Ratio:F2}:1, seed {Seed}, scale {Scale}");

    public static CorpusFacts Measure(string folder, CancellationToken cancellationToken)
    {
        var files = new List<string>();
        int folders = 0;
        int links = 0;
        foreach (var (path, attributes) in Entries(folder))
        {
            if (attributes.HasFlag(FileAttributes.ReparsePoint))
                links++;
            else if (attributes.HasFlag(FileAttributes.Directory))
                folders++;
            else
                files.Add(path);
        }
        var (bytes, compressed) = Compress(files, cancellationToken);
        return new CorpusFacts(files.Count, folders, links, bytes, compressed == 0 ? 1 : (double)bytes / compressed);
    }

    public static IEnumerable<(string Path, FileAttributes Attributes)> Entries(string folder) =>
        new FileSystemEnumerable<(string, FileAttributes)>(
            folder,
            (ref FileSystemEntry entry) => (entry.ToFullPath(), entry.Attributes),
            new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0, IgnoreInaccessible = false })
        {
            ShouldRecursePredicate = (ref FileSystemEntry entry) => !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
        };

    private static (long Bytes, long Compressed) Compress(List<string> files, CancellationToken cancellationToken)
    {
        long bytes = 0;
        long compressed = 0;
        Parallel.ForEach(
            files,
            new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount },
            () => (Compressor: new ZstdCompressor(3), Buffer: new byte[Piece], Packed: new byte[ZstdCompressor.MaxCompressedLength(Piece)]),
            (file, _, worker) =>
            {
                using var handle = File.OpenHandle(file);
                long position = 0;
                long packed = 0;
                for (int read; (read = RandomAccess.Read(handle, worker.Buffer, position)) > 0; position += read)
                    packed += worker.Compressor.Compress(worker.Buffer.AsSpan(0, read), worker.Packed);
                Interlocked.Add(ref bytes, position);
                Interlocked.Add(ref compressed, packed);
                return worker;
            },
            worker => worker.Compressor.Dispose());
        return (bytes, compressed);
    }
}
