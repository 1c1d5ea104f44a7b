namespace ProdOps.Lab.Tests.Backup;

/// <summary>Whole servers are backed up over SSH with what they have.</summary>
[Collection(LabCollection.Name)]
public sealed class ServerBackupTests(Fleet fleet)
{
    // Names and times with everything in them that a name and a time can have, holes, links, a device, an ACL's raw attribute.
    private const string Tree = """
        PATH=/usr/sbin:/usr/bin:/sbin:/bin
        rm -rf /srv/data; mkdir -p /srv/data/deep/er '/srv/data/-dash' /srv/data/empty; cd /srv/data
        printf 'plain' > plain; : > nothing; head -c 3000000 /dev/urandom > big; truncate -s 20000000 sparse; printf end >> sparse
        printf x > "$(printf 'new\nline')"; printf x > './-dash/-rf'; printf x > "$(printf '%0255d' 7)"; printf x > 'sp ace'; printf x > 'back\slash'
        ln plain deep/hard; ln -s ../plain deep/soft; ln -s /no/such/place dangling; mkfifo fifo; mknod null c 1 3
        chmod 4755 plain; chown 1234:4321 nothing; chmod 600 deep/er; touch -d '1999-12-31 23:59:59.123456789' deep/er
        """;

    private const string Look = "find . ! -name . -printf '%P|%y|%m|%U:%G|%T@|%l|' \\( -type f -printf '%s' -o -true \\) -printf '\\n' | LC_ALL=C sort; find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum";

    [LabFact]
    public async Task A_server_comes_back_as_it_was_and_the_second_run_reads_nothing()
    {
        var host = await fleet.UpAsync("web1");
        await host.RunAsync(Tree);
        using var admin = await PrepareAsync(host);
        string snapshot = (await admin.RunAsync("$b = Invoke-Backup -Server web1 -Path /srv/data, /etc; \"$($b.Status) $($b.Server)\"")).Text;
        Assert.Equal("Complete web1", snapshot);
        await AssertSameAsync(admin, host);
        string second = (await admin.RunAsync("$b = Invoke-Backup -Server web1 -Path /srv/data, /etc; \"$($b.Summary.FilesNew) $($b.Summary.FilesChanged) $($b.Summary.DirectoriesNew)\"")).Text;
        Assert.Equal("0 0 0", second);
        await host.RunAsync("cd /srv/data; echo more >> plain; rm big; mkdir new; echo new > new/file");
        string third = (await admin.RunAsync("$b = Invoke-Backup -Server web1 -Path /srv/data, /etc; \"$($b.Status) $($b.Summary.FilesNew) $($b.Summary.FilesChanged)\"")).Text;
        Assert.Equal("Complete 1 2", third);
        await AssertSameAsync(admin, host);
    }

    [LabFact]
    public async Task BusyBox_is_enough()
    {
        var host = await fleet.UpAsync("busy");
        await host.UseBusyBoxAsync();
        await host.RunAsync(Tree);
        using var admin = await PrepareAsync(host);
        Assert.Equal("Complete", (await admin.RunAsync("(Invoke-Backup -Server busy -Path /srv/data).Status")).Text);
        await AssertSameAsync(admin, host);
        string second = (await admin.RunAsync("$b = Invoke-Backup -Server busy -Path /srv/data; \"$($b.Summary.FilesNew) $($b.Summary.FilesChanged)\"")).Text;
        Assert.Equal("0 0", second);
    }

    [LabFact]
    public async Task What_the_login_may_not_read_is_one_error_each_and_sudo_reads_it()
    {
        var host = await fleet.UpAsync("web1");
        await host.AccountAsync("carol", "sudo=nopassword");
        await host.RunAsync("rm -rf /srv/mixed; mkdir -p /srv/mixed/open /srv/mixed/closed; cd /srv/mixed; echo a > open/a; echo b > open/b; echo c > closed/c; chmod 600 open/b; chmod 700 closed");
        using var admin = await PrepareAsync("carol", host);
        var answer = await admin.RunAsync("Invoke-Backup -Server web1 -Path /srv/mixed");
        Assert.Equal(["web1:/srv/mixed/closed", "web1:/srv/mixed/open/b"], answer.Errors.Select(error => error.TargetObject.ToString()!).Order(StringComparer.Ordinal));
        Assert.All(answer.Errors, error => Assert.StartsWith("SourceAccessDenied,", error.FullyQualifiedErrorId, StringComparison.Ordinal));
        Assert.Equal("Incomplete", Assert.Single(answer.Output).Properties["Status"].Value.ToString());
        Assert.Equal("Complete carol 3", (await admin.RunAsync("$b = Invoke-Backup -Server web1 -Path /srv/mixed -AsRoot; \"$($b.Status) $($b.UserName) $($b.Summary.TotalFilesProcessed)\"")).Text);
    }

    [LabFact]
    public async Task One_server_of_three_is_down_and_the_others_are_backed_up()
    {
        var hosts = await fleet.UpAsync("web1", "web2", "victim1");
        await hosts[2].KillAsync();
        try
        {
            using var admin = await PrepareAsync(hosts);
            var answer = await admin.RunAsync("Get-Server | Invoke-Backup -Path /etc -ConnectTimeoutSec 5");
            Assert.Equal(["web1", "web2"], answer.Output.Select(result => result.Properties["Server"].Value.ToString()!).Order());
            Assert.All(answer.Output, result => Assert.Equal("Complete", result.Properties["Status"].Value.ToString()));
            Assert.Equal("victim1", answer.Error.TargetObject.ToString());
        }
        finally
        {
            await hosts[2].BootAsync();
        }
    }

