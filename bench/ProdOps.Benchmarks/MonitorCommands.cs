using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ProdOps.Benchmarks.Measurement;
using ProdOps.Benchmarks.Monitors;
using ProdOps.Host;
using ProdOps.Monitoring.Checks;
using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.Probing.Report;
using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.Running;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Connections;
using static System.FormattableString;

namespace ProdOps.Benchmarks;

/// <summary>Measures what a monitor takes from the machine it runs on.</summary>
internal sealed class MonitorCommands(TextWriter output)
{
    private static readonly string Answer = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../../tests/fixtures/probes/debian12.txt"));

    public Task RunAsync(CommandLine line, CancellationToken cancellationToken) => line.Verb switch
    {
        "simulate" => SimulateAsync(line.AllowOperands(1, "servers", "interval", "seconds", "warm", "checks", "ill", "hours", "speed"), cancellationToken),
        "pieces" => PiecesAsync(line.AllowOperands(1, "rounds", "checks"), cancellationToken),
        "probe" => ProbeAsync(line.Allow("port", "key", "known-hosts", "servers", "rounds", "way", "url"), cancellationToken),
        "watch" => WatchAsync(line.AllowOperands(1, "port", "key", "known-hosts", "servers", "interval", "seconds", "warm"), cancellationToken),
        "latency" => LatencyAsync(line.AllowOperands(1, "port", "key", "known-hosts", "faults"), cancellationToken),
        _ => throw new UsageException($"'monitor {line.Verb}' is not a command: simulate, pieces, probe, watch, latency. See bench/monitoring/README.md."),
    };

    /// <summary>The whole monitor, with servers that are answers alone.</summary>
    private async Task SimulateAsync(CommandLine line, CancellationToken cancellationToken)
    {
        var folder = Folder(line);
        var answers = new SimulatedAnswers(await File.ReadAllTextAsync(Answer, cancellationToken));
        // What is kept ends about now, so that it can be asked for what was last.
        TimeProvider time = line.Number("speed", 1) is var speed and not 1 ? new FastTime(TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(line.Number("hours", 0)), speed) : TimeProvider.System;
        long begun = time.GetTimestamp();
        int ill = line.Count("ill", 0);
        var setup = new MonitorSetup
        {
            Servers = Servers(line.Count("servers", 1000)),
            Rules = RulesOf(answers, line.Count("checks", 60)),
            Routes = Routes,
            Pace = new MonitorPace(TimeSpan.FromSeconds(line.Number("interval", 10))),
        };
        var run = new LoopRun(setup, folder, (server, request, _) =>
        {
            var now = time.GetUtcNow();
            return Task.FromResult(new ProbeAnswer(answers.Ask(server.Name, request, time.GetElapsedTime(begun).TotalSeconds, now, isIll: int.Parse(server.Name.AsSpan(^2), CultureInfo.InvariantCulture) < ill), new ProbeTiming(now, TimeSpan.FromMilliseconds(5))));
        }, time);
        output.WriteLine(Machine.Describe(folder.Path));
        using var garbage = new GarbageTimer();
        if (line.Number("hours", 0) is var hours and > 0) await run.FollowAsync(TimeSpan.FromHours(hours), TimeSpan.FromMinutes(5), output, cancellationToken);
        else await run.MeasureAsync(TimeSpan.FromSeconds(line.Number("warm", 30)), TimeSpan.FromSeconds(line.Number("seconds", 60)), output, cancellationToken);
    }

