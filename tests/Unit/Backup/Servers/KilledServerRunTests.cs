using System.Buffers.Binary;
using System.Diagnostics;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.TestTools;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Backup.Tests.Servers;

/// <summary>The real command backs up a server over SSH: it is killed without warning, and it is run in different places of the world.</summary>
public sealed class KilledServerRunTests : IAsyncLifetime
{
    private static readonly int Kills = Effort.Of(full: 8, usual: 4);

    private readonly BackupLab _lab = new();
    private LoopbackSshd _sshd = null!;
    private string _environment = "";

    public async Task InitializeAsync()
    {
        await _lab.InitializeAsync();
        _sshd = await LoopbackSshd.StartAsync();
        _environment = Path.Combine(_sshd.Folder, "environment.psd1");
        File.WriteAllText(_environment, $$"""
            @{
                Name    = 'loopback'
                Servers = @(
                    @{ Name = 'web1'; Address = '127.0.0.1'; Ssh = @{ User = '{{_sshd.User}}'; Port = {{_sshd.Port}}; IdentityFile = '{{_sshd.CreateUserKey("ed25519")}}'; KnownHosts = '{{_sshd.WriteKnownHosts()}}'; ConfigFile = 'none' } }
                )
            }

            """);
    }

    public async Task DisposeAsync()
    {
        if (_sshd is not null) await _sshd.DisposeAsync();
        _lab.Dispose();
    }

    [UnixFact("sshd", "ssh-keygen", "restic")]
    public async Task After_a_kill_at_any_moment_restic_finds_no_error_and_the_next_backup_is_whole()
    {
        var random = new Random(20261126);
        for (int i = 0; i < 40; i++) _lab.Write($"d{i % 4}/f{i}", TestRepository.Text(20_000, i));
        Change(random);
        var length = await MeasureAsync();
        int kills = 0, withPack = 0, ended = 0;
        while (kills < Kills)
        {
            Change(random);
            int packs = _lab.FilesOf("data").Length;
            using (var process = Start(""))
            {
                await process.FirstWriteAsync(_lab.RepositoryFolder + "/locks", _lab.RepositoryFolder + "/tmp");
                // Every other time from the first pack on, since how late in a run that comes differs from machine to machine; and every fourth time at once.
                while (kills % 2 == 1 && !process.HasExited && _lab.FilesOf("data").Length == packs) await Task.Delay(5);
                await Task.Delay(random.NextDouble() * length * (kills % 2 == 1 ? 0.25 : kills % 4 == 0 ? 0 : 1));
                bool running = !process.HasExited;
                process.Kill();
                var (exitCode, _, errors) = await process.EndAsync();
                if (!running || exitCode != 137)
                {
                    Assert.True(exitCode == 0, errors);
                    length *= 0.9;
                    Assert.True(++ended < 3 * Kills, "the runs end before they can be killed");
                    continue;
                }
            }
            kills++;
            if (_lab.FilesOf("data").Length > packs) withPack++;
            _lab.Check(readData: kills % 4 == 0, noLock: true);
            var (status, id, _) = await BackupAsync("");
            Assert.Equal("Complete", status);
            Assert.Empty(_lab.FilesOf("locks"));
            if (kills % 4 == 0) _lab.AssertResticRestoresTheSource(id);
        }
        _lab.AssertNothingIsLeftBehind();
        _lab.Check(readData: true);
        // The moments are spread: some runs had stored a pack, and some had not.
        Assert.InRange(withPack, 1, Kills - 1);
    }

    [UnixFact("sshd", "ssh-keygen")]
    public async Task What_has_not_changed_is_the_same_tree_from_whatever_zone_it_is_backed_up()
    {
        _lab.Write("file", TestRepository.Text(20_000, 1));
        _lab.Write("folder/other", [1]);
        string zone = Path.Combine(_sshd.Folder, "half-past-five");
        File.WriteAllBytes(zone, ZoneFile(hours: 5.5));
        var (_, first, utc) = await BackupAsync("", zone: "UTC");
        var (_, second, elsewhere) = await BackupAsync(" -Force", zone);
        // The folders above are everybody's, and change meanwhile.
        Assert.Equal(await _lab.TreeOfAsync(first, _lab.Source), await _lab.TreeOfAsync(second, _lab.Source));
        // The second client really was elsewhere.
        Assert.Equal(("00:00:00", "05:30:00"), (utc, elsewhere));
    }

    /// <summary>More than one pack of the smallest size.</summary>
    private void Change(Random random)
    {
        _lab.Write("large", TestRepository.RandomBytes(9_000_000, random.Next()));
        for (int i = 0; i < 5; i++) _lab.Write($"d{i % 4}/f{random.Next(40)}", TestRepository.Text(random.Next(40_000), random.Next()));
    }

    private ProdOpsProcess Start(string options, string zone = "UTC") => ProdOpsProcess.Start(
        _lab.RepositoryFolder,
        $"$b = Invoke-Backup -Server web1 -Path '{_lab.Source}' -Environment '{_environment}' -PackSize 4 -ErrorAction Stop{options}; \"$($b.Status) $($b.Id) $([TimeZoneInfo]::Local.BaseUtcOffset)\"",
        ("TZ", zone));

    private async Task<(string Status, string Id, string Zone)> BackupAsync(string options, string zone = "UTC")
    {
        using var process = Start(options, zone);
        var (exitCode, output, errors) = await process.EndAsync();
        Assert.True(exitCode == 0, $"{exitCode}: {errors}");
        string[] words = output.Trim().Split(' ', 3);
        return (words[0], words[1], words[2]);
    }

    private async Task<TimeSpan> MeasureAsync()
    {
        using var process = Start("");
        await process.FirstWriteAsync(_lab.RepositoryFolder + "/locks", _lab.RepositoryFolder + "/tmp");
        long start = Stopwatch.GetTimestamp();
        var (exitCode, _, errors) = await process.EndAsync();
        Assert.True(exitCode == 0, errors);
        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>A zone without changes (RFC 8536), so that the machine need not have a data base of zones.</summary>
    private static byte[] ZoneFile(double hours)
    {
        byte[] file = new byte[44 + 6 + 4];
        "TZif"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(36), 1);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(40), 4);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(44), (int)(hours * 3600));
        "LMT\0"u8.CopyTo(file.AsSpan(50));
        return file;
    }
}
