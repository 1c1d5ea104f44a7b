namespace ProdOps.Recovery.Tests.Plans;

/// <summary>Plans of every kind of step, with texts that a file format could stumble over.</summary>
internal sealed class RandomPlan(int seed)
{
    private static readonly string[] Pieces =
        ["a", "Z9", " ", "'", "''", "\"", "\u2019", "\u201C", "`", "$", "$(x)", "${y}", "#", "<#", "@'", "'@", "\u2018@", "@{", "}", ";", ",", "\n", "\n'@", "\n\n", "\t", "\r", "\r\n", "\u0007", "\u001B", "ü", "日本", "\U0001F600", "=", "\\", "%"];

    private readonly Random _random = new(seed);

    public RecoveryPlan Make()
    {
        var steps = new List<RecoveryStep>();
        int count = _random.Next(1, 12);
        for (int i = 0; i < count; i++)
        {
            string[] waits = i == 0 ? [] : _random.Next(3) switch { 0 => [steps[i - 1].Name], 1 => [], _ => [.. steps.Where(_ => Coin()).Select(step => step.Name)] };
            steps.Add(Step($"step {i}") with
            {
                DependsOn = waits,
                On = Coin() ? "" : "web1",
                Drill = _random.Next(3) switch { 0 => RecoveryDrillMode.Skip, _ => RecoveryDrillMode.Run },
            });
            if (_random.Next(4) == 0) steps[^1] = steps[^1] with { Drill = RecoveryDrillMode.Substitute, Substitute = Step(steps[^1].Name) with { On = steps[^1].On } };
        }

        return new RecoveryPlan
        {
            Name = "db1",
            Path = "/srv/ops/plans/db1.recovery.psd1",
            Server = "db1",
            Scenario = Pick<RecoveryScenario>(),
            Purpose = Text(empty: true),
            Contacts = Lines(),
            Objectives = new EnvironmentObjectives { RecoveryTime = Coin() ? Time() : null, Availability = Coin() ? _random.Next(10_000) / 10_000d : null },
            Requires = new RecoveryRequirements { System = Coin() ? ["debian 12", "ubuntu"] : [], FreeSpace = Coin() ? _random.NextInt64() : null, Architecture = Coin() ? "x86_64" : null },
            Captured = Coin() ? DateTimeOffset.UnixEpoch.AddTicks(_random.NextInt64(1L << 60) / 2) : null,
            Coverage = Coin() ? _random.Next(10_000) / 10_000d : null,
            Unexplained = Lines(),
            Steps = [.. steps],
        };
    }

    private RecoveryStep Step(string name)
    {
        var kind = Pick<RecoveryStepKind>();
        var step = new RecoveryStep
        {
            Name = name,
            Kind = kind,
            Purpose = Text(empty: true),
            Timeout = Time(),
            Attempts = _random.Next(1, 100),
            RetryDelay = Time(),
            Verify = kind is RecoveryStepKind.Verify or RecoveryStepKind.Wait || Coin() ? [Check(), Check()] : [],
            Undo = Coin() ? Text() : null,
            Expected = Coin() ? Time() : null,
            AsRoot = Coin(),
            Idempotent = _random.Next(3) switch { 0 => null, 1 => true, _ => false },
        };
        return kind switch
        {
            RecoveryStepKind.Package => step with { Packages = Coin() ? ["nginx"] : ["libc6:amd64=2.36-9+deb12u8", "g++", .. Enumerable.Range(0, 30).Select(i => $"package-{i}")] },
            RecoveryStepKind.File or RecoveryStepKind.Repository => step with { Files = [.. Some(() => File())] },
            RecoveryStepKind.Directory => step with { Directories = [.. Some(() => new RecoveryDirectory { Path = Path(), Mode = Coin() ? "2775" : null, Owner = Coin() ? "www-data" : null })] },
            RecoveryStepKind.Group => step with { Groups = [.. Some(() => new RecoveryGroup { Name = "shop", Id = Coin() ? _random.Next(70000) : null, System = Coin() })] },
            RecoveryStepKind.User => step with { Users = [.. Some(() => new RecoveryUser { Name = "_apt", Id = Coin() ? 101 : null, Groups = Coin() ? ["adm", "ssl-cert"] : [], Home = Coin() ? "/home/x y" : null, Comment = Coin() ? "Jörg's" : null, System = Coin(), PasswordHash = Coin() ? Secret() : null, AuthorizedKeys = Lines() })] },
            RecoveryStepKind.Service => step with { Services = ["postgresql@15-main", "nginx"], State = Pick<RecoveryServiceState>(), Enabled = _random.Next(3) switch { 0 => null, 1 => true, _ => false }, RestartAfter = Coin() ? ["/etc/nginx"] : [] },
            RecoveryStepKind.Command => step with { Text = Text(), Unless = Coin() ? Text() : null, OnlyIf = Coin() ? Text() : null, Secrets = Coin() ? new Dictionary<string, SecretReference> { ["A_1"] = Secret(), ["PGPASSWORD"] = Secret() } : step.Secrets },
            RecoveryStepKind.Restore => Snapshot(step with { Set = "www", Paths = Coin() ? [Path(), Path()] : [], To = Coin() ? "/" : "/srv" }),
            RecoveryStepKind.Database => Snapshot(step with { Set = "db", Database = "shop's", Engine = Pick<RecoveryDatabaseEngine>(), FromDatabase = Coin() ? "old" : "" }),
            RecoveryStepKind.Sql => step with { Text = Text(), Database = "shop", Engine = Pick<RecoveryDatabaseEngine>(), Unless = Coin() ? Text() : null },
            RecoveryStepKind.LoadBalancer => step with { LoadBalancer = "web", Action = Pick<RecoveryPoolAction>() },
            RecoveryStepKind.Address or RecoveryStepKind.Publish => step with { LoadBalancer = "web" },
            RecoveryStepKind.Wait => step with { Duration = Coin() ? Time() : null },
            RecoveryStepKind.Manual => step with { Text = Text(), Who = Coin() ? "the one on duty" : "" },
            RecoveryStepKind.Plan => step with { Plan = "lb1" },
            _ => step,
        };
    }

