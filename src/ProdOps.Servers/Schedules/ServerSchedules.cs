using ProdOps.Servers.Commands;
using ProdOps.Servers.Schedules.Tasks;

namespace ProdOps.Servers.Schedules;

/// <summary>The schedules of one server: what is registered there, and what registering would change.</summary>
internal sealed class ServerSchedules
{
    private readonly string _server;
    private readonly IScheduler _scheduler;
    private readonly IActivity _activity;

    internal ServerSchedules(string server, IScheduler scheduler, IActivity activity)
    {
        _server = server;
        _scheduler = scheduler;
        _activity = activity;
        activity.Verbose($"On server '{server}' {scheduler.Description}.");
    }

    /// <summary>Looks what the server has.</summary>
    /// <param name="shell">The server.</param>
    /// <param name="asRoot">The system's schedules instead of the login user's.</param>
    /// <param name="activity">Told what is done.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<ServerSchedules> OpenAsync(IServerShell shell, bool asRoot, IActivity activity, TimeProvider time, CancellationToken cancellationToken)
    {
        if (shell is LocalShell && OperatingSystem.IsWindows())
        {
            if (asRoot) throw ServersErrors.ScheduleAsRootUnsupported(shell.Name);
            return new ServerSchedules(shell.Name, new WindowsTaskScheduler(TaskHost.Look(shell.Name), new WindowsTaskTool(shell.Name), activity, time), activity);
        }

        var host = await ScheduleHost.LookAsync(shell, asRoot, cancellationToken).ConfigureAwait(false);
        var files = new ServerFiles(shell, asRoot);
        IScheduler scheduler = host.UsesSystemd ? new SystemdScheduler(host, files, activity)
            : host.UsesCron ? new CronScheduler(host, files, activity, time)
            : throw ServersErrors.SchedulerMissing(shell.Name);
        return new ServerSchedules(shell.Name, scheduler, activity);
    }

    /// <summary>What registering would change. Nothing is changed yet.</summary>
    /// <exception cref="ProdOpsException">It cannot be registered here; the message says why.</exception>
    public async Task<PlannedSchedule> PlanAsync(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        definition.Validate();
        if (definition.Always && _scheduler.System != ScheduleSystem.Systemd) throw ServersErrors.ServiceNeedsSystemd(definition.Name, _server);
        string runner = _scheduler.Runner ?? throw ServersErrors.ScheduleRunnerMissing(_server);
        await _scheduler.CheckAsync(definition, cancellationToken).ConfigureAwait(false);
        var files = await _scheduler.PlanAsync(definition, runner, cancellationToken).ConfigureAwait(false);
        return new PlannedSchedule(definition, files, new SchedulePlan
        {
            Server = _server,
            Name = definition.Name,
            Scheduler = _scheduler.System,
            Change = files.All(file => !file.IsChanged) ? ScheduleChange.None : files[0].Current is null ? ScheduleChange.Create : ScheduleChange.Update,
            // An array: PowerShell cannot index what a collection expression makes of a list.
            Files = files.Select(file => file.ToModel()).ToArray(),
        });
    }

    /// <summary>Carries a plan out and returns what is registered then. A plan that changes nothing still makes sure that the schedule is enabled.</summary>
    public async Task<ProdOpsSchedule> ApplyAsync(PlannedSchedule plan, CancellationToken cancellationToken)
    {
        string name = plan.Definition.Name;
        var found = plan.Outline.Change == ScheduleChange.None ? await FindAsync(name, cancellationToken).ConfigureAwait(false) : null;
        if (found is { Enabled: true } or { Scheduler: ScheduleSystem.Cron })
        {
            _activity.Verbose($"The schedule '{name}' is registered on server '{_server}' as it should be; nothing is changed.");
            return found with { Change = ScheduleChange.None };
        }

        _activity.Verbose($"{(plan.Outline.Change == ScheduleChange.Create ? "Registering" : "Replacing")} the schedule '{name}' on server '{_server}'.");
        await _scheduler.ApplyAsync(plan.Definition, plan.Files, cancellationToken).ConfigureAwait(false);
        found = await FindAsync(name, cancellationToken).ConfigureAwait(false) ?? throw ServersErrors.ScheduleNotFound(_server, name);
        return found with { Change = plan.Outline.Change == ScheduleChange.None ? ScheduleChange.Update : plan.Outline.Change };
    }

    /// <summary>The schedules of ProdOps on the server, by name.</summary>
    public async Task<IReadOnlyList<ProdOpsSchedule>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await _scheduler.ListAsync(cancellationToken).ConfigureAwait(false)).OrderBy(schedule => schedule.Name, StringComparer.Ordinal)];

    /// <summary>Stops a schedule and takes it away.</summary>
    public async Task RemoveAsync(ProdOpsSchedule schedule, CancellationToken cancellationToken)
    {
        _activity.Verbose($"Removing the schedule '{schedule.Name}' from server '{_server}'.");
        await _scheduler.RemoveAsync(schedule, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ProdOpsSchedule?> FindAsync(string name, CancellationToken cancellationToken) =>
        (await _scheduler.ListAsync(cancellationToken).ConfigureAwait(false)).FirstOrDefault(schedule => schedule.Name == name);
}

/// <summary>A schedule, the files that it takes on a server, and the same for people.</summary>
internal sealed record PlannedSchedule(ScheduleDefinition Definition, IReadOnlyList<PlannedFile> Files, SchedulePlan Outline);
