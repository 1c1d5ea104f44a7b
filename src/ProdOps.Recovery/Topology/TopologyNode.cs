namespace ProdOps.Recovery.Topology;

/// <summary>What a node of the graph stands for.</summary>
internal enum TopologyNodeKind
{
    Service,
    Data,
    LoadBalancer,
    Address,
    Pool,
    Redundancy,
    Server,
    Unit,
    Storage,
    Repository,
    Secret,
    Monitor,
    LogStore,
    Hypervisor,
    Rack,
    Network,
    Site,
}

/// <summary>A thing that works as long as it has not failed itself and each of its needs is met.</summary>
internal sealed class TopologyNode(int id, TopologyNodeKind kind, string name)
{
    public int Id => id;

    public TopologyNodeKind Kind => kind;

    public string Name => name;

    /// <summary>The object of the environment that it stands for.</summary>
    public object? Source { get; init; }

    public List<TopologyNeed> Needs { get; } = [];

    /// <summary>True for what can break; false for what only stands for others.</summary>
    public bool CanFail => kind is TopologyNodeKind.Server or TopologyNodeKind.Unit or TopologyNodeKind.Storage or TopologyNodeKind.Repository or TopologyNodeKind.Secret || IsCommonCause;

    /// <summary>True for what servers fail together with.</summary>
    public bool IsCommonCause => kind is TopologyNodeKind.Hypervisor or TopologyNodeKind.Rack or TopologyNodeKind.Network or TopologyNodeKind.Site;

    public override string ToString() => $"{kind} {name}";
}

/// <summary>So many of these nodes must work.</summary>
/// <param name="Need">How many.</param>
/// <param name="Members">Their numbers, each once, the preferred one first.</param>
/// <param name="IsManual">True if somebody must let another take over: until then the first ones must work.</param>
/// <param name="IsAssumed">True if roles say so, and not the environment's file.</param>
internal sealed record TopologyNeed(int Need, IReadOnlyList<int> Members, bool IsManual = false, bool IsAssumed = false)
{
    /// <summary>The members that count: until somebody switches over, those that wait for it do not.</summary>
    public IEnumerable<int> Counting(bool isByHand) => IsManual && !isByHand ? Members.Take(Need) : Members;
}
