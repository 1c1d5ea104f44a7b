namespace ProdOps.Cmdlets.Tests.Backup;

[Collection("Backup")]
public sealed class BackupRestoreTests : IDisposable
{
    private readonly BackupFixture _fixture;
    private readonly Engine _engine;

    public BackupRestoreTests(BackupFixture fixture)
    {
        _fixture = fixture;
        _engine = fixture.Open();
    }

    public void Dispose() => _engine.Dispose();

    [Fact]
    public void A_restore_is_planned_and_changes_nothing_under_WhatIf()
    {
        string target = _fixture.NewFolder();
        dynamic plan = _engine.Run($"Restore-Backup latest -Server web1 -Destination '{target}' -WhatIf @r").Single();
        Assert.False(plan.Applied);
        Assert.Contains(((IEnumerable<object>)plan.Steps).Select(step => step.ToString()), step => step!.EndsWith("/etc/lines", StringComparison.Ordinal));
        Assert.False(Directory.Exists(target));
        Assert.Empty(Directory.GetFiles(Path.Combine(_fixture.Repository, "locks")));
    }

    [Fact]
    public void A_backup_is_restored_below_the_destination_and_a_second_time_finds_nothing_to_do()
    {
        string target = _fixture.NewFolder();
        string command = $"Restore-Backup latest -Server web1 -Destination '{target}' -Verify -Confirm:$false @r";
        dynamic first = _engine.Run(command).Single();
        Assert.True(first.Applied);
        Assert.Equal(0L, first.Errors);
        Assert.Equal("one\ntwo\nthree\nfour\n", File.ReadAllText(target + _fixture.Etc + "/lines"));
        Assert.Equal(File.ReadAllBytes(_fixture.Www + "/large"), File.ReadAllBytes(target + _fixture.Www + "/large"));
        dynamic second = _engine.Run(command).Single();
        Assert.Equal(0L, second.BytesToWrite);
    }

    [Fact]
    public void Latest_is_the_newest_backup_that_has_what_is_asked_for()
    {
        dynamic plan = _engine.Run($"Restore-Backup -Path '{_fixture.Www}/large' -Destination '{_fixture.NewFolder()}' -WhatIf @r").Single();
        Assert.Equal(_engine.Run("(Get-Backup latest -Server web1 @r).Id").Single().BaseObject, plan.SnapshotId);
    }

    [Fact]
    public void Found_items_are_restored_in_one_go()
    {
        string target = _fixture.NewFolder();
        dynamic plan = _engine.Run(
            $"Find-BackupItem '*.tsx', large -Snapshot latest -Server web1 @r | Restore-Backup -Destination '{target}' -PasswordFile $r.PasswordFile -Confirm:$false").Single();
        Assert.Equal(0L, plan.Errors);
        Assert.Equal(
            [target + _fixture.Www + "/[id].tsx", target + _fixture.Www + "/large"],
            Directory.GetFiles(target, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_path_from_two_backups_is_restored_from_the_first_and_the_second_is_an_error()
    {
        string target = _fixture.NewFolder();
        using var shell = _engine.Shell($"Find-BackupItem lines -Server web1 @r | Restore-Backup -Destination '{target}' -PasswordFile $r.PasswordFile -Confirm:$false");
        Assert.Single(shell.Invoke());
        Assert.StartsWith("RestoredTwice,", shell.Streams.Error.Single().FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.EndsWith("four\n", File.ReadAllText(target + _fixture.Etc + "/lines"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_that_the_backup_lacks_is_an_error_and_nothing_is_made()
    {
        string target = _fixture.NewFolder();
        using var shell = _engine.Shell($"Restore-Backup latest -Path /nowhere -Destination '{target}' -Confirm:$false @r");
        Assert.Empty(shell.Invoke());
        Assert.StartsWith("RestorePathNotFound,", shell.Streams.Error.Single().FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.False(Directory.Exists(target));
    }

    [Fact]
    public void Include_and_Exclude_choose_what_is_restored()
    {
        dynamic plan = _engine.Run($"Restore-Backup latest -Server web1 -Include 'l*' -Exclude large -Destination '{_fixture.NewFolder()}' -WhatIf @r").Single();
        var files = ((IEnumerable<object>)plan.Steps).Select(step => step.ToString()!).Where(step => !step.Contains(_fixture.Source + "/www", StringComparison.Ordinal));
        Assert.Contains(files, step => step.EndsWith("/lines", StringComparison.Ordinal));
        Assert.DoesNotContain(((IEnumerable<object>)plan.Steps).Select(step => step.ToString()!), step => step.EndsWith("/large", StringComparison.Ordinal));
    }
}
