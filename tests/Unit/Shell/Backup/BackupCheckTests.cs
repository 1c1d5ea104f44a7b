namespace ProdOps.Cmdlets.Tests.Backup;

[Collection("Backup")]
public sealed class BackupCheckTests : IDisposable
{
    private readonly BackupFixture _fixture;
    private readonly Engine _engine;

    public BackupCheckTests(BackupFixture fixture)
    {
        _fixture = fixture;
        _engine = fixture.Open();
    }

    public void Dispose() => _engine.Dispose();

    [Fact]
    public void A_sound_repository_passes_at_every_depth()
    {
        foreach (string depth in new[] { "", "-ReadData", "-ReadDataSubset 50%", "latest -Restore" })
        {
            dynamic result = _engine.Run($"Test-Backup {depth} @r").Single();
            Assert.True(result.Success, $"{depth}: {string.Join("; ", (IEnumerable<object>)result.Problems)}");
        }
    }

    [Fact]
    public void Piped_backups_are_one_test_of_their_repository()
    {
        dynamic result = _engine.Run("Get-Backup -Server web1 @r | Test-Backup -PasswordFile $r.PasswordFile").Single();
        Assert.Equal(2L, result.SnapshotsTested);
        dynamic one = _engine.Run("Test-Backup latest @r").Single();
        Assert.Equal(1L, one.SnapshotsTested);
        Assert.Equal(_engine.Run("(Get-Backup latest @r).Id").Single().BaseObject, one.SnapshotId);
    }

