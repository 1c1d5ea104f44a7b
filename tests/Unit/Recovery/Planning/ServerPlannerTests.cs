using System.Text;
using ProdOps.Recovery.Capture;
using ProdOps.Recovery.Planning;
using ProdOps.Recovery.Plans;
using ProdOps.Recovery.Tests.Capture;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Recovery.Tests.Planning;

public sealed class ServerPlannerTests
{
    private static readonly ProdOpsEnvironment Environment = new()
    {
        Name = "shop",
        Path = "/nowhere/environment.psd1",
        Servers = [new Server { Name = "db1", Address = "10.0.0.5", Roles = ["Database"] }, new Server { Name = "web1" }],
        Backups = [new BackupSet { Name = "files", Server = ["db1"], Path = ["/srv", "/etc", "/home", "/usr/local"] }, new BackupSet { Name = "dumps", Server = ["db1"], PostgreSql = ["*"] }],
        Monitoring = new MonitoringOptions { Checks = [new HealthCheckDefinition { Name = "shop", Kind = HealthCheckKind.Http, Target = "http://{server}/", Server = ["role:Database"] }, new HealthCheckDefinition { Name = "other", Kind = HealthCheckKind.Ping, Server = ["web1"] }] },
    };

    private static readonly ServerConfiguration Capture = Captures.Parse(Captures.Recorded("debian-12-database"), BackedUp.Of(Environment, Environment.Servers[0]));

    [Fact]
    public void A_server_becomes_the_steps_that_build_it_anew()
    {
        var plan = Plan(Capture).Plan;
        Assert.Equal(["debian 12", "x86_64"], [.. plan.Requires.System, plan.Requires.Architecture!]);
        Assert.Contains("deb http://deb.debian.org/debian/ bookworm main", Content(plan, "package sources", "/etc/apt/sources.list"));
        Assert.Contains("postgresql", Step(plan, "packages").Packages);
        Assert.Contains("postgresql-15", Step(plan, "further packages").Packages);
        Assert.DoesNotContain("dpkg", plan.Steps.SelectMany(step => step.Packages));
        var shop = Step(plan, "users").Users.Single(user => user.Name == "shop");
        Assert.Equal((1000, "shop", "/home/shop", "/bin/bash"), ((int)shop.Id!, shop.Group, shop.Home, shop.Shell));
        Assert.Equal("content of /etc/systemd/system/shop.service", Content(plan, "configuration", "/etc/systemd/system/shop.service"));
        Assert.Equal(["/etc/systemd/system/shop.service"], Step(plan, "unit shop.service").RestartAfter);
        Assert.Equal(("dumps", "shop"), (Step(plan, "database shop").Set, Step(plan, "database shop").Database));
        Assert.Contains("/srv/shop", Step(plan, "restore files").Paths);
        Assert.Contains("/etc/shop.conf", Step(plan, "restore files").Paths);
        Assert.Contains(Step(plan, "verification").Verify, check => check.Kind == HealthCheckKind.Http);
        // Accounts before what is theirs, packages before their configuration, data before the services that work on it.
        string[] order = ["package sources", "users", "packages", "configuration", "restore files", "start postgresql.service", "database shop", "unit shop.service"];
        Assert.Equal(order, plan.Steps.Select(step => step.Name).Where(order.Contains));
    }

    [Fact]
    public void Nothing_is_left_out_in_silence()
    {
        var plan = Plan(Capture).Plan;
        Assert.Contains(plan.Unexplained, line => line.StartsWith("Data /var/lib/mystery: ", StringComparison.Ordinal) || line.StartsWith("File /var/lib/mystery/", StringComparison.Ordinal));
        // MariaDB's database and its user are in no backup set.
        Assert.Contains("mariadb wiki", Step(plan, "databases without a backup").Text);
        Assert.Contains("mariadb w@localhost", Step(plan, "database users").Text);
        var told = string.Join('\n', plan.Steps.Select(step => step.Text).Concat(plan.Unexplained)) + PlanWriter.Write(plan);
        Assert.All(Capture.Items.Where(item => item.Class is ServerConfigurationClass.Restore or ServerConfigurationClass.Unexplained && item.Kind is ServerConfigurationKind.Data && !item.Name.StartsWith("/var/lib/postgresql", StringComparison.Ordinal) && !item.Name.StartsWith("/var/lib/mysql", StringComparison.Ordinal)),
            item => Assert.Contains(item.Name.Replace("/*", "", StringComparison.Ordinal), told));
    }

