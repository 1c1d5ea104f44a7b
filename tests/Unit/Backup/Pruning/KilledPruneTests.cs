using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.TestTools;

namespace ProdOps.Backup.Tests.Pruning;

/// <summary>The real command is killed in the middle of a prune, and prunes meet each other and backups.</summary>
public sealed class KilledPruneTests
{
    private const int Lanes = 2;
    private static readonly int KillsPerLane = Effort.Of(full: 31, usual: 11);

    [ResticFact]
    public async Task After_a_kill_at_any_moment_restic_finds_no_error_and_the_next_backup_succeeds()
    {
        var lanes = await Task.WhenAll(Enumerable.Range(0, Lanes).Select(seed => Task.Run(() => KillAgainAndAgainAsync(seed))));
        Assert.Equal(Lanes * KillsPerLane, lanes.Sum(lane => lane.Kills));
        // The moments are spread over the whole run: in some the prune had removed nothing yet, in some packs or index files.
        Assert.True(lanes.Sum(lane => lane.Begun) > 0 && lanes.Sum(lane => lane.Kills - lane.Begun) > 0, string.Join(", ", lanes));
    }

    [ResticFact]
    public async Task Two_prunes_and_a_backup_at_once_refuse_each_other_or_succeed_and_lose_nothing()
    {
        using var prune = await PruneLab.MakeAsync(seed: 21);
        int refusals = 0;
        for (int round = 0; round < 4; round++)
        {
            var snapshots = await prune.BackupAsync(2);
            await prune.ForgetAsync(snapshots.Take(1));
            var outcomes = await Task.WhenAll(
                Record.ExceptionAsync(() => prune.PruneAsync()), Record.ExceptionAsync(() => prune.PruneAsync()), Record.ExceptionAsync(() => prune.Lab.BackupAsync()));
            Assert.All(outcomes, outcome => Assert.True(outcome is null or ProdOpsException { ErrorId: "RepositoryLocked" }, $"{outcome}"));
            refusals += outcomes.Count(outcome => outcome is not null);
            prune.Lab.Check(readData: true);
        }

        Assert.True(refusals > 0);
        var last = await prune.BackupAsync(1);
        await prune.PruneAsync();
        prune.Lab.AssertResticRestoresTheSource(last[0].Id);
        prune.Lab.AssertNothingIsLeftBehind();
    }

    private static async Task<LaneResult> KillAgainAndAgainAsync(int seed)
    {
        var random = new Random(seed);
        using var prune = await PruneLab.MakeAsync(seed: 30 + seed);
        await prune.BackupAsync(2);
        // How long a run lasts is learnt from the runs themselves.
        var length = TimeSpan.FromSeconds(1);
        int kills = 0, begun = 0, ended = 0;
        while (kills < KillsPerLane)
        {
            await AddGarbageAsync(prune);
            var before = prune.Lab.FilesOf("index").Concat(prune.Lab.FilesOf("data")).ToHashSet();
            using (var process = ProdOpsProcess.Start(prune.Lab.RepositoryFolder, "Optimize-BackupRepository -MaxUnused 0 -ErrorAction Stop"))
            {
                await LockAsync(process, prune.Lab);
                await Task.Delay(random.NextDouble() * length);
                bool running = !process.HasExited;
                process.Kill();
                var (exitCode, _, errors) = await process.EndAsync();
                if (!running || exitCode != 137)
                {
                    Assert.True(exitCode == 0, errors);
                    length *= 0.7;
                    Assert.True(++ended < 3 * KillsPerLane, "the runs end before they can be killed");
                    continue;
                }
            }

            kills++;
            if (before.Any(file => !File.Exists(file))) begun++;
            else length *= 1.2;
            prune.Lab.Check(readData: kills % 5 == 0, noLock: true);
            var next = await prune.Lab.BackupWhollyAsync();
            Assert.Empty(prune.Lab.FilesOf("locks"));
            if (kills % 5 != 0) continue;
            prune.Lab.AssertResticRestoresTheSource(next.Id);
            // What killed prunes left: restic's and ours find it.
            if (kills % 10 == 0) await prune.PruneAsync();
            else prune.Lab.Restic.Run("prune", "--max-unused", "0");
        }

        prune.Lab.AssertNothingIsLeftBehind();
        prune.Lab.Check(readData: true);
        prune.Lab.AssertResticRestoresTheSource("latest");
        return new LaneResult(kills, begun, ended);
    }

    /// <summary>Another backup, and all that were there before go: most packs are used in part.</summary>
    private static async Task AddGarbageAsync(PruneLab prune)
    {
        var old = prune.Lab.FilesOf("snapshots").Select(file => new BackupSnapshot { Id = Path.GetFileName(file) }).ToList();
        await prune.BackupAsync(1);
        await prune.ForgetAsync(old);
    }

    private static async Task LockAsync(ProdOpsProcess process, BackupLab lab)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!process.HasExited && lab.FilesOf("locks").Length == 0) await Task.Delay(1, timeout.Token);
    }

    private sealed record LaneResult(int Kills, int Begun, int Ended);
}
