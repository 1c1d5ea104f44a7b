namespace ProdOps.Benchmarks.Corpora;

/// <summary>
/// What stands on a web server: a deep tree of 70,000 files, 2 GiB in all. Most are small text, the bytes are mostly in a few
/// hundred large ones, a tenth of them does not compress, some files are copies of others, some have two names.
/// </summary>
internal sealed class WebCorpus() : Corpus("web")
{
    public override Mutation Mutate(string folder, ulong seed) => AppendMutation.Apply(folder, seed);

    protected override void Create(string folder, ulong seed, double scale, CancellationToken cancellationToken)
    {
        var plan = WebPlan.Make(seed, scale);
        foreach (string subfolder in plan.Folders)
            Directory.CreateDirectory(Path.Combine(folder, subfolder));

        var content = new TextContent(new Vocabulary(seed, 30_000));
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.ForEach(plan.Files, options, file =>
        {
            var random = new SeededRandom(file.ContentSeed);
            var bytes = new byte[file.Size];
            Fill(file.Kind, content, ref random, bytes);
            CorpusFile.Write(Path.Combine(folder, file.Path), bytes, ref random);
        });
        foreach (var (path, target) in plan.HardLinks)
            Native.CreateHardLink(Path.Combine(folder, target), Path.Combine(folder, path));
        foreach (var (path, target) in plan.SymbolicLinks)
            File.CreateSymbolicLink(Path.Combine(folder, path), target);
    }

    private static void Fill(WebFileKind kind, TextContent content, ref SeededRandom random, Span<byte> bytes)
    {
        switch (kind)
        {
            case WebFileKind.Picture:
                BinaryContent.FillPicture(ref random, bytes);
                break;
            case WebFileKind.Library:
                BinaryContent.FillLibrary(ref random, bytes);
                break;
            case WebFileKind.Log:
                content.FillLog(ref random, bytes);
                break;
            default:
                content.FillSource(ref random, bytes);
                break;
        }
    }
}
