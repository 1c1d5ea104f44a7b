using ProdOps.Servers.Commands;
using static ProdOps.ServerConfigurationClass;
using static ProdOps.ServerConfigurationKind;

namespace ProdOps.Recovery.Planning;

/// <summary>Makes of a capture the plan for a scenario in which the server itself still stands: data that was lost, a deployment that went wrong, certificates that have ended.</summary>
/// <param name="capture">What the server is made of.</param>
/// <param name="name">The plan's name.</param>
internal sealed class ScenarioPlanner(ServerConfiguration capture, string name)
{
    private readonly List<RecoveryStep> _steps = [];

    /// <summary>Whether a scenario is about a server that can be looked at.</summary>
    public static bool CanPlan(RecoveryScenario scenario) => scenario is not (RecoveryScenario.AdminMachineLost or RecoveryScenario.Custom);

    /// <summary>Whether the server is built anew in it.</summary>
    public static bool Rebuilds(RecoveryScenario scenario) => scenario is RecoveryScenario.ServerLost or RecoveryScenario.DiskLost or RecoveryScenario.BalancerLost or RecoveryScenario.RepositoryLost;

    public RecoveryPlan Build(RecoveryScenario scenario)
    {
        switch (scenario)
        {
            case RecoveryScenario.DataLost:
                AddData(databases: true);
                break;
            case RecoveryScenario.BadDeployment:
                AddData(databases: false);
                break;
            default:
                AddCertificates();
                break;
        }

        return new RecoveryPlan
        {
            Name = name,
            Server = capture.Server,
            Scenario = scenario,
            Purpose = scenario switch
            {
                RecoveryScenario.DataLost => $"Takes back the data of {capture.Server} from before it was lost. Give the steps that restore a Before, the moment up to which all was well.",
                RecoveryScenario.BadDeployment => $"Takes back the application of {capture.Server} from before it was deployed. Give the steps that restore a Before, the moment up to which all was well.",
                _ => $"Gets certificates that have ended on {capture.Server} renewed, and has them used.",
            },
            Captured = capture.Time,
            Coverage = Math.Round(capture.Coverage.FileShare, 6),
            Steps = [.. _steps],
        };
    }

    private void AddData(bool databases)
    {
        var data = capture.Items.Where(item => item.Kind == Data && item.Class == Restore && item.Property("BackupSet") is not null && PlanText.IsPath(item.Name) && !item.Name.EndsWith("/*", StringComparison.Ordinal))
            .Where(item => databases || !item.Name.StartsWith("/var/lib/", StringComparison.Ordinal)).ToList();
        var units = data.Select(item => item.Property("Service")).OfType<string>().Concat(OwnServices()).Where(PlanText.IsUnit).Distinct().Order(StringComparer.Ordinal).ToList();
        if (units.Count > 0) Add(new RecoveryStep { Name = "stop", Kind = RecoveryStepKind.Service, Purpose = "Nobody writes while data is put back.", Services = units, State = RecoveryServiceState.Stopped });
        foreach (var set in data.GroupBy(item => item.Property("BackupSet")!, StringComparer.Ordinal))
            Add(new RecoveryStep { Name = $"restore {Label(set.Key)}", Kind = RecoveryStepKind.Restore, Purpose = "Files that were lost or changed come back; what is as the snapshot has it stays.", Set = set.Key, Paths = [.. set.Select(item => item.Name)], Timeout = TimeSpan.FromHours(12) });
        if (databases) AddDatabases();
        var lost = data.Count == 0 && !_steps.Exists(step => step.Kind == RecoveryStepKind.Database);
        if (lost) Add(new RecoveryStep { Name = "no backup", Kind = RecoveryStepKind.Manual, Purpose = "No backup set of the environment has any data of this server.", Text = "Name the server's data in a backup set, and make the plan anew. Until then there is nothing to take back." });
        if (units.Count > 0) Add(new RecoveryStep { Name = "start", Kind = RecoveryStepKind.Service, Purpose = "The services work on the data that was put back.", Services = units });
    }

    /// <summary>Services whose unit an admin has put there: the application.</summary>
    private IEnumerable<string> OwnServices() => capture.Items.Where(item => item.Kind == Unit && item.Property("Active") == "running" && item.Name.EndsWith(".service", StringComparison.Ordinal)
        && capture.Items.Any(file => file.Kind == ServerConfigurationKind.File && file.Name == $"/etc/systemd/system/{item.Name}")).Select(item => item.Name);

