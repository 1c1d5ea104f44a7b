using System.Globalization;
using System.Text.Json;
using ProdOps.Benchmarks.Corpora.Logs;
using ProdOps.Benchmarks.Logs;
using ProdOps.Benchmarks.Measurement;

namespace ProdOps.Benchmarks;

/// <summary>The commands that begin with `logs`.</summary>
internal sealed class LogCommands(TextWriter output)
{
    private const string DefaultHost = "src/ProdOps.Host/bin/Release/net10.0/prodops";

    private static readonly string[] Parts = [LogRecord.Ingest, LogRecord.Search, LogRecord.Files, LogRecord.Shell, LogRecord.Receive];

    public Task RunAsync(CommandLine line, CancellationToken cancellationToken) => line.Verb switch
    {
        "generate" => GenerateAsync(line.AllowOperands(1, "size", "seed"), cancellationToken),
        "compare" => CompareAsync(line.AllowOperands(1, "size", "seed", "parts", "work", "repetitions", "rg", "prodops", "module", "pwsh", "lines", "results"), cancellationToken),
        "day" => DayAsync(line.AllowOperands(1, "prodops", "servers", "lines", "hours"), cancellationToken),
        "report" => ReportAsync(line.AllowOperands(1, "results"), cancellationToken),
        // What `compare` runs as processes of their own.
        "ingest" => EngineRuns.IngestAsync(Folder(line.AllowOperands(1, "store")), line.Text("store", ""), cancellationToken),
        "seal" => Task.Run(() => EngineRuns.Seal(Folder(line.AllowOperands(1)), cancellationToken), cancellationToken),
        "receive" => ReceiverComparison.ServeAsync(Folder(line.AllowOperands(1, "lines")), (long)line.Number("lines", 0), cancellationToken),
        "serve" => ServeAsync(line.AllowOperands(1, "what", "facts", "work", "lines"), cancellationToken),
        _ => throw new UsageException($"'logs {line.Verb}' is not a command: generate, compare, day, report. See bench/logging/README.md."),
    };

    private static string Folder(CommandLine line) => line.Operands is [var operand] ? Path.GetFullPath(operand) : throw new UsageException($"Say where the logs are: logs {line.Verb} FOLDER.");

    private async Task GenerateAsync(CommandLine line, CancellationToken cancellationToken) => await output.WriteLineAsync(
        (await LogCorpus.EnsureAsync(Folder(line), line.Size("size", "4GB"), line.Seed("seed", 1), cancellationToken)).ToString());

    private Task DayAsync(CommandLine line, CancellationToken cancellationToken) =>
        new CollectionDay(line.Text("prodops", DefaultHost), Folder(line), line.Count("servers", 1000), line.Count("lines", 6), line.Count("hours", 24), output).RunAsync(cancellationToken);

