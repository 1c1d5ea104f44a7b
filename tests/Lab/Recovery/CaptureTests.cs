using Xunit.Abstractions;

namespace ProdOps.Lab.Tests.Recovery;

/// <summary>What whole hosts are made of, as Get-ServerConfiguration tells it.</summary>
[Collection(LabCollection.Name)]
public sealed class CaptureTests(Fleet fleet, ITestOutputHelper output)
{
    [LabFact]
    public async Task A_database_host_is_captured_whole_and_its_secrets_stay_there()
    {
        var host = await fleet.UpAsync("dbcap1");
        await host.RunAsync("""
            systemctl start postgresql@15-main
            id shop >/dev/null 2>&1 || useradd -m -s /bin/bash -u 1234 shop
            runuser -u postgres -- createuser shopuser; runuser -u postgres -- createdb -O shopuser shop
            printf '#!/bin/sh\nexec sleep 1d\n' > /usr/local/bin/shop; chmod 755 /usr/local/bin/shop
            printf '[Unit]\nDescription=The shop\n[Service]\nExecStart=/usr/local/bin/shop\n[Install]\nWantedBy=multi-user.target\n' > /etc/systemd/system/shop.service
            systemctl enable -q --now shop; systemctl mask -q haproxy
            echo 'db_password=correct-horse' > /etc/shop.conf; chmod 640 /etc/shop.conf
            mkdir -p /srv/www /var/lib/mystery; echo 'DB_PASS=battery-staple' > /srv/www/.env; echo 1 > /var/lib/mystery/state
            echo '# ours' >> /etc/logrotate.conf
            mkdir -p "$(printf '/srv/www/a\n@end 1')"; touch "$(printf '/etc/odd\n@begin 1')" "$(printf '/srv/www/a\n@end 1/:x')"
            """);
        using var admin = new Admin(host);
        var answer = await admin.RunAsync("Get-ServerConfiguration dbcap1 -Destination captures -Verbose");
        dynamic capture = Assert.Single(answer.Clean);
        var items = ((IEnumerable<object>)capture.Items).Cast<dynamic>().ToDictionary(item => $"{item.Kind} {item.Name}", item => (object)item);
        Assert.Equal(("debian 12", true), ((string)capture.SystemId, (bool)capture.AsRoot));
        Assert.Equal("Restore", Class("Database postgresql shop"));
        Assert.Equal("Secret", Class("DatabaseRole postgresql shopuser"));
        Assert.Equal("Replay", Class("File /etc/logrotate.conf"));
        Assert.Equal("logrotate", Property("File /etc/logrotate.conf", "Package"));
        Assert.Equal("1234", Property("User shop", "Id"));
        Assert.Equal("running", Property("Unit shop.service", "Active"));
        Assert.Equal("masked", Property("Unit haproxy.service", "State"));
        Assert.Equal("/dev/null", Property("Link /etc/systemd/system/haproxy.service", "Target"));
        Assert.Equal("postgresql@15-main.service", Property("Data /var/lib/postgresql/15", "Service"));
        Assert.Equal("postgresql-15", Property("Socket tcp 127.0.0.1:5432", "Package"));
        Assert.Equal(["Secret", "Secret"], [Class("File /etc/shop.conf"), Class("File /srv/www/.env")]);
        Assert.Contains("/var/lib/mystery", ((IEnumerable<object>)capture.Unexplained).Select(item => (string)((dynamic)item).Name));
        Assert.Equal("Restore", Class("File /etc/odd\ufffd@begin 1"));
        Assert.InRange((double)capture.Coverage.FileShare, 0.99, 1);
        output.WriteLine($"captured in {(TimeSpan)capture.Duration}, the command took {answer.Elapsed}");
        // Its own promise is five seconds; the machine that these tests share is busy.
        Assert.InRange((TimeSpan)capture.Duration, TimeSpan.Zero, TimeSpan.FromSeconds(60));
        string file = Assert.Single(Directory.GetFiles(Path.Combine(admin.Folder, "captures")));
        Assert.DoesNotContain("correct-horse", answer.Said + File.ReadAllText(file));
        Assert.DoesNotContain("battery-staple", answer.Said + File.ReadAllText(file));

        // A change is told, and nothing else: a password of the same length is found out by its proof, which two captures of one command share.
        Assert.Empty((await admin.RunAsync($"Compare-ServerConfiguration dbcap1 -ReferencePath '{file}'")).Clean);
        await host.RunAsync("chmod 644 /usr/local/bin/shop; systemctl disable -q shop; userdel shop");
        Assert.Equal(["Changed File /usr/local/bin/shop", "Changed Unit shop.service", "Removed Group shop", "Removed User shop"],
            (await admin.RunAsync($"Compare-ServerConfiguration dbcap1 -ReferencePath '{file}' | ForEach-Object {{ \"$_\" }}")).Sorted.Where(text => !text.Contains(" /etc/") && !text.Contains(" /home/")));

        string Class(string name) => ((dynamic)items[name]).Class.ToString();
        string? Property(string name, string property) => (string?)((dynamic)items[name]).Property(property);
    }

    [LabFact]
    public async Task BusyBox_tells_the_same_and_who_is_not_root_is_told_what_is_missing()
    {
        var host = await fleet.UpAsync("webcap1");
        await host.AccountAsync("noroot", "sudo=no");
        await host.RunAsync("systemctl start nginx; echo '# ours' >> /etc/nginx/nginx.conf; mkdir -p /srv/www; echo hello > /srv/www/index.html");
        using var admin = new Admin(host);
        Assert.Single((await admin.RunAsync("Get-ServerConfiguration webcap1 -Destination before.json")).Clean);
        using (var other = new Admin("noroot", host))
        {
            var answer = await other.RunAsync("Get-ServerConfiguration webcap1");
            dynamic capture = Assert.Single(answer.Clean);
            Assert.False((bool)capture.AsRoot);
            Assert.Contains("captured without root", answer.Said);
            var gaps = ((IEnumerable<object>)capture.NotRead).Select(gap => (string)((dynamic)gap).What).ToList();
            Assert.Equal(["sudo", "root"], gaps.Take(2));
            Assert.Contains("/etc/sudoers", gaps);
            Assert.Contains("files", gaps);
        }

        await host.UseBusyBoxAsync();
        // Its links are what is new, and nothing else.
        var differences = (await admin.RunAsync("Compare-ServerConfiguration webcap1 -ReferencePath before.json | ForEach-Object { \"$_ $($_.Properties)\" }")).Sorted;
        Assert.Contains("Added Link /usr/local/bin/awk ", differences);
        Assert.DoesNotContain(differences, difference => !difference.StartsWith("Added Link /usr/local/bin/", StringComparison.Ordinal));
    }
}
