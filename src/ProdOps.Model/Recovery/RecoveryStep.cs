namespace ProdOps;

/// <summary>A step of a recovery plan: what is done or how something must be, why, how it is proved and how it is taken back. <see cref="Kind"/> says which of the parts below are of use.</summary>
public sealed record RecoveryStep
{
    /// <summary>The step's name, unique in its plan.</summary>
    public required string Name { get; init; }

    /// <summary>What sort of step it is.</summary>
    public RecoveryStepKind Kind { get; init; }

    /// <summary>Why it is done, in a sentence.</summary>
    public string Purpose { get; init; } = "";

    /// <summary>The server it is done on: empty for the plan's target, <c>localhost</c> for this machine, or a server's name.</summary>
    public string On { get; init; } = "";

    /// <summary>The names of the steps that must have succeeded before; in the file the step above, where it says nothing.</summary>
    public IReadOnlyList<string> DependsOn { get; init => field = Indexable.Of(value); } = [];

    /// <summary>How long an attempt may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How often it is tried, 1 for once.</summary>
    public int Attempts { get; init; } = 1;

    /// <summary>How long to wait before it is tried again.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Checks that must pass when it was done. A command is a check of kind <see cref="HealthCheckKind.Script"/>, on the step's server.</summary>
    public IReadOnlyList<HealthCheckDefinition> Verify { get; init => field = Indexable.Of(value); } = [];

    /// <summary>A command that takes it back; <see langword="null"/> if nothing does.</summary>
    public string? Undo { get; init; }

    /// <summary>How long it is expected to take; <see langword="null"/> if it is not known.</summary>
    public TimeSpan? Expected { get; init; }

    /// <summary>What becomes of it in a drill.</summary>
    public RecoveryDrillMode Drill { get; init; }

    /// <summary>What is done in its place in a drill, for <see cref="RecoveryDrillMode.Substitute"/>.</summary>
    public RecoveryStep? Substitute { get; init; }

    /// <summary>Whether it is done as root, by sudo where the login user is another.</summary>
    public bool AsRoot { get; init; } = true;

    /// <summary>Whether it may be done a second time when nobody knows whether it was done. <see langword="null"/>: as its kind is; of a command only with <see cref="Unless"/> or <see cref="OnlyIf"/>.</summary>
    public bool? Idempotent { get; init; }

