using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Logging;
using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.States;
using ProdOps.Servers.Clocks;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Announces work on servers or on a check: what it covers is measured on, and nobody is told.</summary>
[Cmdlet(VerbsLifecycle.Suspend, "HealthCheck", SupportsShouldProcess = true, DefaultParameterSetName = "For")]
[OutputType(typeof(HealthDowntime))]
public sealed class SuspendHealthCheck : HealthStoreCmdlet
{
    /// <summary>The servers.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "The servers: names, wildcards, role:App, group:blue. Default: all.")]
    [Alias("ComputerName", "Cn", "Name")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Server { get; set; } = ["*"];

    /// <summary>One check instead of the whole server.</summary>
    [Parameter(HelpMessage = "Only this check of the servers, by its rule's name: disk.used, http, service. May have wildcards. Default: all.")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string? Check { get; set; }

    /// <summary>One instance of the check.</summary>
    [Parameter(HelpMessage = "Only this instance of the check: /var, nginx. May have wildcards. Default: all.")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string? Instance { get; set; }

    /// <summary>For how long.</summary>
    [Parameter(ParameterSetName = "For", HelpMessage = "For how long, e.g. 30m. Default: until Resume-HealthCheck. With -Flexible or -Recurrence, how long each time.")]
    [Duration]
    public TimeSpan For { get; set; }

    /// <summary>Until when.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Until", HelpMessage = "Until when.")]
    public DateTimeOffset Until { get; set; }

    /// <summary>From when on.</summary>
    [Parameter(HelpMessage = "From when on. Default: now.")]
    public DateTimeOffset From { get; set; }

    /// <summary>Begin with the first problem.</summary>
    [Parameter(ParameterSetName = "For", HelpMessage = "Begin with the first problem within a day from -From on, and last for -For then.")]
    public SwitchParameter Flexible { get; set; }

    /// <summary>Begin again and again.</summary>
    [Parameter(ParameterSetName = "For", HelpMessage = "Begin again and again, as cron says it: '0 3 * * sun'. -For says how long each time.")]
    [ValidateNotNullOrEmpty]
    public string? Recurrence { get; set; }

    /// <summary>The zone of the recurrence.</summary>
    [Parameter(ParameterSetName = "For", HelpMessage = "The time zone of -Recurrence, e.g. Europe/Berlin. Default: the monitor's.")]
    [ArgumentCompleter(typeof(TimeZoneCompleter))]
    [ValidateNotNullOrEmpty]
    public string? TimeZone { get; set; }

    /// <summary>Why.</summary>
    [Parameter(HelpMessage = "Why: deploy, new disk.")]
    public string Reason { get; set; } = "";

    /// <summary>Who does the work.</summary>
    [Parameter(HelpMessage = "Who does the work. Default: your account's name.")]
    [ValidateNotNullOrEmpty]
    public string By { get; set; } = HealthStoreAccess.UserName;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var folder = await FindFolderAsync();
        // A name may be a pattern for servers that do not exist yet; a role or a group is what it is now.
        var names = ServerNames.Resolve(Server, await FindEnvironmentAsync());
        foreach (string server in names.Count == 0 ? ["*"] : names)
        {
            var now = TimeProvider.System.GetUtcNow();
            var downtime = Make(server, From == default ? now : From);
            try
            {
                if (!await ShouldProcessAsync(Check is null ? server : $"{server} {Check}", "Suspend notifications")) continue;
                long number = await new RequestDesk(folder, TimeProvider.System, Activity).AskAsync(new DowntimeRequest(downtime), cancellationToken);
                await WriteObjectAsync(Downtimes.Of(downtime with { Id = number }, now));
            }
            catch (ProdOpsException error)
            {
                await WriteErrorAsync(error);
            }
        }
    }

    private Downtime Make(string server, DateTimeOffset from)
    {
        bool each = Flexible || Recurrence is not null;
        return new Downtime
        {
            Server = server,
            Rule = Check,
            Instance = Instance,
            From = from,
            Until = ParameterSetName == "Until" ? Until : Recurrence is not null || For == TimeSpan.Zero ? DateTimeOffset.MaxValue : Moments.Add(from, Flexible ? TimeSpan.FromDays(1) : For),
            Length = each ? For : null,
            Recurrence = Recurrence,
            TimeZone = TimeZone,
            Reason = Reason,
            By = By,
        };
    }
}
