using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Schedules;

namespace ProdOps.Cmdlets.Schedules;

/// <summary>Has servers run a PowerShell command or script at certain times: by a systemd timer, by cron where there is no systemd, and on a Windows machine by its Task Scheduler.</summary>
[Cmdlet(VerbsLifecycle.Register, "ProdOpsSchedule", SupportsShouldProcess = true, DefaultParameterSetName = "Command")]
[OutputType(typeof(ProdOpsSchedule), typeof(SchedulePlan))]
public sealed partial class RegisterProdOpsSchedule : ScheduleCmdlet
{
    /// <summary>The schedule's name.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Command", HelpMessage = "The schedule's name: letters, digits, - and _. Registering a name again replaces what it had.")]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "FilePath", HelpMessage = "The schedule's name: letters, digits, - and _. Registering a name again replaces what it had.")]
    [Parameter(Position = 0, ParameterSetName = ByLogReceiver, HelpMessage = "The service's name. Default: log-receiver.")]
    [Parameter(Position = 0, ParameterSetName = ByHealthMonitor, HelpMessage = "The service's name. Default: health-monitor.")]
    [ArgumentCompleter(typeof(ScheduleNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>PowerShell text to run.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Command", HelpMessage = "The PowerShell text to run, or a script block.")]
    [ValidateNotNullOrEmpty]
    public string? Command { get; set; }

    /// <summary>A script on the server to run.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "FilePath", HelpMessage = "The full path of a script on the server.")]
    [ValidateNotNullOrEmpty]
    public string? FilePath { get; set; }

    /// <summary>The script's arguments.</summary>
    [Parameter(ParameterSetName = "FilePath", HelpMessage = "The script's arguments, each handed over as it is.")]
    [AllowEmptyCollection]
    public string[] ArgumentList { get; set; } = [];

    /// <summary>Times of day.</summary>
    [Parameter(HelpMessage = "Times of day, e.g. 02:30, in the server's time zone.")]
    public TimeOnly[] Daily { get; set; } = [];

    /// <summary>An interval.</summary>
    [Parameter(HelpMessage = "An interval, e.g. 15m or 1h. One that fits evenly into an hour or a day runs at even times.")]
    [Duration]
    public TimeSpan Every { get; set; }

    /// <summary>cron's five fields.</summary>
    [Parameter(HelpMessage = "Minute, hour, day of the month, month, day of the week, as in a crontab, e.g. '15 2 * * mon-fri'.")]
    [ValidateNotNullOrEmpty]
    public string[] Cron { get; set; } = [];

    /// <summary>systemd's calendar events.</summary>
    [Parameter(HelpMessage = "A calendar event of systemd, e.g. 'Mon *-*-1..7 04:00'. Only where systemd runs.")]
    [ValidateNotNullOrEmpty]
    public string[] OnCalendar { get; set; } = [];

    /// <summary>How long a run is put off at random, at most.</summary>
    [Parameter(HelpMessage = "Puts each run off by a random time up to this, e.g. 10m, so that many servers do not start at once.")]
    [Duration]
    public TimeSpan RandomDelay { get; set; }

    /// <summary>The account to run as.</summary>
    [Parameter(HelpMessage = "The account to run as. Default: root for the system's schedules, else the login user.")]
    [ValidateNotNullOrEmpty]
    public string? User { get; set; }

    /// <summary>What it is for.</summary>
    [Parameter(HelpMessage = "What it is for, in a few words.")]
    [ValidateNotNullOrEmpty]
    public string? Description { get; set; }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (ParameterSetName == ByBackup)
        {
            await RegisterBackupsAsync(cancellationToken);
            return;
        }

        if (ParameterSetName == ByLogReceiver)
        {
            await RegisterLogReceiverAsync(cancellationToken);
            return;
        }

        if (ParameterSetName == ByHealthMonitor)
        {
            await RegisterHealthMonitorAsync(cancellationToken);
            return;
        }

        var definition = new ScheduleDefinition
        {
            Name = Name,
            Description = Description,
            Command = Command?.Trim(),
            FilePath = FilePath,
            Arguments = Some(ArgumentList),
            Cron = Some(Cron),
            Daily = Some(Daily),
            Every = Every,
            Calendar = Some(OnCalendar),
            RandomDelay = RandomDelay,
            User = User,
        };
        definition.Validate();
        await ForEachServerAsync(async (_, shell, token) => await RegisterAsync(shell, await OpenSchedulesAsync(shell, token), definition, token), cancellationToken);
    }

    private async Task RegisterAsync(IServerShell shell, ServerSchedules schedules, ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        var plan = await schedules.PlanAsync(definition, cancellationToken);
        string action = plan.Outline.Change switch
        {
            ScheduleChange.Create => "Register the schedule",
            ScheduleChange.Update => "Replace the schedule",
            _ => "Leave the schedule as it is",
        };
        switch (await DecideAsync($"{definition.Name} on {shell.Name}", action))
        {
            case ChangeDecision.Plan:
                await WriteObjectAsync(plan.Outline);
                break;
            case ChangeDecision.Act:
                await WriteObjectAsync(await schedules.ApplyAsync(plan, cancellationToken));
                break;
        }
    }

    private static T[]? Some<T>(T[] values) => values.Length == 0 ? null : values;
}
