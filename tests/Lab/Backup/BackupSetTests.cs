namespace ProdOps.Lab.Tests.Backup;

/// <summary>Backup sets of several servers, over SSH.</summary>
[Collection(LabCollection.Name)]
public sealed class BackupSetTests(Fleet fleet)
{
    [LabFact]
    public async Task A_set_of_a_role_gives_a_snapshot_a_server_and_one_that_is_down_stops_no_other()
    {
        var hosts = await fleet.UpAsync("web1", "web2");
        foreach (var host in hosts) await host.RunAsync($"mkdir -p /srv/site; echo {host.Name} > /srv/site/name; rm -f /run/before");
        using var admin = new Admin($"User = 'root'; IdentityFile = '{Fleet.Key}'; KnownHosts = '{Fleet.KnownHosts}'; ConfigFile = 'none'; ConnectTimeout = '10s'", $$"""
            @{ Name = 'web1'; Address = '{{hosts[0].Address}}'; Role = 'App' }
                @{ Name = 'web2'; Address = '{{hosts[1].Address}}'; Role = 'App' }
                @{ Name = 'down'; Address = '{{hosts[1].Address}}'; Role = 'App'; Ssh = @{ Port = 1 } }
            """);
        admin.WriteSecret("key", "the password");
        string servers = (await File.ReadAllTextAsync(admin.EnvironmentFile)).TrimEnd().TrimEnd('}');
        await File.WriteAllTextAsync(admin.EnvironmentFile, servers + """
                Objectives = @{ RecoveryPoint = '1h' }
                Repositories = @{ local = @{ Path = 'local'; Password = @{ File = 'key' } }; offsite = @{ Path = 'offsite'; Password = @{ File = 'key' } } }
                Backups = @{
                    site = @{ Server = 'role:App'; Path = '/srv/site'; Repository = 'local'; CopyTo = 'offsite'; Schedule = '0 0 1 1 *'; Keep = @{ Last = 1 } }
                    list = @{ Server = 'web1'; FromCommand = 'cat /srv/site/name /run/before'; Before = 'echo before > /run/before'; Repository = 'local'; Schedule = '0 0 1 1 *' }
                }
            }
            """);
        await admin.RunAsync("$null = Initialize-BackupRepository -Repository local; $null = Initialize-BackupRepository -Repository offsite");

        const string run = "Invoke-Backup -Name * | ForEach-Object { \"$($_.Name) $($_.Server) $($_.Status) $($_.Snapshot.Server) $($_.CopiedTo) $($_.BytesProcessed)\" }";
        var first = await admin.RunAsync(run);
        Assert.Equal(["list web1 Complete web1  12", "site down Failed   0", "site web1 Complete web1 offsite 5", "site web2 Complete web2 offsite 5"], Lines(first));
        Assert.Equal("site", first.Error.TargetObject);
        // What was made is not due any more; what failed still is.
        Assert.Equal(["site down Failed   0"], Lines(await admin.RunAsync(run)));

        var states = await admin.RunAsync("Get-Backup -Latest | ForEach-Object { \"$($_.Name) $($_.Server) $($_.Repository) $($_.Standing)\" }");
        Assert.Equal(
            ["list web1 local Met", "site down local Missing", "site down offsite Missing", "site web1 local Met", "site web1 offsite Met", "site web2 local Met", "site web2 offsite Met"], states.Sorted);

        // One server's rules remove nothing of another's, and nothing of the other set.
        Assert.Equal("1", (await admin.RunAsync("$r = Invoke-Backup -Name site -ErrorAction Ignore | ForEach-Object Removed; @($r | ForEach-Object Server | Where-Object { $_ -eq 'web1' }).Count")).Text);
        var left = await admin.RunAsync("Get-Backup -Repository local | ForEach-Object { \"$($_.Server) $($_.Tags)\" }");
        Assert.Equal(["web1 set:list server:web1", "web1 set:site server:web1", "web2 set:site server:web2"], left.Sorted);

        var checks = await admin.RunAsync("Test-ProdOpsEnvironment -Connect | ForEach-Object { if ($_.Check -in 'Repository', 'Backup') { \"$($_.Key) $($_.Server) $($_.Status)\" } }");
        Assert.Equal(
            [
                "Backups.list web1 Passed", "Backups.site down Failed", "Backups.site web1 Passed", "Backups.site web2 Passed", "Backups.site.CopyTo  Warning",
                "Repositories.local  Passed", "Repositories.offsite  Passed",
            ],
            checks.Sorted);
    }

    /// <summary>What was written beside errors.</summary>
    private static IEnumerable<string> Lines(Answer answer) => answer.Output.Select(line => line.ToString()).Order(StringComparer.Ordinal);
}
