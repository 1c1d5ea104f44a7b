using System.ComponentModel;
using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.LoadBalancing;
using ProdOps.LoadBalancing.Publishing;
using ProdOps.LoadBalancing.Rendering;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.LoadBalancing;

/// <summary>The base of the cmdlets that write balancers' configurations: those of the environment's entries that are named.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class PublishingCmdlet : ServerCmdlet
{
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Entries of the environment.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "Entries of the environment's LoadBalancers: names or wildcards. Default: all.")]
    [Alias("Name")]
    [ArgumentCompleter(typeof(ManagedBalancerCompleter))]
    [SupportsWildcards]
    public string[]? LoadBalancer { get; set; }

    /// <summary>Of their balancers these only.</summary>
    [Parameter(HelpMessage = "Of their balancers these only: names, wildcards, role:LoadBalancer. Default: all.")]
    [Alias("ComputerName", "Cn", "Balancer")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public override ServerReference[]? Server { get; set; }

    /// <summary>The environment that the entries are of.</summary>
    private protected ProdOpsEnvironment Inventory { get; private set; } = null!;

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        // An object that Get-LoadBalancer emits names all entries of its balancer.
        foreach (string name in LoadBalancer ?? []) _names.UnionWith(name.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        return Task.CompletedTask;
    }

    /// <summary>The entries that are named. A name that none has is an error of its own.</summary>
    private protected async Task<IReadOnlyList<LoadBalancerDefinition>> FindEntriesAsync()
    {
        var source = await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment));
        Inventory = LoadEnvironment(source) ?? throw ProdOps.Servers.ServersErrors.NoEnvironment();
        var chosen = new List<LoadBalancerDefinition>();
        foreach (string name in _names.Count == 0 ? ["*"] : (IEnumerable<string>)_names)
        {
            var found = Inventory.LoadBalancers.Where(entry => NamePattern.IsMatch(name, entry.Name)).ToList();
            if (found.Count == 0) await WriteErrorAsync(LoadBalancingErrors.EntryNotFound(name, Nearest.Find(name, Inventory.LoadBalancers.Select(entry => entry.Name))));
            foreach (var entry in found.Where(entry => !entry.IsManaged && entry.Name.Equals(name, StringComparison.OrdinalIgnoreCase))) await WriteErrorAsync(LoadBalancingErrors.NotManaged(entry.Name));
            chosen.AddRange(found.Where(entry => entry.IsManaged).Except(chosen));
        }

        return chosen;
    }

    /// <summary>The balancers of the entries, those that <c>-Server</c> names of them.</summary>
    private protected async Task<IReadOnlyList<BalancerSite>> FindSitesAsync()
    {
        var entries = await FindEntriesAsync();
        BalancerSite[] sites = [.. BalancerSite.Of(Inventory, entries)];
        if (Server is null) return sites;
        var named = (await ServerAccess.ResolveAsync(Server, Inventory, WriteErrorAsync)).Select(server => server.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (string name in named.Where(name => !sites.Any(site => site.Server.Equals(name, StringComparison.OrdinalIgnoreCase)))) await WriteErrorAsync(LoadBalancingErrors.NotABalancer(name));
        return [.. sites.Where(site => named.Contains(site.Server))];
    }

    /// <summary>Whether an entry was named; one that shares a balancer with it is published with it.</summary>
    private protected bool IsWanted(LoadBalancerDefinition entry) => _names.Count == 0 || _names.Any(name => NamePattern.IsMatch(name, entry.Name));

    /// <summary>Opens a balancer's server by its name.</summary>
    private protected Task<IServerShell> OpenAsync(string name, CancellationToken cancellationToken) => OpenAsync(new ServerResolver(Inventory).Resolve(name)[0], cancellationToken);

    /// <summary>How it is published.</summary>
    private protected PublishOptions Options(bool force = false, bool allowPartial = false) => new()
    {
        Force = force,
        AllowPartial = allowPartial,
        By = $"{System.Environment.UserName}@{System.Environment.MachineName}",
    };

    /// <summary>Carries plans out, one balancer after the other, and remembers what each serves by.</summary>
    /// <param name="publisher">Who planned.</param>
    /// <param name="plans">The plans.</param>
    /// <param name="action">What is asked before a balancer is changed.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="ProdOpsException">One could not be changed, and those after it were not.</exception>
    private protected async Task PublishAsync(Publisher publisher, IReadOnlyList<PublishPlan> plans, Func<PublishPlan, string> action, CancellationToken cancellationToken)
    {
        for (int i = 0; i < plans.Count; i++)
        {
            var plan = plans[i];
            var decision = plan.IsNothing ? ChangeDecision.Plan : await DecideAsync(plan.Site.Server, $"{action(plan)} ({string.Join("; ", plan.Publication.Changes)})");
            if (decision == ChangeDecision.Refuse) continue;
            try
            {
                var done = decision == ChangeDecision.Plan ? plan.Publication : await publisher.RunAsync(plan, cancellationToken);
                if (done.Status != LoadBalancerPublicationStatus.Planned) await KeepAsync(done);
                await WriteObjectAsync(done);
            }
            catch (ProdOpsException error)
            {
                // What fails on the standby would fail on the active one, too.
                string[] left = [.. plans.Skip(i + 1).Select(one => one.Site.Server)];
                throw left.Length == 0 ? error : LoadBalancingErrors.PublishStopped(error, left);
            }
        }
    }

    private protected Publisher Publisher(PublishOptions options) => new(OpenAsync, options, TimeProvider.System, Activity) { PutBack = KeepAsync };

    private Task KeepAsync(LoadBalancerPublication done) => PublicationKeeper.KeepAsync(done, Inventory.Name, Activity);
}