    /// <summary>Packages, each <c>name</c> or <c>name=version</c> (Package).</summary>
    public IReadOnlyList<string> Packages { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Files that must be there with this content (File); the files that name package sources, and their keys (Repository).</summary>
    public IReadOnlyList<RecoveryFile> Files { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Folders that must be there (Directory).</summary>
    public IReadOnlyList<RecoveryDirectory> Directories { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Groups that must be there (Group).</summary>
    public IReadOnlyList<RecoveryGroup> Groups { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Users that must be there (User).</summary>
    public IReadOnlyList<RecoveryUser> Users { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Units of systemd (Service).</summary>
    public IReadOnlyList<string> Services { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What the units must be doing (Service).</summary>
    public RecoveryServiceState State { get; init; }

    /// <summary>Whether the units start with the system; <see langword="null"/> leaves it (Service).</summary>
    public bool? Enabled { get; init; }

    /// <summary>Full paths: running units that were started before one of these changed are restarted (Service).</summary>
    public IReadOnlyList<string> RestartAfter { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The text for a POSIX shell (Command); the statements (Sql); the text for a person (Manual).</summary>
    public string Text { get; init; } = "";

    /// <summary>A command: when it ends with 0, there is nothing to do (Command). A query: when it answers with a row, there is nothing to do (Sql).</summary>
    public string? Unless { get; init; }

    /// <summary>A command: only when it ends with 0 is there something to do (Command).</summary>
    public string? OnlyIf { get; init; }

    /// <summary>Secrets that the command finds in variables of these names (Command). They go over standard input.</summary>
    public IReadOnlyDictionary<string, SecretReference> Secrets { get; init; } = new Dictionary<string, SecretReference>();

    /// <summary>The environment's backup set that files or a database come from (Restore, Database).</summary>
    public string Set { get; init; } = "";

    /// <summary>The server whose backup it is; empty for the plan's server (Restore, Database).</summary>
    public string From { get; init; } = "";

    /// <summary>Which snapshot: an id, or <c>latest</c> for the newest that is not known to be bad (Restore, Database).</summary>
    public string Snapshot { get; init; } = "latest";

    /// <summary>Only snapshots from before this moment (Restore, Database).</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>Full paths that are restored; none for all of the snapshot (Restore).</summary>
    public IReadOnlyList<string> Paths { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The folder below which they are restored; <c>/</c> for where they were (Restore).</summary>
    public string To { get; init; } = "/";

    /// <summary>Which database system (Database, Sql).</summary>
    public RecoveryDatabaseEngine Engine { get; init; }

    /// <summary>The database (Database, Sql).</summary>
    public string Database { get; init; } = "";

    /// <summary>The database in the backup, where it has another name there (Database).</summary>
    public string FromDatabase { get; init; } = "";

    /// <summary>The environment's load balancer (LoadBalancer, Address, Publish).</summary>
    public string LoadBalancer { get; init; } = "";

    /// <summary>What is done with the server in the pool (LoadBalancer).</summary>
    public RecoveryPoolAction Action { get; init; }

    /// <summary>How long to wait (Wait); none with <see cref="Verify"/>: until that passes.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Who does it (Manual).</summary>
    public string Who { get; init; } = "";

    /// <summary>The plan that is carried out first (Plan).</summary>
    public string Plan { get; init; } = "";

    /// <summary>The name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}

/// <summary>What sort of step it is.</summary>
public enum RecoveryStepKind
{
    /// <summary>Packages are installed.</summary>
    Package,

    /// <summary>Files have their content, owner and mode.</summary>
    File,

    /// <summary>Folders are there, with their owner and mode.</summary>
    Directory,

    /// <summary>Groups are there.</summary>
    Group,

    /// <summary>Users are there.</summary>
    User,

    /// <summary>Units of systemd run, or not, and start with the system, or not.</summary>
    Service,

    /// <summary>A command is run.</summary>
    Command,

    /// <summary>Package sources and their keys are there, and the index of packages is read from them.</summary>
    Repository,

    /// <summary>Files are restored from a backup.</summary>
    Restore,

    /// <summary>A database is restored from a backup.</summary>
    Database,

    /// <summary>Statements are run in a database.</summary>
    Sql,

    /// <summary>The server is taken out of a load balancer's pool, or put back.</summary>
    LoadBalancer,

    /// <summary>A load balancer's floating address is moved.</summary>
    Address,

    /// <summary>A balancer serves by what the environment says of it.</summary>
    Publish,

    /// <summary>Some time passes, or checks pass.</summary>
    Wait,

    /// <summary>Checks pass.</summary>
    Verify,

    /// <summary>A person does something.</summary>
    Manual,

    /// <summary>Another plan is carried out.</summary>
    Plan,
}

/// <summary>What becomes of a step in a drill.</summary>
public enum RecoveryDrillMode
{
    /// <summary>It is done; steps that others would notice (LoadBalancer, Address, Publish) never are.</summary>
    Run,

    /// <summary>It is left out.</summary>
    Skip,

    /// <summary>Something else is done.</summary>
    Substitute,
}

/// <summary>What a service must be doing.</summary>
public enum RecoveryServiceState
{
    /// <summary>It runs.</summary>
    Running,

    /// <summary>It does not run.</summary>
    Stopped,
}

/// <summary>A database system.</summary>
public enum RecoveryDatabaseEngine
{
    /// <summary>PostgreSQL.</summary>
    PostgreSql,

    /// <summary>MariaDB or MySQL.</summary>
    MariaDb,
}

/// <summary>What is done with a server in a pool.</summary>
public enum RecoveryPoolAction
{
    /// <summary>It is put back.</summary>
    Enable,

    /// <summary>It is taken out.</summary>
    Disable,
}
