using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Monitoring.Checks;
using ProdOps.Monitoring.Rules;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Lists the rules that say when something is a problem.</summary>
[Cmdlet(VerbsCommon.Get, "HealthRule")]
[OutputType(typeof(HealthRule))]
public sealed class GetHealthRule : HealthListCmdlet
{
    /// <summary>Names of rules.</summary>
    [Parameter(Position = 0, HelpMessage = "Only these rules: names or wildcards. Default: all.")]
    [ArgumentCompleter(typeof(HealthRuleCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var environment = await LoadEnvironmentAsync();
        var known = RuleBook.All(environment);
        var rules = new RuleSet(known);
        IEnumerable<HealthRule> found = RuleBook.Holding(known);
        if (await SelectServersAsync(new CheckList(environment), environment) is { } servers)
        {
            var holding = servers.SelectMany(server => rules.Holding(server.Name, server.Roles)).Select(static entry => entry.Given).ToHashSet(ReferenceEqualityComparer.Instance);
            found = found.Where(holding.Contains);
        }

        await WriteNamedAsync([.. found.OrderBy(static rule => rule.Name, StringComparer.OrdinalIgnoreCase)], Name, static rule => rule.Name, ProdOps.Monitoring.MonitoringErrors.RuleNotFound);
    }
}
