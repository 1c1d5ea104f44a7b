using ProdOps.Benchmarks.Measurement;

namespace ProdOps.Benchmarks.Logs;

/// <summary>A program that searches the corpus.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Command">How it is run; <see langword="null"/> if it cannot do the work.</param>
internal sealed record LogTool(string Name, Func<LogWork, ChildCommand?> Command);

/// <summary>Programs that a user would search logs with, and how.</summary>
internal sealed class LogTools(LogFolders folders)
{
    /// <summary>Every ripgrep, and grep, on the raw files and on compressed ones.</summary>
    public async Task<IReadOnlyList<LogTool>> FindAsync(IReadOnlyList<string> ripgreps, CancellationToken cancellationToken)
    {
        var tools = new List<LogTool>();
        foreach (string rg in ripgreps)
        {
            var (exitCode, text) = await ChildProcess.RunAsync(new ChildCommand(rg, ["--version"]), cancellationToken);
            string name = exitCode == 0 ? "rg " + text.Split(' ', '\n')[1] : throw new UsageException($"'{rg} --version' ended with {exitCode}.");
            tools.Add(new LogTool(name, work => Direct(work, folders.Corpus, Ripgrep(rg, work, byFile: true))));
            tools.Add(new LogTool($"{name} -z, zstd files", work => Direct(work, folders.Zstd, [.. Ripgrep(rg, work, byFile: true), "-z"])));
            if (rg == ripgreps[^1])
                tools.Add(new LogTool($"zstdcat \\| {name}", work => Piped(work, folders.Zstd, "zstdcat", Ripgrep(rg, work, byFile: false))));
        }
        tools.Add(new LogTool("grep", work => Direct(work, folders.Corpus, ["grep", "-r", "-h", "--include=" + work.Files, .. Grep(work)])));
        return tools;
    }

    /// <summary>What is measured beside searches in compressed files where they lie.</summary>
    public IReadOnlyList<LogTool> Gzipped(string rg, string name) =>
    [
        new LogTool($"{name} -z", work => Direct(work, folders.Gzip, [.. Ripgrep(rg, work, byFile: true), "-z"])),
        new LogTool("zgrep", work => Shell(work, folders.Gzip, "find \"$d\" -type f -name \"$g\" -print0 | xargs -0 \"$@\"", ["zgrep", "-h", .. Grep(work)])),
    ];

    private static List<string> Ripgrep(string rg, LogWork work, bool byFile)
    {
        List<string> arguments = [rg, "--no-config", "--no-ignore", "--no-filename", "--no-line-number", "--color=never"];
        if (byFile && work.Files != "*")
            arguments.AddRange(["-g", work.Files + (work.Files.EndsWith('*') ? "" : "*")]);
        if (!work.WantsLines)
            arguments.Add("-c");
        if (!work.IsRegex)
            arguments.Add("-F");
        if (work.IgnoreCase)
            arguments.Add("-i");
        arguments.AddRange(["-e", work.Pattern]);
        return arguments;
    }

    private static List<string> Grep(LogWork work)
    {
        List<string> arguments = [work.IsRegex ? "-P" : "-F"];
        if (!work.WantsLines)
            arguments.Add("-c");
        if (work.IgnoreCase)
            arguments.Add("-i");
        arguments.AddRange(["-e", work.Pattern]);
        return arguments;
    }

    private ChildCommand Direct(LogWork work, string folder, IEnumerable<string> command) => work.WantsLines
        ? Shell(work, folder, "\"$@\" \"$d\"", command)
        : new ChildCommand(command.First(), [.. command.Skip(1), folder]) { Environment = Plain };

    private ChildCommand Piped(LogWork work, string folder, string reader, IEnumerable<string> command) =>
        Shell(work, folder, $"find \"$d\" -type f -name \"$g\" -print0 | sort -z | xargs -0 {reader} | \"$@\"", command);

    private ChildCommand Shell(LogWork work, string folder, string script, IEnumerable<string> command)
    {
        string end = (work.Newest is { } newest ? $" | tail -n {newest}" : "") + (work.WantsLines ? " > \"$o\"" : "");
        return new ChildCommand("sh", ["-c", "o=$1 d=$2 g=$3; shift 3; " + script + end, "sh", folders.Lines, folder, work.Files + (work.Files.EndsWith('*') ? "" : "*"), .. command]) { Environment = Plain };
    }

    // Bytes, as logs are; characters of UTF-8 cost grep time and find the same here.
    private static Dictionary<string, string> Plain { get; } = new() { ["LC_ALL"] = "C" };
}

/// <summary>Where things are.</summary>
/// <param name="Corpus">The raw files.</param>
internal sealed record LogFolders(string Corpus)
{
    public string Work { get; } = Path.TrimEndingDirectorySeparator(Corpus) + "-work";

    public string Zstd => Path.Combine(Work, "zstd");

    public string Gzip => Path.Combine(Work, "gzip");

    public string Hot => Path.Combine(Work, "hot");

    public string Sealed => Path.Combine(Work, "sealed");

    public string Victoria => Path.Combine(Work, "victoria-logs");

    /// <summary>Takes the lines found; in memory, so that no disk is measured.</summary>
    public string Lines { get; } = Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"prodops-bench-{Environment.ProcessId}.log");
}