    private RecoveryStep Snapshot(RecoveryStep step) => step with { From = Coin() ? "" : "db2", Snapshot = Coin() ? "latest" : "4bba301e", Before = Coin() ? DateTimeOffset.UnixEpoch.AddSeconds(_random.Next()) : null };

    private RecoveryFile File()
    {
        var file = new RecoveryFile { Path = Path(), Mode = Coin() ? "0640" : null, Owner = Coin() ? "root" : null, Group = Coin() ? "adm" : null };
        return _random.Next(4) switch { 0 => file with { Content = Coin() ? "" : Text(empty: true) }, 1 => file with { Source = "db1/etc/it's" }, 2 => file with { Secret = Secret() }, _ => file with { Link = "../x y" } };
    }

    private HealthCheckDefinition Check() => _random.Next(4) switch
    {
        0 => new() { Name = "", Kind = HealthCheckKind.Script, Target = "test -d '/srv/a b'" },
        1 => new() { Name = "", Kind = HealthCheckKind.Http, Target = "http://{server}/health", Expect = "ok", Status = [200, 204], Timeout = TimeSpan.FromSeconds(3), Headers = ["Accept: text/html"] },
        2 => new() { Name = "", Kind = HealthCheckKind.PostgreSql, Target = "shop", Send = "select count(*) from orders", Expect = "17", User = "probe", Password = Secret() },
        _ => new() { Name = "", Kind = HealthCheckKind.Tcp, Target = "5432" },
    };

    private SecretReference Secret() => _random.Next(3) switch { 0 => new(SecretKind.File, "/etc/it's a.key"), 1 => new(SecretKind.Variable, "PASS"), _ => new(SecretKind.Command, "pass show \"x\"") };

    private string Path() => "/etc/" + string.Concat(Text().Where(c => !char.IsControl(c) && c != '/').Take(10)) + "x";

    private IReadOnlyList<string> Lines() => Coin() ? [] : [.. Some(() => string.Concat(Text().Where(c => !char.IsControl(c))) + "x")];

    private string Text(bool empty = false)
    {
        int count = _random.Next(empty ? 0 : 1, 12);
        string text = string.Concat(Enumerable.Range(0, count).Select(_ => Pieces[_random.Next(Pieces.Length)]));
        return text;
    }

    private TimeSpan Time() => TimeSpan.FromMilliseconds(_random.Next(1_000, int.MaxValue));

    private IEnumerable<T> Some<T>(Func<T> make) => Enumerable.Range(0, _random.Next(1, 4)).Select(_ => make());

    private T Pick<T>() where T : struct, Enum => Enum.GetValues<T>()[_random.Next(Enum.GetValues<T>().Length)];

    private bool Coin() => _random.Next(2) == 0;
}
