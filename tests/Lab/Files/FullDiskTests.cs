namespace ProdOps.Lab.Tests.Files;

/// <summary>Disks without room for the copy.</summary>
[Collection(LabCollection.Name)]
public sealed class FullDiskTests(Fleet fleet)
{
    [LabFact]
    public async Task A_full_server_is_an_error_that_changes_nothing_and_the_others_get_their_copy()
    {
        var hosts = await fleet.UpAsync("web1", "web2");
        foreach (var host in hosts) await host.RunAsync("mkdir -p /srv/full");
        await hosts[1].RunAsync("mount -t tmpfs -o size=2m none /srv/full; mkdir /srv/full/tree; echo before > /srv/full/data; echo before > /srv/full/tree/data");
        try
        {
            using var admin = new Admin(hosts);
            string sum = await Machine.WriteDataAsync(Path.Combine(admin.Folder, "data"), 8);
            await Machine.RunAsync("mkdir \"$1/tree\"; cp \"$1/data\" \"$1/tree/data\"; echo small > \"$1/tree/a\"", admin.Folder);
            // Each server gets its copy, and the full one is full while the content comes: what it says of its free space is not enough.
            foreach (bool announced in new[] { true, false })
            {
                if (!announced) await hosts[1].RunAsync("printf '#!/bin/sh\\nexit 1\\n' > /usr/local/bin/df; chmod 755 /usr/local/bin/df");
                foreach (string path in new[] { "data", "tree" })
                {
                    var answer = await admin.RunAsync($"Copy-ServerItem {path} /srv/full/{path} -Server web1, web2 -Force");
                    Assert.Equal("web1", Assert.Single(answer.Output).Properties["Server"].Value);
                    Assert.Equal("DestinationFull", answer.ErrorId);
                    Assert.Contains("web2", answer.Error.ToString());
                    Assert.Equal("before before", await hosts[1].RunAsync("echo $(cat /srv/full/data /srv/full/tree/data)"));
                    // What came of a large file may stay for the next copy, but must not keep the disk full.
                    Assert.Equal("data tree data", await hosts[1].RunAsync("echo $(ls -A /srv/full /srv/full/tree | grep -v :)"));
                }
            }

            Assert.Equal($"{sum} {sum}", await hosts[0].RunAsync("echo $(sha256sum < /srv/full/data | cut -c1-64) $(sha256sum < /srv/full/tree/data | cut -c1-64)"));
        }
        finally
        {
            await hosts[1].RunAsync("umount /srv/full; rm -f /usr/local/bin/df");
            foreach (var host in hosts) await host.RunAsync("rm -rf /srv/full");
        }
    }

    [LabFact]
    public async Task A_full_disk_of_the_admin_is_an_error_that_changes_nothing()
    {
        var host = await fleet.UpAsync("web1");
        using var admin = new Admin(host);
        await host.RunAsync("mkdir -p /srv/large/tree; head -c 8000000 /dev/urandom > /srv/large/data; cp /srv/large/data /srv/large/tree/");
        // The small disk is seen by the shell and prodops alone, and is gone with them.
        const string Script = """
            mount -t tmpfs -o size=2m none "$1"; cd "$1"; mkdir tree; echo before > data; echo before > tree/data
            for path in data tree; do
              "$2" -OutputFormat Json -Command "try { Copy-ServerItem /srv/large/$path '$1/$path' -FromServer web1 -Environment '$3' -ErrorAction Stop } catch { \$_.FullyQualifiedErrorId }"
              cat data tree/data; ls -A . tree
            done
            """;
        string small = Directory.CreateDirectory(Path.Combine(admin.Folder, "small")).FullName;
        string said = await Machine.RunAsync("export PRODOPS_MODULE=\"$4\"; exec unshare -m sh -euc \"$5\" sh \"$1\" \"$2\" \"$3\"", small, Built.Host, admin.EnvironmentFile, Built.Module, Script);
        const string Untouched = "before\nbefore\n.:\ndata\ntree\n\ntree:\ndata";
        Assert.Equal($"\"DestinationFull,ProdOps.Cmdlets.Servers.CopyServerItem\"\n{Untouched}\n\"DestinationFull,ProdOps.Cmdlets.Servers.CopyServerItem\"\n{Untouched}", said);
        await host.RunAsync("rm -rf /srv/large");
    }
}
