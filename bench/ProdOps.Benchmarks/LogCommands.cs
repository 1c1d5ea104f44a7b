using ProdOps.Benchmarks.Corpora.Logs;

namespace ProdOps.Benchmarks;

/// <summary>The commands that begin with `logs`.</summary>
internal sealed class LogCommands(TextWriter output)
{
    public Task RunAsync(CommandLine line, CancellationToken cancellationToken) => line.Verb switch
    {
        "generate" => GenerateAsync(line.AllowOperands(1, "size", "seed"), cancellationToken),
        _ => throw new UsageException($"'logs {line.Verb}' is not a command: generate. See bench/logging/README.md."),
    };

    private async Task GenerateAsync(CommandLine line, CancellationToken cancellationToken)
    {
        string folder = line.Operands is [var operand] ? Path.GetFullPath(operand) : throw new UsageException("Say where to: logs generate FOLDER.");
        await output.WriteLineAsync((await LogCorpus.EnsureAsync(folder, line.Size("size", "4GB"), line.Seed("seed", 1), cancellationToken)).ToString());
    }
}
