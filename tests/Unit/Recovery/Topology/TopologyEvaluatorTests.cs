using ProdOps.Recovery.Topology;

namespace ProdOps.Recovery.Tests.Topology;

public sealed class TopologyEvaluatorTests
{
    [Fact]
    public void What_is_down_is_what_a_brute_force_evaluation_says()
    {
        var random = new Random(20261127);
        for (int round = 0; round < 400; round++)
        {
            var graph = Some(random, random.Next(2, 14));
            foreach (bool isByHand in (bool[])[false, true])
            {
                var evaluator = new TopologyEvaluator(graph, isByHand);
                for (int trial = 0; trial < 6; trial++)
                {
                    int[] failed = [.. Enumerable.Range(0, graph.Nodes.Count).Where(_ => random.Next(5) == 0)];
                    int mark = evaluator.Lost.Count;
                    foreach (int node in failed) evaluator.Fail(node);
                    bool[] expected = BruteForce(graph, failed, isByHand);
                    Assert.Equal(expected, graph.Nodes.Select(node => evaluator.IsDown(node.Id)));
                    Assert.Equal(expected.Count(down => down), evaluator.Lost.Count);
                    evaluator.Undo(mark);
                    Assert.Empty(evaluator.Lost);
                }
            }
        }
    }

    [Fact]
    public void Single_failures_are_those_that_a_brute_force_evaluation_finds()
    {
        var random = new Random(11);
        int found = 0;
        for (int round = 0; round < 300; round++)
        {
            // Chains and circles among them: there what is down is not worked out anew.
            var graph = Some(random, random.Next(2, 12), most: round % 2 == 0 ? 1 : 3);
            TopologyNode[] entries = [.. graph.Nodes.Where(node => node.Id == 0 || random.Next(4) == 0)];
            var alone = new FailureFinder(graph, entries).Alone().ToDictionary(failure => failure.Nodes[0].Id, failure => (Down: Ids(failure.Down), Switched: Ids(failure.UntilSwitched)));
            foreach (var node in graph.Nodes)
            {
                bool[] now = BruteForce(graph, [node.Id], isByHand: false), byHand = BruteForce(graph, [node.Id], isByHand: true);
                string down = Ids(entries.Where(entry => byHand[entry.Id])), switched = Ids(entries.Where(entry => now[entry.Id] && !byHand[entry.Id]));
                Assert.Equal((down, switched), alone.GetValueOrDefault(node.Id, ("", "")));
                found += down.Length;
            }
        }

        Assert.InRange(found, 500, int.MaxValue);

        static string Ids(IEnumerable<TopologyNode> nodes) => string.Join(' ', nodes.Select(node => node.Id));
    }

    [Fact]
    public void A_way_leads_over_what_is_down_and_is_as_short_as_any()
    {
        var random = new Random(5);
        int found = 0;
        for (int round = 0; round < 300; round++)
        {
            var graph = Some(random, random.Next(2, 12), most: round % 2 == 0 ? 1 : 3);
            var finder = new FailureFinder(graph, graph.Nodes);
            foreach (var failed in graph.Nodes)
            {
                bool[] down = BruteForce(graph, [failed.Id], isByHand: false);
                foreach (var entry in graph.Nodes)
                {
                    int? length = Steps(graph, entry.Id, failed.Id, down);
                    TopologyNode[]? path = finder.Path(entry, [failed])?.Nodes.ToArray();
                    Assert.Equal(length, path?.Length);
                    if (path is null) continue;
                    found++;
                    Assert.Equal((entry, failed), (path[0], path[^1]));
                    Assert.All(path, node => Assert.True(down[node.Id]));
                    Assert.All(path.Zip(path.Skip(1)), step => Assert.Contains(step.First.Needs, need => need.Members.Contains(step.Second.Id)));
                }
            }
        }

        Assert.InRange(found, 2000, int.MaxValue);
    }

    [Fact]
    public void Of_a_long_way_the_ends_are_told_and_the_middle_is_counted()
    {
        var graph = new TopologyGraph();
        for (int i = 0; i < 5000; i++) graph.Add(TopologyNodeKind.Server, $"s{i}");
        for (int i = 0; i + 1 < 5000; i++) TopologyGraph.NeedAll(graph[i], [graph[i + 1]], isAssumed: i == 4000);
        var finder = new FailureFinder(graph, [graph[0]]);
        var far = finder.Path(graph[0], [graph[4999]])!;
        Assert.Equal([.. Enumerable.Range(0, 12).Select(i => $"s{i}"), "(4,976 more)", .. Enumerable.Range(4988, 12).Select(i => $"s{i}")], far.Words());
        Assert.True(far.IsAssumed);
        var near = finder.Path(graph[0], [graph[23]])!;
        Assert.Equal(Enumerable.Range(0, 24).Select(i => $"s{i}"), near.Words());
        Assert.False(near.IsAssumed);
        // Each of the ways is the one to the link before, and a step: none is kept anew.
        Assert.Same(finder.Path(graph[0], [graph[4998]]), far.Above);
    }

