namespace ProdOps.Lab.Tests.Recovery;

/// <summary>A living server is captured, backed up and thrown away; its plan builds it anew on a blank host, and a capture of that is compared with the first.</summary>
[Collection(LabCollection.Name)]
public sealed class RebuildTests(Fleet fleet)
{
    [LabFact]
    public async Task A_database_host_that_was_thrown_away_is_built_anew_as_it_was()
    {
        var host = await fleet.UpAsync("dbnew1");
        await host.RunAsync("""
            systemctl enable -q --now postgresql
            useradd -m -s /bin/bash -u 1234 shop
            runuser -u postgres -- createuser shopuser; runuser -u postgres -- createdb -O shopuser shop
            runuser -u postgres -- psql -q shop -c 'create table orders as select generate_series(1, 500) as id'
            mkdir -p /srv/shop /etc/shop; echo hello > /srv/shop/index.html; chown -R shop:shop /srv/shop; echo 'db_password=correct-horse' > /etc/shop/secret.conf; chmod 600 /etc/shop/secret.conf
            printf '#!/bin/sh\nexec sleep 1d\n' > /usr/local/bin/shop; chmod 755 /usr/local/bin/shop
            printf '[Unit]\nDescription=The shop\n[Service]\nUser=shop\nExecStart=/usr/local/bin/shop\n[Install]\nWantedBy=multi-user.target\n' > /etc/systemd/system/shop.service
            systemctl enable -q --now shop; systemctl mask -q haproxy
            echo '# ours' >> /etc/logrotate.conf; echo '*/5 * * * * shop true' > /etc/cron.d/shop; ln -s /srv/shop /etc/shop/root
            """);
        using var admin = new Admin($"User = 'root'; IdentityFile = '{Fleet.Key}'; KnownHosts = '{Fleet.KnownHosts}'; ConfigFile = 'none'; ConnectTimeout = '10s'", $"@{{ Name = 'dbnew1'; Address = '{host.Address}'; Role = 'Database' }}");
        admin.WriteSecret("key", "the password");
        await File.WriteAllTextAsync(admin.EnvironmentFile, (await File.ReadAllTextAsync(admin.EnvironmentFile)).TrimEnd().TrimEnd('}') + """
                Repositories = @{ local = @{ Path = 'local'; Password = @{ File = 'key' } } }
                Backups = @{
                    files = @{ Server = 'dbnew1'; Path = '/srv/shop', '/etc/shop', '/home', '/usr/local/bin'; Repository = 'local' }
                    dumps = @{ Server = 'dbnew1'; PostgreSql = 'shop'; Repository = 'local' }
                }
                Monitoring = @{ Checks = @(@{ Name = 'orders'; Server = 'dbnew1'; PostgreSql = 'shop'; Send = 'select count(*) from orders'; Expect = '500' }) }
            }
            """);
        Assert.Empty((await admin.RunAsync("$null = Initialize-BackupRepository -Repository local; $null = Invoke-Backup -Name files, dumps; $null = Get-ServerConfiguration dbnew1 -Destination before.json")).Errors);
        var made = await admin.RunAsync("New-RecoveryPlan dbnew1 | ForEach-Object { $_.Steps | ForEach-Object { \"$($_.Kind) $($_.Name)\" } }");
        Assert.DoesNotContain(made.Sorted, step => step.StartsWith("Manual", StringComparison.Ordinal));
        Assert.DoesNotContain("correct-horse", await File.ReadAllTextAsync(Path.Combine(admin.Folder, "plans", "dbnew1.recovery.psd1")));

        await host.BlankAsync();
        var restored = await admin.RunAsync("Restore-Server dbnew1 -Confirm:$false | ForEach-Object { \"$($_.State) $($_.Step) $($_.Message) $($_.Error)\" }");
        Assert.All(restored.Sorted, step => Assert.True(step.StartsWith("Succeeded", StringComparison.Ordinal) || step.StartsWith("AlreadyOk", StringComparison.Ordinal), step));
        Assert.Equal("500", await host.RunAsync("runuser -u postgres -- psql -A -t shop -c 'select count(*) from orders'"));
        Assert.Equal("hello", await host.RunAsync("runuser -u shop -- cat /srv/shop/index.html"));

        var differences = await admin.RunAsync("Compare-ServerConfiguration dbnew1 -ReferencePath before.json | ForEach-Object { \"$_ $($_.Properties)\" }");
        // Of these two the dates on which accounts were made differ.
        Assert.DoesNotContain(differences.Clean.Select(difference => difference.ToString()!), difference => !difference.Contains("/etc/shadow ", StringComparison.Ordinal) && !difference.Contains("/etc/gshadow ", StringComparison.Ordinal));
    }
}