    /// <summary>What each step of a round takes, one after the other.</summary>
    private async Task PiecesAsync(CommandLine line, CancellationToken cancellationToken)
    {
        var folder = Folder(line);
        int rounds = line.Count("rounds", 3000);
        var answers = new SimulatedAnswers(await File.ReadAllTextAsync(Answer, cancellationToken));
        var setup = new MonitorSetup { Servers = Servers(100), Rules = RulesOf(answers, line.Count("checks", 60)), Pace = new MonitorPace(TimeSpan.FromSeconds(10)) };
        var clock = new SteppedTime { Now = TimeProvider.System.GetUtcNow() };
        using var store = folder.Open(clock, SilentActivity.Instance);
        var rules = setup.MakeRules();
        var core = new MonitorCore(setup.MakePlan(rules), rules, store, clock, SilentActivity.Instance);
        core.Start(cancellationToken);
        var request = new ProbeRequest();
        string[] texts = [.. Enumerable.Range(0, 64).Select(i => answers.Text(ProbeParts.Fast, i * 10, clock.Now))];
        ProbeReport[] reports = [.. texts.Select((_, i) => answers.Ask("s", request, i * 10, clock.Now))];
        var timing = new ProbeTiming(clock.Now, TimeSpan.FromMilliseconds(5));
        Observation[] observations = [.. Enumerable.Range(0, 2 * rounds).Select(i => new Observation(setup.Servers[i % 100].Name, clock.Now.AddSeconds(i / 10.0))
        {
            Reachability = HealthState.OK, Measurements = ProbeMeasurements.Of(reports[i % 63 + 1], reports[i % 63], timing),
        })];
        int measured = observations[0].Measurements.Count, judged = core.MakeRound([observations[0]]) is var first ? first.Readings.Count + first.Seen.Count : 0;
        output.WriteLine(Invariant($"{measured} measurements and {judged} checks a server-round; an answer of {texts[0].Length / 1024.0:F1} KiB"));
        output.WriteLine("| step | µs of CPU a server-round | KiB allocated |");
        output.WriteLine("| --- | ---: | ---: |");
        Piece("make the answer (not the monitor's)", i => _ = answers.Text(ProbeParts.Fast, i, clock.Now));
        Piece("parse it, and make it", i => _ = answers.Ask("s", request, i, clock.Now));
        Piece("measure", i => _ = ProbeMeasurements.Of(reports[i % 63 + 1], reports[i % 63], timing));
        Piece("judge by the rules", i => _ = core.MakeRound([observations[i]]));
        Piece("judge, and take in", i =>
        {
            clock.Now = observations[i].Time;
            core.Observe(core.MakeRound([observations[i]]));
        });
        Piece("keep, a transaction for 100", i =>
        {
            if (i % 100 == 99) core.Record(observations[(i - 99)..(i + 1)]);
        });

        void Piece(string name, Action<int> work)
        {
            // What is measured comes after what it was warmed up with, in time as well.
            for (int i = 0; i < rounds; i++) work(i);
            long allocated = GC.GetTotalAllocatedBytes();
            var used = Environment.CpuUsage.TotalTime;
            for (int i = rounds; i < 2 * rounds; i++) work(i);
            output.WriteLine(Invariant($"| {name} | {(Environment.CpuUsage.TotalTime - used).TotalMicroseconds / rounds:F1} | {(GC.GetTotalAllocatedBytes() - allocated) / 1024.0 / rounds:F1} |"));
        }
    }

