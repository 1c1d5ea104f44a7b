using System.Collections;
using System.Management.Automation;
using ProdOps.Cmdlets.Monitoring;
using ProdOps.Monitoring;
using ProdOps.Servers.Schedules;

namespace ProdOps.Cmdlets.Schedules;

/// <content>A monitor as a service.</content>
public sealed partial class RegisterProdOpsSchedule
{
    private const string ByHealthMonitor = "HealthMonitor";
    private const string MonitorName = "health-monitor";

    // What makes no sense for a service, or cannot be written into a file.
    private static readonly string[] NotOfMonitors = [nameof(StartHealthMonitor.For), nameof(StartHealthMonitor.Credential), nameof(StartHealthMonitor.IncludeResults), nameof(StartHealthMonitor.AcceptNewHostKey)];
    private static readonly string[] PathsOfMonitors = [nameof(StartHealthMonitor.Store), nameof(StartHealthMonitor.Environment), nameof(StartHealthMonitor.IdentityFile)];

    /// <summary>A monitor's parameters.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByHealthMonitor, HelpMessage = "Runs a monitor as a service of systemd, with these parameters of Start-HealthMonitor, e.g. @{ Environment = '/etc/prodops/environment.psd1' }.")]
    [ValidateNotNull]
    public IDictionary HealthMonitor { get; set; } = new Hashtable();

    private async Task RegisterHealthMonitorAsync(CancellationToken cancellationToken)
    {
        if (OfTimes.FirstOrDefault(MyInvocation.BoundParameters.ContainsKey) is { } needless) throw MonitoringErrors.MonitorParameterInvalid(needless, "a service runs always, not at certain times");
        string[] known = [.. typeof(StartHealthMonitor).GetProperties().Where(property => property.IsDefined(typeof(ParameterAttribute), inherit: true)).Select(property => property.Name).Except(NotOfMonitors)];
        var definition = new ScheduleDefinition
        {
            Name = Name.Length == 0 ? MonitorName : Name,
            Description = Description ?? "Monitors servers",
            Command = new ServiceCommand("Start-HealthMonitor", known, PathsOfMonitors, MonitoringErrors.MonitorParameterInvalid).Build(HealthMonitor.Keys.Cast<object>().Select(key => (key.ToString()!, Plain(HealthMonitor[key]))), out _),
            Always = true,
            User = User,
        };
        definition.Validate();
        await ForEachServerAsync(async (_, shell, token) => await RegisterAsync(shell, await OpenSchedulesAsync(shell, token), definition, token), cancellationToken);
    }
}
