namespace ProdOps.Cmdlets.Tests.Backup;

[Collection("Backup")]
public sealed class BackupMakingTests(BackupFixture fixture)
{
    [Fact]
    public void A_repository_is_made_filled_listed_and_opened_by_a_second_password()
    {
        using var engine = fixture.Open();
        string place = fixture.NewFolder(), second = fixture.NewFolder();
        File.WriteAllText(second, "another");
        engine.Run($"$n = @{{ Repository = '{place}'; PasswordFile = '{fixture.PasswordFile}' }}");

        Assert.Empty(engine.Run("Initialize-BackupRepository @n -WhatIf"));
        Assert.False(Directory.Exists(place));
        dynamic made = engine.Run("Initialize-BackupRepository @n").Single();
        Assert.Equal(2, made.Version);

        dynamic planned = engine.Run($"Invoke-Backup '{fixture.Etc}' @n -WhatIf").Single();
        Assert.Equal("Planned", planned.Status.ToString());
        Assert.Empty(engine.Run("Get-Backup @n"));
        dynamic backup = engine.Run($"Invoke-Backup '{fixture.Etc}' @n -Tag first").Single();
        Assert.Equal("Complete", backup.Status.ToString());
        Assert.Equal(backup.Id, engine.Run("(Get-Backup latest @n).Id").Single().BaseObject);
        Assert.Equal(fixture.Etc, engine.Run("(Get-Backup latest @n).Paths[0]").Single().BaseObject);
        Assert.Equal(fixture.Www, engine.Run($"(Invoke-Backup '{fixture.Etc}', '{fixture.Www}' @n -WhatIf).Paths[1]").Single().BaseObject);

        Assert.Single(engine.Run($"Add-BackupKey -NewPasswordFile '{second}' @n"));
        Assert.Equal(2, engine.Run($"$keys = Get-BackupKey -Repository '{place}' -PasswordFile '{second}'; $keys").Count);
        engine.Run($"$keys | Where-Object {{ -not $_.Current }} | Remove-BackupKey -PasswordFile '{second}' -Confirm:$false");
        Assert.StartsWith("WrongPassword,", engine.Fail("Get-Backup @n").FullyQualifiedErrorId, StringComparison.Ordinal);

        dynamic described = engine.Run($"Get-BackupRepository '{place}' -PasswordFile '{second}'").Single();
        Assert.Equal(1, described.SnapshotCount);
        Assert.Equal(0, described.LockCount);
        Assert.Empty(engine.Run($"Unlock-BackupRepository -Repository '{place}' -PasswordFile '{second}'"));
    }
}