    [Fact]
    public void Pairs_are_those_that_a_brute_force_evaluation_finds()
    {
        var random = new Random(7);
        int found = 0;
        for (int round = 0; round < 150; round++)
        {
            var graph = Some(random, random.Next(3, 12));
            var entry = graph.Nodes[0];
            var pairs = new FailureFinder(graph, [entry]).Pairs(CancellationToken.None).Select(failure => (failure.Nodes[0].Id, failure.Nodes[1].Id)).Select(pair => (Math.Min(pair.Item1, pair.Item2), Math.Max(pair.Item1, pair.Item2))).ToHashSet();
            var servers = graph.Nodes.Where(node => node.CanFail && !BruteForce(graph, [node.Id], false)[0]).Select(node => node.Id).ToList();
            var expected = (from a in servers from b in servers where a < b && BruteForce(graph, [a, b], false)[0] select (a, b)).ToHashSet();
            Assert.Equal(expected, pairs);
            found += pairs.Count;
        }

        Assert.InRange(found, 50, int.MaxValue);
    }

    [Fact]
    public void Things_that_need_each_other_in_a_circle_work_until_one_fails()
    {
        var graph = new TopologyGraph();
        var a = graph.Add(TopologyNodeKind.Server, "a");
        var b = graph.Add(TopologyNodeKind.Server, "b");
        TopologyGraph.NeedAll(a, [b]);
        TopologyGraph.NeedAll(b, [a]);
        var evaluator = new TopologyEvaluator(graph, isByHand: false);
        Assert.False(evaluator.IsDown(a.Id));
        evaluator.Fail(b.Id);
        Assert.True(evaluator.IsDown(a.Id));
    }

    /// <summary>Down is what has failed, or has a need that too few members meet that are not down: the least set of which that is true.</summary>
    private static bool[] BruteForce(TopologyGraph graph, int[] failed, bool isByHand)
    {
        bool[] up = [.. graph.Nodes.Select(node => !failed.Contains(node.Id))];
        for (bool changed = true; changed;)
        {
            changed = false;
            foreach (var node in graph.Nodes.Where(node => up[node.Id]))
            {
                if (node.Needs.All(need => (need.IsManual && !isByHand ? need.Members.Take(need.Need) : need.Members).Count(member => up[member]) >= need.Need)) continue;
                up[node.Id] = false;
                changed = true;
            }
        }

        return [.. up.Select(works => !works)];
    }

    /// <summary>The number of nodes on the shortest way over what is down; <see langword="null"/> if there is none.</summary>
    private static int? Steps(TopologyGraph graph, int from, int to, bool[] down)
    {
        if (!down[from]) return null;
        var reached = new HashSet<int> { from };
        for (int length = 1; ; length++)
        {
            if (reached.Contains(to)) return length;
            int before = reached.Count;
            // Over needs that are not met, to the members of them that are down; who would have to be switched to is none yet.
            foreach (var need in reached.ToArray().SelectMany(id => graph[id].Needs))
            {
                int[] members = [.. need.IsManual ? need.Members.Take(need.Need) : need.Members];
                if (members.Count(member => !down[member]) < need.Need) reached.UnionWith(members.Where(member => down[member]));
            }

            if (reached.Count == before) return null;
        }
    }

    private static TopologyGraph Some(Random random, int count, int most = 3)
    {
        var graph = new TopologyGraph();
        for (int i = 0; i < count; i++) graph.Add(TopologyNodeKind.Server, $"n{i}");
        foreach (var node in graph.Nodes)
        {
            for (int need = most == 1 ? 1 : random.Next(0, most); need > 0; need--)
            {
                // Mostly downwards, sometimes in circles.
                var others = graph.Nodes.Where(other => other != node && (other.Id > node.Id || random.Next(12) == 0) && random.Next(2) == 0).Take(most == 1 ? 1 : count).ToList();
                if (others.Count > 0) TopologyGraph.NeedSome(node, random.Next(1, others.Count + 1), others, random.Next(4) == 0);
            }
        }

        return graph;
    }
}
