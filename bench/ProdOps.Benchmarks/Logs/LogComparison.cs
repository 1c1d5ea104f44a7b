using System.Text.Json;
using ProdOps.Benchmarks.Corpora.Logs;
using ProdOps.Benchmarks.Measurement;

namespace ProdOps.Benchmarks.Logs;

/// <summary>All of it in one run: bringing in, disk, searches in the store and in files.</summary>
internal sealed class LogComparison(LogFolders folders, LogFacts facts, string? host, string? victoriaLogs, IReadOnlyList<string> ripgreps, IReadOnlyList<string> works, int repetitions, TextWriter output, Action<LogRecord> record)
{
    private readonly LogSearches _searches = new(folders, repetitions, output, record);

    private IEnumerable<LogWork> Works => works.Count == 0 ? LogWork.Of(facts) : works.Select(name => LogWork.Named(facts, name));

    public async Task IngestAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folders.Work);
        Warmth.Read(folders.Corpus, cancellationToken);
        for (int repetition = 1; repetition <= Math.Min(3, repetitions); repetition++)
        {
            await IngestAsync("ProdOps, the engine", repetition, folders.Hot, new ChildCommand(Environment.ProcessPath!, ["logs", "ingest", folders.Corpus, "--store", folders.Hot]), cancellationToken);
            if (host is not null)
            {
                string store = folders.Hot + "-cmdlet";
                await IngestAsync("ProdOps, Import-Log", repetition, store, new ChildCommand(host,
                    ["-NonInteractive", "-OutputFormat", "None", "-Command", $"$ErrorActionPreference = 'Stop'; Import-Log '{folders.Corpus}' -Store '{store}'"]), cancellationToken);
            }
            await IngestAsync("zstd -3 -T2", repetition, folders.Zstd, new ChildCommand("sh", ["-c", "cd \"$1\" && zstd -q -3 -T2 -r . --output-dir-mirror \"$2\"", "sh", folders.Corpus, folders.Zstd]), cancellationToken);
        }
        if (victoriaLogs is not null)
            await IngestVictoriaAsync(victoriaLogs, cancellationToken);
        if (!Directory.Exists(folders.Gzip) || Directory.GetFiles(folders.Gzip, "*.gz", SearchOption.AllDirectories).Length != facts.Files)
        {
            const string Script = "cp -rp \"$1\" \"$2\" && find \"$2\" -type f -print0 | xargs -0 -n 4 -P 2 gzip -9";
            await IngestAsync("gzip -9, two at a time", 1, folders.Gzip, new ChildCommand("sh", ["-c", Script, "sh", folders.Corpus, folders.Gzip]), cancellationToken);
        }
        Remove(folders.Sealed);
        await ChildProcess.RequireAsync("cp", ["-rp", folders.Hot, folders.Sealed], cancellationToken);
        await MeasureAsync(LogRecord.Ingest, "packing for good, level 9", "ProdOps, the engine", 1, folders.Sealed, new ChildCommand(Environment.ProcessPath!, ["logs", "seal", folders.Sealed]), cancellationToken);
    }

    public async Task SearchAsync(CancellationToken cancellationToken)
    {
        var tools = await new LogTools(folders).FindAsync(ripgreps, cancellationToken);
        await using var victoria = victoriaLogs is null || !Directory.Exists(folders.Victoria) ? null : await VictoriaServer.StartAsync(victoriaLogs, folders.Victoria, cancellationToken);
        foreach (string folder in new[] { folders.Corpus, folders.Zstd, folders.Hot, folders.Sealed })
            Warmth.Read(folder, cancellationToken);
        foreach (var work in Works)
        {
            await _searches.RunAsync(LogRecord.Search, work, tools,
                [
                    Serve(LogReport.Ours, work, folders.Sealed, "store"), Serve(LogReport.Ours + ", before packing", work, folders.Hot, "store"),
                    .. victoria is null ? [] : new ILogSearcher[] { new VictoriaSearcher(victoria, work) },
                ], cancellationToken);
        }
    }

    public async Task SearchFilesAsync(CancellationToken cancellationToken)
    {
        var tools = new LogTools(folders);
        var raw = (await tools.FindAsync(ripgreps, cancellationToken)).Where(tool => !tool.Name.Contains("zst", StringComparison.Ordinal)).ToList();
        var gzipped = tools.Gzipped(ripgreps[^1], raw[^2].Name);
        bool compressed = Directory.Exists(folders.Gzip);
        if (!compressed)
            await output.WriteLineAsync("Files of gzip are not searched: the part ingest makes them.");
        foreach (string folder in compressed ? [folders.Corpus, folders.Gzip] : new[] { folders.Corpus })
            Warmth.Read(folder, cancellationToken);
        foreach (var work in Works.Where(work => work.InPlace))
        {
            await _searches.RunAsync(LogRecord.Files + ", raw", work, raw, [Serve(LogReport.Ours, work, folders.Corpus, "files")], cancellationToken);
            if (compressed)
                await _searches.RunAsync(LogRecord.Files + ", gzip -9", work, gzipped, [Serve(LogReport.Ours, work, folders.Gzip, "files")], cancellationToken);
        }
    }

    private WorkerProcess Serve(string name, LogWork work, string folder, string what) =>
        new(name, ["logs", "serve", folder, "--what", what, "--facts", LogCorpus.FactsOf(folders.Corpus), "--work", work.Name, "--lines", folders.Lines]);

    /// <summary>By HTTP, a line at a time in JSON; the processor time is the server's, and what makes the JSON is not counted.</summary>
    private async Task IngestVictoriaAsync(string program, CancellationToken cancellationToken)
    {
        Remove(folders.Victoria);
        Measured run;
        await using (var server = await VictoriaServer.StartAsync(program, folders.Victoria, cancellationToken))
            run = await server.IngestAsync(folders.Corpus, cancellationToken);
        record(LogRecord.From(LogRecord.Ingest, "bringing in", VictoriaServer.Name, 1, run, Warmth.Size(folders.Victoria)));
        await output.WriteLineAsync(FormattableString.Invariant($"{VictoriaServer.Name} {run.Wall:F2} s wall {run.Cpu:F2} s CPU, {Warmth.Size(folders.Victoria):N0} bytes"));
    }

    private Task IngestAsync(string tool, int repetition, string target, ChildCommand command, CancellationToken cancellationToken)
    {
        Remove(target);
        return MeasureAsync(LogRecord.Ingest, "bringing in", tool, repetition, target, command, cancellationToken);
    }

    private async Task MeasureAsync(string part, string work, string tool, int repetition, string target, ChildCommand command, CancellationToken cancellationToken)
    {
        Native.Sync();
        var run = await ChildProcess.MeasureAsync(command, cancellationToken);
        if (run.ExitCode != 0)
            throw new UsageException($"{tool}: {work} ended with {run.ExitCode}: {run.Output.Trim()}");
        record(LogRecord.From(part, work, tool, repetition, run, Warmth.Size(target)));
        await output.WriteLineAsync(FormattableString.Invariant($"{part} {work} {tool,-26} {run.Wall,7:F2} s wall {run.Cpu,7:F2} s CPU {run.PeakKiB / 1024,5} MiB, {Warmth.Size(target):N0} bytes"));
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    /// <summary>Reads facts that <see cref="Serve"/> has named.</summary>
    public static async Task<LogFacts> ReadFactsAsync(string file, CancellationToken cancellationToken) =>
        JsonSerializer.Deserialize<LogFacts>(await File.ReadAllTextAsync(file, cancellationToken))!;
}
