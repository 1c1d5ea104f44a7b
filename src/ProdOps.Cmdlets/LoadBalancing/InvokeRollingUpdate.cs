using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.LoadBalancing;
using ProdOps.LoadBalancing.Operating;
using ProdOps.LoadBalancing.Rolling;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.LoadBalancing;

/// <summary>Updates the servers of a pool one after the other, without a request lost; goes on where it was cut off, or undoes it.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "RollingUpdate", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = UpdateSet)]
[OutputType(typeof(RollingUpdateStep))]
public sealed class InvokeRollingUpdate : BalancerCmdlet
{
    private const string UpdateSet = "Update", ResumeSet = "Resume", UndoSet = "Undo";

    /// <summary>The environment's entry.</summary>
    [Parameter(Position = 0, ParameterSetName = UpdateSet, HelpMessage = "The environment's entry of LoadBalancers whose servers are updated. Default: the only one.")]
    [ArgumentCompleter(typeof(LoadBalancerCompleter))]
    [ValidateNotNullOrEmpty]
    [ValidateCount(1, 1)]
    public override string[]? LoadBalancer { get; set; }

    /// <summary>Balancers with a configuration that was written by hand.</summary>
    [Parameter(ParameterSetName = UpdateSet, HelpMessage = "Balancers instead of an entry: servers with HAProxy or nginx whose configuration may be written by hand. -Pool says which pool.")]
    [Alias("ComputerName", "Cn", "Balancer")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public override ServerReference[]? Server { get; set; }

    /// <summary>The pool.</summary>
    [Parameter(ParameterSetName = UpdateSet, HelpMessage = "The pool (backend) by its name in the balancers' configuration. Default: the entry's.")]
    [ArgumentCompleter(typeof(BackendPoolCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Pool { get; set; }

    /// <summary>An update to go on with.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ResumeSet, HelpMessage = "The name of an update that stopped or was cut off: it goes on with the server that it came to.")]
    [ArgumentCompleter(typeof(RollingUpdateCompleter))]
    [ValidateNotNullOrEmpty]
    public string Resume { get; set; } = "";

    /// <summary>An update to undo.</summary>
    [Parameter(Mandatory = true, ParameterSetName = UndoSet, HelpMessage = "The name of an update to undo: the script, which undoes it, runs on each server that was touched, the latest first.")]
    [ArgumentCompleter(typeof(RollingUpdateCompleter))]
    [ValidateNotNullOrEmpty]
    public string Undo { get; set; } = "";

    /// <summary>A block of this session.</summary>
    [Parameter(HelpMessage = "A script block of this session that updates a server, with $_ the server. An error in it is a failure, also one that would not end it.")]
    [ValidateNotNull]
    public ScriptBlock? ScriptBlock { get; set; }

    /// <summary>Text for the server's shell.</summary>
    [Parameter(HelpMessage = "Text for the server's shell that updates it. An exit code other than 0 is a failure. Servers of a batch run it side by side.")]
    [ValidateNotNullOrEmpty]
    public string? Command { get; set; }

    /// <summary>Run the command as root.</summary>
    [Parameter(HelpMessage = "Run -Command as root: by sudo, which gets the password of -Credential or of the environment if it asks.")]
    public SwitchParameter AsRoot { get; set; }

    /// <summary>How long the command may take.</summary>
    [Parameter(HelpMessage = "After how many seconds -Command is ended on the server, which is a failure. Default: never.")]
    [ValidateRange(1, 4_000_000)]
    public int TimeoutSec { get; set; }

    /// <summary>Only these servers.</summary>
    [Parameter(ParameterSetName = UpdateSet, HelpMessage = "Only these servers of the pool, in this order: names or wildcards. Default: all, in the order of the pool.")]
    [ArgumentCompleter(typeof(BackendServerCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    /// <summary>How many at the same time.</summary>
    [Parameter(ParameterSetName = UpdateSet, HelpMessage = "How many servers are out at the same time. Default: 1.")]
    [ValidateRange(1, 10_000)]
    public int BatchSize { get; set; } = 1;

    /// <summary>A first batch.</summary>
    [Parameter(ParameterSetName = UpdateSet, HelpMessage = "How many servers make a first batch of their own. Default: none.")]
    [ValidateRange(0, 10_000)]
    public int Canary { get; set; }

    /// <summary>How many must serve.</summary>
    [Parameter(ParameterSetName = UpdateSet, HelpMessage = "How many servers of the pool must be in service at all times. Default: the entry's MinimumHealthy, else 1. With 0 the last one may go.")]
    [ValidateRange(0, 10_000)]
    public int MinimumHealthy { get; set; }

    /// <summary>How many may fail.</summary>
    [Parameter(ParameterSetName = UpdateSet, HelpMessage = "How many servers may fail until the update stops. Default: 0, it stops after the batch of the first.")]
    [ValidateRange(0, 10_000)]
    public int MaxFailures { get; set; }

    /// <summary>How long to drain.</summary>
    [Parameter(ParameterSetName = UpdateSet, HelpMessage = "How many seconds a server may take to finish its requests. Default: 60.")]
    [ValidateRange(0, 86_400)]
    public int DrainTimeoutSec { get; set; } = 60;

    /// <summary>How a server is asked whether it is well.</summary>
    [Parameter(HelpMessage = "How the server itself is asked, past the balancer: a path that it must answer with 2xx or 3xx, or a script block with $_ the server, which must emit no error and no $false at its end. Default: the entry's Check.")]
    [ValidateNotNull]
    public object? HealthCheck { get; set; }

    /// <summary>How long it may take until it is well.</summary>
    [Parameter(ParameterSetName = UpdateSet, HelpMessage = "How many seconds a server may take after the script until it is well, and then until the balancers see it up. Default: 60.")]
    [ValidateRange(1, 86_400)]
    public int CheckTimeoutSec { get; set; } = 60;

    /// <summary>How long its answers are watched.</summary>
    [Parameter(ParameterSetName = UpdateSet, HelpMessage = "How long a server's answers to real requests are watched, e.g. 30s. Default: 10s. 0s does not watch.")]
    [Duration]
    public TimeSpan SettleTime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>End what is not finished.</summary>
    [Parameter(ParameterSetName = UpdateSet, HelpMessage = "End the requests that a server has not finished after -DrainTimeoutSec, instead of leaving it in service.")]
    public SwitchParameter Force { get; set; }

    /// <summary>Go on without a balancer.</summary>
    [Parameter(HelpMessage = "Go on although a balancer cannot be reached: it goes on to send requests to servers that are being updated.")]
    public SwitchParameter AllowPartial { get; set; }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if ((ScriptBlock is null) == (Command is null)) throw LoadBalancingErrors.RollingScriptMissing();
        string folder = RollingJournal.DefaultFolder ?? throw LoadBalancingErrors.RollingNoFolder();
        if (ParameterSetName == UpdateSet) await BeginUpdateAsync(folder, cancellationToken);
        else await GoOnAsync(folder, cancellationToken);
    }

    private async Task BeginUpdateAsync(string folder, CancellationToken cancellationToken)
    {
        if (await OneUnitAsync(LoadBalancer ?? [], Server ?? []) is not { } unit) return;
        string pool = Pool ?? unit.Entry?.PoolName() ?? throw LoadBalancingErrors.RollingPoolMissing();
        string title = unit.Entry?.Name ?? pool;
        var options = new RollingOptions
        {
            BatchSize = BatchSize, Canary = Canary, MaxFailures = MaxFailures, EndSessions = Force, SettleTime = SettleTime,
            MinimumHealthy = MyInvocation.BoundParameters.ContainsKey(nameof(MinimumHealthy)) ? MinimumHealthy : unit.Entry?.MinimumHealthy ?? 1,
            DrainTimeout = TimeSpan.FromSeconds(DrainTimeoutSec), CheckTimeout = TimeSpan.FromSeconds(CheckTimeoutSec), EnableTimeout = TimeSpan.FromSeconds(CheckTimeoutSec),
        };
        var group = await OpenAsync(unit, cancellationToken);
        await using var servers = PoolOf(group, pool, options);
        var views = await servers.ReadAsync(cancellationToken);
        var (states, formerShare) = RollingUpdate.Survey(views);
        var environment = await EnvironmentAsync();
        string[] balancers = unit.Entry is null ? [.. unit.Members.Select(member => member.Server.Name)] : [];
        var header = new RollingHeader
        {
            Update = "", LoadBalancer = title, Entry = unit.Entry?.Name, Environment = environment?.Name ?? "", EnvironmentPath = environment?.Path ?? "", Balancers = balancers, Pool = pool,
            Batches = [], Options = options, FormerShare = formerShare, By = Admin, Time = TimeProvider.System.GetUtcNow(),
        };
        var leftOut = FindLeftOut(folder, header, views);
        var chosen = Choose(title, [.. views.Select(view => view.Name).Distinct(StringComparer.Ordinal)]);
        var plan = RollingPlan.Make(title, chosen, [.. states.Where(state => state.Value == BackendServerState.Up).Select(state => state.Key)], options);
        var work = await MakeWorkAsync(group, pool, views, chosen, path: null);
        switch (await DecideAsync($"{string.Join(", ", chosen)} of '{title}'", $"Update in {plan.Batches.Count} batches: {work.Description}"))
        {
            case ChangeDecision.Plan:
                foreach (var step in plan.Show("", title, states, leftOut, options, work, TimeProvider.System.GetLocalNow())) await WriteObjectAsync(step);
                return;
            case ChangeDecision.Refuse: return;
        }

        await servers.HoldAsync(cancellationToken);
        using var journal = RollingJournal.Create(folder, header with { Batches = plan.Batches, HealthPath = work.CheckPath }, TimeProvider.System);
        Activity.Verbose($"This update is called {journal.Header.Update}.");
        await new RollingUpdate(journal, servers, work, WriteObjectAsync, TimeProvider.System, Activity) { LeftOut = leftOut }.RunAsync(cancellationToken);
    }

    private async Task GoOnAsync(string folder, CancellationToken cancellationToken)
    {
        bool undo = ParameterSetName == UndoSet;
        using var journal = RollingJournal.Open(folder, undo ? Undo : Resume, TimeProvider.System);
        var header = journal.Header;
        if (await OneUnitAsync(header.Entry is null ? [] : [header.Entry], [.. header.Balancers.Select(name => new ServerReference(name))]) is not { } unit) return;
        var group = await OpenAsync(unit, cancellationToken);
        await using var pool = PoolOf(group, header.Pool, header.Options);
        var servers = header.Batches.SelectMany(batch => batch).ToList();
        var views = await pool.ReadAsync(cancellationToken);
        var work = await MakeWorkAsync(group, header.Pool, views, servers, header.HealthPath);
        if (!await ShouldProcessAsync($"{header.Update} on {string.Join(", ", servers)}", $"{(undo ? "Undo" : "Go on with")} the update: {work.Description}")) return;
        var update = new RollingUpdate(journal, pool, work, WriteObjectAsync, TimeProvider.System, Activity) { LeftOut = FindLeftOut(folder, header, views) };
        await (undo ? update.UndoAsync(cancellationToken) : update.RunAsync(cancellationToken));
    }

    /// <summary>Servers that updates of the same pool have left out.</summary>
    private static IReadOnlyDictionary<string, RollingLeftOut> FindLeftOut(string folder, RollingHeader header, IReadOnlyList<BackendServer> views) => RollingLeftOut.Find(
        folder, other => (other.EnvironmentPath, other.Entry, other.Pool) == (header.EnvironmentPath, header.Entry, header.Pool) && other.Balancers.ToHashSet(StringComparer.OrdinalIgnoreCase).SetEquals(header.Balancers), views);

    /// <summary>The one entry, or the balancers that are named; <see langword="null"/> if there is none of the name, which has been said.</summary>
    private async Task<BalancerUnit?> OneUnitAsync(IReadOnlyList<string> entries, IReadOnlyList<ServerReference> servers) => await FindUnitsAsync(entries, servers) switch
    {
        [] or [{ Members.Count: 0 }] => null,
        [var unit] => unit,
        _ => throw LoadBalancingErrors.EntryNotNamed(),
    };

    private async Task<ProdOpsEnvironment?> EnvironmentAsync() => LoadEnvironment(await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment)));

    private static string Admin => $"{System.Environment.UserName}@{System.Environment.MachineName}";

    private static string Owner => $"{Admin} since {TimeProvider.System.GetUtcNow():yyyy-MM-dd HH:mm:ss}Z";

    private BalancerPool PoolOf(BalancerGroup group, string pool, RollingOptions options) => new(
        group, pool, new BackendChangeOptions { MinimumHealthy = Math.Max(1, options.MinimumHealthy), Force = options.MinimumHealthy == 0, AllowPartial = AllowPartial }, Activity, Owner);

    /// <summary>The servers that are named, in that order, each once.</summary>
    private List<string> Choose(string title, IReadOnlyList<string> known)
    {
        var chosen = new List<string>();
        foreach (string pattern in Name)
        {
            var found = known.Where(name => NamePattern.IsMatch(pattern, name)).Except(chosen).ToList();
            if (found.Count == 0 && !known.Any(name => NamePattern.IsMatch(pattern, name)) && !WildcardPattern.ContainsWildcardCharacters(pattern))
                throw LoadBalancingErrors.RollingServerNotFound(title, pattern, Nearest.Find(pattern, known));
            chosen.AddRange(found);
        }

        return chosen;
    }

    private async Task<RollingWork> MakeWorkAsync(BalancerGroup group, string pool, IReadOnlyList<BackendServer> views, IReadOnlyList<string> chosen, string? path)
    {
        var entry = group.Entry;
        var environment = await EnvironmentAsync();
        var resolver = new ServerResolver(environment);
        var servers = new Dictionary<string, RollingServer>(StringComparer.Ordinal);
        foreach (string name in chosen)
        {
            var view = views.FirstOrDefault(one => one.Name == name) ?? throw LoadBalancingErrors.RollingServerNotFound(entry?.Name ?? pool, name, null);
            _ = BackendEndpoint.TryParse(view.Address, out var endpoint);
            var server = environment?.Servers.FirstOrDefault(one => one.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                ?? environment?.Servers.FirstOrDefault(one => one.Address == endpoint.Address) ?? resolver.Resolve(endpoint.Address ?? name)[0];
            servers[name] = new RollingServer(server, endpoint);
        }

        object? check = HealthCheck is PSObject wrapped ? wrapped.BaseObject : HealthCheck;
        if (check is not (null or string or System.Management.Automation.ScriptBlock)) throw LoadBalancingErrors.HealthPathInvalid(check.ToString() ?? "", "?");
        var downtimes = await BackendDowntimes.FindAsync(this, Environment, Activity);
        var work = new RollingWork(this, servers, OpenAsync, (name, begins, token) => AnnounceAsync(downtimes, group, new BackendMember(pool, name), begins, token))
        {
            Block = ScriptBlock,
            Command = Command is null ? null : new ServerCommand(Command) { AsRoot = AsRoot },
            CommandTimeout = TimeSpan.FromSeconds(TimeoutSec),
            CheckBlock = check as ScriptBlock,
            CheckPath = check is System.Management.Automation.ScriptBlock ? null : check as string ?? path ?? (entry?.Mode == LoadBalancerMode.Http ? entry.Check : null),
            CheckHost = entry?.CheckHost ?? entry?.Name ?? "localhost",
        };
        if (work.CheckPath is { } asked) _ = ServerHealthCheck.Command("127.0.0.1", 80, asked, work.CheckHost);
        return work;
    }

    private static async Task AnnounceAsync(BackendDowntimes? downtimes, BalancerGroup group, BackendMember member, bool begins, CancellationToken cancellationToken)
    {
        if (downtimes is null) return;
        if (begins) await downtimes.BeginAsync(group, member, cancellationToken);
        else await downtimes.EndAsync(group, member, cancellationToken);
    }
}
