namespace ProdOps;

/// <summary>Something that takes the application down alone, or its data, or that leaves nobody who could bring it back.</summary>
public sealed record SinglePointOfFailure
{
    /// <summary>What fails; of a pair both, with a plus sign between them.</summary>
    public required string Component { get; init; }

    /// <summary>What sort of thing that is.</summary>
    public SinglePointComponent ComponentKind { get; init; }

    /// <summary>What comes of it.</summary>
    public SinglePointKind Kind { get; init; }

    /// <summary>The services that are down then, or the data that is lost.</summary>
    public IReadOnlyList<string> Affected { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What happens, in a sentence.</summary>
    public string Message { get; init; } = "";

    /// <summary>From the first of <see cref="Affected"/> down to the component, each needing the next; of more than 24 the first and the last twelve, and between them how many are left out.</summary>
    public IReadOnlyList<string> Path { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The objects that show it: definitions of the environment, results of tests, measurements.</summary>
    public IReadOnlyList<object> Evidence { get; init => field = Indexable.Of(value); } = [];

    /// <summary>True where the environment's file does not say who needs what, and roles had to: servers of the application need all databases.</summary>
    public bool IsAssumed { get; init; }

    /// <summary>How long it would last; <see langword="null"/> where nobody has measured or said it.</summary>
    public TimeSpan? Estimate { get; init; }

    /// <summary>Where the estimate is from.</summary>
    public EstimateBasis EstimateBasis { get; init; }

    /// <summary>The recovery plan that brings the server back; empty where there is none, or the failure is of another kind.</summary>
    public string Plan { get; init; } = "";

    /// <summary>The cheapest thing that would help: a command line, or a line of the environment's file.</summary>
    public string Advice { get; init; } = "";

    /// <summary>What fails.</summary>
    /// <returns><see cref="Component"/>.</returns>
    public override string ToString() => Component;
}

/// <summary>What sort of thing can fail.</summary>
public enum SinglePointComponent
{
    /// <summary>A server.</summary>
    Server,

    /// <summary>The machine that virtual servers run on.</summary>
    Hypervisor,

    /// <summary>A rack, or a zone of a cloud's region.</summary>
    Rack,

    /// <summary>A network.</summary>
    Network,

    /// <summary>A data centre, or a cloud's region.</summary>
    Site,

    /// <summary>Storage that several servers use.</summary>
    Storage,

    /// <summary>A load balancer's entry or its pool.</summary>
    LoadBalancer,

    /// <summary>A backup set.</summary>
    BackupSet,

    /// <summary>A backup repository.</summary>
    Repository,

    /// <summary>A secret, or a key.</summary>
    Secret,
}

/// <summary>What comes of a failure, the worst first.</summary>
public enum SinglePointKind
{
    /// <summary>A service is down.</summary>
    Service,

    /// <summary>Data is lost.</summary>
    Data,

    /// <summary>A service is down until somebody lets another take over.</summary>
    Failover,

    /// <summary>What remains cannot carry what was measured.</summary>
    Capacity,

    /// <summary>There is no backup that would help, or nobody knows whether it would.</summary>
    Backup,

    /// <summary>A secret is gone with the one place that knows it.</summary>
    Secret,

    /// <summary>The stand-in lacks more than may be lost.</summary>
    Lag,

    /// <summary>Nobody is told.</summary>
    Watch,
}

/// <summary>Where an estimate is from.</summary>
public enum EstimateBasis
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>It was measured.</summary>
    Measured,

    /// <summary>The environment's file says it.</summary>
    Declared,
}
