using System.Globalization;
using System.Text.Json;
using ProdOps.Benchmarks.Comparison;
using ProdOps.Benchmarks.Corpora;
using ProdOps.Benchmarks.Measurement;
using ProdOps.Benchmarks.Primitives;

namespace ProdOps.Benchmarks;

internal sealed class Commands(TextWriter output)
{
    private const string DefaultRoot = "/var/tmp/prodops-bench";

    public Task RunAsync(CommandLine line, CancellationToken cancellationToken) => line.Verb switch
    {
        "corpus" => CorpusAsync(line.Allow("root", "corpora", "seed", "scale"), cancellationToken),
        "mutate" => MutateAsync(line.Allow("corpus", "folder", "seed")),
        "run" => RunAllAsync(
            line.Allow("root", "corpora", "seed", "scale", "tools", "work", "repetitions", "restic", "borg", "prodops", "results"), cancellationToken),
        "report" => ReportAsync(line.Allow("results"), cancellationToken),
        "primitives" => new PrimitiveSuite(output).RunAsync(cancellationToken),
        _ => throw new UsageException($"'{line.Verb}' is not a command: corpus, mutate, run, report, primitives, logs, metrics, monitor, topology, capture. See the README.md of bench/backup, bench/logging, bench/monitoring and bench/recovery."),
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

    private async Task RunAllAsync(CommandLine line, CancellationToken cancellationToken)
    {
        string root = line.Text("root", DefaultRoot);
        double scale = line.Number("scale", 1);
        string now = TimeProvider.System.GetUtcNow().ToString("yyyyMMddTHHmmss", CultureInfo.InvariantCulture);
        string results = Directory.CreateDirectory(line.Text("results", Path.Combine(root, "results", now))).FullName;
        var work = await WantedAsync(line);
        var tools = await Tools.FindAsync(line, output, cancellationToken);
        var heading = new List<string> { Machine.Describe(root), string.Join(", ", tools.Select(tool => $"{tool.Name} ({tool.Version})")) };
        var records = new List<RunRecord>();
        await using (var lines = new StreamWriter(Path.Combine(results, "results.jsonl")) { AutoFlush = true })
        {
            void Record(RunRecord record)
            {
                records.Add(record);
                lines.WriteLine(JsonSerializer.Serialize(record));
            }
            foreach (var corpus in line.List("corpora", "web,big,small").Select(Corpus.Named))
            {
                var facts = await corpus.EnsureAsync(root, line.Seed("seed", Corpus.DefaultSeed), scale, cancellationToken);
                heading.Add(facts.ToString());
                await File.WriteAllLinesAsync(Path.Combine(results, "machine.txt"), heading, cancellationToken);
                var run = new ComparisonRun(corpus, corpus.FolderIn(root, scale), facts, Path.Combine(root, "work"), output);
                await run.RunAsync(tools, line.Count("repetitions", 3), work, Record, cancellationToken);
            }
        }
        await WriteTableAsync(results, heading, records, cancellationToken);
    }

    private async Task<HashSet<Work>> WantedAsync(CommandLine line)
    {
        var work = line.List("work", string.Join(',', Enum.GetValues<Work>().Where(work => work < Work.Age))).Select(ParseWork).ToHashSet();
        // Nothing is pruned before something was forgotten, nor forgotten before there is much of it.
        if (work.Contains(Work.Prune)) work.Add(Work.Forget);
        if (work.Contains(Work.Forget)) work.Add(Work.Age);
        if (LoopFileSystem.WhyNot is { } reason && work.Remove(Work.Restore))
            await output.WriteLineAsync($"Restores are not measured: {reason}.");
        bool hasServer = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "rclone")));
        if (!hasServer && work.Remove(Work.CopyRest))
            await output.WriteLineAsync("Copies to a REST server are not measured: there is no rclone.");
        return work;
    }

    private static Work ParseWork(string name) => Enum.TryParse<Work>(name, ignoreCase: true, out var work) && work != Work.Age
        ? work
        : throw new UsageException($"There is no work '{name}': {string.Join(", ", Enum.GetValues<Work>().Where(work => work != Work.Age))}.");

    /// <summary>Renders the table again from raw lines, which may be those of several runs put together.</summary>
    private async Task ReportAsync(CommandLine line, CancellationToken cancellationToken)
    {
        string results = line.Text("results", "");
        if (!File.Exists(Path.Combine(results, "results.jsonl")))
            throw new UsageException("Say which results to show: --results FOLDER.");
        var heading = await File.ReadAllLinesAsync(Path.Combine(results, "machine.txt"), cancellationToken);
        var lines = await File.ReadAllLinesAsync(Path.Combine(results, "results.jsonl"), cancellationToken);
        await WriteTableAsync(results, heading, [.. lines.Select(raw => JsonSerializer.Deserialize<RunRecord>(raw)!)], cancellationToken);
    }

    private async Task WriteTableAsync(string results, IEnumerable<string> heading, IReadOnlyList<RunRecord> records, CancellationToken cancellationToken)
    {
        string file = Path.Combine(results, "table.md");
        string table = Report.Render(heading, records);
        await File.WriteAllTextAsync(file, table, cancellationToken);
        await output.WriteLineAsync($"\n{table}\n{file}");
    }
}
