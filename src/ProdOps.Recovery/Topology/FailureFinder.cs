namespace ProdOps.Recovery.Topology;

/// <summary>Lets each thing fail alone, then each two of them, and tells what that takes down.</summary>
internal sealed class FailureFinder
{
    private readonly TopologyGraph _graph;
    private readonly TopologyEvaluator _now, _byHand;
    private readonly Dictionary<int, IReadOnlyList<int>> _downNow = [], _downByHand = [];
    private readonly Dictionary<(int Entry, int Node), FailurePath?> _paths = [];
    private readonly bool[] _isEntry;

    /// <param name="graph">The graph.</param>
    /// <param name="entries">The nodes that must not go down.</param>
    public FailureFinder(TopologyGraph graph, IEnumerable<TopologyNode> entries)
    {
        _graph = graph;
        _now = new TopologyEvaluator(graph, isByHand: false);
        // Where nobody has to switch over, what is down stays down.
        bool isManual = graph.Nodes.Any(node => node.Needs.Any(need => need.IsManual));
        _byHand = isManual ? new TopologyEvaluator(graph, isByHand: true) : _now;
        if (!isManual) _downByHand = _downNow;
        _isEntry = new bool[graph.Nodes.Count];
        foreach (var entry in entries) _isEntry[entry.Id] = true;
    }

    /// <summary>The failures of one thing, in the order of the graph. A part of a server is none: its server is.</summary>
    public IEnumerable<Failure> Alone()
    {
        var alone = new Dictionary<int, HashSet<int>>();
        foreach (var node in _graph.Nodes.Where(node => node.CanFail && node.Kind != TopologyNodeKind.Unit).OrderBy(node => node.IsCommonCause))
        {
            var down = Entries(_now, node.Id).ToList();
            if (down.Count == 0) continue;
            alone[node.Id] = [.. down];
            // What fails with one of its servers is that server's, not the rack's.
            if (node.IsCommonCause) down.RemoveAll(entry => Members(node).Any(member => alone.TryGetValue(member, out var its) && its.Contains(entry)));
            if (down.Count == 0) continue;
            var stays = Entries(_byHand, node.Id);
            yield return new Failure([node], [.. down.Where(stays.Contains).Select(id => _graph[id])], [.. down.Where(id => !stays.Contains(id)).Select(id => _graph[id])]);
        }
    }

    /// <summary>The failures of two things at once that take down what neither takes down alone, and no smaller things do.</summary>
    public IEnumerable<Failure> Pairs(CancellationToken cancellationToken)
    {
        var nodes = Candidates();
        var alone = nodes.ToDictionary(node => node.Id, node => Entries(_now, node.Id).ToHashSet());
        var found = new Dictionary<(int, int), HashSet<int>>();
        for (int i = 0; i < nodes.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int mark = _now.Fail(nodes[i].Id);
            for (int j = i + 1; j < nodes.Count; j++)
            {
                if (_now.IsDown(nodes[j].Id)) continue;
                int both = _now.Fail(nodes[j].Id);
                var down = _now.Lost.Skip(both).Where(id => _isEntry[id] && !alone[nodes[j].Id].Contains(id)).ToHashSet();
                _now.Undo(both);
                // Of a rack and a server: unless one of the rack's servers and that server do it already.
                foreach (int part in Parts(nodes[i]))
                    foreach (int other in Parts(nodes[j]))
                        if ((part, other) != (nodes[i].Id, nodes[j].Id) && found.TryGetValue((Math.Min(part, other), Math.Max(part, other)), out var its)) down.ExceptWith(its);
                if (down.Count == 0) continue;
                found[(Math.Min(nodes[i].Id, nodes[j].Id), Math.Max(nodes[i].Id, nodes[j].Id))] = down;
                yield return new Failure([nodes[i], nodes[j]], [.. down.Order().Select(id => _graph[id])], []);
            }

            _now.Undo(mark);
        }

        IEnumerable<int> Parts(TopologyNode node) => node.IsCommonCause ? Members(node).Append(node.Id) : [node.Id];
    }

    /// <summary>What two of are let fail: servers before what holds several of them.</summary>
    public IReadOnlyList<TopologyNode> Candidates() => [.. _graph.Nodes.Where(node => node.CanFail && node.Kind is not (TopologyNodeKind.Unit or TopologyNodeKind.Secret)).OrderBy(node => node.IsCommonCause)];

    /// <summary>From an entry down to what fails, each needing the next; <see langword="null"/> where it is not down. To what only one thing needs, the way leads over that one, and is the same up to it.</summary>
    public FailurePath? Path(TopologyNode entry, IReadOnlyList<TopologyNode> failed)
    {
        if (failed is not [var only]) return Search(entry, failed);
        var way = new Stack<int>();
        var seen = new HashSet<int>();
        int at = only.Id;
        FailurePath? path;
        while (!_paths.TryGetValue((entry.Id, at), out path))
        {
            if (at == entry.Id || _now.OnlyOwner(at) is not { } owner || !seen.Add(at))
            {
                _paths[(entry.Id, at)] = path = Search(entry, [_graph[at]]);
                break;
            }

            way.Push(at);
            at = owner;
        }

        while (way.TryPop(out int next)) _paths[(entry.Id, next)] = path = path?.Then(_graph[next]);
        return path;
    }

