namespace ProdOps.Benchmarks.Corpora;

/// <summary>100,000 JSON files of about 4 KiB in 200 folders.</summary>
internal sealed class SmallCorpus() : Corpus("small")
{
    private const int FullCount = 100_000;
    private const int PerFolder = 500;

    public override Mutation Mutate(string folder, ulong seed) => AppendMutation.Apply(folder, seed);

    protected override void Create(string folder, ulong seed, double scale, CancellationToken cancellationToken)
    {
        int count = Math.Max(1, (int)(FullCount * scale));
        var content = new TextContent(new Vocabulary(seed, 20_000));
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, ((count - 1) / PerFolder) + 1, options, part =>
        {
            string subfolder = Directory.CreateDirectory(Path.Combine(folder, $"{part / 16:x2}", $"{part:x4}")).FullName;
            for (int index = part * PerFolder; index < Math.Min(count, (part + 1) * PerFolder); index++)
            {
                var random = SeededRandom.ForPart(seed, index);
                var bytes = new byte[3_072 + random.Below(2_048)];
                content.FillJson(ref random, bytes);
                CorpusFile.Write(Path.Combine(subfolder, $"{random.Next():x16}.json"), bytes, ref random);
            }
        });
    }
}
