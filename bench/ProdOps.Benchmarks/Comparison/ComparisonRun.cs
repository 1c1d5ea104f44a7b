using System.Diagnostics;
using ProdOps.Benchmarks.Corpora;
using ProdOps.Benchmarks.Measurement;

namespace ProdOps.Benchmarks.Comparison;

/// <summary>
/// All tools through all work on one corpus, several times. The tools take turns at each piece of work, and another one
/// begins in each repetition, so that what drifts on the machine hits all alike.
/// </summary>
internal sealed class ComparisonRun(Corpus corpus, string source, CorpusFacts facts, string workFolder, TextWriter output)
{
    private const long Mebibyte = 1 << 20;

    /// <summary>How many backups, with a hundredth of the files changed before each, stand before what is forgotten.</summary>
    private const int AgeBackups = 30;

    public async Task RunAsync(
        IReadOnlyList<BackupTool> tools, int repetitions, IReadOnlySet<Work> wanted, Action<RunRecord> record, CancellationToken cancellationToken)
    {
        for (int repetition = 1; repetition <= repetitions; repetition++)
        {
            string folder = Directory.CreateDirectory(Path.Combine(workFolder, $"{corpus.Name}-{repetition}")).FullName;
            var turns = tools.Select((_, i) => tools[(i + repetition - 1) % tools.Count]).ToList();
            try
            {
                await RepeatAsync(turns, repetition, folder, wanted, record, cancellationToken);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private async Task RepeatAsync(
        List<BackupTool> turns, int repetition, string folder, IReadOnlySet<Work> wanted, Action<RunRecord> record, CancellationToken cancellationToken)
    {
        Mutation? mutation = null;
        try
        {
            foreach (var work in Enum.GetValues<Work>().Where(wanted.Contains))
            {
                if (work == Work.Changed)
                    mutation = corpus.Mutate(source, facts.Seed + (ulong)repetition);
                if (work == Work.Age)
                {
                    await AgeAsync(turns, repetition, folder, cancellationToken);
                    continue;
                }
                foreach (var tool in turns.Where(tool => (tool.Prunes || work is not (Work.Forget or Work.Prune)) && (tool.Copies || work is not (Work.Copy or Work.CopyRest))).ToList())
                {
                    try
                    {
                        record(await MeasureAsync(tool, work, repetition, folder, cancellationToken));
                    }
                    catch (ToolFailedException failure)
                    {
                        turns.Remove(tool);
                        await output.WriteLineAsync($"{corpus.Name} {work} {tool.Name}: {failure.Message}\n  It takes no further part in this repetition.");
                    }
                }
            }
        }
        finally
        {
            mutation?.Revert();
        }
    }

    /// <summary>Backs up again and again, with other changes each time, which stay until all tools have them.</summary>
    private async Task AgeAsync(List<BackupTool> turns, int repetition, string folder, CancellationToken cancellationToken)
    {
        for (int i = 1; i <= AgeBackups; i++)
        {
            var change = corpus.Mutate(source, facts.Seed + (ulong)(1_000 * repetition + i));
            try
            {
                foreach (var tool in turns.Where(tool => tool.Prunes).ToList())
                {
                    var run = await ChildProcess.MeasureAsync(tool.CommandFor(Work.Age, WorkspaceOf(tool, folder)), cancellationToken);
                    if (run.ExitCode == 0)
                        continue;
                    turns.Remove(tool);
                    await output.WriteLineAsync($"{corpus.Name} {Work.Age} {tool.Name}: ended with {run.ExitCode}: {Tail(run.Output)}");
                }
            }
            finally
            {
                change.Revert();
            }
        }
    }

    private Workspace WorkspaceOf(BackupTool tool, string folder)
    {
        string own = Path.Combine(folder, tool.Name.Replace(' ', '-'));
        return new Workspace(source, Path.Combine(own, "repository"), Path.Combine(own, "home"), Path.Combine(own, "restored"));
    }

    private async Task<RunRecord> MeasureAsync(BackupTool tool, Work work, int repetition, string folder, CancellationToken cancellationToken)
    {
        var workspace = WorkspaceOf(tool, folder);
        Directory.CreateDirectory(workspace.Home);
        Warm(work, workspace, cancellationToken);
        if (work is Work.Copy or Work.CopyRest)
            return await MeasureCopyAsync(tool, work, repetition, workspace, cancellationToken);
        if (work != Work.Restore)
            return await MeasureAsync(tool, work, repetition, workspace, cancellationToken);

        folder = Path.GetDirectoryName(workspace.Restored)!;
        long room = (facts.Bytes / 4 * 5) + (facts.Files * 4_096L) + (512 * Mebibyte);
        await using var target = await LoopFileSystem.MakeAsync(folder, room, ((facts.Files + facts.Folders + facts.Links) * 5L / 4) + 4_096, cancellationToken);
        var result = await MeasureAsync(tool, work, repetition, workspace, cancellationToken);
        return TreeComparison.FirstDifference(source, BackupTool.RestoredSource(workspace), cancellationToken) is { } difference
            ? throw new ToolFailedException($"the restored tree is not the source: {difference}")
            : result;
    }

    /// <summary>All snapshots go to an empty repository that cuts files at the same places, in a folder or behind a REST server of this machine.</summary>
    private async Task<RunRecord> MeasureCopyAsync(BackupTool tool, Work work, int repetition, Workspace workspace, CancellationToken cancellationToken)
    {
        await using var server = work == Work.CopyRest ? await RestServer.StartAsync(workspace.Repository + "-rest", cancellationToken) : null;
        if (server is not null)
            workspace = workspace with { CopyTarget = server.Url };
        var (exitCode, text) = await ChildProcess.RunAsync(tool.CommandForCopyTarget(workspace), cancellationToken);
        if (exitCode != 0)
            throw new ToolFailedException($"making the repository to copy to ended with {exitCode}: {Tail(text)}");
        return await MeasureAsync(tool, work, repetition, workspace, cancellationToken);
    }

    private async Task<RunRecord> MeasureAsync(BackupTool tool, Work work, int repetition, Workspace workspace, CancellationToken cancellationToken)
    {
        Native.Sync();
        var run = await ChildProcess.MeasureAsync(tool.CommandFor(work, workspace), cancellationToken);
        long start = Stopwatch.GetTimestamp();
        Native.Sync();
        double sync = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (run.ExitCode != 0)
            throw new ToolFailedException($"ended with {run.ExitCode}: {Tail(run.Output)}");
        var result = RunRecord.From(corpus.Name, work, tool, repetition, run, Warmth.Size(workspace.Repository), sync);
        await output.WriteLineAsync(FormattableString.Invariant(
            $"{corpus.Name} {repetition} {work,-9} {tool.Name,-18} {run.Wall,7:F2} s wall {run.Cpu,7:F2} s CPU {run.PeakKiB / 1024,5} MiB{(result.Clean ? "" : "  disturbed")}"));
        return result;
    }

    /// <summary>Everyone finds what he reads in the page cache: disks differ more than programs do.</summary>
    private static void Warm(Work work, Workspace workspace, CancellationToken cancellationToken)
    {
        if (work is Work.First or Work.Unchanged or Work.Changed)
            Warmth.Read(workspace.Source, cancellationToken);
        if (work is not (Work.Init or Work.First))
            Warmth.Read(workspace.Repository, cancellationToken);
    }

    private static string Tail(string text) => text.Length <= 800 ? text.Trim() : text[^800..].Trim();
}
