using System.Management.Automation;

namespace ProdOps.Cmdlets.Tests.Backup;

/// <summary>
/// The drive, by the engine's own calls: Get-ChildItem, New-PSDrive and their kin are in a module that a hosted engine lacks (tests/Pester has them).
/// </summary>
[Collection("Backup")]
public sealed class BackupDriveTests : IDisposable
{
    private const string Children = "$ExecutionContext.InvokeProvider.ChildItem.Get({0}, $false)";

    private readonly BackupFixture _fixture;
    private readonly Engine _engine;

    public BackupDriveTests(BackupFixture fixture)
    {
        _fixture = fixture;
        _engine = fixture.Open();
        Environment.SetEnvironmentVariable("RESTIC_PASSWORD_FILE", fixture.PasswordFile);
        Mount("B", fixture.Repository);
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("RESTIC_PASSWORD_FILE", null);
        _engine.Dispose();
    }

    [Fact]
    public void Servers_are_at_the_root_their_backups_below_and_the_files_in_them()
    {
        Assert.Equal(["db1", "web1"], Names("B:/"));
        Assert.Equal("latest", Names("B:/web1")[^1]);
        Assert.Equal(3, Names("B:/web1").Length);
        Assert.Equal(["[id].tsx", "a b", "large"], Names($"B:/web1/latest{_fixture.Www}"));
        Assert.Equal(["[id].tsx", "a b", "large"], Names($"B:/web1/{Names("B:/web1")[0]}{_fixture.Www}"));
    }

    [Fact]
    public void Paths_exist_where_the_backup_has_them()
    {
        Assert.True(Exists($"B:/web1/latest~1{_fixture.Etc}/hosts"));
        Assert.False(Exists($"B:/web1/latest{_fixture.Etc}/hosts"));
        Assert.False(Exists("B:/web1/latest~7"));
        Assert.False(Exists("B:/nobody"));
        Assert.True(Exists($"B:/web1/{_engine.Run("(Get-Backup latest -Server web1 @r).ShortId").Single()}{_fixture.Etc}"));
    }

    [Fact]
    public void Content_is_read_by_lines_as_text_and_as_bytes()
    {
        string path = $"B:/web1/latest{_fixture.Etc}/lines";
        Assert.Equal(["one", "two", "three", "four"], _engine.Run($"$c = $ExecutionContext.InvokeProvider.Content.GetReader('{path}')[0]; $c.Read(0); $c.Close()").Select(line => line.ToString()));
        Assert.Equal(["one"], _engine.Run($"$c = $ExecutionContext.InvokeProvider.Content.GetReader('{path}')[0]; $c.Read(1); $c.Close()").Select(line => line.ToString()));
    }

    [Fact]
    public void An_item_of_the_drive_pipes_into_a_restore_without_a_password()
    {
        string target = _fixture.NewFolder();
        Names("B:/");
        dynamic plan = _engine.Run(
            $"[Environment]::SetEnvironmentVariable('RESTIC_PASSWORD_FILE', $null); $ExecutionContext.InvokeProvider.Item.Get('B:/web1/latest{_fixture.Etc}/lines') | Restore-Backup -Destination '{target}' -Confirm:$false").Single();
        Assert.Equal(0L, plan.Errors);
        Assert.Equal("one\ntwo\nthree\nfour\n", File.ReadAllText(target + _fixture.Etc + "/lines"));
    }

    [Fact]
    public void The_default_drive_is_there_unopened_and_tells_what_it_lacks()
    {
        Assert.Equal("RESTIC_REPOSITORY", _engine.Run("$ExecutionContext.SessionState.Drive.Get('Backup').Root").Single().ToString());
        Assert.True(Exists("Backup:/"));
        if (Environment.GetEnvironmentVariable("RESTIC_REPOSITORY") is not null) return;
        Assert.Equal("RepositoryNotNamed", IdOf(_engine.Fail(string.Format(null, Children, "'Backup:/'"))));
    }

    [Fact]
    public void A_drive_with_a_wrong_password_is_not_made()
    {
        string file = _fixture.NewFolder();
        File.WriteAllText(file, "not-the-repository-password");
        Environment.SetEnvironmentVariable("RESTIC_PASSWORD_FILE", file);
        Assert.Equal("WrongPassword", IdOf(_engine.Fail(Mounting("Wrong", _fixture.Repository))));
        Assert.Empty(_engine.Run("$ExecutionContext.SessionState.Drive.GetAll() | Where-Object Name -eq Wrong"));
    }

    [Fact]
    public void A_backup_made_meanwhile_appears()
    {
        string copy = _fixture.Copy();
        Mount("C", copy);
        Assert.Equal(["db1", "web1"], Names("C:/"));
        _engine.Run($"Invoke-Backup '{_fixture.Www}' -HostName new1 -Repository '{copy}'");
        // The drive looks again after some seconds; a drive made anew looks at once.
        _engine.Run("$ExecutionContext.SessionState.Drive.Remove('C', $true, 'Global')");
        Mount("C", copy);
        Assert.Equal(["db1", "new1", "web1"], Names("C:/"));
        Assert.Contains("large", Names($"C:/new1/latest{_fixture.Www}"));
    }

    /// <summary>A call of a method wraps what it throws.</summary>
    private static string IdOf(ErrorRecord error) =>
        (error.Exception.InnerException as IContainsErrorRecord ?? throw new InvalidOperationException(error.ToString())).ErrorRecord.FullyQualifiedErrorId;

    private void Mount(string name, string repository) => _engine.Run(Mounting(name, repository));

    private static string Mounting(string name, string repository) =>
        $"$provider = $ExecutionContext.SessionState.Provider.GetOne('Backup'); [void]$ExecutionContext.SessionState.Drive.New([System.Management.Automation.PSDriveInfo]::new('{name}', $provider, '{repository}', '', $null), 'Global')";

    private string[] Names(string path) =>
        [.. _engine.Run(string.Format(null, Children, $"'{path}'")).Select(child => child.Properties["PSChildName"].Value.ToString()!)];

    private bool Exists(string path) => (bool)_engine.Run($"$ExecutionContext.InvokeProvider.Item.Exists('{path}')").Single().BaseObject;
}
