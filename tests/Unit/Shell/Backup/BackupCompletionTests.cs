using System.Management.Automation;

namespace ProdOps.Cmdlets.Tests.Backup;

[Collection("Backup")]
public sealed class BackupCompletionTests : IDisposable
{
    private readonly BackupFixture _fixture;
    private readonly Engine _engine;
    private readonly string _named;

    public BackupCompletionTests(BackupFixture fixture)
    {
        _fixture = fixture;
        _engine = fixture.Open();
        _named = $"-Repository '{fixture.Repository}' -PasswordFile '{fixture.PasswordFile}'";
    }

    public void Dispose() => _engine.Dispose();

    [Fact]
    public void Backups_are_proposed_newest_first_and_described()
    {
        var proposals = Complete($"Restore-Backup {_named} -Snapshot ");
        Assert.Equal("latest", proposals[0].CompletionText);
        Assert.Equal(4, proposals.Count);
        Assert.Contains("db1", proposals[1].ToolTip, StringComparison.Ordinal);
        string id = proposals[3].CompletionText;
        Assert.Equal(id, Complete($"Get-BackupItem {_named} -Snapshot {id[..5]}").Single().CompletionText);
    }

    [Fact]
    public void Paths_are_proposed_folder_by_folder_and_quoted_where_need_be()
    {
        Assert.Equal(
            [$"{_fixture.Www}/[id].tsx", $"'{_fixture.Www}/a b'", $"{_fixture.Www}/large"],
            Complete($"Restore-Backup {_named} -Server web1 -Path {_fixture.Www}/").Select(proposal => proposal.CompletionText));
        // Where wildcards have a meaning, a name that looks like one is escaped.
        Assert.Equal([$"{_fixture.Www}/\\[id].tsx"], Complete($"Get-BackupItem {_named} -Server web1 -Path {_fixture.Www}/\\[").Select(proposal => proposal.CompletionText));
    }

    [Fact]
    public void Servers_tags_paths_and_keys_are_proposed()
    {
        Assert.Equal(["db1", "web1"], Texts($"Get-Backup {_named} -Server "));
        Assert.Equal(["nightly"], Texts($"Get-Backup {_named} -Tag n"));
        Assert.Equal([_fixture.Etc, _fixture.Www], Texts($"Get-Backup {_named} -Path "));
        Assert.Single(Texts($"Remove-BackupKey {_named} -Id "));
        Assert.Equal(["rolling"], Texts("Test-Backup -ReadDataSubset r"));
    }

    [Theory]
    [InlineData("-Repository /nowhere/at/all -PasswordFile /nowhere")]
    [InlineData("-Repository '{0}' -PasswordFile /nowhere")]
    [InlineData("-Repository '{0}' -PasswordCommand 'false'")]
    [InlineData("-Repository 'Bad:Drive:' -PasswordFile '{1}'")]
    public void What_cannot_be_opened_proposes_nothing_and_fails_nowhere(string parameters)
    {
        string line = $"Get-Backup {string.Format(null, parameters, _fixture.Repository, _fixture.PasswordFile)} -Tag ";
        Assert.DoesNotContain("nightly", Texts(line));
    }

    private string[] Texts(string line) => [.. Complete(line).Select(proposal => proposal.CompletionText)];

    private IList<CompletionResult> Complete(string line)
    {
        using var shell = _engine.Shell("");
        shell.Commands.Clear();
        return CommandCompletion.CompleteInput(line, line.Length, null, shell).CompletionMatches;
    }
}
