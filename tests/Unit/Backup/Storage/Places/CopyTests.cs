using System.Text.Json;
using ProdOps.Backup.Copying;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.FileSystem;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.TestTools;

namespace ProdOps.Backup.Tests.Storage;

/// <summary>Copying between repositories, beside <c>restic copy</c>, on folders and through a REST server.</summary>
public sealed class CopyTests : IDisposable
{
    private readonly BackupLab _lab = new();
    private readonly ResticProgram _other;

    public CopyTests() => _other = new ResticProgram(Other);

    private string Other => _lab["other"];

    public void Dispose() => _lab.Dispose();

    [ResticTheory]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    [InlineData(2, 1)]
    public async Task What_is_copied_is_whole_is_not_copied_again_and_restic_finds_it_done(int version, int otherVersion)
    {
        await MakeHistoryAsync(version, otherVersion);
        var copies = await CopyAsync();
        Assert.Equal(3, copies.Count);
        Assert.All(copies, copy => Assert.Equal((BackupCopyStatus.Copied, Other, _lab.RepositoryFolder), (copy.Status, copy.Repository, copy.SourceRepository)));
        Assert.True(copies[0].DataBlobs > copies[1].DataBlobs && copies[1].DataAdded > 0);
        Assert.Contains("no errors were found", _other.Run("check", "--read-data"));
        _lab.AssertResticRestoresTheSource(copies[2].SourceId);
        AssertOtherRestoresTheSource(copies[2].Id);
        Assert.Empty(await CopyAsync());
        Assert.DoesNotContain("copying", ResticCopy(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(3, Snapshots(_other).Count);
    }

    [ResticFact]
    public async Task What_restic_has_copied_we_find_done_and_only_the_rest_is_copied()
    {
        await MakeHistoryAsync(2, 2);
        string first = Snapshots(_lab.Restic).MinBy(snapshot => snapshot.GetProperty("time").GetDateTimeOffset()).GetProperty("id").GetString()!;
        ResticCopy(first);
        var copies = await CopyAsync();
        Assert.Equal(2, copies.Count);
        Assert.DoesNotContain(first, copies.Select(copy => copy.SourceId));
        // Copied on to a third place, the first id is still the one that is remembered.
        string third = _lab["third"];
        await using (await TestRepository.CreateAsync(new LocalStorage(third, TimeProvider.System))) { }
        Assert.Equal(3, (await CopyAsync(Other, third)).Count);
        Assert.Equal(Originals(_other), Originals(new ResticProgram(third)));
        Assert.Empty(await CopyAsync(_lab.RepositoryFolder, third));
    }

    [ResticFact]
    public async Task A_snapshot_whose_tags_were_changed_is_another_one()
    {
        await MakeHistoryAsync(2, 2);
        await CopyAsync();
        _lab.Restic.Run("tag", "--set", "kept", "latest");
        var copy = Assert.Single(await CopyAsync());
        Assert.Equal(["kept"], copy.Tags);
        Assert.Equal(0, copy.DataBlobs);
        Assert.Empty(await CopyAsync());
    }

    [ResticFact]
    public async Task A_trial_run_counts_as_the_copy_does_and_writes_nothing()
    {
        await MakeHistoryAsync(2, 2);
        var planned = await CopyAsync(dryRun: true);
        Assert.DoesNotContain(Directory.GetFiles(Other, "*", SearchOption.AllDirectories), file => !file.EndsWith("config", StringComparison.Ordinal) && !file.Contains("/keys/"));
        var copies = await CopyAsync();
        Assert.Equal(copies.Select(Numbers), planned.Select(Numbers));
        Assert.All(planned, copy => Assert.Equal((BackupCopyStatus.Planned, ""), (copy.Status, copy.Id)));
        static (string, long, long, long, long) Numbers(BackupCopy copy) => (copy.SourceId, copy.DataBlobs, copy.TreeBlobs, copy.DataAdded, copy.BytesRead);
    }

    [ResticFact]
    public async Task What_cannot_be_read_costs_the_snapshots_that_need_it_and_no_others()
    {
        await _lab.InitializeAsync();
        await MakeOtherAsync();
        _lab.Write("a", TestRepository.RandomBytes(100_000, 1));
        await _lab.BackupWhollyAsync();
        var before = _lab.FilesOf("data").ToHashSet();
        _lab.Write("b", TestRepository.RandomBytes(300_000, 2));
        var damaged = await _lab.BackupWhollyAsync();
        foreach (string pack in _lab.FilesOf("data").Except(before).Where(pack => new FileInfo(pack).Length > 200_000))
        {
            File.SetAttributes(pack, FileAttributes.Normal);
            using var file = File.OpenWrite(pack);
            file.Position = 1000;
            file.WriteByte(0x5a);
            file.WriteByte(0xa5);
        }

        File.Delete(Path.Combine(_lab.Source, "b"));
        _lab.Write("c", TestRepository.RandomBytes(1000, 3));
        var last = await _lab.BackupWhollyAsync(_lab.Request() with { Force = true });
        var activity = new RecordingActivity();
        var copies = await CopyAsync(activity: activity);
        Assert.Equal(2, copies.Count);
        Assert.Contains(last.Id, copies.Select(copy => copy.SourceId));
        var error = Assert.Single(activity.Errors);
        Assert.Equal(("CopyIncomplete", damaged.Id), (error.ErrorId, error.Target));
        Assert.Contains("/b", error.Message);
        Assert.Contains("no errors were found", _other.Run("check", "--read-data"));
    }

    [ResticFact]
    public async Task Repositories_that_cut_files_differently_are_warned_of_and_the_same_one_is_refused()
    {
        await MakeHistoryAsync(2, 2);
        var activity = new RecordingActivity();
        await CopyAsync(activity: activity);
        Assert.Contains("-CopyChunkerParametersFrom", Assert.Single(activity.Warnings));
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => CopyAsync(Other, Other));
        Assert.Equal("CopySameRepository", error.ErrorId);
    }

    [ResticFact]
    public async Task A_copy_that_is_left_half_way_leaves_no_index_that_claims_what_was_not_stored()
    {
        await MakeHistoryAsync(2, 2);
        var activity = new RecordingActivity();
        await using var source = await TestRepository.OpenAsync(await PlaceLab.OpenAsync(_lab.RepositoryFolder));
        await using var target = await TestRepository.OpenAsync(await PlaceLab.OpenAsync(Other));
        var request = new CopyRequest { Snapshots = await source.ListSnapshotsAsync(activity, default), BatchBytes = 1 };
        await foreach (var _ in CopyRun.RunAsync(source, target, request, activity, default)) break;
        Assert.False(target.IsIndexLoaded);
        Assert.Equal(2, (await CopyAsync()).Count);
    }

    [RcloneFact]
    public async Task A_copy_to_a_server_that_is_killed_again_and_again_goes_on_where_it_was()
    {
        await using var server = await RcloneServer.StartAsync(_lab["server"]);
        await _lab.InitializeAsync();
        await PlaceLab.InitializeAsync(server.Url);
        for (int i = 0; i < 12; i++) _lab.Write($"f{i}", TestRepository.RandomBytes(3 << 20, i));
        await _lab.BackupWhollyAsync();
        string data = Path.Combine(server.Folder, "repository", "data");
        string command = $"Copy-Backup -Repository '{_lab.RepositoryFolder}' -To '{server.Url}' -ToPasswordVariable RESTIC_PASSWORD -PackSize 4 -ErrorAction Stop";
        for (int kill = 1; kill <= 3; kill++)
        {
            using var process = ProdOpsProcess.Start(_lab.RepositoryFolder, command);
            int packs = Packs();
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            while (!process.HasExited && Packs() < packs + 2) await Task.Delay(5, limit.Token);
            process.Kill();
            await process.EndAsync();
            Assert.Contains("no errors were found", new ResticProgram(server.Url).Run("check", "--no-lock"));
        }

        using (var process = ProdOpsProcess.Start(_lab.RepositoryFolder, command))
        {
            var (exitCode, _, errors) = await process.EndAsync();
            Assert.True(exitCode == 0, errors);
        }

        var place = new ResticProgram(server.Url);
        Assert.Single(Snapshots(place));
        Assert.Contains("no errors were found", place.Run("check", "--read-data"));
        int Packs() => Directory.Exists(data) ? Directory.GetFiles(data, "*", SearchOption.AllDirectories).Length : 0;
    }

    private async Task MakeHistoryAsync(int version, int otherVersion)
    {
        await _lab.InitializeAsync(version);
        await MakeOtherAsync(otherVersion);
        for (int i = 0; i < 30; i++) _lab.Write($"d{i % 4}/f{i}", TestRepository.Text(20_000, i));
        _lab.Write("large", TestRepository.RandomBytes(6_000_000, 1));
        await _lab.BackupWhollyAsync();
        _lab.Write("d1/new", TestRepository.Text(40_000, 99));
        _lab.ResticBackup("--tag", "nightly", "--exclude", "*.tmp");
        _lab.Write("d2/newer", TestRepository.Text(40_000, 100));
        await _lab.BackupWhollyAsync();
    }

    private async Task MakeOtherAsync(int version = 2)
    {
        await using var made = await TestRepository.CreateAsync(new LocalStorage(Other, TimeProvider.System), version);
    }

    private Task<List<BackupCopy>> CopyAsync(IActivity? activity = null, bool dryRun = false) => CopyAsync(_lab.RepositoryFolder, Other, activity, dryRun);

    private static async Task<List<BackupCopy>> CopyAsync(string from, string to, IActivity? activity = null, bool dryRun = false)
    {
        activity ??= new RecordingActivity();
        await using var source = await TestRepository.OpenAsync(await PlaceLab.OpenAsync(from));
        await using var target = await TestRepository.OpenAsync(await PlaceLab.OpenAsync(to));
        var request = new CopyRequest { Snapshots = await source.ListSnapshotsAsync(activity, default), DryRun = dryRun, BatchBytes = 1 << 20 };
        return await CopyRun.RunAsync(source, target, request, activity, default).ToListAsync();
    }

    /// <summary>restic copies from ours to the other one.</summary>
    private string ResticCopy(params string[] snapshots)
    {
        string password = _lab["password"];
        File.WriteAllBytes(password, TestRepository.Password);
        return _other.Run(["copy", "--from-repo", _lab.RepositoryFolder, "--from-password-file", password, .. snapshots])
            .Replace("skipping", "", StringComparison.OrdinalIgnoreCase).Split('\n').Where(line => line.Contains("copy started", StringComparison.Ordinal)).Aggregate("", (all, line) => all + line.Replace("copy started", "copying", StringComparison.Ordinal));
    }

    private void AssertOtherRestoresTheSource(string snapshot)
    {
        using var target = new ScratchFolder(_lab["restored"]);
        _other.Run("restore", snapshot, "--target", target.Path);
        MetadataWalk.AssertEqual(MetadataWalk.Of(_lab.Source), MetadataWalk.Of(target.Path + _lab.Source));
    }

    private static IReadOnlyList<JsonElement> Snapshots(ResticProgram restic)
    {
        using var document = JsonDocument.Parse(restic.Run("snapshots", "--json", "--no-lock"));
        return document.RootElement.ValueKind == JsonValueKind.Null ? [] : [.. document.RootElement.Clone().EnumerateArray()];
    }

    private static HashSet<string> Originals(ResticProgram restic) => [.. Snapshots(restic).Select(snapshot => snapshot.GetProperty("original").GetString()!)];
}
