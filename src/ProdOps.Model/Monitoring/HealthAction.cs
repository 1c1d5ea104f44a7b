namespace ProdOps;

/// <summary>What is done when something becomes a problem, at most once for each problem.</summary>
public sealed record HealthAction
{
    /// <summary>The action's name.</summary>
    public required string Name { get; init; }

    /// <summary>The rules whose problems it is for; may have wildcards.</summary>
    public IReadOnlyList<string> Rules { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The instances; may have wildcards. None: all.</summary>
    public IReadOnlyList<string> Instances { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The servers; may have wildcards. With no servers and no roles: all.</summary>
    public IReadOnlyList<string> Servers { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The roles of the servers.</summary>
    public IReadOnlyList<string> Roles { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What becomes of the check: <see cref="HealthState.Critical"/>, <see cref="HealthState.Warning"/>, or <see cref="HealthState.OK"/> for the end of a problem.</summary>
    public IReadOnlyList<HealthState> On { get; init => field = Indexable.Of(value); } = [HealthState.Critical];

    /// <summary>The command line, for a POSIX shell. It finds <c>PRODOPS_SERVER</c>, <c>PRODOPS_CHECK</c>, <c>PRODOPS_INSTANCE</c>, <c>PRODOPS_STATE</c> and <c>PRODOPS_VALUE</c> in its environment.</summary>
    public required string Command { get; init; }

    /// <summary>Where it runs: empty for the server that the problem is on, <c>localhost</c> for this machine, or the name of a server.</summary>
    public string RunOn { get; init; } = "";

    /// <summary>True to run it as root by sudo.</summary>
    public bool AsRoot { get; init; }

    /// <summary>True if it only looks: what it prints is told with the problem. Once for each incident, server and instance, and not at all where the cause is elsewhere.</summary>
    public bool IsDiagnosis { get; init; }

    /// <summary>How long it may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often an hour at most, on all servers together.</summary>
    public int MaxPerHour { get; init; } = 3;

    /// <summary>The name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}
