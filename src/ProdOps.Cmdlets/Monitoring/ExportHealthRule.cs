using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.Monitoring;
using ProdOps.Monitoring.Exporting;
using ProdOps.Monitoring.Rules;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Gives the rules to Prometheus as alerting rules, and the servers as its targets.</summary>
[Cmdlet(VerbsData.Export, "HealthRule", SupportsShouldProcess = true)]
[OutputType(typeof(HealthRuleExport), typeof(string))]
public sealed class ExportHealthRule : AsyncCmdlet
{
    /// <summary>The file.</summary>
    [Parameter(Position = 0, HelpMessage = "The file to write. Without it the lines go to the pipeline.")]
    [Alias("FilePath")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Names of rules.</summary>
    [Parameter(HelpMessage = "Only these rules: names or wildcards. Default: all that are switched on.")]
    [ArgumentCompleter(typeof(HealthRuleCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    /// <summary>What is written.</summary>
    [Parameter(HelpMessage = "What is written: Prometheus, the alerting rules, or Targets, the environment's servers as a file of file_sd_configs. Default: Prometheus.")]
    public HealthRuleExportFormat Format { get; set; }

    /// <summary>The port of targets.</summary>
    [Parameter(HelpMessage = "The port that targets answer at. Default: 9100, node_exporter's.")]
    [ValidateRange(1, 65535)]
    public int Port { get; set; } = 9100;

    /// <summary>Replace a file that is there.</summary>
    [Parameter(HelpMessage = "Replace a file that is there. Who reads it meanwhile sees the old one or the new one, and never half of one.")]
    public SwitchParameter Force { get; set; }

    /// <summary>The environment file that has rules of its own.</summary>
    [Parameter(HelpMessage = "The environment.psd1 with rules, checks and servers. Default: $env:PRODOPS_ENVIRONMENT, else the one in this folder or above.")]
    [ArgumentCompleter(typeof(EnvironmentFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Environment { get; set; }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var environment = (await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment))).Load();
        string? path = Path is null ? null : await InvokeAsync(() => SessionState.Path.GetUnresolvedProviderPathFromPSPath(Path));
        if (path is not null && File.Exists(path) && !Force) throw MonitoringErrors.ExportExists(path);
        var (lines, written) = Format == HealthRuleExportFormat.Targets ? Targets(environment) : await RulesAsync(environment);
        foreach (string rule in written.LeftOut) Activity.Warning(rule);
        if (path is null)
        {
            await WriteAllAsync([.. lines]);
            return;
        }

        if (!await ShouldProcessAsync(path, Format == HealthRuleExportFormat.Targets ? "Export targets" : "Export rules")) return;
        using var file = new ExportFile(path);
        foreach (string line in lines) file.Write(line, "\n");
        file.Complete();
        await WriteObjectAsync(written with { Path = path, Format = Format, Bytes = file.Bytes });
    }

    private (IReadOnlyList<string> Lines, HealthRuleExport Written) Targets(ProdOpsEnvironment? environment)
    {
        var servers = environment?.Servers ?? [];
        if (servers.Count == 0) throw MonitoringErrors.NoTargets();
        return (TargetFile.Write(servers, Port, environment!.Name).Split('\n'), new HealthRuleExport { Count = servers.Count });
    }

    private async Task<(IReadOnlyList<string> Lines, HealthRuleExport Written)> RulesAsync(ProdOpsEnvironment? environment)
    {
        var rules = RuleBook.All(environment);
        foreach (string name in Name)
        {
            if (!NamePattern.HasWildcards(name) && !rules.Any(rule => rule.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
                await WriteErrorAsync(MonitoringErrors.RuleNotFound(name, Nearest.Find(name, rules.Select(rule => rule.Name))));
        }

        var file = new RuleFile(rules, environment?.Servers ?? [], environment?.Name ?? "");
        var lines = file.Lines(rule => Name.Any(name => NamePattern.IsMatch(name, rule.Name)));
        return (lines, new HealthRuleExport { Count = file.Written, LeftOut = [.. file.LeftOut.Select(static one => $"The rule '{one.Rule}' is left out: {one.Why}.")] });
    }
}