    [Fact]
    public void A_backup_that_is_not_there_is_not_taken_for_all()
    {
        using var shell = _engine.Shell("Test-Backup ffffffff @r");
        Assert.Empty(shell.Invoke());
        Assert.StartsWith("SnapshotNotFound,", shell.Streams.Error.Single().FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_backup_is_restored_for_proof_and_the_scratch_folder_goes_away()
    {
        string scratch = _fixture.NewFolder();
        var results = _engine.Run($"Get-Backup @r | Test-Backup -Restore -ScratchPath '{scratch}' -PasswordFile $r.PasswordFile");
        Assert.Equal(3, results.Count);
        Assert.All(results, result => Assert.True((bool)result.Properties["Success"].Value));
        Assert.Empty(Directory.GetFileSystemEntries(scratch));
    }

    [Fact]
    public void Damage_is_in_the_result_and_is_an_error_too_and_can_be_repaired()
    {
        string copy = _fixture.Copy();
        var pack = new DirectoryInfo(Path.Combine(copy, "data")).GetFiles("*", SearchOption.AllDirectories).MaxBy(file => file.Length)!;
        byte[] bytes = File.ReadAllBytes(pack.FullName);
        bytes[1000] ^= 1;
        File.WriteAllBytes(pack.FullName, bytes);

        using (var shell = _engine.Shell($"$r.Repository = '{copy}'; $result = Test-Backup -ReadData @r; $result"))
        {
            dynamic result = shell.Invoke().Single();
            Assert.False(result.Success);
            var error = shell.Streams.Error.Single();
            Assert.Equal("PackDamaged,ProdOps.Cmdlets.Backup.TestBackup", error.FullyQualifiedErrorId);
            Assert.NotNull(error.ErrorDetails.RecommendedAction);
        }

        dynamic planned = _engine.Run("$result | Repair-Backup -PasswordFile $r.PasswordFile -WhatIf").Single();
        Assert.False(planned.Applied);
        Assert.NotEmpty((IEnumerable<object>)planned.Steps);
        Assert.Equal(bytes, File.ReadAllBytes(pack.FullName));

        dynamic repaired = _engine.Run("$result | Repair-Backup -PasswordFile $r.PasswordFile -Confirm:$false").Single();
        Assert.True(repaired.Applied);
        Assert.False(File.Exists(pack.FullName));
        using var again = _engine.Shell("Test-Backup -ReadData @r");
        again.Invoke();
        Assert.DoesNotContain(again.Streams.Error, error => error.FullyQualifiedErrorId.StartsWith("Pack", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_lost_for_good_is_given_up_with_a_list_of_it_and_the_repository_is_whole()
    {
        string copy = _fixture.Copy();
        // The pack that a restore of the large file needs is the largest one.
        File.Delete(new DirectoryInfo(Path.Combine(copy, "data")).GetFiles("*", SearchOption.AllDirectories).MaxBy(file => file.Length)!.FullName);
        _engine.Run($"$r.Repository = '{copy}'");

        dynamic planned = _engine.Run("Repair-Backup -Forget -WhatIf @r").Single();
        Assert.False(planned.Applied);
        Assert.Equal(3, _engine.Run("Get-Backup @r").Count);
        dynamic repaired = _engine.Run("$repair = Repair-Backup -Forget -Confirm:$false @r; $repair").Single();
        Assert.True(repaired.Applied);
        Assert.Equal(((IEnumerable<object>)planned.Losses).Select(loss => loss.ToString()), ((IEnumerable<object>)repaired.Losses).Select(loss => loss.ToString()));
        Assert.Equal(300_000L, _engine.Run("($repair.Losses | Where-Object Path -like '*/large')[0].LostBytes").Single().BaseObject);
        Assert.True((bool)_engine.Run("(Test-Backup -ReadData @r).Success").Single().BaseObject);
        Assert.All(_engine.Run("Get-Backup -Server web1 @r"), backup => Assert.Contains("repaired", (IEnumerable<string>)backup.Properties["Tags"].Value));
        Assert.Empty(_engine.Run("Get-Backup -Server web1 @r | Where-Object { -not $_.Original }"));
        // What it holds is in another pack.
        Assert.Empty(_engine.Run("Get-Backup -Server db1 -Tag repaired @r"));
    }

    [Fact]
    public void A_source_that_was_wiped_is_told_of_and_its_empty_backups_push_no_good_one_out()
    {
        string folder = _fixture.NewFolder(), source = Path.Combine(folder, "source");
        Directory.CreateDirectory(source);
        for (int i = 0; i < 40; i++) File.WriteAllBytes(Path.Combine(source, $"f{i}"), new byte[60_000]);
        _engine.Run($"$r.Repository = '{folder}/repository'; $null = Initialize-BackupRepository @r");
        for (int i = 0; i < 4; i++)
        {
            File.WriteAllText(Path.Combine(source, "f0"), $"run {i}");
            _engine.Run($"$null = Invoke-Backup '{source}' -Tag good @r");
        }

        Assert.Empty(_engine.Run("(Test-Backup @r).Anomalies"));
        foreach (string file in Directory.GetFiles(source)) File.Delete(file);
        for (int i = 0; i < 3; i++) _engine.Run($"$null = Invoke-Backup '{source}' @r");
        using (var shell = _engine.Shell("$result = Test-Backup @r; $result.Anomalies"))
        {
            var anomalies = shell.Invoke();
            Assert.Contains("FilesRemoved", anomalies.Select(anomaly => anomaly.Properties["Kind"].Value.ToString()));
            Assert.Contains(shell.Streams.Warning, warning => warning.Message.Contains("unlike those before it", StringComparison.Ordinal));
        }

        _engine.Run("Remove-Backup -Keep @{ Last = 2 } -Confirm:$false @r");
        Assert.Equal(2, _engine.Run("Get-Backup -Tag good @r").Count);
    }

    [Fact]
    public void Growth_is_told_as_far_as_it_is_known()
    {
        // Old restic records nothing, so that only the folders tell.
        Assert.Empty(_engine.Run("(Get-BackupRepository @r).Growth.Backups"));
        var backups = _engine.Run("(Get-BackupRepository -Detailed @r).Growth.Backups");
        Assert.Equal(3, backups.Count);
        Assert.InRange((long)backups[0].Properties["AddedSize"].Value, 300_000, 320_000);
        Assert.InRange((long)backups[1].Properties["AddedSize"].Value, 100, 10_000);
        Assert.EndsWith("/www/large", (string)_engine.Run("(Get-BackupRepository -Detailed @r).Growth.Backups[0].Files[0].Path").Single().BaseObject, StringComparison.Ordinal);
        string text = string.Concat(_engine.Run("[ProdOps.Cmdlets.FormatHelper]::KnownSize($null); [ProdOps.Cmdlets.FormatHelper]::UntilFull(41.2, 5); [ProdOps.Cmdlets.FormatHelper]::UntilFull($null, 0)"));
        Assert.Equal("unknown41 daysno growth", text);
    }

    [Fact]
    public void A_share_that_cannot_be_understood_ends_the_command()
    {
        Assert.StartsWith("PackSubsetInvalid,", _engine.Fail("Test-Backup -ReadDataSubset some @r").FullyQualifiedErrorId, StringComparison.Ordinal);
    }
}