    [Fact]
    public void A_plan_holds_no_secret_and_its_file_is_read_as_the_same_plan()
    {
        var planned = Plan(Capture);
        string text = PlanWriter.Write(planned.Plan);
        Assert.DoesNotContain("content of /etc/shop.conf", text);
        Assert.DoesNotContain("content of /etc/shadow", text);
        Assert.DoesNotContain("content of /srv/www/.env", text);
        var reading = PlanReader.Parse(text, planned.Plan.Path, environment: null);
        Assert.Empty(reading.Problems.Select(problem => problem.Message));
        Assert.Equal(text, PlanWriter.Write(reading.Plan with { Name = "db1" }));
    }

    [Fact]
    public void Files_that_are_no_text_lie_beside_the_plan()
    {
        var capture = Captures.Parse(Captures.Text(("walk", Captures.File1("/usr/share/keyrings/shop.gpg")), ("sums", [$":{new string('a', 64)}  /usr/share/keyrings/shop.gpg"])));
        var planned = new ServerPlanner(capture, new Dictionary<string, byte[]> { ["/usr/share/keyrings/shop.gpg"] = [0x99, 0, 1] }, Environment, "db1").Build(RecoveryScenario.ServerLost);
        var file = Assert.Single(Step(planned.Plan, "package sources").Files);
        Assert.Matches("^db1.files/shop.gpg-[0-9a-f]{12}$", file.Source);
        Assert.Equal([0x99, 0, 1], planned.Sources[file.Source!]);
    }

