using ProdOps.Benchmarks.Corpora.Logs;
using ProdOps.Benchmarks.Measurement;

namespace ProdOps.Benchmarks.Logs;

/// <summary>
/// lnav without its screen beside Search-Log, both as whole processes that write the lines found. lnav reads every line, tells its format and keeps an index of all in memory before it filters:
/// it gets one file, and a week of one server.
/// </summary>
internal sealed class ViewerComparison(LogFolders folders, string host, string lnav, int repetitions, TextWriter output, Action<LogRecord> record)
{
    private const string Part = LogRecord.Files + ", " + LogRecord.WholeProcesses, Term = "checkout";

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        string[] files = [.. Directory.GetDirectories(folders.Corpus).Order(StringComparer.Ordinal).Select(folder => Directory.GetFiles(folder, LogFile.Nginx + "-*")).First(found => found.Length > 0).Order(StringComparer.Ordinal)];
        Warmth.Read(Path.GetDirectoryName(files[0])!, cancellationToken);
        var (exitCode, version) = await ChildProcess.RunAsync(new ChildCommand(lnav, ["-V"]), cancellationToken);
        if (exitCode != 0) throw new UsageException($"'{lnav} -V' ended with {exitCode}: {version.Trim()}");
        string home = Directory.CreateTempSubdirectory("prodops-lnav-").FullName;
        try
        {
            foreach (string[] some in new[] { files[..1], files })
            {
                string work = FormattableString.Invariant($"term in 1 %, lines, {(some.Length == 1 ? "a file" : "a server's week")} of {some.Sum(file => new FileInfo(file).Length) / 1e6:F0} MB");
                string paths = string.Join(',', some.Select(file => "'" + file.Replace("'", "''", StringComparison.Ordinal) + "'"));
                await MeasureAsync(work,
                    [
                        (LogReport.Ours, [host, "-NonInteractive", "-Command", $"$ErrorActionPreference = 'Stop'; Search-Log {Term} -Raw -Path {paths}"]),
                        (version.Trim(), [lnav, "-n", "-c", ":filter-in " + Term, .. some]),
                    ], home, cancellationToken);
            }
        }
        finally
        {
            Directory.Delete(home, recursive: true);
            File.Delete(folders.Lines);
        }
    }

    private async Task MeasureAsync(string work, (string Name, string[] Command)[] tools, string home, CancellationToken cancellationToken)
    {
        (long Count, long Hash)? expected = null;
        for (int repetition = 1; repetition <= repetitions; repetition++)
        {
            foreach (var (name, command) in tools)
            {
                // Settings of whoever runs this are nobody's business here.
                var run = await ChildProcess.MeasureAsync(
                    new ChildCommand("sh", ["-c", "o=$1; shift; exec \"$@\" > \"$o\"", "sh", folders.Lines, .. command]) { Environment = new Dictionary<string, string> { ["HOME"] = home } }, cancellationToken);
                if (run.ExitCode != 0) throw new UsageException($"{name}: {work} ended with {run.ExitCode}: {run.Output.Trim()}");
                var found = LogSearches.Lines(folders.Lines);
                expected ??= found;
                if (found != expected) throw new UsageException($"{name} finds {found.Count} lines for '{work}', and not the {expected.Value.Count} of the first tool, or others.");
                record(LogRecord.From(Part, work, name, repetition, run, found.Count));
                await output.WriteLineAsync(FormattableString.Invariant($"{Part} {work} {name,-12} {run.Wall * 1e3,9:F1} ms wall {run.Cpu * 1e3,9:F1} ms CPU {run.PeakKiB / 1024,5} MiB {found.Count,9} found"));
            }
        }
    }
}