    private async Task CompareAsync(CommandLine line, CancellationToken cancellationToken)
    {
        var folders = new LogFolders(Folder(line));
        var parts = line.List("parts", string.Join(',', Parts));
        if (parts.Except(Parts).FirstOrDefault() is { } unknown)
            throw new UsageException($"There is no part '{unknown}': {string.Join(", ", Parts)}.");
        var facts = await LogCorpus.EnsureAsync(folders.Corpus, line.Size("size", "4GB"), line.Seed("seed", 1), cancellationToken);
        string now = TimeProvider.System.GetUtcNow().ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture);
        string results = Directory.CreateDirectory(line.Text("results", Path.Combine(folders.Work, "results", now))).FullName;
        string[] ripgreps = line.All("rg") is { Count: > 0 } named ? [.. named] : ["rg"];
        string? host = await HostAsync(line, cancellationToken);
        await File.WriteAllLinesAsync(Path.Combine(results, "machine.txt"), [Machine.Describe(folders.Corpus), facts.ToString()], cancellationToken);
        await using (var lines = new StreamWriter(Path.Combine(results, "results.jsonl")) { AutoFlush = true })
        {
            int repetitions = line.Count("repetitions", 5);
            void Record(LogRecord run) => lines.WriteLine(JsonSerializer.Serialize(run));
            var comparison = new LogComparison(folders, facts, host, await VictoriaAsync(), ripgreps, [.. line.All("work")], repetitions, output, Record);
            if (parts.Contains(LogRecord.Ingest)) await comparison.IngestAsync(cancellationToken);
            if (parts.Contains(LogRecord.Search)) await comparison.SearchAsync(cancellationToken);
            if (parts.Contains(LogRecord.Files))
            {
                if (await ViewerAsync(host) is { } lnav)
                    await new ViewerComparison(folders, host!, lnav, repetitions, output, Record).RunAsync(cancellationToken);
                await comparison.SearchFilesAsync(cancellationToken);
            }
            if (parts.Contains(LogRecord.Shell) && await PowerShellAsync(line) is { } pwsh)
                await new ShellComparison(folders, pwsh, Path.GetFullPath(line.Text("module", "artifacts/ProdOps/ProdOps.psd1")), repetitions, output, Record).RunAsync(cancellationToken);
            if (parts.Contains(LogRecord.Receive))
                await new ReceiverComparison(folders, (long)line.Number("lines", 3_000_000), repetitions, output, Record).RunAsync(cancellationToken);
        }
        await WriteTableAsync(folders, facts, results, cancellationToken);
    }

    private async Task<string?> VictoriaAsync()
    {
        const string Variable = "VICTORIA_LOGS";
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } program)
            return File.Exists(program) ? program : throw new UsageException($"{Variable} names '{program}', which is not there.");
        await output.WriteLineAsync($"VictoriaLogs is not measured: {Variable} does not name its program.");
        return null;
    }

    private async Task<string?> PowerShellAsync(CommandLine line)
    {
        string named = line.Text("pwsh", Environment.GetEnvironmentVariable("PRODOPS_PWSH") ?? "pwsh");
        if (Find(named) is { } found)
            return found;
        await output.WriteLineAsync($"The shell is not measured: there is no '{named}'; say --pwsh or PRODOPS_PWSH.");
        return null;
    }

    private async Task<string?> ViewerAsync(string? host)
    {
        const string Viewer = "lnav";
        string? found = Find(Viewer);
        if (found is null || host is null)
            await output.WriteLineAsync($"{Viewer} is not measured: {(found is null ? "it is not there" : "there is no prodops program to measure beside it")}.");
        return host is null ? null : found;
    }

    private static string? Find(string program)
    {
        string? found = program.Contains('/') ? program : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
        return found is not null && File.Exists(found) ? found : null;
    }

    /// <summary>The `prodops` program, if it is there and has the cmdlet.</summary>
    private async Task<string?> HostAsync(CommandLine line, CancellationToken cancellationToken)
    {
        string host = Path.GetFullPath(line.Text("prodops", DefaultHost));
        if (File.Exists(host))
        {
            var (exitCode, _) = await ChildProcess.RunAsync(new ChildCommand(host, ["-NonInteractive", "-Command", "if (-not (Get-Command Import-Log -ErrorAction Ignore)) { exit 3 }"]), cancellationToken);
            if (exitCode == 0)
                return host;
        }
        await output.WriteLineAsync($"Import-Log is not measured: '{host}' is not there or does not have it.");
        return null;
    }

    /// <summary>Writes the table again from raw lines, which may be those of several runs put together.</summary>
    private async Task ReportAsync(CommandLine line, CancellationToken cancellationToken)
    {
        var folders = new LogFolders(Folder(line));
        string results = line.Text("results", "");
        if (!File.Exists(Path.Combine(results, "results.jsonl")))
            throw new UsageException("Say which results to show: --results FOLDER.");
        await WriteTableAsync(folders, await LogCorpus.ReadFactsAsync(folders.Corpus, cancellationToken), results, cancellationToken);
    }

    private async Task WriteTableAsync(LogFolders folders, LogFacts facts, string results, CancellationToken cancellationToken)
    {
        var heading = await File.ReadAllLinesAsync(Path.Combine(results, "machine.txt"), cancellationToken);
        var lines = await File.ReadAllLinesAsync(Path.Combine(results, "results.jsonl"), cancellationToken);
        string table = LogReport.Render(heading, folders, facts.Bytes, [.. lines.Select(raw => JsonSerializer.Deserialize<LogRecord>(raw)!)]);
        string file = Path.Combine(results, "table.md");
        await File.WriteAllTextAsync(file, table, cancellationToken);
        await output.WriteLineAsync($"\n{table}\n{file}");
    }

    private static async Task ServeAsync(CommandLine line, CancellationToken cancellationToken)
    {
        string folder = Folder(line);
        string lines = line.Text("lines", "");
        var work = LogWork.Named(await LogComparison.ReadFactsAsync(line.Text("facts", ""), cancellationToken), line.Text("work", ""));
        await LogWorker.ServeAsync(
            () => line.Text("what", "store") == "store"
                ? EngineRuns.SearchStoreAsync(folder, work, lines, cancellationToken)
                : EngineRuns.SearchFilesAsync(folder, work, lines, cancellationToken),
            cancellationToken);
    }
}