    [Fact]
    public void Contents_are_taken_of_files_that_were_asked_for_only()
    {
        string Base(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
        string[] paths = ["/etc/a", "/etc/b", "/etc/c"];
        var contents = CaptureContents.Parse($">/etc/a\n{Base("hello")}\n!/etc/b\n>/etc/c\n{Base("-----BEGIN RSA PRIVATE KEY-----")}\n", paths);
        Assert.Equal(["/etc/a"], contents.Keys);
        Assert.Equal("hello", Encoding.UTF8.GetString(contents["/etc/a"]));
        Assert.Empty(CaptureContents.Parse($">/etc/shadow\n{Base("x")}\n", paths));
    }

    [Theory]
    [InlineData(RecoveryScenario.DataLost, new[] { "stop", "restore files", "set aside shop", "database shop", "start", "verification" })]
    [InlineData(RecoveryScenario.BadDeployment, new[] { "stop", "restore files", "start", "verification" })]
    [InlineData(RecoveryScenario.CertificateExpired, new[] { "no certificate", "verification" })]
    public void What_has_happened_decides_the_steps(RecoveryScenario scenario, string[] expected)
    {
        var plan = new ScenarioPlanner(Capture, Environment, "db1").Build(scenario);
        Assert.Equal(expected, plan.Steps.Select(step => step.Name));
        Assert.Empty(PlanReader.Parse(PlanWriter.Write(plan), "", environment: null).Problems.Select(problem => problem.Message));
    }

    [Fact]
    public void What_people_have_at_home_and_a_running_database_s_files_are_not_taken_back()
    {
        ServerConfigurationItem Item(ServerConfigurationKind kind, string name, string? service = null) => new()
        {
            Kind = kind, Name = name, Class = ServerConfigurationClass.Restore, Properties = new Dictionary<string, string> { ["BackupSet"] = "files", ["Service"] = service ?? "" }.Where(entry => entry.Value.Length > 0).ToDictionary(),
        };
        var capture = Captures.Database with
        {
            Items =
            [
                Item(ServerConfigurationKind.Data, "/srv/shop"), Item(ServerConfigurationKind.Data, "/home/anna"), Item(ServerConfigurationKind.Data, "/home/deploy/app", "app.service"), Item(ServerConfigurationKind.Data, "/var/lib/shop"),
                Item(ServerConfigurationKind.Data, "/var/lib/postgresql/15", "postgresql@15-main.service"), Item(ServerConfigurationKind.File, "/usr/local/bin/shop"), Item(ServerConfigurationKind.File, "/srv/shop/x"),
            ],
        };
        RecoveryStep[] Steps(RecoveryScenario scenario) => [.. new ScenarioPlanner(capture, Environment, "x").Build(scenario).Steps];
        Assert.Equal(["/home/anna", "/home/deploy/app", "/srv/shop", "/var/lib/shop"], Steps(RecoveryScenario.DataLost).Single(step => step.Kind == RecoveryStepKind.Restore).Paths);
        Assert.Equal(["/home/deploy/app", "/srv/shop", "/usr/local/bin/shop"], Steps(RecoveryScenario.BadDeployment).Single(step => step.Kind == RecoveryStepKind.Restore).Paths);
        // A database server must run for its dumps.
        Assert.Equal(["app.service"], Steps(RecoveryScenario.DataLost)[0].Services);
    }

    [Fact]
    public void A_lost_repository_comes_back_from_where_its_copies_are()
    {
        var environment = Environment with
        {
            Repositories = [new() { Name = "local", Url = "sftp:backup@10.0.0.5:/srv/backup" }, new() { Name = "alone", Url = "sftp:backup@10.0.0.5:/srv/alone" }, new() { Name = "offsite", Url = "s3:s3.example.org/backup" }],
            Backups = [new() { Name = "files", Server = ["web1"], Path = ["/srv"], Repository = "local", CopyTo = ["offsite"] }, new() { Name = "dumps", Server = ["web1"], PostgreSql = ["*"], Repository = "local", CopyTo = ["offsite"] }, new() { Name = "logs", Server = ["web1"], Path = ["/var/log"], Repository = "alone" }],
        };
        var capture = Captures.Parse(Captures.Text(("walk", [":A\t3\t100\t1795750115\t/srv/backup", ":A\t3\t100\t1795750115\t/srv/alone", ":A\t3\t100\t1795750115\t/srv/else"])));
        var plan = new ServerPlanner(capture, new Dictionary<string, byte[]>(), environment, "db1-repository-lost").Build(RecoveryScenario.RepositoryLost).Plan;
        Assert.Contains("local, alone", plan.Purpose);
        Assert.Contains("'offsite', which has copies of files, dumps", Step(plan, "repository local").Purpose);
        Assert.Contains("    Initialize-BackupRepository -Repository local -CopyChunkerParametersFrom offsite\n    Copy-Backup -Repository offsite -To local\n", Step(plan, "repository local").Text);
        Assert.EndsWith("    Initialize-BackupRepository -Repository alone\n    Invoke-Backup -Name logs -Force", Step(plan, "repository alone").Text);
        // The repositories' own folders are in no backup set, and need be in none.
        Assert.DoesNotContain("/srv/backup", Step(plan, "data without a backup").Text);
        Assert.Contains("/srv/else", Step(plan, "data without a backup").Text);
        Assert.Empty(PlanReader.Parse(PlanWriter.Write(plan), "", environment: null).Problems.Select(problem => problem.Message));
    }

    [Fact]
    public void File_systems_are_mounted_before_anything_is_put_on_them()
    {
        var capture = Captures.Parse(Captures.Text(
            ("fstab", [">/etc/fstab", ":UUID=1 / ext4 defaults 0 1", ":UUID=2 /srv/data xfs noatime 0 2", ":nas:/export /srv nfs4 rw,_netdev 0 0", ":/srv/a\\040b /mnt/a\\040b none bind 0 0", ":/dev/sr0 /media/cd iso9660 ro,noauto 0 0", ":UUID=3 none swap sw 0 0",
                "://srv/x /mnt/x cifs username=u,password=*** 0 0", ":UUID=4 /mnt/$(reboot) ext4 defaults 0 2", ":UUID=5 /mnt/../etc ext4 defaults 0 2"]),
            ("walk", [":A\t3\t100\t1795750115\t/srv/data"])));
        var plan = new ServerPlanner(capture, new Dictionary<string, byte[]>(), Environment, "db1").Build(RecoveryScenario.ServerLost).Plan;
        var mounts = plan.Steps.Where(step => step.Name.StartsWith("mount ", StringComparison.Ordinal)).ToList();
        Assert.Equal(["mount srv Command", "mount media-cd Command", "mount mnt---reboot- Manual", "mount mnt-a-b Command", "mount mnt-x Manual", "mount srv-data Manual"], mounts.Select(step => $"{step.Name} {step.Kind}"));
        Assert.All(plan.Steps.Except(mounts).Where(step => step.Kind is RecoveryStepKind.Directory or RecoveryStepKind.File or RecoveryStepKind.Restore), step => Assert.True(plan.Steps.ToList().IndexOf(step) > plan.Steps.ToList().IndexOf(mounts[^1])));
        Assert.Contains("'nas:/export /srv nfs4 rw,_netdev 0 0' >>/etc/fstab\nmountpoint -q /srv || mount -- /srv", mounts[0].Text);
        Assert.Equal(("mountpoint -q /srv", "mountpoint -q /srv"), (mounts[0].Unless, mounts[0].Verify[0].Target));
        Assert.DoesNotContain("mount --", mounts[1].Text);
        Assert.Contains("mkdir -p -- '/mnt/$(reboot)'", mounts[2].Text);
        Assert.Contains("mkdir -p -- '/mnt/a b' '/srv/a b'\n", mounts[3].Text);
        Assert.Contains("'/srv/a\\040b /mnt/a\\040b none bind 0 0' >>/etc/fstab", mounts[3].Text);
        Assert.StartsWith("Write what stands as ***", mounts[4].Text, StringComparison.Ordinal);
        Assert.Contains("    mountpoint -q /srv/data || mount -- /srv/data", mounts[5].Text);
        Assert.Contains("'UUID=2 /srv/data xfs noatime 0 2'", mounts[5].Text);
        Assert.Equal(("mountpoint -q /srv/data", RecoveryDrillMode.Skip), (mounts[5].Verify[0].Target, mounts[5].Drill));
        Assert.Equal([RecoveryDrillMode.Skip, RecoveryDrillMode.Run], [mounts[0].Drill, mounts[3].Drill]);
        Assert.Contains(plan.Unexplained, line => line.Contains("/mnt/../etc", StringComparison.Ordinal));
        Assert.Empty(PlanReader.Parse(PlanWriter.Write(plan), "", environment: null).Problems.Select(problem => problem.Message));
    }

    [UnixFact("sh", "awk")]
    public async Task A_line_of_fstab_is_written_once()
    {
        var capture = Captures.Parse(Captures.Text(("fstab", [">/etc/fstab", ":/dev/sr0 /media/a\\040b iso9660 ro,noauto 0 0"])));
        string fstab = Path.GetTempFileName(), folder = Directory.CreateTempSubdirectory("prodops-mount-").FullName;
        try
        {
            await File.WriteAllTextAsync(fstab, "# /dev/sr0 /media/a\\040b iso9660 ro,noauto 0 0\n");
            string text = new ServerPlanner(capture, new Dictionary<string, byte[]>(), Environment, "db1").Build(RecoveryScenario.ServerLost).Plan.Steps.Single(step => step.Name == "mount media-a-b").Text
                .Replace("/etc/fstab", fstab, StringComparison.Ordinal).Replace("'/media/a b'", $"'{folder}/a b'", StringComparison.Ordinal);
            for (int i = 0; i < 2; i++) Assert.Equal(0, (await new LocalShell("db1").RunAsync(text, default)).Exit.Code);
            Assert.Equal("/dev/sr0 /media/a\\040b iso9660 ro,noauto 0 0", Assert.Single((await File.ReadAllLinesAsync(fstab)).Skip(1)));
            Assert.True(Directory.Exists(Path.Combine(folder, "a b")));
        }
        finally
        {
            File.Delete(fstab);
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_drill_makes_the_checks_that_a_spare_host_can_pass_without_others()
    {
        var server = new Server { Name = "web1", DependsOn = ["db1"] };
        var environment = Environment with
        {
            Servers = [Environment.Servers[0], server],
            Monitoring = new MonitoringOptions
            {
                Checks =
                [
                    new() { Name = "shop", Kind = HealthCheckKind.Http, Target = "http://{server}/", Server = ["web1"] }, new() { Name = "front", Kind = HealthCheckKind.Http, Target = "https://shop.example/", Server = ["web1"] },
                    new() { Name = "own", Kind = HealthCheckKind.PostgreSql, Target = "cache", Server = ["web1"] }, new() { Name = "away", Kind = HealthCheckKind.Script, Target = "true", RunOn = "db1", Server = ["web1"] },
                ],
            },
        };
        var capture = Captures.Database with { Server = "web1", Items = [new() { Kind = ServerConfigurationKind.Socket, Name = "tcp 0.0.0.0:8080", Properties = new Dictionary<string, string> { ["Unit"] = "shop.service" } }] };
        var step = PlannedChecks.Of(capture, environment)!;
        Assert.Equal(["http://{server}/", "https://shop.example/", "cache", "true", "{server}:8080"], step.Verify.Select(check => check.Target));
        Assert.Equal(RecoveryDrillMode.Substitute, step.Drill);
        Assert.Equal(["cache", "{server}:8080"], step.Substitute!.Verify.Select(check => check.Target));

        // One that needs nobody is drilled as it is carried out; of one that has nothing of its own to be asked nothing is.
        var alone = environment with { Servers = [server with { DependsOn = [] }], Monitoring = new MonitoringOptions { Checks = [environment.Monitoring.Checks[0]] } };
        Assert.Equal(RecoveryDrillMode.Run, PlannedChecks.Of(capture, alone)!.Drill);
        Assert.Equal(RecoveryDrillMode.Skip, PlannedChecks.Of(capture with { Items = [] }, alone with { Servers = [server] })!.Drill);

        var plan = new RecoveryPlan { Name = "x", Server = "web1", Steps = [step] };
        var read = PlanReader.Parse(PlanWriter.Write(plan), "", environment: null);
        Assert.Empty(read.Problems.Select(problem => problem.Message));
        Assert.Equal(["cache", "{server}:8080"], read.Plan!.Steps[0].Substitute!.Verify.Select(check => check.Target));
    }

    [Fact]
    public void Plans_of_hostile_servers_are_well_formed()
    {
        // Whatever a server tells, its plan is one that can be read back, in which no name has become something else.
        string seed = Captures.Text(
            ("system", [":user 0", ":machine x86_64", ":hostname web1", ":timezone /usr/share/zoneinfo/Etc/UTC", ":systemd", ":foreign i386"]), ("release", [":ID=debian", ":VERSION_ID=12"]), ("users", [":shop:1000:1000:Shop:/home/shop:/bin/sh"]), ("groups", [":shop:1000:", ":adm:4:shop"]),
            ("packages", [":hi \tnginx\tamd64\t1.22\tno\toptional", ":ii \tcurl\tamd64\t7\tno\toptional", "@= 0"]), ("automatic", [":curl"]), ("unit-files", [":nginx.service enabled enabled", ":shop.timer disabled enabled"]), ("units", [":nginx.service loaded active running x"]),
            ("walk", [.. Captures.File1("/etc/nginx/shop.conf"), ":Fn\t0\tl\t9\t1795750115\t777\troot\troot\t/etc/nginx/link", ":L\t/etc/x", ":D\t755\tshop\tshop\t/srv/shop", ":A\t3\t100\t1795750115\t/srv/shop", ":A\t3\t9\t1795750115\t/var/lib/odd"]), ("sums", [$":{new string('a', 64)}  /etc/nginx/shop.conf"]),
            ("alternatives", [":editor\t/usr/bin/vim"]), ("overrides", [":root shop 2755 /usr/bin/x"]), ("diversions", [":/usr/bin/a", ":/usr/bin/b", "::"]), ("sysctl", [":net.ipv4.ip_forward=1"]), ("postgresql", [":15 main 5432 online postgres /var/lib/postgresql/15/main"]), ("postgresql-5432", [":database 1 shop UTF8 shop", ":role t f f shop"]));
        ParserFuzz.Run("plan", text =>
        {
            var capture = Captures.Parse(text, BackedUp.Of(Environment, Environment.Servers[0]));
            var planned = new ServerPlanner(capture, CaptureContents.Wanted(capture).ToDictionary(path => path, path => Encoding.UTF8.GetBytes(path)), Environment, "db1").Build(RecoveryScenario.ServerLost);
            string written = PlanWriter.Write(planned.Plan);
            var reading = PlanReader.Parse(written, "", environment: null);
            Assert.Empty(reading.Problems.Select(problem => problem.Message));
            Assert.Equal(written, PlanWriter.Write(reading.Plan with { Name = "db1" }));
        }, [seed]);
    }

    private static PlannedServer Plan(ServerConfiguration capture) =>
        new ServerPlanner(capture, CaptureContents.Wanted(capture).ToDictionary(path => path, path => Encoding.UTF8.GetBytes(path == "/etc/apt/sources.list" ? "deb http://deb.debian.org/debian/ bookworm main\n" : $"content of {path}")), Environment, "db1").Build(RecoveryScenario.ServerLost);

    private static RecoveryStep Step(RecoveryPlan plan, string name) => plan.Steps.SingleOrDefault(step => step.Name == name) ?? throw new KeyNotFoundException($"{name} is none of {string.Join(", ", plan.Steps.Select(step => step.Name))}");

    private static string? Content(RecoveryPlan plan, string step, string path) => Step(plan, step).Files.Single(file => file.Path == path).Content;
}
