namespace ProdOps.Logging.Matching.Regular;

/// <summary>A set of nodes that is emptied at once.</summary>
internal sealed class NodeSet(int capacity)
{
    private readonly int[] _members = new int[capacity];
    private readonly int[] _visited = new int[capacity];
    private int _round = 1;

    public int Count { get; private set; }

    /// <summary>Nodes that wait to be looked at.</summary>
    public Stack<int> Pending { get; } = new();

    public int this[int index] => _members[index];

    public void Clear()
    {
        Count = 0;
        _round++;
    }

    public void Add(int node)
    {
        if (Visit(node)) _members[Count++] = node;
    }

    /// <summary>Whether a node is seen for the first time.</summary>
    public bool Visit(int node)
    {
        if (_visited[node] == _round) return false;
        _visited[node] = _round;
        return true;
    }

    public int[] ToSorted()
    {
        int[] sorted = _members[..Count];
        Array.Sort(sorted);
        return sorted;
    }
}