    /// <summary>Asking and reading alone, over kept connections: by a kept shell, by a command each time, or by a node_exporter.</summary>
    private async Task ProbeAsync(CommandLine line, CancellationToken cancellationToken)
    {
        int rounds = line.Count("rounds", 40);
        string way = line.Text("way", "kept");
        IReadOnlyList<Server> servers = way != "exporter" ? SshServers(line)
            : [.. Servers(line.Count("servers", 10)).Select(server => server with { NodeExporter = new NodeExporterOptions { Url = line.Text("url", "http://127.0.0.1:9100/metrics") } })];
        using var shells = new ServerShells(new ServerConnector(TimeProvider.System), TimeProvider.System);
        Task<IServerShell> Open(Server server, CancellationToken token) => shells.OpenAsync(new ConnectionTarget(server), SilentActivity.Instance, token);
        await using var probes = new ServerProbes(Open, null, TimeProvider.System);
        var previous = new ProbeReport?[servers.Count];
        await AskAllAsync(10);
        var used = Environment.CpuUsage.TotalTime;
        long begun = Stopwatch.GetTimestamp();
        await AskAllAsync(rounds);
        var (cpu, taken) = (Environment.CpuUsage.TotalTime - used, Stopwatch.GetElapsedTime(begun));
        output.WriteLine(Invariant($"prodops-{way} {cpu.TotalMilliseconds / rounds / servers.Count:F3} ms CPU a server-round, {taken.TotalMilliseconds / rounds / servers.Count:F3} ms elapsed"));

        async Task AskAllAsync(int count)
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken };
            for (int round = 0; round < count; round++)
            {
                await Parallel.ForEachAsync(Enumerable.Range(0, servers.Count), options, async (i, token) =>
                {
                    var request = new ProbeRequest();
                    var (report, timing) = way == "exec" ? await ShellProbe.AskAsync(await Open(servers[i], token), request, TimeProvider.System, token) : await probes.AskAsync(servers[i], request, token);
                    ProbeMeasurements.Of(report, previous[i], timing);
                    previous[i] = report;
                });
            }
        }
    }

    /// <summary>The whole monitor with servers that are an sshd.</summary>
    private async Task WatchAsync(CommandLine line, CancellationToken cancellationToken)
    {
        var folder = Folder(line);
        using var shells = new ServerShells(new ServerConnector(TimeProvider.System), TimeProvider.System);
        await using var channels = new ProbeChannels((server, token) => shells.OpenAsync(new ConnectionTarget(server), SilentActivity.Instance, token), TimeProvider.System);
        var setup = new MonitorSetup { Servers = SshServers(line), Routes = Routes, Pace = new MonitorPace(TimeSpan.FromSeconds(line.Number("interval", 1))) };
        await new LoopRun(setup, folder, UsualRounds(channels)).MeasureAsync(TimeSpan.FromSeconds(line.Number("warm", 15)), TimeSpan.FromSeconds(line.Number("seconds", 30)), output, cancellationToken);
    }

    /// <summary>From a port that is closed to the message about it: a server that is asked every second, rules that believe at once.</summary>
    private async Task LatencyAsync(CommandLine line, CancellationToken cancellationToken)
    {
        // Further apart than what counts as flapping.
        TimeSpan pace = TimeSpan.FromSeconds(1), apart = TimeSpan.FromSeconds(12);
        var folder = Folder(line);
        using var shells = new ServerShells(new ServerConnector(TimeProvider.System), TimeProvider.System);
        Task<IServerShell> Open(Server server, CancellationToken token) => shells.OpenAsync(new ConnectionTarget(server), SilentActivity.Instance, token);
        await using var channels = new ProbeChannels(Open, TimeProvider.System);
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var server = SshServers(line)[0];
        var definition = new HealthCheckDefinition { Name = "shop", Kind = HealthCheckKind.Tcp, Target = Invariant($"127.0.0.1:{port}"), Interval = pace, For = TimeSpan.Zero, Attempts = 1 };
        var factory = new CheckFactory(TimeProvider.System, Open, static _ => throw new UnreachableException(), static _ => null);
        var rule = new HealthRule { Name = "shop", Check = "shop", Interval = pace, For = TimeSpan.Zero, RecoverFor = TimeSpan.Zero, Attempts = 1, RecoverAttempts = 1 };
        var setup = new MonitorSetup
        {
            Servers = [server], Rules = [.. DefaultRules.All.Where(static known => known.Check is not null), rule], Routes = Routes, Pace = new MonitorPace(pace),
            Checks = [new WatchedCheck(definition, server.Name, factory.Create(definition, server))],
        };
        var run = new LoopRun(setup, folder, UsualRounds(channels));
        var times = new List<double>();
        await run.RunAsync(async () =>
        {
            for (int fault = 0; fault < line.Count("faults", 10); fault++)
            {
                // At any moment between two looks.
                await Task.Delay(apart + Random.Shared.NextDouble() * pace, cancellationToken);
                long begun = Stopwatch.GetTimestamp();
                listener.Stop();
                times.Add(Stopwatch.GetElapsedTime(begun, await NextAsync(NotificationKind.Problem)).TotalSeconds);
                // One that is started again takes another port.
                listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                await NextAsync(NotificationKind.Recovery);
            }
        }, cancellationToken);
        listener.Dispose();
        times.Sort();
        output.WriteLine(Invariant($"fault to message, {times.Count} faults, interval {pace.TotalSeconds} s: {times[0]:F2} s at least, {times[times.Count / 2]:F2} s median, {times[^1]:F2} s at most"));

        async Task<long> NextAsync(NotificationKind kind)
        {
            while (true)
            {
                var (message, at) = await run.Messages.ReadAsync(cancellationToken);
                if (message.Kind == kind) return at;
            }
        }
    }

    private static IReadOnlyList<NotificationRoute> Routes { get; } = [new NotificationRoute { Name = "admins", Channels = [LoopRun.ChannelName], MaxPerHour = 10_000 }];

    /// <summary>Without what is asked for every quarter of an hour or once a day: in its first minutes a monitor would ask this one machine for it on behalf of all servers at once.</summary>
    private static Func<Server, ProbeRequest, CancellationToken, Task<ProbeAnswer>> UsualRounds(ProbeChannels channels) =>
        (server, request, token) => channels.AskAsync(server, request with { Parts = request.Parts & ProbeParts.Services }, token);

    private static MonitoringFolder Folder(CommandLine line)
    {
        string path = line.Operands is [var operand] ? operand : throw new UsageException($"Say where: monitor {line.Verb} FOLDER.");
        return !File.Exists(Path.Combine(path, "metrics.db")) ? new MonitoringFolder(path) : throw new UsageException($"'{path}' has a store already.");
    }

    private static IReadOnlyList<Server> Servers(int count) => [.. Enumerable.Range(1, count).Select(static number => new Server { Name = Invariant($"server{number:0000}") })];

    private static IReadOnlyList<Server> SshServers(CommandLine line) => [.. Enumerable.Range(1, line.Count("servers", 1)).Select(number => new Server
    {
        Name = Invariant($"server{number:0000}"),
        Address = Invariant($"127.0.1.{number}"),
        Ssh = new SshOptions { User = Environment.UserName, Port = line.Count("port", 22), IdentityFile = [line.Text("key", "")], KnownHosts = [line.Text("known-hosts", "")], ConfigFile = "none" },
    })];

    /// <summary>The default rules, and one more for each metric that has none, until a server has so many checks.</summary>
    private static List<HealthRule> RulesOf(SimulatedAnswers answers, int checks)
    {
        var now = TimeProvider.System.GetUtcNow();
        var request = new ProbeRequest();
        var measured = ProbeMeasurements.Of(answers.Ask("s", request, 10, now), answers.Ask("s", request, 0, now), new ProbeTiming(now, TimeSpan.Zero));
        List<HealthRule> rules = [.. DefaultRules.All];
        foreach (string metric in measured.Select(static value => value.Metric).Distinct())
        {
            var judge = new ServerRules("s", new RuleSet(rules).For("s", []));
            var (readings, seen) = (new List<ProdOps.Monitoring.States.Reading>(), new List<ProdOps.Monitoring.States.CheckKey>());
            foreach (var value in measured) judge.Evaluate(value, now, static _ => HealthState.OK, readings, seen);
            // Whether it can be reached is a check as well.
            if (readings.Count + seen.Count + 1 >= checks) break;
            if (rules.Exists(rule => rule.Metric == metric)) continue;
            rules.Add(new HealthRule { Name = $"more {metric}", Metric = metric, Warning = new HealthThreshold(HealthComparison.Above, 1e300, MetricCatalog.UnitOf(metric)) });
        }

        return rules;
    }
}
