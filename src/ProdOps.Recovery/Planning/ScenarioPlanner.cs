using static ProdOps.ServerConfigurationClass;
using static ProdOps.ServerConfigurationKind;

namespace ProdOps.Recovery.Planning;

/// <summary>Makes of a capture the plan for a scenario in which the server itself still stands: data that was lost, a deployment that went wrong, certificates that have ended.</summary>
/// <param name="capture">What the server is made of.</param>
/// <param name="environment">The environment that it belongs to.</param>
/// <param name="name">The plan's name.</param>
internal sealed partial class ScenarioPlanner(ServerConfiguration capture, ProdOpsEnvironment environment, string name)
{
    // A name in PostgreSQL has 63 bytes; so much of it stays beside "_before_" and a moment.
    private const int KeptOfName = 40;

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
                AddData(Files(IsData), databases: true);
                break;
            case RecoveryScenario.BadDeployment:
                AddData(Files(IsApplication), databases: false);
                break;
            default:
                AddCertificates();
                break;
        }

        if (PlannedChecks.Of(capture, environment) is { } checks) Add(checks);
        return new RecoveryPlan
        {
            Name = name,
            Server = capture.Server,
            Scenario = scenario,
            Purpose = scenario switch
            {
                RecoveryScenario.DataLost => $"Takes back the data of {capture.Server} from before it was lost: Restore-Server {name} -Before MOMENT, the moment up to which all was well. What has come since is not in it; the database as it is now is kept beside.",
                RecoveryScenario.BadDeployment => $"Takes back the application of {capture.Server} from before it was deployed: Restore-Server {name} -Before MOMENT, the moment up to which all was well. Files that only the deployment has brought stay.",
                _ => $"Gets certificates that have ended on {capture.Server} renewed, and has them used.",
            },
            Captured = capture.Time,
            Coverage = Math.Round(capture.Coverage.FileShare, 6),
            Steps = [.. _steps],
        };
    }

    /// <summary>What backup sets have of the server's files and folders, as far as it is wanted. A running database's files are none of it: its dump is.</summary>
    private List<ServerConfigurationItem> Files(Func<ServerConfigurationItem, bool> isWanted) =>
        [.. capture.Items.Where(item => item.Class == Restore && item.Property("BackupSet") is not null && PlanText.IsPath(item.Name) && !item.Name.EndsWith("/*", StringComparison.Ordinal) && !ServerPlanner.IsDatabaseFolder(item.Name) && isWanted(item))];

    private static bool IsData(ServerConfigurationItem item) => item.Kind == Data;

    /// <summary>A program and its files: not what services keep, and not what people have at home, unless a service works with it.</summary>
    private static bool IsApplication(ServerConfigurationItem item) => item.Kind is Data or ServerConfigurationKind.File && !item.Name.StartsWith("/var/lib/", StringComparison.Ordinal)
        && (!(item.Name.StartsWith("/home/", StringComparison.Ordinal) || item.Name.StartsWith("/root", StringComparison.Ordinal)) || item.Property("Service") is not null);

    private void AddData(List<ServerConfigurationItem> files, bool databases)
    {
        // Databases must run for their dumps to be loaded.
        var units = files.Select(item => item.Property("Service")).OfType<string>().Concat(OwnServices()).Where(unit => PlanText.IsUnit(unit) && !IsDatabaseServer(unit)).Distinct().Order(StringComparer.Ordinal).ToList();
        bool any = files.Count > 0 || (databases && Databases().Any());
        if (!any)
        {
            Add(new RecoveryStep { Name = "no backup", Kind = RecoveryStepKind.Manual, Purpose = "No backup set of the environment has any data of this server.", Text = "Name the server's data in a backup set, and make the plan anew. Until then there is nothing to take back." });
            return;
        }

        if (units.Count > 0) Add(new RecoveryStep { Name = "stop", Kind = RecoveryStepKind.Service, Purpose = "Nobody writes while data is put back.", Services = units, State = RecoveryServiceState.Stopped });
        foreach (var set in files.GroupBy(item => item.Property("BackupSet")!, StringComparer.Ordinal))
            Add(new RecoveryStep { Name = $"restore {Label(set.Key)}", Kind = RecoveryStepKind.Restore, Purpose = "Files that were lost or changed come back; what is as the snapshot has it stays.", Set = set.Key, Paths = [.. ServerPlanner.Outermost(set.Select(item => item.Name))], Timeout = TimeSpan.FromHours(12) });
        if (databases) AddDatabases();
        if (units.Count > 0) Add(new RecoveryStep { Name = "start", Kind = RecoveryStepKind.Service, Purpose = "The services work on the data that was put back.", Services = units });
    }

    private static bool IsDatabaseServer(string unit) => unit.StartsWith("postgresql", StringComparison.Ordinal) || unit.StartsWith("mariadb", StringComparison.Ordinal) || unit.StartsWith("mysql", StringComparison.Ordinal);

    /// <summary>Services whose unit an admin has put there: the application.</summary>
    private IEnumerable<string> OwnServices() => capture.Items.Where(item => item.Kind == Unit && item.Property("Active") == "running" && item.Name.EndsWith(".service", StringComparison.Ordinal)
        && capture.Items.Any(file => file.Kind == ServerConfigurationKind.File && file.Name == $"/etc/systemd/system/{item.Name}")).Select(item => item.Name);

    private IEnumerable<ServerConfigurationItem> Databases() => capture.Items.Where(item => item.Kind == ServerConfigurationKind.Database && item.Class == Restore && item.Property("BackupSet") is not null
        && item.Property("Engine") is "PostgreSql" or "MariaDb" && item.Property("Database") is { } database && PlanText.IsLine(database));

    private void AddDatabases()
    {
        foreach (var item in Databases())
        {
            string database = item.Property("Database")!;
            bool isPostgres = item.Property("Engine") == "PostgreSql";
            if (isPostgres) Add(SetAside(database));
            else Add(new RecoveryStep { Name = $"set aside {Label(database)}", Kind = RecoveryStepKind.Manual, Purpose = "The database server cannot rename a database.", Text = $"Dump the damaged database '{database}' if somebody wants to look at it, then drop it: it is restored where it is missing." });
            Add(new RecoveryStep { Name = $"database {Label(database)}", Kind = RecoveryStepKind.Database, Purpose = "From the newest dump, or from one before a moment.", Engine = isPostgres ? RecoveryDatabaseEngine.PostgreSql : RecoveryDatabaseEngine.MariaDb, Database = database, Set = item.Property("BackupSet")!, Timeout = TimeSpan.FromHours(12) });
        }
    }

    /// <summary>
    /// Gives the damaged database a name that no other run gives. A cut run finds that the database has gone and does not do it twice; another run finds the restored one, and takes that back as well.
    /// Who is connected is sent away; who comes back in between makes the attempt fail, and another is made.
    /// </summary>
    private static RecoveryStep SetAside(string database) => new()
    {
        Name = $"set aside {Label(database)}", Kind = RecoveryStepKind.Sql, Purpose = "The damaged database is kept until somebody has looked at it and drops it.", Database = "postgres",
        Text = $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {Literal(database)} AND pid <> pg_backend_pid();\n"
            + $"SELECT format('ALTER DATABASE %I RENAME TO %I', {Literal(database)}, left({Literal(database)}, {KeptOfName}) || '_before_' || to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD\"T\"HH24MISS')) \\gexec",
        Unless = $"SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = {Literal(database)})",
        Attempts = 5, RetryDelay = TimeSpan.FromSeconds(2),
    };

    private void Add(RecoveryStep step) => _steps.Add(step with { DependsOn = _steps.Count > 0 ? [_steps[^1].Name] : [] });

    private static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string Label(string text) => string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '-')).Trim('-');
}