    [LabFact]
    public async Task A_cable_cut_leaves_no_snapshot_and_the_next_run_goes_on_from_there()
    {
        var host = await fleet.UpAsync("victim1");
        await host.RunAsync("mkdir -p /srv/much; cd /srv/much; for i in $(seq 30); do head -c 10000000 /dev/urandom > $i; done");
        string config = Path.Combine(Fleet.Folder, "ssh_config.backup");
        await File.WriteAllTextAsync(config, "ServerAliveInterval 2\nServerAliveCountMax 2\n");
        using var admin = new Admin($"User = 'root'; IdentityFile = '{Fleet.Key}'; KnownHosts = '{Fleet.KnownHosts}'; ConfigFile = '{config}'; ConnectTimeout = '10s'", $"@{{ Name = 'victim1'; Address = '{host.Address}' }}");
        await InitializeAsync(admin);
        var running = admin.Start("Invoke-Backup -Server victim1 -Path /srv/much");
        string data = Path.Combine(admin.Folder, "repository", "data");
        using (var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60)))
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            while (Directory.GetFiles(data, "*", SearchOption.AllDirectories).Count(file => !file.Contains("-tmp-", StringComparison.Ordinal)) < 2) await timer.WaitForNextTickAsync(limit.Token);
        }
        await host.CutAsync();
        try
        {
            var answer = await running.EndAsync();
            Assert.Empty(answer.Output);
            Assert.Equal("ConnectionLost", answer.ErrorId);
            Assert.Empty(Directory.GetFiles(Path.Combine(admin.Folder, "repository", "snapshots")));
        }
        finally
        {
            await host.PlugAsync();
        }
        var again = await admin.RunAsync("$b = Invoke-Backup -Server victim1 -Path /srv/much; \"$($b.Status) $($b.Summary.FilesNew) $($b.Summary.DataAdded -lt 280MB)\"");
        Assert.Equal("Complete 30 True", again.Text);
    }

    [LabFact]
    public async Task A_server_is_restored_to_in_place_and_a_full_disk_leaves_what_was_there()
    {
        var host = await fleet.UpAsync("web2");
        await host.RunAsync(Tree);
        using var admin = await PrepareAsync(host);
        string before = await host.RunAsync($"PATH=/usr/bin:/bin; cd /srv/data; {Look}");
        Assert.Equal("Complete", (await admin.RunAsync("(Invoke-Backup -Server web2 -Path /srv/data).Status")).Text);
        await host.RunAsync("cd /srv/data; echo spoiled > plain; rm -rf deep sparse fifo; chmod 777 nothing; touch extra");
        string plan = (await admin.RunAsync("$p = Restore-Backup latest -InPlace -ToServer web2 -Overwrite IfChanged -WhatIf; \"$($p.Applied) $($p.Created)\"")).Text;
        Assert.Equal("False 6", plan);
        string done = (await admin.RunAsync("$p = Restore-Backup latest -InPlace -ToServer web2 -Confirm:$false; \"$($p.Applied) $($p.Errors)\"")).Text;
        Assert.Equal("True 0", done);
        await host.RunAsync("rm /srv/data/extra");
        Assert.Equal(before, await host.RunAsync($"PATH=/usr/bin:/bin; cd /srv/data; {Look}"));

        await host.RunAsync("mkdir -p /mnt/small; mount -t tmpfs -o size=2m none /mnt/small; mkdir -p /mnt/small/srv/data; echo old > /mnt/small/srv/data/plain");
        var full = await admin.RunAsync("Restore-Backup latest -Destination /mnt/small -ToServer web2 -Confirm:$false");
        Assert.Equal("DestinationFull", full.ErrorId);
        Assert.Equal("old", await host.RunAsync("cat /mnt/small/srv/data/plain; ls -A /mnt/small | grep prodops || :; umount /mnt/small"));
    }

    private static Task<Admin> PrepareAsync(params LabHost[] hosts) => PrepareAsync("root", hosts);

    /// <summary>An admin with an empty repository.</summary>
    private static async Task<Admin> PrepareAsync(string user, params LabHost[] hosts)
    {
        var admin = new Admin(user, hosts);
        await InitializeAsync(admin);
        return admin;
    }

    private static async Task InitializeAsync(Admin admin)
    {
        string password = admin.WriteSecret("password", "lab");
        _ = (await admin.RunAsync($"$env:RESTIC_REPOSITORY = '{admin.Folder}/repository'; $env:RESTIC_PASSWORD_FILE = '{password}'; $null = Initialize-BackupRepository; 'done'")).Text;
    }

    private static async Task AssertSameAsync(Admin admin, LabHost host)
    {
        string there = await host.RunAsync($"PATH=/usr/bin:/bin; cd /srv/data; {Look}");
        string restored = Path.Combine(admin.Folder, Guid.NewGuid().ToString("n"));
        _ = (await admin.RunAsync($"$null = Restore-Backup latest -Path /srv/data -Destination '{restored}' -Confirm:$false; 'done'")).Text;
        string here = await Machine.RunAsync($"cd \"$1\"; {Look}", $"{restored}/srv/data");
        Assert.Equal(there, here);
        Directory.Delete(restored, recursive: true);
    }
}
