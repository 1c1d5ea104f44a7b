using System.Globalization;

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

    /// <summary>As a schedule's process or a prompt that stays open does it. What malloc kept of the tables of key derivations was 100 MB here, and 1 GB after fifty backups.</summary>
    [LinuxFact]
    public void Opening_a_repository_again_and_again_keeps_no_memory()
    {
        var result = HostProcess.Run("-Command", $$"""
            $ErrorActionPreference = 'Stop'
            function Resident { foreach ($line in [IO.File]::ReadAllLines('/proc/self/status')) { if ($line -match '^RssAnon:\s+(\d+) kB') { [int]$Matches[1] / 1024 } } }
            $before = 0
            foreach ($i in 0..8) {
                $null = Get-BackupKey -Repository '{{fixture.Repository}}' -PasswordFile '{{fixture.PasswordFile}}'
                if ($i -eq 0) { $before = Resident }
            }
            [int]((Resident) - $before)
            """);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.InRange(int.Parse(result.Output, CultureInfo.InvariantCulture), -1000, 64);
    }
}
