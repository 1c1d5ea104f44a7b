using ProdOps.Benchmarks.Corpora;

namespace ProdOps.Benchmarks;

internal sealed class Commands(TextWriter output)
{
    private const string DefaultRoot = "/var/tmp/prodops-bench";

    public Task RunAsync(CommandLine line, CancellationToken cancellationToken) => line.Verb switch
    {
        "corpus" => CorpusAsync(line.Allow("root", "corpora", "seed", "scale"), cancellationToken),
        "mutate" => MutateAsync(line.Allow("corpus", "folder", "seed")),
        _ => throw new UsageException($"'{line.Verb}' is not a command."),
    };

    private async Task CorpusAsync(CommandLine line, CancellationToken cancellationToken)
    {
        string root = line.Text("root", DefaultRoot);
        double scale = line.Number("scale", 1);
        foreach (string name in line.List("corpora", "web,big,small"))
        {
            var corpus = Corpus.Named(name);
            var facts = await corpus.EnsureAsync(root, line.Seed("seed", Corpus.DefaultSeed), scale, cancellationToken);
            await output.WriteLineAsync($"{corpus.FolderIn(root, scale)}\n  {facts}");
        }
    }

    private async Task MutateAsync(CommandLine line)
    {
        string folder = line.Text("folder", "");
        if (!Directory.Exists(folder))
            throw new UsageException("Say which folder to change: --folder PATH.");
        var mutation = Corpus.Named(line.Text("corpus", "web")).Mutate(folder, line.Seed("seed", Corpus.DefaultSeed));
        await output.WriteLineAsync(mutation.Description);
    }
}
