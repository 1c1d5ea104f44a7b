namespace ProdOps.Recovery.Topology;

/// <summary>What needs what. Nodes are known by kind and name, whatever the case of letters.</summary>
internal sealed class TopologyGraph
{
    private readonly List<TopologyNode> _nodes = [];
    private readonly Dictionary<(TopologyNodeKind, string), TopologyNode> _byName = [];

    public IReadOnlyList<TopologyNode> Nodes => _nodes;

    public TopologyNode this[int id] => _nodes[id];

    /// <summary>The node, which is made if it is not there.</summary>
    public TopologyNode Add(TopologyNodeKind kind, string name, object? source = null)
    {
        var key = (kind, name.ToUpperInvariant());
        if (_byName.TryGetValue(key, out var known)) return known;
        var node = new TopologyNode(_nodes.Count, kind, name) { Source = source };
        _nodes.Add(node);
        return _byName[key] = node;
    }

    public TopologyNode? Find(TopologyNodeKind kind, string name) => _byName.GetValueOrDefault((kind, name.ToUpperInvariant()));

    /// <summary>All of these must work.</summary>
    public static void NeedAll(TopologyNode node, IEnumerable<TopologyNode> others, bool isAssumed = false)
    {
        foreach (var other in others.Where(other => other != node).Distinct()) node.Needs.Add(new TopologyNeed(1, [other.Id], IsAssumed: isAssumed));
    }

    /// <summary>So many of these must work; if fewer are there, all of them.</summary>
    public static void NeedSome(TopologyNode node, int need, IEnumerable<TopologyNode> others, bool isManual = false)
    {
        int[] members = [.. others.Where(other => other != node).Select(other => other.Id).Distinct()];
        if (members.Length > 0) node.Needs.Add(new TopologyNeed(Math.Clamp(need, 1, members.Length), members, isManual));
    }
}
