using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.Monitoring.Checks;
using ProdOps.Monitoring.Rules;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Lists the rules that say when something is a problem.</summary>
[Cmdlet(VerbsCommon.Get, "HealthRule")]
[OutputType(typeof(HealthRule))]
public sealed class GetHealthRule : AsyncCmdlet
{
    private readonly List<ServerReference> _servers = [];

    /// <summary>Names of rules.</summary>
    [Parameter(Position = 0, HelpMessage = "Only these rules: names or wildcards. Default: all.")]
    [ArgumentCompleter(typeof(HealthRuleCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    /// <summary>The rules of these servers.</summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Only the rules that hold on these servers: names, wildcards, role:App, group:blue, hosts, or server objects. Default: the rules of all, also those switched off.")]
    [Alias("ComputerName", "Cn")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public ServerReference[]? Server { get; set; }

    /// <summary>The environment file that has rules of its own.</summary>
    [Parameter(HelpMessage = "The environment.psd1 with rules, checks and servers. Default: $env:PRODOPS_ENVIRONMENT, else the one in this folder or above.")]
    [ArgumentCompleter(typeof(EnvironmentFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Environment { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (Server is not null) _servers.AddRange(Server);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var environment = (await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment))).Load();
        var known = RuleBook.All(environment);
        var rules = new RuleSet(known);
        IEnumerable<HealthRule> found = RuleBook.Holding(known);
        if (_servers.Count > 0 || MyInvocation.ExpectingInput)
        {
            var servers = await MonitoredServers.SelectAsync(_servers, new CheckList(environment), environment, WriteErrorAsync);
            var holding = servers.SelectMany(server => rules.For(server.Name, server.Roles)).Select(entry => entry.Rule).ToHashSet(ReferenceEqualityComparer.Instance);
            found = found.Where(holding.Contains);
        }

        HealthRule[] all = [.. found];
        foreach (string name in Name)
        {
            if (!NamePattern.HasWildcards(name) && !all.Any(rule => rule.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
                await WriteErrorAsync(ProdOps.Monitoring.MonitoringErrors.RuleNotFound(name, Nearest.Find(name, all.Select(rule => rule.Name))));
        }

        await WriteAllAsync([.. all.Where(rule => Name.Any(name => NamePattern.IsMatch(name, rule.Name))).OrderBy(rule => rule.Name, StringComparer.OrdinalIgnoreCase)]);
    }
}
