using System.Diagnostics;
using ProdOps.Recovery.Topology;
using static System.FormattableString;

namespace ProdOps.Benchmarks;

/// <summary>Measures how long finding single points of failure takes in large environments.</summary>
internal sealed class TopologyCommands(TextWriter output)
{
    public void Run(CommandLine line, CancellationToken cancellationToken)
    {
        if (line.Verb != "find") throw new UsageException($"'topology {line.Verb}' is not a command: find. See bench/recovery/README.md.");
        line.Allow("servers", "pool", "rounds");
        int servers = line.Count("servers", 6000), pool = line.Count("pool", 20);
        var environment = Large(servers, pool);
        for (int round = 0; round < line.Count("rounds", 3); round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var watch = Stopwatch.StartNew();
            var model = TopologyBuilder.Build(environment);
            var built = watch.Elapsed;
            int found = new SinglePoints(model, new TopologyMeasurements { Now = TimeProvider.System.GetUtcNow() }).Find().Count;
            int needs = model.Graph.Nodes.Sum(node => node.Needs.Sum(need => need.Members.Count));
            output.WriteLine(Invariant($"{model.Graph.Nodes.Count} nodes, {needs} needs, {model.Services.Count} services: {found} found; built in {built.TotalMilliseconds:0} ms, all in {watch.Elapsed.TotalMilliseconds:0} ms"));
        }

        // The worst there is: each needs the next, so that the last takes all with it.
        var chain = new TopologyGraph();
        const int Length = 10_000;
        for (int i = 0; i < Length; i++) chain.Add(TopologyNodeKind.Server, Invariant($"s{i}"));
        for (int i = 0; i + 1 < Length; i++) TopologyGraph.NeedAll(chain[i], [chain[i + 1]]);
        var timed = Stopwatch.StartNew();
        int alone = new FailureFinder(chain, [chain[0]]).Alone().Count();
        output.WriteLine(Invariant($"a chain of {Length}: {alone} found in {timed.Elapsed.TotalMilliseconds:0} ms"));
        // The same as an environment, with all that is told of each finding.
        var links = new ProdOpsEnvironment { Name = "chain", Path = "/chain", Servers = [.. Enumerable.Range(0, Length).Select(i => new Server { Name = Invariant($"s{i}"), Roles = ["App"], DependsOn = i + 1 < Length ? [Invariant($"s{i + 1}")] : [] })] };
        timed.Restart();
        int told = new SinglePoints(TopologyBuilder.Build(links), new TopologyMeasurements { Now = TimeProvider.System.GetUtcNow() }).Find().Count;
        output.WriteLine(Invariant($"a chain of {Length} servers: {told} told in {timed.Elapsed.TotalMilliseconds:0} ms"));
        var few = TopologyBuilder.Build(Large(120, 6));
        timed.Restart();
        var pairs = new SinglePoints(few, new TopologyMeasurements { Now = TimeProvider.System.GetUtcNow() }).FindPairs(cancellationToken);
        output.WriteLine(Invariant($"pairs of {few.Graph.Nodes.Count(node => node.CanFail)} that can fail: {pairs.Count} found in {timed.Elapsed.TotalMilliseconds:0} ms"));
    }

    /// <summary>Shops behind a pair of balancers each, with databases that stand in for each other or do not, on hypervisors in racks in two sites.</summary>
    private static ProdOpsEnvironment Large(int count, int pool)
    {
        var servers = new List<Server>();
        var balancers = new List<LoadBalancerDefinition>();
        var groups = new List<RedundancyDefinition>();
        for (int shop = 0; servers.Count < count; shop++)
        {
            string[] names = [.. Enumerable.Range(0, pool + 4).Select(i => Invariant($"s{shop}-{i}"))];
            string[] databases = names[^2..];
            servers.AddRange(names.Select((name, i) => new Server
            {
                Name = name, Roles = [i < 2 ? "LoadBalancer" : i < pool + 2 ? "App" : "Database"], DependsOn = i >= 2 && i < pool + 2 ? databases : [],
                Site = i % 2 == 0 ? "a" : "b", Rack = Invariant($"r{(shop + i) % 200}"), Hypervisor = Invariant($"h{((shop * 7) + i) % 900}"), Services = ["app"],
            }));
            balancers.Add(new LoadBalancerDefinition { Name = Invariant($"shop{shop}"), Servers = names[..2], VirtualAddress = Invariant($"10.1.{shop / 250}.{(shop % 250) + 1}"), Pool = names[2..^2] });
            if (shop % 3 != 0) groups.Add(new RedundancyDefinition { Name = Invariant($"db{shop}"), Servers = databases });
        }

        return new ProdOpsEnvironment { Name = "large", Path = "/large", Servers = servers, LoadBalancers = balancers, Redundancy = groups };
    }
}
