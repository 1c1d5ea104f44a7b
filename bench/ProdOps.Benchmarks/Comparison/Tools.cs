using System.ComponentModel;

namespace ProdOps.Benchmarks.Comparison;

internal static class Tools
{
    private const string DefaultProgram = "src/ProdOps.Host/bin/Release/net10.0/prodops";

    /// <summary>The tools asked for that this machine has; every `--restic` adds one of another version.</summary>
    public static async Task<IReadOnlyList<BackupTool>> FindAsync(CommandLine line, TextWriter output, CancellationToken cancellationToken)
    {
        var tools = new List<BackupTool>();
        var wanted = line.List("tools", "prodops,restic,borg-lz4,borg-zstd");
        foreach (string name in wanted)
        {
            try
            {
                tools.Add(await FindAsync(name, line, cancellationToken));
            }
            catch (Exception problem) when (problem is Win32Exception or FileNotFoundException)
            {
                await output.WriteLineAsync($"{name} is left out: {problem.Message}");
            }
        }
        foreach (string program in line.All("restic"))
            tools.Add(await ResticTool.FindAsync(program, cancellationToken));
        return tools.Count > 0 ? tools : throw new UsageException("None of the tools is on this machine.");
    }

    private static async Task<BackupTool> FindAsync(string name, CommandLine line, CancellationToken cancellationToken) => name switch
    {
        "prodops" => ProdOpsTool.Find(Path.GetFullPath(line.Text("prodops", DefaultProgram))),
        "restic" => await ResticTool.FindAsync("restic", cancellationToken),
        "borg-lz4" => await BorgTool.FindAsync(line.Text("borg", "borg"), "lz4", cancellationToken),
        "borg-zstd" => await BorgTool.FindAsync(line.Text("borg", "borg"), "zstd,3", cancellationToken),
        _ => throw new UsageException($"There is no tool '{name}': prodops, restic, borg-lz4, borg-zstd."),
    };
}
