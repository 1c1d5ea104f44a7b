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
    public void A_share_that_cannot_be_understood_ends_the_command()
    {
        Assert.StartsWith("PackSubsetInvalid,", _engine.Fail("Test-Backup -ReadDataSubset some @r").FullyQualifiedErrorId, StringComparison.Ordinal);
    }
}
