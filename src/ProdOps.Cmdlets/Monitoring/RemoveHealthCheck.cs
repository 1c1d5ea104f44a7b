using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Logging;
using ProdOps.Monitoring;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.States;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Forgets checks of which the thing is gone for good: a disk that was taken out, a service that was uninstalled.</summary>
[Cmdlet(VerbsCommon.Remove, "HealthCheck", SupportsShouldProcess = true)]
[OutputType(typeof(HealthEvent))]
public sealed class RemoveHealthCheck : HealthStoreCmdlet
{
    /// <summary>The servers.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "The servers: names, wildcards, role:App, group:blue.")]
    [Alias("ComputerName", "Cn")]
    [ArgumentCompleter(typeof(ForgettableServerCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Server { get; set; } = [];

    /// <summary>The checks.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true, HelpMessage = "The checks, by their rules' names: disk.used, service. May have wildcards, which leave out what is measured.")]
    [Alias("Check")]
    [ArgumentCompleter(typeof(ForgettableCheckCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Which of several instances.</summary>
    [Parameter(Position = 2, ValueFromPipelineByPropertyName = true, HelpMessage = "Only these instances of the checks: /mnt, nginx. May have wildcards. Default: all that are not measured.")]
    [ArgumentCompleter(typeof(ForgettableInstanceCompleter))]
    [SupportsWildcards]
    public string[]? Instance { get; set; }

    /// <summary>Why.</summary>
    [Parameter(HelpMessage = "Why: the disk was taken out.")]
    public string Reason { get; set; } = "";

    /// <summary>Who says so.</summary>
    [Parameter(HelpMessage = "Who says so. Default: your account's name.")]
    [ValidateNotNullOrEmpty]
    public string By { get; set; } = HealthStoreAccess.UserName;

    /// <summary>Forget also what is measured.</summary>
    [Parameter(HelpMessage = "Forget also what is measured; it is there again, as a new check, with the next round in which it is measured.")]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var folder = await FindFolderAsync();
        var servers = ServerNames.Resolve(Server, await FindEnvironmentAsync(), MonitoringErrors.HistoryServerNotFound);
        var instances = Instance?.Where(static instance => !string.IsNullOrEmpty(instance)).ToList() ?? [];
        var known = Read(folder, static (_, state) => state.Checks.ToList(), cancellationToken);
        var chosen = known.FindAll(check => IsAny(servers, check.Key.Server) && IsAny(Name, check.Key.Rule) && (instances.Count == 0 || (check.Key.Instance is { } instance && IsAny(instances, instance))));
        // As with files: a name that nothing has is an error, a pattern that fits nothing is none.
        bool isPattern = servers.Concat(Name).Concat(instances).Any(name => NamePattern.HasWildcards(name) && !known.Exists(check => IsPart(check.Key, name)));
        if (chosen.Count == 0 && !isPattern) await WriteErrorAsync(MonitoringErrors.CheckNotMonitored(string.Join(' ', ((string[])[.. servers, .. Name, .. instances]))));
        var gone = Force ? chosen : chosen.FindAll(static check => check.Value.Missing);
        if (gone.Count == 0 && chosen.Count > 0 && isPattern) Activity.Verbose($"{chosen[0].Key} and whatever else fits is measured.");
        else if (gone.Count == 0 && chosen.Count > 1) await WriteErrorAsync(MonitoringErrors.CheckMeasured(chosen[0].Key, chosen.Count - 1));
        // Of the one that is measured whoever carries it out knows best what speaks against it.
        else foreach (var key in (gone.Count > 0 ? gone : chosen).Select(static check => check.Key).OrderBy(static key => key.ToString(), StringComparer.OrdinalIgnoreCase)) await ForgetAsync(folder, key, cancellationToken);
    }

    private async Task ForgetAsync(MonitoringFolder folder, CheckKey key, CancellationToken cancellationToken)
    {
        try
        {
            if (!await ShouldProcessAsync(key.ToString(), "Forget the check")) return;
            long number = await new RequestDesk(folder, TimeProvider.System, Activity).AskAsync(new ForgetRequest(key, By, Reason.Length > 0 ? Reason : null, Force), cancellationToken);
            await WriteObjectAsync(Tell(folder, number, cancellationToken));
        }
        catch (ProdOpsException error)
        {
            await WriteErrorAsync(error);
        }
    }

    // A name may have brackets of its own, and an object from the pipeline has it as it is.
    private static bool IsAny(IEnumerable<string> patterns, string name) => patterns.Any(pattern => IsSame(pattern, name) || NamePattern.IsMatch(pattern, name));

    private static bool IsPart(CheckKey key, string name) => IsSame(name, key.Server) || IsSame(name, key.Rule) || IsSame(name, key.Instance);

    private static bool IsSame(string name, string? other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}
