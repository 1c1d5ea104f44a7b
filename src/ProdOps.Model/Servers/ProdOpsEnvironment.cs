namespace ProdOps;

/// <summary>An environment as its file describes it: the servers, what is promised of them, and what each system is set up to do.</summary>
public sealed record ProdOpsEnvironment
{
    /// <summary>The environment's name.</summary>
    public required string Name { get; init; }

    /// <summary>The full path of the file that describes it.</summary>
    public required string Path { get; init; }

    /// <summary>The full paths of all files that were read: the file itself, then those it includes.</summary>
    public IReadOnlyList<string> Files { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What the environment promises.</summary>
    public EnvironmentObjectives Objectives { get; init; } = new();

    /// <summary>How its servers are connected to, where they do not say otherwise.</summary>
    public SshOptions Ssh { get; init; } = new();

    /// <summary>Its servers, in the order of the file, with the defaults applied.</summary>
    public IReadOnlyList<Server> Servers { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Its backup repositories, in the order of the file.</summary>
    public IReadOnlyList<EnvironmentRepository> Repositories { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Its backup sets, in the order of the file.</summary>
    public IReadOnlyList<BackupSet> Backups { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Its load balancers, in the order of the file.</summary>
    public IReadOnlyList<LoadBalancerDefinition> LoadBalancers { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What users need of it, in the order of the file. None: what its load balancers serve.</summary>
    public IReadOnlyList<ServiceDefinition> Services { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Servers that stand in for each other, in the order of the file.</summary>
    public IReadOnlyList<RedundancyDefinition> Redundancy { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What is checked and by which rules, who is told, and what is done.</summary>
    public MonitoringOptions Monitoring { get; init; } = new();

    /// <summary>What logs are collected, and where they are kept.</summary>
    public LoggingOptions Logging { get; init; } = new();

    /// <summary>The name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}

/// <summary>What an environment promises. What is <see langword="null"/> was not promised.</summary>
public sealed record EnvironmentObjectives
{
    /// <summary>Share of the time that the application answers, 0 to 1.</summary>
    public double? Availability { get; init; }

    /// <summary>How much work may be lost (RPO).</summary>
    public TimeSpan? RecoveryPoint { get; init; }

    /// <summary>How long recovery may take (RTO).</summary>
    public TimeSpan? RecoveryTime { get; init; }

    /// <summary>How long an answer may take.</summary>
    public TimeSpan? ResponseTime { get; init; }
}

/// <summary>A backup repository of an environment.</summary>
public sealed record EnvironmentRepository
{
    /// <summary>The name that backups refer to.</summary>
    public required string Name { get; init; }

    /// <summary>The full path of its folder; <see langword="null"/> when it has a URL.</summary>
    public string? Path { get; init; }

    /// <summary>Where it is, e.g. <c>sftp:backup@10.77.0.18:/srv/backup</c>; <see langword="null"/> when it has a path.</summary>
    public string? Url { get; init; }

    /// <summary>The server whose disks it lies on; <see langword="null"/> for this machine's, or what the URL says.</summary>
    public string? Server { get; init; }

    /// <summary>The site that it lies in; <see langword="null"/> for its server's.</summary>
    public string? Site { get; init; }

    /// <summary>Where its password comes from.</summary>
    public SecretReference? Password { get; init; }

    /// <summary>Who asks at the place: a user, an access key's id, an account; <see langword="null"/> for what restic's variables say.</summary>
    public string? User { get; init; }

    /// <summary>Where what proves it comes from.</summary>
    public SecretReference? Secret { get; init; }

    /// <summary>The region of an S3 bucket.</summary>
    public string? Region { get; init; }

    /// <summary>The full path of a file of certificates to trust instead of the system's.</summary>
    public string? CACertificate { get; init; }

    /// <summary>How many bytes a second may be sent there.</summary>
    public long? LimitUpload { get; init; }

    /// <summary>How many bytes a second may be read from there.</summary>
    public long? LimitDownload { get; init; }

    /// <summary>The name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}
