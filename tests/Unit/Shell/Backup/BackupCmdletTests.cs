using System.Management.Automation;

namespace ProdOps.Cmdlets.Tests.Backup;

[Collection("Backup")]
public sealed class BackupCmdletTests : IDisposable
{
    private readonly BackupFixture _fixture;
    private readonly Engine _engine;

    public BackupCmdletTests(BackupFixture fixture)
    {
        _fixture = fixture;
        _engine = fixture.Open();
    }

    public void Dispose() => _engine.Dispose();

    [Fact]
    public void Backups_are_listed_oldest_first_with_the_repository_they_are_in()
    {
        var snapshots = _engine.Run("Get-Backup @r");
        Assert.Equal(["web1", "web1", "db1"], Texts(snapshots, "Server"));
        Assert.All(snapshots, snapshot => Assert.Equal(_fixture.Repository, snapshot.Properties["Repository"].Value));
    }

    [Theory]
    [InlineData("-Server 'web*'", 2)]
    [InlineData("-Tag nightly", 1)]
    [InlineData("-Last 1", 2)]
    [InlineData("-After 2026-11-21 -Before 2026-11-22", 1)]
    [InlineData("latest~1 -Server web1", 1)]
    [InlineData("-Server nobody", 0)]
    public void Conditions_choose_backups(string conditions, int count) => Assert.Equal(count, _engine.Run($"Get-Backup @r {conditions}").Count);

    [Fact]
    public void The_moment_of_Before_is_not_included_and_that_of_After_is()
    {
        Assert.Equal("db1", _engine.Run("$all = Get-Backup @r; (Get-Backup @r -After $all[2].Time).Server").Single().BaseObject);
        Assert.Equal(2, _engine.Run("Get-Backup @r -Before $all[2].Time").Count);
    }

    [Fact]
    public void An_id_that_fits_nothing_is_an_error_of_its_own()
    {
        using var shell = _engine.Shell("Get-Backup ffffffff, latest @r");
        Assert.Single(shell.Invoke());
        Assert.Equal("SnapshotNotFound,ProdOps.Cmdlets.Backup.GetBackup", shell.Streams.Error.Single().FullyQualifiedErrorId);
    }

    [Fact]
    public void A_wrong_password_ends_the_command_and_is_told_as_such()
    {
        string file = _fixture.NewFolder();
        File.WriteAllText(file, "not-the-repository-password");
        var error = _engine.Fail($"Get-Backup -Repository '{_fixture.Repository}' -PasswordFile '{file}'");
        Assert.StartsWith("WrongPassword,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.AuthenticationError, error.CategoryInfo.Category);
    }

    [Fact]
    public void Listing_leaves_no_lock_behind_even_if_the_pipeline_is_cut_short()
    {
        Assert.Single(_engine.Run("do { Get-BackupItem latest -Recurse @r | ForEach-Object { $_; break } } until ($true)"));
        Assert.Single(_engine.Run("do { Get-Backup @r | ForEach-Object { $_; break } } until ($true)"));
        Assert.Empty(Directory.GetFiles(Path.Combine(_fixture.Repository, "locks")));
    }

    [Fact]
    public void Reading_without_a_lock_works_where_nothing_may_be_written()
    {
        string copy = _fixture.Copy();
        Directory.Delete(Path.Combine(copy, "locks"));
        Assert.Equal(3, _engine.Run($"Get-Backup -NoLock -Repository '{copy}' -PasswordFile '{_fixture.PasswordFile}'").Count);
        Assert.False(Directory.Exists(Path.Combine(copy, "locks")));
    }

    [Fact]
    public void A_folder_of_a_backup_is_listed()
    {
        var items = _engine.Run($"Get-BackupItem latest '{_fixture.Www}' -Server web1 @r");
        Assert.Equal(["[id].tsx", "a b", "large"], Texts(items, "Name"));
        Assert.Equal(["large"], Texts(_engine.Run($"Get-BackupItem latest '{_fixture.Www}/l*' -Server web1 @r"), "Name"));
        Assert.Equal(["[id].tsx"], Texts(_engine.Run($"Get-BackupItem latest -LiteralPath '{_fixture.Www}/[id].tsx' -Server web1 @r"), "Name"));
    }

    [Fact]
    public void Backups_and_found_folders_pipe_into_a_listing()
    {
        Assert.Contains("hosts", Texts(_engine.Run("Get-Backup -Tag nightly @r | Get-BackupItem -Recurse -PasswordFile $r.PasswordFile"), "Name"));
        var below = _engine.Run("Find-BackupItem www -Type Directory -Snapshot latest -Server web1 @r | Get-BackupItem -PasswordFile $r.PasswordFile");
        Assert.Equal(["[id].tsx", "a b", "large"], Texts(below, "Name"));
    }

    [Fact]
    public void A_path_that_is_not_in_a_backup_is_an_error_and_the_other_backups_are_listed()
    {
        using var shell = _engine.Shell($"Get-Backup @r | Get-BackupItem -Path '{_fixture.Www}' -PasswordFile $r.PasswordFile");
        Assert.Equal(6, shell.Invoke().Count);
        Assert.StartsWith("ItemNotFound,", shell.Streams.Error.Single().FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void The_newest_backup_that_has_a_file_is_found_first()
    {
        var found = _engine.Run("Find-BackupItem lines @r");
        Assert.Equal(["db1", "web1", "web1"], Texts(found, "Server"));
        Assert.Single(_engine.Run("Find-BackupItem hosts @r"));
        Assert.Empty(_engine.Run("Find-BackupItem LINES @r"));
        Assert.Equal(3, _engine.Run("Find-BackupItem LINES -IgnoreCase @r").Count);
        Assert.Equal(["large"], Texts(_engine.Run("Find-BackupItem * -Type File -MinSize 100kb -Snapshot latest -Server web1 @r"), "Name"));
    }

    [Fact]
    public void Changes_between_two_backups_are_told()
    {
        var changes = _engine.Run("Compare-Backup latest~1 latest -Server web1 @r");
        Assert.Equal(["Removed", "Modified"], Texts(changes, "Change"));
        Assert.Equal([$"{_fixture.Etc}/lines"], Texts(_engine.Run($"Compare-Backup latest~1 latest -Server web1 -Path '{_fixture.Etc}/lines' @r"), "Path"));
        Assert.Empty(_engine.Run($"Compare-Backup latest~1 latest -Server web1 -Path '{_fixture.Www}' @r"));
    }

    [Fact]
    public void Comparing_a_place_that_neither_backup_has_is_an_error()
    {
        using var shell = _engine.Shell("Compare-Backup latest~1 latest -Path /nowhere @r");
        Assert.Empty(shell.Invoke());
        Assert.StartsWith("ItemNotFound,", shell.Streams.Error.Single().FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    private static string[] Texts(IEnumerable<PSObject> objects, string property) => [.. objects.Select(value => value.Properties[property].Value.ToString()!)];
}
