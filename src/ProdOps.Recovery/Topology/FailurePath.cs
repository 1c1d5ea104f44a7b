using System.Globalization;

namespace ProdOps.Recovery.Topology;

/// <summary>
/// The way from what is down to what fails, each needing the next: its last step, and the way to that. Ways share what they have in common, so that those from the top of a long chain to each of its links
/// take no more than the chain.
/// </summary>
internal sealed class FailurePath
{
    /// <summary>So many names are shown of its beginning, and of its end.</summary>
    public const int Shown = 12;

    private readonly FailurePath? _above;
    private readonly TopologyNode _node;
    private readonly int _length;
    private readonly TopologyNode[] _start;

    private FailurePath(FailurePath? above, TopologyNode node)
    {
        (_above, _node, _length) = (above, node, (above?._length ?? 0) + 1);
        _start = above is null ? [node] : above._start.Length == Shown ? above._start : [.. above._start, node];
        IsAssumed = above is not null && (above.IsAssumed || above._node.Needs.Any(need => need.IsAssumed && need.Members.Contains(node.Id)));
        Addresses = node.Kind == TopologyNodeKind.Address ? [.. above?.Addresses ?? [], node] : above?.Addresses ?? [];
        Group = node.Source as RedundancyDefinition ?? above?.Group;
    }

    /// <summary>What fails.</summary>
    public TopologyNode Last => _node;

    /// <summary>What needs it; <see langword="null"/> where nothing does.</summary>
    public FailurePath? Above => _above;

    /// <summary>Whether a step of it is assumed by roles.</summary>
    public bool IsAssumed { get; }

    /// <summary>The addresses that move, on the way.</summary>
    public IReadOnlyList<TopologyNode> Addresses { get; }

    /// <summary>The group nearest to what fails.</summary>
    public RedundancyDefinition? Group { get; }

    /// <summary>The nodes; of a long way those that are shown.</summary>
    public IEnumerable<TopologyNode> Nodes => _start.Concat(End());

    public static FailurePath Of(TopologyNode first) => new(null, first);

    public FailurePath Then(TopologyNode next) => new(this, next);

    /// <summary>The names; a pool and its load balancer have one name, and stand there once. Of a long way the middle is counted.</summary>
    public IReadOnlyList<string> Words()
    {
        var words = new List<string>();
        Add(_start);
        int left = _length - (2 * Shown);
        if (left > 0) words.Add(string.Create(CultureInfo.InvariantCulture, $"({left:N0} more)"));
        Add(End());
        return words;

        void Add(IEnumerable<TopologyNode> nodes)
        {
            foreach (var node in nodes)
                if (words.Count == 0 || !words[^1].Equals(node.Name, StringComparison.OrdinalIgnoreCase)) words.Add(node.Name);
        }
    }

    private TopologyNode[] End()
    {
        var end = new TopologyNode[Math.Clamp(_length - Shown, 0, Shown)];
        var at = this;
        for (int i = end.Length - 1; i >= 0; i--) (end[i], at) = (at!._node, at._above);
        return end;
    }
}
