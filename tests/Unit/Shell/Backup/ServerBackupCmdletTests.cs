namespace ProdOps.Cmdlets.Tests.Backup;

/// <summary>Invoke-Backup -Server, with this machine as the server.</summary>
[Collection("Backup")]
public sealed class ServerBackupCmdletTests(BackupFixture fixture)
{
    [Fact]
    public void A_server_is_named_or_piped_restored_to_and_what_fails_there_is_its_own_error()
    {
        using var engine = fixture.Open();
        string place = fixture.NewFolder();
        engine.Run($"$n = @{{ Repository = '{place}'; PasswordFile = '{fixture.PasswordFile}' }}; $null = Initialize-BackupRepository @n");

        dynamic planned = engine.Run($"Invoke-Backup -Server localhost '{fixture.Etc}' @n -WhatIf").Single();
        Assert.Equal("Planned", planned.Status.ToString());
        dynamic first = engine.Run($"Invoke-Backup '{fixture.Etc}', '{fixture.Www}' -Server localhost @n -Tag remote").Single();
        Assert.Equal("Complete", first.Status.ToString());
        Assert.Equal(3L, (long)first.Summary.FilesNew);
        dynamic second = engine.Run($"Get-Server localhost | Invoke-Backup -Path '{fixture.Etc}', '{fixture.Www}' @n").Single();
        Assert.Equal((0L, 0L, 3L), ((long)second.Summary.FilesNew, (long)second.Summary.FilesChanged, (long)second.Summary.FilesUnmodified));
        Assert.Equal(first.Id, second.Parent);

        Assert.StartsWith("ServerPathNotAbsolute,", engine.Fail("Invoke-Backup -Server localhost etc @n").FullyQualifiedErrorId, StringComparison.Ordinal);
        var missing = engine.Fail("Invoke-Backup -Server localhost /no/such/place @n -ErrorAction Stop");
        Assert.StartsWith("SourceNotFound,", missing.FullyQualifiedErrorId, StringComparison.Ordinal);
        string target = fixture.NewFolder();
        dynamic plan = engine.Run($"Restore-Backup latest -Path '{fixture.Www}' -Destination '{target}' -ToServer localhost @n -WhatIf -WarningAction Ignore").Single();
        Assert.False(plan.Applied || Directory.Exists(target));
        dynamic restored = engine.Run($"Restore-Backup latest -Path '{fixture.Www}' -Destination '{target}' -ToServer localhost @n -Confirm:$false -WarningAction Ignore").Single();
        Assert.Equal($"localhost:{target}", restored.Destination);
        Assert.Equal(300_000, new FileInfo(target + Path.Combine(fixture.Www, "large")).Length);
        string extra = target + Path.Combine(fixture.Www, "extra");
        File.WriteAllText(extra, "goes");
        dynamic deleting = engine.Run($"Restore-Backup latest -Path '{fixture.Www}' -Destination '{target}' -ToServer localhost -Delete -Sparse @n -WhatIf -WarningAction Ignore").Single();
        Assert.Equal((1L, true), ((long)deleting.Deleted, File.Exists(extra)));
        engine.Run($"Restore-Backup latest -Path '{fixture.Www}' -Destination '{target}' -ToServer localhost -Delete -Sparse @n -Confirm:$false -WarningAction Ignore");
        Assert.False(File.Exists(extra));
        Assert.StartsWith("ServerDestinationNotAbsolute,", engine.Fail("Restore-Backup latest -Destination 'here' -ToServer localhost @n -Confirm:$false").FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(engine.Run($"@() | Invoke-Backup -Path '{fixture.Etc}' @n"));
    }

    [Fact]
    public void A_repository_that_does_not_open_is_one_error_and_no_server_was_touched()
    {
        using var engine = fixture.Open();
        string place = fixture.NewFolder(), wrong = fixture.NewFolder(), log = fixture.NewFolder();
        File.WriteAllText(wrong, "not the password");
        engine.Run($"$null = Initialize-BackupRepository '{place}' -PasswordFile '{fixture.PasswordFile}'");
        string backup = $"Invoke-Backup -Server localhost '{fixture.Etc}' -Repository '{place}' -PasswordFile '{wrong}'";
        Assert.StartsWith("WrongPassword,", engine.Fail(backup).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.StartsWith("WrongPassword,", engine.Fail($"{backup} -Before 'echo before >> {log}' -After 'echo after >> {log}'").FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.False(File.Exists(log));
    }

    [Theory]
    [InlineData("-AsRoot", "AsRoot")]
    [InlineData("-IdentityFile key", "IdentityFile")]
    [InlineData("-AcceptNewHostKey", "AcceptNewHostKey")]
    [InlineData("-Credential ([pscredential]::new('admin', [securestring]::new()))", "Credential")]
    public void What_is_said_of_servers_is_an_error_where_there_is_none(string option, string name)
    {
        using var engine = fixture.Open();
        string target = fixture.NewFolder();
        var error = engine.Fail($"Restore-Backup latest -Destination '{target}' {option} @r -Confirm:$false");
        Assert.Equal("RestoreOptionForServersOnly,ProdOps.Cmdlets.Backup.RestoreBackup", error.FullyQualifiedErrorId);
        Assert.Equal(name, error.TargetObject);
        Assert.False(Directory.Exists(target));
    }
}
