using ProdOps.Benchmarks.Corpora;

namespace ProdOps.Benchmarks.Measurement;

internal static class Warmth
{
    /// <summary>Reads every file once, so that every tool finds the same page cache.</summary>
    public static void Read(string folder, CancellationToken cancellationToken) => Parallel.ForEach(
        CorpusFacts.Entries(folder).Where(entry => (entry.Attributes & (FileAttributes.ReparsePoint | FileAttributes.Directory)) == 0),
        new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount },
        () => new byte[1 << 20],
        (entry, _, buffer) =>
        {
            using var file = File.OpenHandle(entry.Path);
            long position = 0;
            for (int read; (read = RandomAccess.Read(file, buffer, position)) > 0; position += read)
                ;
            return buffer;
        },
        _ => { });

    public static long Size(string folder) => CorpusFacts.Entries(folder)
        .Where(entry => (entry.Attributes & (FileAttributes.ReparsePoint | FileAttributes.Directory)) == 0)
        .Sum(entry => new FileInfo(entry.Path).Length);
}
