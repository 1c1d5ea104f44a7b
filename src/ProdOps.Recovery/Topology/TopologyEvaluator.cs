namespace ProdOps.Recovery.Topology;

/// <summary>
/// Says what is down when something fails: a node works while it has not failed and of each of its needs enough members work. Nodes that need each other in a circle work together until one
/// fails from without, which is the greatest solution of the equations. A failure is propagated and taken back, so that trying one costs what it takes down and not the graph.
/// </summary>
internal sealed class TopologyEvaluator
{
    // Needs of all nodes one after the other: whose they are, and how many more members may fail than have.
    private readonly int[] _owner, _spare;

    // The needs that a node is a member of, by node: _needs[_first[node].._first[node + 1]].
    private readonly int[] _first, _needs;
    private readonly bool[] _down;
    private readonly List<int> _lost = [];

    /// <param name="graph">The graph, which must not change any more.</param>
    /// <param name="isByHand">True to let somebody switch over at once where nobody else does; false to see what is down until then.</param>
    public TopologyEvaluator(TopologyGraph graph, bool isByHand)
    {
        var needs = new List<(int Owner, TopologyNeed Need)>();
        foreach (var node in graph.Nodes) needs.AddRange(node.Needs.Select(need => (node.Id, need)));
        _owner = new int[needs.Count];
        _spare = new int[needs.Count];
        _down = new bool[graph.Nodes.Count];
        _first = new int[graph.Nodes.Count + 1];
        for (int i = 0; i < needs.Count; i++)
        {
            var (owner, need) = needs[i];
            _owner[i] = owner;
            _spare[i] = need.Counting(isByHand).Count() - need.Need;
            foreach (int member in need.Counting(isByHand)) _first[member + 1]++;
        }

        for (int i = 0; i < graph.Nodes.Count; i++) _first[i + 1] += _first[i];
        _needs = new int[_first[^1]];
        int[] next = [.. _first];
        for (int i = 0; i < needs.Count; i++)
            foreach (int member in needs[i].Need.Counting(isByHand)) _needs[next[member]++] = i;
    }

    /// <summary>What is down, in the order in which it went down.</summary>
    public IReadOnlyList<int> Lost => _lost;

    public bool IsDown(int node) => _down[node];

    /// <summary>Lets a node fail, and all that cannot work without it.</summary>
    /// <returns>What <see cref="Undo"/> takes to take it back.</returns>
    public int Fail(int node)
    {
        int mark = _lost.Count;
        if (_down[node]) return mark;
        _down[node] = true;
        _lost.Add(node);
        for (int i = mark; i < _lost.Count; i++)
        {
            for (int at = _first[_lost[i]]; at < _first[_lost[i] + 1]; at++)
            {
                int need = _needs[at], owner = _owner[need];
                if (--_spare[need] >= 0 || _down[owner]) continue;
                _down[owner] = true;
                _lost.Add(owner);
            }
        }

        return mark;
    }

    /// <summary>The node that goes down at once when this one fails, where no other needs this one; <see langword="null"/> where several do, or none goes down. Nothing may have failed.</summary>
    public int? OnlyOwner(int node)
    {
        int? owner = null;
        bool breaks = false;
        for (int at = _first[node]; at < _first[node + 1]; at++)
        {
            if (owner is { } known && known != _owner[_needs[at]]) return null;
            owner = _owner[_needs[at]];
            breaks |= _spare[_needs[at]] == 0;
        }

        return breaks ? owner : null;
    }

    /// <summary>Takes back all failures since a mark.</summary>
    public void Undo(int mark)
    {
        for (int i = mark; i < _lost.Count; i++)
        {
            _down[_lost[i]] = false;
            for (int at = _first[_lost[i]]; at < _first[_lost[i] + 1]; at++) _spare[_needs[at]]++;
        }

        _lost.RemoveRange(mark, _lost.Count - mark);
    }
}