    private void AddDatabases()
    {
        foreach (var item in capture.Items.Where(item => item.Kind == ServerConfigurationKind.Database && item.Class == Restore && item.Property("BackupSet") is not null && item.Property("Database") is not null))
        {
            string database = item.Property("Database")!, aside = database + "_before_restore";
            if (!PlanText.IsLine(database)) continue;
            if (item.Property("Engine") == "PostgreSql")
            {
                Add(new RecoveryStep
                {
                    Name = $"set aside {Label(database)}", Kind = RecoveryStepKind.Sql, Purpose = "The damaged database is kept until somebody has looked at it.", Database = "postgres",
                    Text = $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {Literal(database)} AND pid <> pg_backend_pid();\nALTER DATABASE {Identifier(database)} RENAME TO {Identifier(aside)};",
                    Unless = $"SELECT 1 FROM pg_database WHERE datname = {Literal(aside)}",
                });
            }
            else if (item.Property("Engine") == "MariaDb") Add(new RecoveryStep { Name = $"set aside {Label(database)}", Kind = RecoveryStepKind.Manual, Purpose = "The database server cannot rename a database.", Text = $"Dump the damaged database '{database}' if somebody wants to look at it, then drop it: it is restored where it is missing." });
            else continue;

            Add(new RecoveryStep { Name = $"database {Label(database)}", Kind = RecoveryStepKind.Database, Purpose = "From the newest dump, or from one before a moment.", Engine = item.Property("Engine") == "MariaDb" ? RecoveryDatabaseEngine.MariaDb : RecoveryDatabaseEngine.PostgreSql, Database = database, Set = item.Property("BackupSet")!, Timeout = TimeSpan.FromHours(12) });
        }
    }

    private void AddCertificates()
    {
        var certificates = capture.Items.Where(item => item.Kind == Certificate && item.Class != Rebuild && PlanText.IsPath(item.Name)).ToList();
        foreach (var item in certificates)
        {
            string path = ShellQuote.Word(item.Name), good = $"openssl x509 -checkend 864000 -noout -in {path}";
            if (item.Property("Renewal") == "certbot")
                Add(new RecoveryStep { Name = $"renew {Label(item.Name)}", Kind = RecoveryStepKind.Command, Purpose = "certbot has the account for it.", Text = $"certbot renew --force-renewal --cert-name {ShellQuote.Word(item.Name.Split('/')[^2])}", Unless = good, Verify = [Script(good)], Attempts = 3, RetryDelay = TimeSpan.FromMinutes(1) });
            else
                Add(new RecoveryStep { Name = $"renew {Label(item.Name)}", Kind = RecoveryStepKind.Manual, Purpose = "Nothing on the server renews it by itself.", Text = $"Get a new certificate for {item.Property("Subject")} and put it, with its key, where the old one is: {item.Name}", Verify = [Script(good)] });
        }

        var users = capture.Items.Where(item => item.Kind == Socket && item.Property("Unit") is { } unit && PlanText.IsUnit(unit) && item.Name.EndsWith(":443", StringComparison.Ordinal)).Select(item => item.Property("Unit")!).Distinct().ToList();
        if (certificates.Count > 0 && users.Count > 0) Add(new RecoveryStep { Name = "use them", Kind = RecoveryStepKind.Command, Purpose = "Services read certificates when they start or are told to.", Text = string.Join('\n', users.Select(unit => $"systemctl reload-or-restart -- {ShellQuote.Word(unit)}")), Idempotent = true });
        if (certificates.Count == 0) Add(new RecoveryStep { Name = "no certificate", Kind = RecoveryStepKind.Manual, Purpose = "No certificate was found on this server.", Text = "Find out where the certificate that has ended is kept, and write what to do here." });
    }

    private void Add(RecoveryStep step) => _steps.Add(step with { DependsOn = _steps.Count > 0 ? [_steps[^1].Name] : [] });

    private static HealthCheckDefinition Script(string command) => new() { Name = "", Kind = HealthCheckKind.Script, Target = command };

    private static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string Identifier(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Label(string text) => string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '-')).Trim('-');
}
