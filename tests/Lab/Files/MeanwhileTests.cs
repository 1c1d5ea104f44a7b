namespace ProdOps.Lab.Tests.Files;

/// <summary>Copies while something else goes on.</summary>
[Collection(LabCollection.Name)]
public sealed class MeanwhileTests(Fleet fleet)
{
    [LabFact]
    public async Task Two_admins_who_copy_to_the_same_place_at_once_both_end_well()
    {
        var host = await fleet.UpAsync("web1");
        using var one = new Admin(host);
        using var other = new Admin(host);
        string sum = await Machine.WriteDataAsync(Path.Combine(one.Folder, "file"), 48);
        await Machine.RunAsync("mkdir \"$1/tree\"; for i in $(seq 300); do echo $i > \"$1/tree/$i\"; done; cp -a \"$1/file\" \"$1/tree\" \"$2\"", one.Folder, other.Folder);
        await host.RunAsync("rm -rf /srv/both; mkdir /srv/both");
        // The same source at the same path, and at another.
        foreach (string script in new[] { $"Copy-ServerItem '{one.Folder}/file' /srv/both/file -Server web1 -Force", "Copy-ServerItem file /srv/both/file -Server web1 -Force", "Copy-ServerItem tree /srv/both/tree -Server web1 -Force" })
        {
            Admin.Running[] running = [one.Start(script), other.Start(script)];
            foreach (var copy in running) Assert.Single((await copy.EndAsync()).Clean);
        }

        Assert.Equal(sum, await host.RunAsync("sha256sum < /srv/both/file | cut -c1-64"));
        Assert.Equal("file tree", await host.RunAsync("echo $(ls -A /srv/both)"));
        Assert.Equal(await Machine.RunAsync("cd \"$1/tree\"; sha256sum * | sha256sum", one.Folder), await host.RunAsync("cd /srv/both/tree; sha256sum * | sha256sum"));
        Assert.Equal("300", await host.RunAsync("ls -A /srv/both/tree | wc -l; rm -rf /srv/both"));
    }

    [LabFact]
    public async Task A_server_that_is_down_is_one_error_and_the_others_get_their_copy_and_give_theirs()
    {
        var hosts = await fleet.UpAsync("web1", "web2", "victim1");
        await hosts[2].KillAsync();
        try
        {
            using var admin = new Admin(hosts);
            await Machine.RunAsync("mkdir \"$1/tree\"; echo x > \"$1/tree/file\"", admin.Folder);
            var sent = await admin.RunAsync("Copy-ServerItem tree /srv/some -Server * -ConnectTimeoutSec 3");
            Assert.Equal(["web1", "web2"], sent.Output.Select(copy => copy.Properties["Server"].Value.ToString()).Order());
            Assert.Equal("victim1", sent.Error.TargetObject.ToString());
            var fetched = await admin.RunAsync("Copy-ServerItem /srv/some back -FromServer web1, victim1, web2 -ConnectTimeoutSec 3");
            Assert.Equal(2, fetched.Output.Count);
            Assert.Equal("victim1", fetched.Error.TargetObject.ToString());
            Assert.Equal("web1/file web2/file", await Machine.RunAsync("cd \"$1/back\"; echo $(find . -type f -printf '%P\n' | sort)", admin.Folder));
            foreach (var host in hosts[..2]) Assert.Equal("x", await host.RunAsync("cat /srv/some/file; rm -r /srv/some"));
        }
        finally
        {
            await hosts[2].BootAsync();
        }
    }

    [LabFact]
    public async Task A_log_that_is_written_to_while_it_is_copied_is_copied_as_it_was_at_a_moment()
    {
        var host = await fleet.UpAsync("web1");
        using var admin = new Admin(host);
        await host.RunAsync("""
            rm -rf /srv/logs; mkdir /srv/logs; seq 4000000 > /srv/logs/log; echo still > /srv/logs/still
            setsid sh -c 'echo $$ > /srv/writer; i=4000000; while [ ! -e /srv/stop ]; do i=$((i + 1)); echo $i; done >> /srv/logs/log' > /dev/null 2>&1 &
            """);
        try
        {
            // Every line that was there is there, the last one maybe cut.
            const string Check = "head -n -1 \"$1\" | awk '$1 != NR { exit 1 } END { exit NR < 4000000 - 1 }' && echo whole";
            Assert.Single((await admin.RunAsync("Copy-ServerItem /srv/logs/log one -FromServer web1")).Clean);
            Assert.Equal("whole", await Machine.RunAsync(Check, Path.Combine(admin.Folder, "one")));
            var folder = await admin.RunAsync("Copy-ServerItem /srv/logs all -FromServer web1 3>&1");
            Assert.Contains(folder.Clean, item => item.BaseObject is System.Management.Automation.WarningRecord warning && warning.Message.Contains("log", StringComparison.Ordinal));
            Assert.Equal("whole", await Machine.RunAsync(Check, Path.Combine(admin.Folder, "all", "log")));
            Assert.Equal("still\n", await File.ReadAllTextAsync(Path.Combine(admin.Folder, "all", "still")));
        }
        finally
        {
            await host.RunAsync("touch /srv/stop; timeout 10 tail -f /dev/null --pid $(cat /srv/writer) || true; rm -rf /srv/logs /srv/stop /srv/writer");
        }
    }
}
