using ProdOps.Recovery.Capture;
using ProdOps.Servers.Tests.TestTools;
using static ProdOps.ServerConfigurationClass;
using static ProdOps.ServerConfigurationKind;

namespace ProdOps.Recovery.Tests.Capture;

public sealed class CaptureParserTests
{
    [Fact]
    public void Long_names_take_no_longer_than_they_are()
    {
        // Each of these repeats what a rule looks for and ends with what it does not.
        string[] parts = ["/usr/lib/", "modules.", "/etc/ssh/ssh_host_", "_key", "/etc/systemd/system/", ".wants", "/var/lib/victoria", "/usr/share/keyrings/", "~", "/home/", ".dpkg-old", "a.a.a.", "/.cache"];
        string[] lines = [.. from start in parts from repeated in parts select $":{(start.StartsWith('/') ? start : "/etc/" + start)}{string.Concat(Enumerable.Repeat(repeated, 15_000 / repeated.Length))}!"];
        string text = Captures.Text(("walk", [.. lines.SelectMany(line => Captures.File1(line[1..]))]));
        long begun = System.Diagnostics.Stopwatch.GetTimestamp();
        Assert.InRange(Captures.Parse(text).Items.Count, lines.Length / 2, lines.Length);
        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(begun), TimeSpan.Zero, TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void A_Debian_host_is_told_by_its_parts()
    {
        var capture = Captures.Database;
        Assert.Equal(("debian 12", "x86_64", true), (capture.SystemId, capture.Machine, capture.AsRoot));
        Assert.Equal("Etc/UTC", capture.Item(ServerConfigurationKind.System, "TimeZone").Property("Value"));
        var postgresql = capture.Item(Package, "postgresql-15");
        Assert.Equal((Rebuild, "automatic"), (postgresql.Class, postgresql.Property("Selected")));
        Assert.StartsWith("15.", postgresql.Property("Version"));
        Assert.Equal("manual", capture.Item(Package, "postgresql").Property("Selected"));
        Assert.Contains("bookworm main", capture.Item(Repository, "/etc/apt/sources.list").Property("Text"));
        Assert.Equal(("1000", "/bin/bash", "locked"), (capture.Item(User, "shop").Property("Id"), capture.Item(User, "shop").Property("Shell"), capture.Item(User, "shop").Property("Password")));
        Assert.Equal((Rebuild, "postgres"), (capture.Item(User, "postgres").Class, capture.Item(User, "postgres").Property("Group")));
        Assert.Equal(("enabled", "running"), (capture.Item(Unit, "shop.service").Property("State"), capture.Item(Unit, "shop.service").Property("Active")));
        Assert.Equal("1", capture.Item(Sysctl, "net.ipv4.ip_forward").Property("Value"));
        var socket = capture.Item(Socket, "tcp 127.0.0.1:5432");
        Assert.Equal(("postgresql@15-main.service", "postgresql-15"), (socket.Property("Unit"), socket.Property("Package")));
        Assert.Equal((Restore, "postgres"), (capture.Item(ServerConfigurationKind.Database, "postgresql shop").Class, capture.Item(ServerConfigurationKind.Database, "postgresql shop").Property("Owner")));
        Assert.Equal(Secret, capture.Item(DatabaseRole, "postgresql shopuser").Class);
        Assert.Equal(Restore, capture.Item(ServerConfigurationKind.Database, "mariadb wiki").Class);
        Assert.StartsWith("SHA256:", capture.Item(HostKey, "ssh-ed25519").Property("Fingerprint"));
        Assert.Contains(capture.Items, item => item.Kind == AuthorizedKey && item.Name.StartsWith("/root/.ssh/authorized_keys SHA256:", StringComparison.Ordinal));
        Assert.Equal(Rebuild, capture.Item(Certificate, "/etc/ssl/certs/ssl-cert-snakeoil.pem").Class);
    }

    [Fact]
    public void Files_are_classified_by_what_brings_them_back()
    {
        var capture = Captures.Database;
        Assert.Equal((Replay, "e2fsprogs"), (capture.Item(ServerConfigurationKind.File, "/etc/cron.d/e2scrub_all").Class, capture.Item(ServerConfigurationKind.File, "/etc/cron.d/e2scrub_all").Property("Package")));
        var script = capture.Item(ServerConfigurationKind.File, "/usr/local/bin/shop");
        Assert.Equal((Restore, "0755"), (script.Class, script.Property("Mode")));
        Assert.Equal((Replay, 64), (capture.Item(ServerConfigurationKind.File, "/etc/systemd/system/shop.service").Class, capture.Item(ServerConfigurationKind.File, "/etc/systemd/system/shop.service").Property("Checksum")!.Length));
        Assert.Equal((Restore, 100_000L), (capture.Item(Data, "/srv/shop").Class, capture.Item(Data, "/srv/shop").Size));
        Assert.Equal((Restore, "mariadb.service"), (capture.Item(Data, "/var/lib/mysql").Class, capture.Item(Data, "/var/lib/mysql").Property("Service")));
        // A package's file that was edited, and state that nothing knows, are what nobody would bring back.
        Assert.Contains(capture.Unexplained, item => item.Name == "/usr/share/doc/cron/README.Debian");
        Assert.Contains(capture.Unexplained, item => item.Name == "/var/lib/mystery");
        Assert.InRange(capture.Coverage.FileShare, 0.99, 0.9999);
        Assert.True(capture.Coverage.ExplainedBytes < capture.Coverage.Bytes);
    }

    [Fact]
    public void Secrets_are_told_without_a_sum_that_could_be_guessed_at()
    {
        var capture = Captures.Database;
        foreach (string path in (string[])["/etc/shop.conf", "/srv/www/.env", "/etc/shadow", "/etc/ssh/ssh_host_ed25519_key"])
        {
            var file = capture.Item(ServerConfigurationKind.File, path);
            Assert.Equal(Secret, file.Class);
            Assert.Null(file.Property("Checksum"));
            Assert.Equal(64, file.Property("Proof")!.Length);
        }

        Assert.DoesNotContain("hunter2", ConfigurationJson.ToText(capture));
        Assert.All(capture.Items.Where(item => item.Class == Secret), item => Assert.Null(item.Property("Checksum")));
    }

    [Fact]
    public void Names_that_look_like_sections_are_names()
    {
        string text = Captures.Text(("walk", [.. Captures.File1("/etc/a\u0001@end N1"), .. Captures.File1("/etc/\u001b[31mred"), .. Captures.File1("/etc/b\u202ecod.exe")]), ("users", [":@end N1", ":x:0:0::/:/bin/sh"]));
        var capture = Captures.Parse(text);
        Assert.Equal(["/etc/a\ufffd@end N1", "/etc/b\ufffdcod.exe", "/etc/\ufffd[31mred"], capture.Items.Where(item => item.Kind == ServerConfigurationKind.File).Select(item => item.Name));
        // A name that cannot be written down is never put into a step.
        Assert.All(capture.Items.Where(item => item.Kind == ServerConfigurationKind.File), item => Assert.Equal(Restore, item.Class));
        Assert.NotNull(capture.Find(User, "x"));
    }

    [Fact]
    public void What_could_not_be_read_is_told()
    {
        var capture = Captures.Parse(Captures.Text(
            ("system", [":user 1000"]), ("conffiles", [":unread c sudo /etc/sudoers", ":missing c nginx /etc/nginx/nginx.conf"]), ("automatic", []), ("packages", [":ii \tnginx\tamd64\t1.22\tno\toptional", "@= 0"]),
            ("walk", [":E\tfind: '/root': Permission denied"]), ("docker", ["@= 1"]), ("nft", ["@= 1"]), ("postgresql", [":15 main 5432 down postgres /var/lib/postgresql/15/main"])));
        Assert.False(capture.AsRoot);
        Assert.Equal(["/etc/sudoers", "PostgreSQL 15 main", "containers (docker)", "files", "firewall (nft)", "origins", "passwords", "root", "sockets", "units"], capture.NotRead.Select(gap => gap.What).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal("missing", capture.Item(ServerConfigurationKind.File, "/etc/nginx/nginx.conf").Property("State"));
    }

    [Fact]
    public void A_package_in_no_repository_and_one_held_are_told()
    {
        var capture = Captures.Parse(Captures.Text(
            ("packages", [":ii \tshop\tamd64\t1.0\tno\toptional", ":hi \tnginx\tamd64\t1.22\tno\toptional", ":rc \told\tamd64\t1\tno\toptional", ":ii \tlibc6\tamd64\t2\tno\trequired", ":ii \tlibc6\ti386\t2\tno\trequired", "@= 0"]),
            ("automatic", [":libc6"]), ("origins", [":shop\t", ":nginx\thttp://deb.example.net bookworm/main", ":libc6\tx", "@= 0"])));
        Assert.Equal((Unexplained, "manual"), (capture.Item(Package, "shop").Class, capture.Item(Package, "shop").Property("Selected")));
        Assert.Equal((Rebuild, "yes"), (capture.Item(Package, "nginx").Class, capture.Item(Package, "nginx").Property("Hold")));
        Assert.Null(capture.Find(Package, "old"));
        Assert.Equal("automatic", capture.Item(Package, "libc6:i386").Property("Selected"));
    }

    [Fact]
    public void Packages_of_rpm_are_told_like_those_of_dpkg()
    {
        var capture = Captures.Parse(Captures.Text(
            ("system", [":user 0", ":machine x86_64", ":selinux 1"]), ("release", [":ID=\"rocky\"", ":VERSION_ID=\"9.4\"", ":PRETTY_NAME=\"Rocky Linux 9.4 (Blue Onyx)\""]),
            ("packages", [":ii \tnginx\tx86_64\t1:1.20.1-14.el9\tno\tRocky Enterprise Software Foundation", ":ii \tbash\tx86_64\t0:5.1.8-9.el9\tno\tRocky Enterprise Software Foundation", "@= 0"]), ("manual", [":nginx", "@= 0"]),
            ("sources", [">/etc/yum.repos.d/rocky.repo", ":[baseos]", ":gpgcheck=1"]), ("conffiles", [":changed c nginx /etc/nginx/nginx.conf"]),
            ("walk", [.. Captures.File1("/etc/nginx/nginx.conf", "Fc"), ":T\t10\t1000\t0\t0\t1\t0\t0\t0\t0"])));
        Assert.Equal(("rocky 9.4", "enforcing"), (capture.SystemId, capture.Item(ServerConfigurationKind.System, "SELinux").Property("Value")));
        Assert.Equal(("manual", "automatic"), (capture.Item(Package, "nginx").Property("Selected"), capture.Item(Package, "bash").Property("Selected")));
        Assert.Equal((Replay, "nginx"), (capture.Item(ServerConfigurationKind.File, "/etc/nginx/nginx.conf").Class, capture.Item(ServerConfigurationKind.File, "/etc/nginx/nginx.conf").Property("Package")));
        Assert.Equal(1.0, capture.Coverage.FileShare);
    }

    [Fact]
    public void What_rpm_itself_answered_is_read()
    {
        var capture = Captures.Parse(Captures.Recorded("rpm"));
        Assert.Equal("0:1.2-3", capture.Item(Package, "shop").Property("Version"));
        Assert.Equal((Replay, "shop"), (capture.Item(ServerConfigurationKind.File, "/etc/shop/shop.conf").Class, capture.Item(ServerConfigurationKind.File, "/etc/shop/shop.conf").Property("Package")));
        Assert.Null(capture.Find(ServerConfigurationKind.File, "/etc/shop/other.conf"));
        Assert.Equal((Unexplained, "shop"), (capture.Item(ServerConfigurationKind.File, "/usr/share/shop/data").Class, capture.Item(ServerConfigurationKind.File, "/usr/share/shop/data").Property("Package")));
        // The source of packages has a password in its address.
        Assert.Contains("https://***@repo.example.net", capture.Item(Repository, "/etc/yum.repos.d/shop.repo").Property("Text"));
        Assert.Equal((Secret, null, 64), (capture.Item(ServerConfigurationKind.File, "/etc/yum.repos.d/shop.repo").Class, capture.Item(ServerConfigurationKind.File, "/etc/yum.repos.d/shop.repo").Property("Checksum"), capture.Item(ServerConfigurationKind.File, "/etc/yum.repos.d/shop.repo").Property("Proof")!.Length));
    }

    [Fact]
    public void What_a_backup_has_is_explained()
    {
        var set = new BackupSet { Name = "state", Path = ["/var/lib/mystery"], Exclude = ["/var/lib/mystery/cache"] };
        string text = Captures.Text(("walk", [":A\t3\t100\t1795750115\t/var/lib/mystery", ":A\t2\t50\t1795750115\t/var/lib/unknown"]));
        Assert.Equal((Unexplained, null), Told(Captures.Parse(text, new BackedUp([set]))));
        Assert.Equal((Restore, "state"), Told(Captures.Parse(text, new BackedUp([set with { Exclude = ["*.tmp"] }]))));
        Assert.Equal((Unexplained, null), Told(Captures.Parse(text, new BackedUp([set with { Exclude = ["mystery"] }]))));
        Assert.Equal((Restore, "all"), Told(Captures.Parse(text, new BackedUp([set, new BackupSet { Name = "all", Path = ["/"] }]))));
        Assert.Equal((Restore, "state"), Told(Captures.Parse(text, new BackedUp([new BackupSet { Name = "all", Path = ["/"] }, set with { Exclude = [] }]))));

        static (ServerConfigurationClass, string?) Told(ServerConfiguration capture) => (capture.Item(Data, "/var/lib/mystery").Class, capture.Item(Data, "/var/lib/mystery").Property("BackupSet"));
    }

    [Fact]
    public void An_answer_that_breaks_off_is_none()
    {
        string text = Captures.Recorded("debian-12-database");
        Assert.Equal("ProbeTruncated", Assert.Throws<ProdOpsException>(() => Captures.Parse(text[..^20])).ErrorId);
        Assert.Equal("ProbeSilent", Assert.Throws<ProdOpsException>(() => Captures.Parse("This account is not available.")).ErrorId);
    }

    [Fact]
    public void Damaged_answers_are_read_or_refused() => ParserFuzz.Run("capture", text => ConfigurationJson.ToText(Captures.Parse(text)), Seeds());

    // A few lines of each section of a recorded answer, so that thousands of rounds take seconds.
    private static string[] Seeds()
    {
        var lines = Captures.Recorded("debian-12-database").Split('\n');
        var seeds = new List<string>();
        for (int skip = 0; skip < 3; skip++)
        {
            var kept = new List<string>();
            int inSection = 0;
            foreach (string line in lines)
            {
                if (line.StartsWith('@')) inSection = 0;
                if (line.StartsWith('@') || line.Contains("CERTIFICATE", StringComparison.Ordinal) || (inSection++ >= skip * 3 && inSection <= (skip * 3) + 3) || line.StartsWith(":T", StringComparison.Ordinal)) kept.Add(line);
            }

            seeds.Add(string.Join('\n', kept));
        }

        return [.. seeds];
    }
}
