using System.Collections;
using System.Management.Automation;
using System.Reflection;
using ProdOps.Cmdlets.Logging;
using ProdOps.Logging;
using ProdOps.Logging.Receiving;
using ProdOps.Servers.Schedules;

namespace ProdOps.Cmdlets.Schedules;

/// <content>A log receiver as a service.</content>
public sealed partial class RegisterProdOpsSchedule
{
    private const string ByLogReceiver = "LogReceiver";
    private const string ReceiverName = "log-receiver";

    private static readonly string[] OfTimes = [nameof(Daily), nameof(Every), nameof(Cron), nameof(OnCalendar), nameof(RandomDelay)];

    // What makes no sense for a service, or cannot be written into a file.
    private static readonly string[] NotOfServices = [nameof(StartLogReceiver.PassThru), nameof(StartLogReceiver.For), nameof(StartLogReceiver.StatisticsInterval), nameof(StartLogReceiver.CertificatePassword)];

    /// <summary>A log receiver's parameters.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByLogReceiver, HelpMessage = "Runs a log receiver as a service of systemd, with these parameters of Start-LogReceiver, e.g. @{ Udp = 514; Tcp = 514; Store = '/srv/logs' }.")]
    [ValidateNotNull]
    public IDictionary LogReceiver { get; set; } = new Hashtable();

    private async Task RegisterLogReceiverAsync(CancellationToken cancellationToken)
    {
        if (OfTimes.FirstOrDefault(MyInvocation.BoundParameters.ContainsKey) is { } needless) throw LoggingErrors.ReceiverParameterInvalid(needless, "a service runs always, not at certain times");
        string[] known = [.. typeof(StartLogReceiver).GetProperties().Where(property => property.GetCustomAttribute<ParameterAttribute>() is not null).Select(property => property.Name).Except(NotOfServices)];
        var definition = new ScheduleDefinition
        {
            Name = Name.Length == 0 ? ReceiverName : Name,
            Description = Description ?? "Receives logs",
            Command = ReceiverCommand.Build(LogReceiver.Keys.Cast<object>().Select(key => (key.ToString()!, Plain(LogReceiver[key]))), known),
            Always = true,
            User = User,
        };
        definition.Validate();
        await ForEachServerAsync(async (_, shell, token) => await RegisterAsync(shell, await OpenSchedulesAsync(shell, token), definition, token), cancellationToken);
    }

    private static object? Plain(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
