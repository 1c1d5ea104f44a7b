using System.Management.Automation;

namespace ProdOps.Cmdlets.Tests.Backup;

/// <summary>How a repository is named: by the environment, by a location, by restic's variables; and copies between two.</summary>
[Collection("Backup")]
public sealed class PlaceTests : IDisposable
{
    private readonly BackupFixture _fixture;
    private readonly Engine _engine;
    private readonly string _folder;

    public PlaceTests(BackupFixture fixture)
    {
        _fixture = fixture;
        _engine = fixture.Open();
        _folder = fixture.NewFolder();
        Directory.CreateDirectory(_folder);
        string password = Path.Combine(_folder, "password");
        File.WriteAllText(password, "correct horse");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(password, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(Path.Combine(_folder, "environment.psd1"), $$"""
            @{
                Name = 'shop'
                Repositories = @{
                    Local   = @{ Path = '{{fixture.Repository}}'; Password = @{ File = 'password' } }
                    Offsite = @{ Url = 'rest:http://127.0.0.1:9/shop'; User = 'backup'; Password = @{ File = 'password' } }
                }
            }
            """);
    }

    public void Dispose() => _engine.Dispose();

    [Fact]
    public void A_repository_of_the_environment_is_opened_by_its_name_with_its_password()
    {
        Assert.Equal(3, _engine.Run($"Get-Backup -Repository local -Environment '{_folder}'").Count);
        Enter();
        Assert.Equal(3, _engine.Run("Get-Backup -Repository LOCAL").Count);
        // What the pipeline hands on is the folder, whose password the environment still knows.
        Assert.NotEmpty(_engine.Run("Get-Backup -Repository local -Last 1 | Get-BackupItem"));
        Assert.Equal(3, _engine.Run($"Get-Backup -Repository 'local:{_fixture.Repository}'").Count);
    }

    [Fact]
    public void Of_two_names_of_one_place_the_given_one_counts_to_the_end()
    {
        string folder = _fixture.NewFolder(), target = Path.Combine(folder, "restored");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "environment.psd1"), $$"""
            @{
                Name = 'shop'
                Repositories = @{
                    Former  = @{ Path = '{{_fixture.Repository}}'; Password = @{ Variable = 'NO_SUCH_VARIABLE_OF_A_FORMER_PASSWORD' } }
                    Present = @{ Path = '{{_fixture.Repository}}'; Password = @{ File = '{{_folder}}/password' } }
                }
            }
            """);
        Assert.Single(_engine.Run($"Restore-Backup latest -Repository present -Environment '{folder}' -Destination '{target}' -WhatIf"));
        Assert.Single(_engine.Run($"Remove-Backup latest -Repository present -Environment '{folder}' -WhatIf"));
    }

    [Fact]
    public void A_name_that_is_no_repository_is_a_folder()
    {
        Enter();
        Assert.StartsWith("RepositoryNotFound,", _engine.Fail("Get-Backup -Repository ./local -PasswordFile $r.PasswordFile").FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.StartsWith("EnvironmentNotFound,", _engine.Fail("Get-Backup -Repository local -Environment /nowhere").FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rest:http://user:s3cret-word@127.0.0.1:9/x", "PlaceUnreachable", ErrorCategory.ResourceUnavailable)]
    [InlineData("rest:s3cret-word", "LocationInvalid", ErrorCategory.InvalidArgument)]
    [InlineData("b2:s3cret-word", "SchemeUnsupported", ErrorCategory.NotImplemented)]
    public void What_cannot_be_opened_is_told_without_the_password(string location, string id, ErrorCategory category)
    {
        var error = _engine.Fail($"Get-Backup -Repository '{location}' -PasswordFile '{_fixture.PasswordFile}'");
        Assert.StartsWith(id + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.DoesNotContain("s3cret-word", error + error.Exception.ToString() + error.TargetObject + error.ErrorDetails?.RecommendedAction);
    }

    [Fact]
    public void The_environments_user_goes_with_its_place()
    {
        Enter();
        var error = _engine.Fail("Get-Backup -Repository offsite");
        Assert.Equal(("PlaceUnreachable", "rest:http://127.0.0.1:9/shop/"), (error.FullyQualifiedErrorId.Split(',')[0], error.TargetObject));
    }

    [Fact]
    public void Tab_offers_the_environments_repositories_and_folders()
    {
        Enter();
        var texts = _engine.Run("(TabExpansion2 'Get-Backup -Repository o').CompletionMatches.CompletionText").Select(text => text.ToString()).ToList();
        Assert.Equal("Offsite", texts[0]);
        Assert.Equal("Local", _engine.Run("(TabExpansion2 'Copy-Backup -To lo').CompletionMatches[0].CompletionText").Single().ToString());
    }

    [Fact]
    public void A_copy_is_emitted_for_every_backup_and_goes_on_to_be_tested()
    {
        string target = _fixture.NewFolder();
        _engine.Run($"Initialize-BackupRepository '{target}' -PasswordFile '{_fixture.PasswordFile}' -CopyChunkerParametersFrom '{_fixture.Repository}'");
        var planned = _engine.Run($"Copy-Backup @r -To '{target}' -ToPasswordFile '{_fixture.PasswordFile}' -WhatIf");
        Assert.Equal(["Planned", "Planned", "Planned"], planned.Select(copy => copy.Properties["Status"].Value.ToString()));
        using var shell = _engine.Shell($"$c = Get-Backup @r -Server web1 -Last 1 | Copy-Backup -PasswordFile $r.PasswordFile -To '{target}' -ToPasswordFile $r.PasswordFile; $c; $c | Test-Backup -PasswordFile $r.PasswordFile");
        var results = shell.Invoke();
        Assert.Empty(shell.Streams.Error);
        Assert.Empty(shell.Streams.Warning);
        Assert.Equal((target, "web1", "Copied"), ((string)results[0].Properties["Repository"].Value, (string)results[0].Properties["Server"].Value, results[0].Properties["Status"].Value.ToString()));
        Assert.True((bool)results[1].Properties["Success"].Value);
        Assert.Equal(2, _engine.Run($"Copy-Backup @r -To '{target}' -ToPasswordFile '{_fixture.PasswordFile}'").Count);
        Assert.Empty(_engine.Run($"Copy-Backup @r -To '{target}' -ToPasswordFile '{_fixture.PasswordFile}'"));
        Assert.StartsWith("CopySameRepository,", _engine.Fail($"Copy-Backup @r -To '{_fixture.Repository}' -ToPasswordFile '{_fixture.PasswordFile}'").FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.StartsWith("WrongPassword,", _engine.Fail($"Copy-Backup @r -To '{target}' -ToPasswordCommand 'echo no'").FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    private void Enter() => _engine.Run($"$ExecutionContext.SessionState.Path.SetLocation('{_folder}')");
}
