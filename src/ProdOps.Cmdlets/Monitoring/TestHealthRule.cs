using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.Monitoring.Replay;
using ProdOps.Monitoring.Rules;
using ProdOps.Servers;
using ProdOps.Servers.Inventory;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Replays what monitoring has kept through a rule: when it would have fired, for how long, and how many messages that would have been.</summary>
[Cmdlet(VerbsDiagnostic.Test, "HealthRule", DefaultParameterSetName = ByName)]
[OutputType(typeof(HealthRuleFiring))]
public sealed class TestHealthRule : HistoryCmdlet
{
    private const string ByName = "Name", ByMetric = "Metric";

    // No rule of a file can be called so.
    private const string Untitled = "(test)";

    private static readonly TimeSpan Usual = TimeSpan.FromDays(7);

    /// <summary>The rule.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByName, ValueFromPipelineByPropertyName = true, HelpMessage = "The rule: the name of one that there is. What else is given is tried in the place of what the rule says.")]
    [ArgumentCompleter(typeof(HealthRuleCompleter))]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>The metric that a new rule looks at.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByMetric, HelpMessage = "The metric that a new rule would look at, e.g. disk.used.")]
    [ArgumentCompleter(typeof(MetricNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Metric { get; set; }

    /// <summary>From where on it is a warning.</summary>
    [Parameter(HelpMessage = "From where on it is a warning: '> 80%', '< 10GB', '>= 500ms'.")]
    [ValidateNotNullOrEmpty]
    public string? Warning { get; set; }

    /// <summary>From where on it is critical.</summary>
    [Parameter(HelpMessage = "From where on it is critical: '> 95%'.")]
    [ValidateNotNullOrEmpty]
    public string? Critical { get; set; }

    /// <summary>How long it must be bad before it counts.</summary>
    [Parameter(HelpMessage = "How long it must be bad, without a good result between, before it counts: 0s, 5m.")]
    [Duration]
    [ValidateNotNull]
    public TimeSpan? For { get; set; }

    /// <summary>How many results in a row must be bad.</summary>
    [Parameter(HelpMessage = "How many results in a row must be bad.")]
    [ValidateRange(1, 100)]
    public int Attempts { get; set; }

    /// <summary>What is made of the samples of the window.</summary>
    [Parameter(HelpMessage = "What is made of the samples of -Window before the thresholds are looked at.")]
    public HealthFunction? Function { get; set; }

    /// <summary>How far back the function looks.</summary>
    [Parameter(HelpMessage = "How far back the function looks: 10m, 6h.")]
    [Duration]
    [ValidateNotNull]
    public new TimeSpan? Window { get; set; }

    /// <summary>What a forecast forecasts the reaching of.</summary>
    [Parameter(HelpMessage = "What a forecast forecasts the reaching of: 100%.")]
    [ValidateNotNullOrEmpty]
    public string? Limit { get; set; }

    /// <summary>Which of several.</summary>
    [Parameter(HelpMessage = "Only these instances: mounts, devices, interfaces, e.g. /var or eth*.")]
    [ArgumentCompleter(typeof(MetricInstanceCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Instance { get; set; }

    /// <summary>The servers.</summary>
    [Parameter(HelpMessage = "Only the history of these servers: names, wildcards, role:App, group:blue, or server objects. Default: all.")]
    [Alias("ComputerName", "Cn")]
    [ArgumentCompleter(typeof(MetricServerCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public ServerReference[]? Server { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        try
        {
            var (from, to) = base.Window(Usual);
            var environment = await FindEnvironmentAsync();
            var (rules, name) = Rules(environment);
            var servers = await NamesOfAsync(Server);
            var replay = new RuleReplay(await OpenStoreAsync(), new ReplayRequest { Rules = rules, Rule = name, Servers = servers.Count > 0 ? servers : ["*"], Environment = environment, From = from, To = to }, Activity);
            await WriteAllAsync(replay.Run(cancellationToken));
        }
        catch (ProdOpsException error)
        {
            await WriteErrorAsync(error);
        }
    }

    /// <summary>All rules with the one that is tested, and what that is called.</summary>
    private (IReadOnlyList<HealthRule> Rules, string Name) Rules(ProdOpsEnvironment? environment)
    {
        var rules = RuleBook.All(environment);
        string name = Metric is null ? rules.FirstOrDefault(rule => rule.Name.Equals(Name, StringComparison.OrdinalIgnoreCase))?.Name
            ?? throw ProdOps.Monitoring.MonitoringErrors.RuleNotFound(Name, Nearest.Find(Name, rules.Select(rule => rule.Name))) : Untitled;
        if (Metric is null && Warning is null && Critical is null && For is null && Attempts == 0 && Function is null && Window is null && Limit is null && Instance is null) return (rules, name);
        var tried = new HealthRuleDefinition
        {
            Name = name,
            Metric = Metric,
            Warning = Warning is null ? null : ThresholdText.Parse(Warning),
            Critical = Critical is null ? null : ThresholdText.Parse(Critical),
            For = For,
            Attempts = Attempts == 0 ? null : Attempts,
            Function = Function,
            Window = Window,
            Limit = Limit is null ? null : ThresholdText.ReadAmount(Limit.Trim())?.Value ?? throw ServersErrors.ThresholdInvalid(Limit, "it is neither a number nor one with a unit that is known"),
            Instances = Instance,
        };
        var around = environment ?? new ProdOpsEnvironment { Name = "", Path = "" };
        return (RuleBook.All(around with { Monitoring = around.Monitoring with { Rules = [.. around.Monitoring.Rules, tried] } }), name);
    }
}
