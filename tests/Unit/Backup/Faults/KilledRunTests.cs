using System.Diagnostics;
using System.Runtime.InteropServices;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.TestTools;

namespace ProdOps.Backup.Tests.Faults;

/// <summary>The real command is killed without warning; restic accepts what is left at once, and the next backup makes it good.</summary>
public sealed partial class KilledRunTests : IDisposable
{
    private const int Lanes = 2;
    private static readonly int KillsPerLane = Effort.Of(full: 100, usual: 20);
    private const int Stop = 19, Continue = 18;

    private readonly List<BackupLab> _labs = [];

    public void Dispose() => _labs.ForEach(lab => lab.Dispose());

    /// <summary>Two repositories side by side, since a run waits as much as it works.</summary>
    [ResticFact]
    public async Task After_a_kill_at_any_moment_restic_finds_no_error_and_the_next_backup_succeeds()
    {
        var lanes = await Task.WhenAll(Enumerable.Range(0, Lanes).Select(seed => Task.Run(() => KillAgainAndAgainAsync(seed))));
        Assert.Equal(Lanes * KillsPerLane, lanes.Sum(lane => lane.Kills));
        // The moments are spread over the whole run: in some the run had stored nothing yet, in some a pack, in some its index too.
        Assert.True(lanes.Sum(lane => lane.WithoutPack) > 1 && lanes.Sum(lane => lane.WithPack) > 1, string.Join(", ", lanes));
    }

    [ResticFact]
    public async Task Restic_unlock_neither_ends_a_running_backup_nor_takes_its_lock()
    {
        var lab = await MakeLabAsync();
        using var process = await StartAndStopAsync(lab);
        lab.Restic.Run("unlock");
        Assert.Single(lab.FilesOf("locks"));
        Assert.Equal(0, SendSignal(process.Id, Continue));
        var (exitCode, _, errors) = await process.EndAsync();
        Assert.True(exitCode == 0, $"{exitCode}: {errors}");
        lab.AssertNothingIsLeftBehind();
        lab.AssertResticRestoresTheSource("latest");
    }

    /// <summary>
    /// A backup that holds its lock and is stopped: the signal that unlock sends to it waits, and comes for certain before the run ends. On a
    /// busy machine a run may be over before it can be stopped; then another one is begun.
    /// </summary>
    private static async Task<ProdOpsProcess> StartAndStopAsync(BackupLab lab)
    {
        for (int attempt = 1; ; attempt++)
        {
            var process = ProdOpsProcess.Start(lab.RepositoryFolder, Command(lab));
            await process.FirstWriteAsync(lab.RepositoryFolder + "/locks");
            if (SendSignal(process.Id, Stop) == 0 && lab.FilesOf("locks").Count() == 1) return process;
            SendSignal(process.Id, Continue);
            await process.EndAsync();
            process.Dispose();
            Assert.True(attempt < 20, "No run could be stopped while it held its lock.");
        }
    }

    private async Task<LaneResult> KillAgainAndAgainAsync(int seed)
    {
        var random = new Random(seed);
        var lab = await MakeLabAsync();
        // How long a run lasts from its first write is learnt from the runs themselves, since other work on the machine changes it.
        var length = await MeasureAsync(lab);
        int kills = 0, withPack = 0, ended = 0;
        while (kills < KillsPerLane)
        {
            Change(lab, random);
            int packs = lab.FilesOf("data").Length;
            using (var process = ProdOpsProcess.Start(lab.RepositoryFolder, Command(lab)))
            {
                await process.FirstWriteAsync(lab.RepositoryFolder + "/locks", lab.RepositoryFolder + "/tmp");
                await Task.Delay(random.NextDouble() * length);
                bool running = !process.HasExited;
                process.Kill();
                var (exitCode, _, errors) = await process.EndAsync();
                if (!running || exitCode != 137)
                {
                    Assert.True(exitCode == 0, errors);
                    // It was measured on a busier machine.
                    length *= 0.75;
                    Assert.True(++ended < 20 + (2 * KillsPerLane), "the runs end before they can be killed");
                    continue;
                }
            }

            kills++;
            length *= 1.1;
            if (lab.FilesOf("data").Length > packs) withPack++;
            lab.Check(readData: kills % 10 == 0, noLock: true);

            var activity = new RecordingActivity();
            var next = await lab.BackupAsync(activity: activity);
            Assert.Equal((BackupStatus.Complete, 0), (next.Status, activity.Errors.Count));
            Assert.Empty(lab.FilesOf("locks"));
            if (kills % 10 == 0) lab.AssertResticRestoresTheSource(next.Id);
            // Clears away what the killed runs stored in vain, which must be no more than that.
            if (kills % 20 == 0) lab.Restic.Run("forget", "--keep-last", "3", "--prune", "--max-unused", "0");
        }

        lab.AssertNothingIsLeftBehind();
        lab.Check(readData: true);
        return new LaneResult(kills, withPack, kills - withPack, ended);
    }

    private async Task<BackupLab> MakeLabAsync()
    {
        var lab = new BackupLab();
        lock (_labs) _labs.Add(lab);
        await lab.InitializeAsync();
        for (int i = 0; i < 40; i++) lab.Write($"d{i % 4}/f{i}", TestRepository.Text(20_000, i));
        Change(lab, new Random(1));
        return lab;
    }

    /// <summary>Enough for two packs of the smallest size.</summary>
    private static void Change(BackupLab lab, Random random)
    {
        lab.Write("large", TestRepository.RandomBytes(5_000_000, random.Next()));
        for (int i = 0; i < 5; i++) lab.Write($"d{i % 4}/f{random.Next(40)}", TestRepository.Text(random.Next(40_000), random.Next()));
    }

    private static string Command(BackupLab lab) => $"Invoke-Backup '{lab.Source}' -PackSize 4 -ErrorAction Stop";

    private static async Task<TimeSpan> MeasureAsync(BackupLab lab)
    {
        using var process = ProdOpsProcess.Start(lab.RepositoryFolder, Command(lab));
        await process.FirstWriteAsync(lab.RepositoryFolder + "/locks", lab.RepositoryFolder + "/tmp");
        long start = Stopwatch.GetTimestamp();
        var (exitCode, _, errors) = await process.EndAsync();
        Assert.True(exitCode == 0, errors);
        return Stopwatch.GetElapsedTime(start);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);

    private sealed record LaneResult(int Kills, int WithPack, int WithoutPack, int Ended);
}
