namespace ProdOps;

/// <summary>What to do when something is lost: ordered steps that <c>Restore-Server</c> executes and from which the runbook is made. Its file is <c>plans/NAME.recovery.psd1</c> beside the environment's.</summary>
public sealed record RecoveryPlan
{
    /// <summary>The plan's name, which is its file's.</summary>
    public required string Name { get; init; }

    /// <summary>The full path of its file; empty for one that is not written yet.</summary>
    public string Path { get; init; } = "";

    /// <summary>The server that it is about: the target of its steps unless another is named.</summary>
    public required string Server { get; init; }

    /// <summary>What has happened when it is needed.</summary>
    public RecoveryScenario Scenario { get; init; }

    /// <summary>When it is used and what it brings back, for people.</summary>
    public string Purpose { get; init; } = "";

    /// <summary>Who is to be told or asked, a line each.</summary>
    public IReadOnlyList<string> Contacts { get; init => field = Indexable.Of(value); } = [];

    /// <summary>How long it may take and how much work may be lost; what it does not say is the environment's.</summary>
    public EnvironmentObjectives Objectives { get; init; } = new();

    /// <summary>What a target must be like.</summary>
    public RecoveryRequirements Requires { get; init; } = new();

    /// <summary>When the server that it rebuilds was looked at; <see langword="null"/> for a plan that was written by hand.</summary>
    public DateTimeOffset? Captured { get; init; }

    /// <summary>The share of what was found on the server that the steps account for, 0 to 1.</summary>
    public double? Coverage { get; init; }

    /// <summary>What was found on the server and no step accounts for, a line each.</summary>
    public IReadOnlyList<string> Unexplained { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The steps in the order of the file.</summary>
    public IReadOnlyList<RecoveryStep> Steps { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The SHA-256, in hexadecimal, of the file and of the files that its steps take from beside it; empty for one that is not written yet.</summary>
    public string Revision { get; init; } = "";

    /// <summary>The name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}

/// <summary>What a recovery plan is for.</summary>
public enum RecoveryScenario
{
    /// <summary>A server is gone and is built anew on a blank host.</summary>
    ServerLost,

    /// <summary>A disk of a server is gone.</summary>
    DiskLost,

    /// <summary>Data was deleted or damaged, and is taken back from a moment before.</summary>
    DataLost,

    /// <summary>A deployment went wrong and is taken back.</summary>
    BadDeployment,

    /// <summary>A load balancer is gone.</summary>
    BalancerLost,

    /// <summary>A certificate has ended.</summary>
    CertificateExpired,

    /// <summary>The host with the backups is gone.</summary>
    RepositoryLost,

    /// <summary>The machine that ProdOps runs on is gone.</summary>
    AdminMachineLost,

    /// <summary>Anything else.</summary>
    Custom,
}

/// <summary>What a recovery plan's target must be like. What is <see langword="null"/> or empty is not asked for.</summary>
public sealed record RecoveryRequirements
{
    /// <summary>The system: <c>debian</c>, <c>debian 12</c>, as <c>ID</c> and <c>VERSION_ID</c> of os-release have it; any one of them.</summary>
    public IReadOnlyList<string> System { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The processor as <c>uname -m</c> has it.</summary>
    public string? Architecture { get; init; }

    /// <summary>How many bytes must be free on the root file system.</summary>
    public long? FreeSpace { get; init; }

    /// <summary>How many bytes of memory it must have.</summary>
    public long? Memory { get; init; }
}
