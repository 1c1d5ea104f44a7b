using System.Management.Automation;

namespace ProdOps.Cmdlets.Tests.Backup;

/// <summary>Invoke-Backup -Name and Get-Backup -Latest, on sets of this machine.</summary>
[Collection("Backup")]
public sealed class BackupSetCmdletTests : IDisposable
{
    private readonly BackupFixture _fixture;
    private readonly Engine _engine;
    private readonly string _folder;

    public BackupSetCmdletTests(BackupFixture fixture)
    {
        _fixture = fixture;
        _engine = fixture.Open();
        _folder = fixture.NewFolder();
        Directory.CreateDirectory(_folder);
        string key = Path.Combine(_folder, "key");
        File.WriteAllText(key, "correct horse\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Write("""
            etc   = @{ Path = 'ETC'; Repository = 'local'; CopyTo = 'offsite'; Schedule = '0 0 1 1 *'; Keep = @{ Last = 1 } }
            www   = @{ Server = 'localhost'; Path = 'WWW'; Repository = 'local'; Objectives = @{ RecoveryPoint = '1h' } }
            bad   = @{ FromCommand = 'echo correct horse >&2; exit 7'; Repository = 'local'; Schedule = '0 0 1 1 *' }
            """);
        EmptyRepositories.Write(_folder);
        _engine.Run($"$e = @{{ Environment = '{_folder}' }}");
    }

    public void Dispose() => _engine.Dispose();

    [UnixFact]
    public void A_set_that_is_named_runs_now_and_a_pattern_runs_what_is_due()
    {
        dynamic result = _engine.Run("Invoke-Backup -Name ETC @e -Tag extra").Single();
        Assert.Equal(("etc", "localhost", "Complete", "it was named", "local"), ((string)result.Name, (string)result.Server, result.Status.ToString(), (string)result.Reason, (string)result.Repository));
        Assert.Equal(["offsite"], (IEnumerable<string>)result.CopiedTo);
        Assert.Equal(["set:etc", "server:localhost", "extra"], (IEnumerable<string>)result.Snapshot.Tags);
        Assert.Equal((string)result.SnapshotId, ((string)result.Snapshot.Id)[..8]);
        Assert.Single((IEnumerable<object>)_engine.Run("Invoke-Backup -Name etc @e").Single().Properties["Removed"].Value);
        Assert.Single(_engine.Run("Get-Backup -Repository local @e -Tag set:etc"));
        Assert.Equal(2, _engine.Run("Get-Backup -Repository offsite @e").Count);

        using (var shell = _engine.Shell("Invoke-Backup -Name e*, www* @e -Verbose"))
        {
            Assert.Empty(shell.Invoke());
            Assert.Contains(shell.Streams.Verbose, line => line.Message.Contains("'etc' of localhost is not due before", StringComparison.Ordinal));
            Assert.Contains(shell.Streams.Verbose, line => line.Message.Contains("'www' has no schedule", StringComparison.Ordinal));
        }

        Assert.Equal(["etc", "www"], Names("Invoke-Backup -Name e*, w* @e -Force").Order());
    }

    [UnixFact]
    public void A_set_that_fails_is_one_error_after_all_others_have_run()
    {
        using var shell = _engine.Shell("Invoke-Backup -Name bad, www, wwww @e");
        var results = shell.Invoke();
        Assert.Equal(["bad Failed DumpFailed", "www Complete "], results.Select(result => $"{result.Properties["Name"].Value} {result.Properties["Status"].Value} {result.Properties["ErrorId"].Value}").Order());
        // What a command complains of may hold what nobody should see.
        string said = (string)results.Single(result => result.Properties["Name"].Value is "bad").Properties["Error"].Value;
        Assert.Contains("ended with 7: ***", said, StringComparison.Ordinal);
        Assert.DoesNotContain("horse", said + shell.Streams.Error[1], StringComparison.Ordinal);
        Assert.Equal(["BackupSetNotFound,ProdOps.Cmdlets.Backup.InvokeBackup", "DumpFailed,ProdOps.Cmdlets.Backup.InvokeBackup"], shell.Streams.Error.Select(error => error.FullyQualifiedErrorId));
        Assert.Equal("bad", shell.Streams.Error[1].TargetObject);
        Assert.Contains("'www'", shell.Streams.Error[0].ToString(), StringComparison.Ordinal);

        using var stopping = _engine.Shell("$ran = [Collections.Generic.List[object]]::new(); try { Invoke-Backup -Name bad, www @e -ErrorAction Stop | ForEach-Object { $ran.Add($_) } } catch { $_.FullyQualifiedErrorId }; $ran.Count");
        Assert.Equal(["DumpFailed,ProdOps.Cmdlets.Backup.InvokeBackup", "2"], stopping.Invoke().Select(item => item.ToString()));
    }

    [UnixFact]
    public void What_would_run_is_told_with_the_reason_and_nothing_is_done()
    {
        var planned = _engine.Run("Invoke-Backup -Name * @e -WhatIf");
        Assert.Equal(["bad Planned there is no snapshot of it yet", "etc Planned there is no snapshot of it yet"], planned.Select(result => $"{result.Properties["Name"].Value} {result.Properties["Status"].Value} {result.Properties["Reason"].Value}").Order());
        Assert.Empty(_engine.Run("Get-Backup -Repository local @e"));
        foreach (string parameter in new[] { "-Repository local", "-Exclude x", "-PasswordFile x", "-RetryLock 00:01:00" })
            Assert.StartsWith("ParameterNotAllowed,", _engine.Fail($"Invoke-Backup -Name etc @e {parameter} -ErrorAction Stop").FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [UnixFact]
    public void The_newest_backup_of_each_set_is_held_against_what_was_promised()
    {
        _engine.Run("$null = Invoke-Backup -Name etc, www @e");
        Assert.Equal(["bad local Missing False", "etc local Unpromised ", "etc offsite Unpromised ", "www local Met True"], States("Get-Backup -Latest @e"));
        Assert.Equal(["etc local Met True", "etc offsite Met True"], States("Get-Backup -Latest -Name et* @e -RecoveryPoint 2h"));
        Assert.Equal(["etc offsite Late False"], States("Get-Backup -Latest -Repository offsite @e -RecoveryPoint 0s"));
        Assert.Empty(States("Get-Backup -Latest -Server web* @e"));
        dynamic state = _engine.Run("Get-Backup -Latest -Name www @e").Single();
        Assert.True((TimeSpan)state.Age == (TimeSpan)state.LargestGap && (TimeSpan)state.RecoveryPoint == TimeSpan.FromHours(1) && (int)state.RecentCount == 1);

        var groups = _engine.Run("Get-Backup -Latest @r -RecoveryPoint 1h");
        Assert.Equal(["db1 Late", "web1 Late"], groups.Select(group => $"{group.Properties["Server"].Value} {group.Properties["Standing"].Value}").Order());
        Assert.StartsWith("ParameterNotAllowed,", _engine.Fail("Get-Backup -Latest 1 @e -ErrorAction Stop").FullyQualifiedErrorId, StringComparison.Ordinal);

        Directory.Delete(Path.Combine(_folder, "offsite"), recursive: true);
        using var shell = _engine.Shell("Get-Backup -Latest @e");
        Assert.Equal(["bad local Missing False", "etc local Unpromised ", "etc offsite Unreadable False", "www local Met True"], States(shell.Invoke()));
        Assert.StartsWith("RepositoryNotFound,", shell.Streams.Error.Single().FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [UnixFact]
    public void An_environments_sets_and_repositories_are_checked_and_completed()
    {
        Directory.Delete(Path.Combine(_folder, "offsite"), recursive: true);
        var checks = _engine.Run("Test-ProdOpsEnvironment @e -Connect").Where(check => check.Properties["Check"].Value is "Repository" or "Backup")
            .Select(check => $"{check.Properties["Key"].Value} {check.Properties["Status"].Value} {check.Properties["ErrorId"].Value}").Order(StringComparer.Ordinal);
        Assert.Equal(["Backups.bad Passed ", "Backups.etc Passed ", "Backups.www Passed ", "Repositories.local Passed ", "Repositories.offsite Failed RepositoryNotFound"], checks);
        Write("etc = @{ Path = '/no/such/folder'; Repository = 'local' }; db = @{ Sqlite = '/no/such/file'; Repository = 'local' }");
        Assert.Equal(["Backups.db Failed", "Backups.etc Failed"], _engine.Run("Test-ProdOpsEnvironment @e -Connect | Where-Object Check -eq Backup")
            .Select(check => $"{check.Properties["Key"].Value} {check.Properties["Status"].Value}").Order(StringComparer.Ordinal));

        Assert.Equal(["etc"], Complete($"Invoke-Backup -Environment '{_folder}' -Name e"));
        Assert.Equal(["db", "etc"], Complete($"Get-Backup -Environment '{_folder}' -Latest -Name "));
        Assert.Equal(["db", "etc"], Complete($"Register-ProdOpsSchedule -Environment '{_folder}' -Backup "));
    }

    [UnixFact("sqlite3")]
    public void A_test_asks_the_restored_database_what_the_set_says()
    {
        string file = Path.Combine(_folder, "app.db");
        using (var sqlite = System.Diagnostics.Process.Start("sqlite3", [file, "CREATE TABLE orders(id); INSERT INTO orders VALUES (1), (2);"])) sqlite.WaitForExit();
        string Sets(string expected) => $"app = @{{ Sqlite = '{file}'; Repository = 'local'; Query = 'SELECT count(*) FROM orders'; Expect = '{expected}' }}";
        Write(Sets("2"));
        string test = $"Test-Backup -Restore -ScratchPath '{_fixture.NewFolder()}' -Repository local @e";
        dynamic result = _engine.Run($"$null = Invoke-Backup -Name app @e; {test}").Single();
        Assert.True(result.Success);
        Assert.Equal("2", result.Databases[0].Answer);
        Write(Sets("3"));
        Assert.StartsWith("TestAnswerUnexpected,", _engine.Fail(test).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    private string[] Complete(string line)
    {
        using var shell = _engine.Shell("");
        return [.. CommandCompletion.CompleteInput(line, line.Length, null, shell).CompletionMatches.Select(match => match.CompletionText).Order(StringComparer.Ordinal)];
    }

    private IEnumerable<string> Names(string script) => _engine.Run(script).Select(result => (string)result.Properties["Name"].Value);

    private IEnumerable<string> States(string script) => States(_engine.Run(script));

    private static IEnumerable<string> States(IEnumerable<PSObject> states) =>
        states.Select(state => $"{state.Properties["Name"].Value} {state.Properties["Repository"].Value} {state.Properties["Standing"].Value} {state.Properties["MeetsObjective"].Value}").Order(StringComparer.Ordinal);

    private void Write(string sets) => File.WriteAllText(Path.Combine(_folder, "environment.psd1"), $$"""
        @{
            Repositories = @{ local = @{ Path = 'local'; Password = @{ File = 'key' } }; offsite = @{ Path = 'offsite'; Password = @{ File = 'key' } } }
            Backups = @{
                {{sets.Replace("ETC", _fixture.Etc, StringComparison.Ordinal).Replace("WWW", _fixture.Www, StringComparison.Ordinal)}}
            }
        }
        """);
}