    private FailurePath? Search(TopologyNode entry, IReadOnlyList<TopologyNode> failed)
    {
        int mark = _now.Lost.Count;
        foreach (var node in failed) _now.Fail(node.Id);
        var from = new Dictionary<int, int> { [entry.Id] = -1 };
        var left = new Queue<int>([entry.Id]);
        FailurePath? path = null;
        while (_now.IsDown(entry.Id) && path is null && left.TryDequeue(out int next))
        {
            if (failed.Any(node => node.Id == next)) path = WayTo(next, from);
            else foreach (int member in _graph[next].Needs.SelectMany(Missing)) if (from.TryAdd(member, next)) left.Enqueue(member);
        }

        _now.Undo(mark);
        return path;

        // What is down and was not needed, since enough others work or it only waits to take over, is no reason.
        IEnumerable<int> Missing(TopologyNeed need)
        {
            var counting = need.Counting(isByHand: false).ToList();
            var down = counting.Where(_now.IsDown).ToList();
            return counting.Count - down.Count < need.Need ? down : [];
        }
    }

    private FailurePath WayTo(int node, Dictionary<int, int> from)
    {
        var steps = new Stack<int>();
        for (int id = node; id >= 0; id = from[id]) steps.Push(id);
        var path = FailurePath.Of(_graph[steps.Pop()]);
        while (steps.TryPop(out int next)) path = path.Then(_graph[next]);
        return path;
    }

    /// <summary>Whether an entry stays up when all servers of a common cause fail but one: then moving that one is enough.</summary>
    public bool IsSavedBy(TopologyNode server, TopologyNode cause, IReadOnlyList<TopologyNode> entries)
    {
        int mark = _now.Lost.Count;
        foreach (int member in Members(cause)) if (member != server.Id) _now.Fail(member);
        bool isSaved = entries.All(entry => !_now.IsDown(entry.Id));
        _now.Undo(mark);
        return isSaved;
    }

    /// <summary>What is down when something fails.</summary>
    public IReadOnlyList<int> DownWith(IReadOnlyList<TopologyNode> failed)
    {
        int mark = _now.Lost.Count;
        foreach (var node in failed) _now.Fail(node.Id);
        int[] down = [.. _now.Lost];
        _now.Undo(mark);
        return down;
    }

    /// <summary>The nodes that fail with a common cause.</summary>
    public IEnumerable<int> Members(TopologyNode cause) => _members.TryGetValue(cause.Id, out var known) ? known
        : _members[cause.Id] = [.. _graph.Nodes.Where(node => node.Needs.Any(need => need.Members is [var only] && only == cause.Id)).Select(node => node.Id)];

    private readonly Dictionary<int, List<int>> _members = [];

    /// <summary>
    /// The entries that a failure takes down, in the order of the graph. What goes down with a thing that only one other needs is what goes down with that one: a long chain is walked once, and not once from
    /// each of its links.
    /// </summary>
    private IReadOnlyList<int> Entries(TopologyEvaluator evaluator, int node)
    {
        var known = ReferenceEquals(evaluator, _byHand) ? _downByHand : _downNow;
        var way = new Stack<int>();
        var seen = new HashSet<int>();
        int at = node;
        while (!known.ContainsKey(at) && evaluator.OnlyOwner(at) is { } next && seen.Add(at))
        {
            way.Push(at);
            at = next;
        }

        if (!known.TryGetValue(at, out var down)) known[at] = down = Failed(evaluator, at);
        // Back on the way; a circle has come back to where it has been, and what is down is known there.
        while (way.TryPop(out int before))
        {
            if (_isEntry[before] && !down.Contains(before)) down = [.. down.Append(before).Order()];
            known[before] = down;
        }

        return down;
    }

    private List<int> Failed(TopologyEvaluator evaluator, int node)
    {
        int mark = evaluator.Fail(node);
        var down = new List<int>();
        for (int i = mark; i < evaluator.Lost.Count; i++) if (_isEntry[evaluator.Lost[i]]) down.Add(evaluator.Lost[i]);
        evaluator.Undo(mark);
        down.Sort();
        return down;
    }
}

/// <summary>What a failure takes down.</summary>
/// <param name="Nodes">What fails, at the same time.</param>
/// <param name="Down">What is down then.</param>
/// <param name="UntilSwitched">What is down until somebody lets another take over.</param>
internal sealed record Failure(IReadOnlyList<TopologyNode> Nodes, IReadOnlyList<TopologyNode> Down, IReadOnlyList<TopologyNode> UntilSwitched);
