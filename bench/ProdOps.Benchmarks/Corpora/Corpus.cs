using System.Text.Json;

namespace ProdOps.Benchmarks.Corpora;

/// <summary>A folder of made-up files: the same seed and scale give the same bytes, names and times.</summary>
internal abstract class Corpus(string name)
{
    public const ulong DefaultSeed = 2026;

    /// <summary>Raised when a generator changes, so that an older folder is not taken for the same data.</summary>
    private const int Generation = 1;

    public static IReadOnlyList<Corpus> All { get; } = [new WebCorpus(), new BigCorpus(), new SmallCorpus()];

    public string Name => name;

    public static Corpus Named(string name) => All.FirstOrDefault(corpus => corpus.Name == name)
        ?? throw new UsageException($"There is no corpus '{name}': {string.Join(", ", All.Select(corpus => corpus.Name))}.");

    public string FolderIn(string root, double scale) =>
        Path.Combine(root, scale == 1 ? Name : FormattableString.Invariant($"{Name}-{scale}"));

    /// <summary>Makes the folder unless it is there, whole and of the same making; returns what is in it.</summary>
    public async Task<CorpusFacts> EnsureAsync(string root, ulong seed, double scale, CancellationToken cancellationToken)
    {
        string folder = FolderIn(root, scale);
        string factsFile = folder + ".facts.json";
        if (File.Exists(factsFile) && Directory.Exists(folder))
        {
            var known = JsonSerializer.Deserialize<CorpusFacts>(await File.ReadAllTextAsync(factsFile, cancellationToken))!;
            if ((known.Seed, known.Scale, known.Generation) == (seed, scale, Generation))
                return known;
        }
        if (Directory.Exists(folder))
            throw new UsageException($"'{folder}' was made with other settings or was not finished; remove it first.");

        Directory.CreateDirectory(folder);
        Create(folder, seed, scale, cancellationToken);
        var facts = CorpusFacts.Measure(folder, cancellationToken) with { Name = Name, Seed = seed, Scale = scale, Generation = Generation };
        await File.WriteAllTextAsync(factsFile, JsonSerializer.Serialize(facts), cancellationToken);
        return facts;
    }

    /// <summary>Changes about 1 % of the data and can take it back, so that the next run begins with the same bytes.</summary>
    public abstract Mutation Mutate(string folder, ulong seed);

    protected abstract void Create(string folder, ulong seed, double scale, CancellationToken cancellationToken);
}
