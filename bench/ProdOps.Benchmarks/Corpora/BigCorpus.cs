using System.Buffers;

namespace ProdOps.Benchmarks.Corpora;

/// <summary>One file of 4 GiB that looks like a database dump.</summary>
internal sealed class BigCorpus() : Corpus("big")
{
    private const long FullSize = 4L << 30;
    private const int Block = 4 << 20;

    public override Mutation Mutate(string folder, ulong seed) => OverwriteMutation.Apply(DumpIn(folder), seed);

    protected override void Create(string folder, ulong seed, double scale, CancellationToken cancellationToken)
    {
        int blocks = Math.Max(1, (int)(FullSize * scale / Block));
        var content = new DumpContent(new Vocabulary(seed, 20_000));
        using (var file = File.OpenHandle(DumpIn(folder), FileMode.CreateNew, FileAccess.Write, preallocationSize: (long)blocks * Block))
        {
            var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
            Parallel.For(0, blocks, options, index =>
            {
                var buffer = ArrayPool<byte>.Shared.Rent(Block);
                var random = SeededRandom.ForPart(seed, index);
                content.Fill(ref random, buffer.AsSpan(0, Block), 1 + (index * 10_000L));
                RandomAccess.Write(file, buffer.AsSpan(0, Block), (long)index * Block);
                ArrayPool<byte>.Shared.Return(buffer);
            });
        }
        File.SetLastWriteTimeUtc(DumpIn(folder), DateTime.UnixEpoch.AddDays(20_000));
    }

    private static string DumpIn(string folder) => Path.Combine(folder, "dump.sql");
}
