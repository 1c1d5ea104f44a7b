using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Schedules;

/// <summary>The schedules of one server: what is registered there, and what registering would change.</summary>
internal sealed class ServerSchedules
{
    private readonly IServerShell _shell;
    private readonly ScheduleHost _host;
    private readonly ServerFiles _files;
    private readonly IActivity _activity;

    private ServerSchedules(IServerShell shell, ScheduleHost host, ServerFiles files, IScheduler scheduler, IActivity activity)
    {
        _shell = shell;
        _host = host;
        _files = files;
        Scheduler = scheduler;
        _activity = activity;
    }

    private IScheduler Scheduler { get; }

    /// <summary>Looks what the server has.</summary>
    /// <param name="shell">The server.</param>
    /// <param name="asRoot">The system's schedules instead of the login user's.</param>
    /// <param name="activity">Told what is done.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<ServerSchedules> OpenAsync(IServerShell shell, bool asRoot, IActivity activity, TimeProvider time, CancellationToken cancellationToken)
    {
        var host = await ScheduleHost.LookAsync(shell, asRoot, cancellationToken).ConfigureAwait(false);
        var files = new ServerFiles(shell, asRoot);
        IScheduler scheduler = host.UsesSystemd ? new SystemdScheduler(host, files, activity)
            : host.UsesCron ? new CronScheduler(host, files, activity, time)
            : throw ServersErrors.SchedulerMissing(shell.Name);
        activity.Verbose($"On server '{shell.Name}' schedules of {(host.IsRoot ? "the system" : host.User)} are kept by {(host.UsesSystemd ? $"systemd {host.Systemd}" : "cron")}.");
        return new ServerSchedules(shell, host, files, scheduler, activity);
    }

    /// <summary>What registering would change. Nothing is changed yet.</summary>
    /// <exception cref="ProdOpsException">It cannot be registered here; the message says why.</exception>
    public async Task<PlannedSchedule> PlanAsync(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        definition.Validate();
        string runner = _host.Runner ?? throw ServersErrors.ScheduleRunnerMissing(_shell.Name);
        await CheckUserAsync(definition, cancellationToken).ConfigureAwait(false);
        await CheckScriptAsync(definition, cancellationToken).ConfigureAwait(false);
        var files = await Scheduler.PlanAsync(definition, runner, cancellationToken).ConfigureAwait(false);
        return new PlannedSchedule(definition, files, new SchedulePlan
        {
            Server = _shell.Name,
            Name = definition.Name,
            Scheduler = Scheduler.System,
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
            _activity.Verbose($"The schedule '{name}' is registered on server '{_shell.Name}' as it should be; nothing is changed.");
            return found with { Change = ScheduleChange.None };
        }

        _activity.Verbose($"{(plan.Outline.Change == ScheduleChange.Create ? "Registering" : "Replacing")} the schedule '{name}' on server '{_shell.Name}'.");
        await Scheduler.ApplyAsync(plan.Definition, plan.Files, cancellationToken).ConfigureAwait(false);
        found = await FindAsync(name, cancellationToken).ConfigureAwait(false) ?? throw ServersErrors.ScheduleNotFound(_shell.Name, name);
        return found with { Change = plan.Outline.Change == ScheduleChange.None ? ScheduleChange.Update : plan.Outline.Change };
    }

    /// <summary>The schedules of ProdOps on the server, by name.</summary>
    public async Task<IReadOnlyList<ProdOpsSchedule>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await Scheduler.ListAsync(cancellationToken).ConfigureAwait(false)).OrderBy(schedule => schedule.Name, StringComparer.Ordinal)];

    /// <summary>Stops a schedule and takes it away.</summary>
    public async Task RemoveAsync(ProdOpsSchedule schedule, CancellationToken cancellationToken)
    {
        _activity.Verbose($"Removing the schedule '{schedule.Name}' from server '{_shell.Name}'.");
        await Scheduler.RemoveAsync(schedule, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ProdOpsSchedule?> FindAsync(string name, CancellationToken cancellationToken) =>
        (await Scheduler.ListAsync(cancellationToken).ConfigureAwait(false)).FirstOrDefault(schedule => schedule.Name == name);

    private async Task CheckUserAsync(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        if (definition.User is not { } user || user == _host.User) return;
        if (!_host.IsRoot) throw ServersErrors.ScheduleUserInvalid(_shell.Name, user, $"it is registered by {_host.User}");
        // A name that begins with a dash would be an option of id; cron splits its lines at white space.
        bool plain = user.Length > 0 && user[0] != '-' && user.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '$' or '@');
        if (!plain || !(await _files.RunAsync($"id -u {ShellQuote.Word(user)} >/dev/null 2>&1", cancellationToken).ConfigureAwait(false)).Exit.Succeeded)
            throw ServersErrors.ScheduleUserInvalid(_shell.Name, user, "there is no such account");
    }

    private async Task CheckScriptAsync(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        if (definition.FilePath is not { } path) return;
        var output = await _files.RunAsync($"[ -f {ShellQuote.Word(path)} ] && [ -r {ShellQuote.Word(path)} ]", cancellationToken).ConfigureAwait(false);
        if (!output.Exit.Succeeded) throw ServersErrors.ScheduleScriptMissing(_shell.Name, path);
    }
}

/// <summary>A schedule, the files that it takes on a server, and the same for people.</summary>
internal sealed record PlannedSchedule(ScheduleDefinition Definition, IReadOnlyList<PlannedFile> Files, SchedulePlan Outline);
