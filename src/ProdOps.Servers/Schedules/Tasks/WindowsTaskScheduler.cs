namespace ProdOps.Servers.Schedules.Tasks;

/// <summary>Schedules as tasks of the Windows Task Scheduler of this machine. They run as the user who registers them.</summary>
internal sealed class WindowsTaskScheduler(TaskHost host, ITaskTool tool, IActivity activity, TimeProvider time) : IScheduler
{
    public ScheduleSystem System => ScheduleSystem.TaskScheduler;

    public string? Runner => host.Runner;

    public string Description => $"tasks of {host.User} are kept by the Task Scheduler";

    public Task CheckAsync(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        if (definition.User is { } user && !user.Equals(host.User, StringComparison.OrdinalIgnoreCase) && !host.User.EndsWith($"\\{user}", StringComparison.OrdinalIgnoreCase))
            throw ServersErrors.ScheduleUserInvalid(host.Server, user, $"it is registered by {host.User}, and a task keeps no other account's password");
        if (definition.FilePath is { } path && !File.Exists(path)) throw ServersErrors.ScheduleScriptMissing(host.Server, path);
        return Task.CompletedTask;
    }

    public async Task<IReadOnlyList<PlannedFile>> PlanAsync(ScheduleDefinition definition, string runner, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (string cron in definition.Cron ?? [])
            if (CronState.Next(cron, now, time.LocalTimeZone) is null) throw ServersErrors.ScheduleNeverRuns(definition.Name, cron);
        string path = PathOf(definition.Name);
        string text = TaskXml.Write(definition, host, runner, time.GetLocalNow().DateTime);
        var tasks = TaskState.Parse(await tool.ListAsync(cancellationToken).ConfigureAwait(false), out bool isWhole);
        var registered = tasks.FirstOrDefault(task => task.Name.Equals(definition.Name, StringComparison.OrdinalIgnoreCase));
        // What cannot be read may be a task of this name, which registering would write over.
        if (registered is null && !isWhole) throw ServersErrors.TaskSchedulerFailed(host.Server, "its list of tasks has an entry that cannot be read");
        if (registered is null) return [new PlannedFile(path, text, null)];
        if (TaskXml.Read(registered.Xml) is not { Definition: not null } current) throw ServersErrors.ScheduleNotOurs(host.Server, definition.Name, path);
        // As it would have been written on the day it was registered: only then can the two be the same.
        bool same = current.Registered is { } then && TaskXml.Read(TaskXml.Write(definition, host, runner, then)) is { } ours && TaskXml.Holds(current, ours);
        return [new PlannedFile(path, same ? registered.Xml : text, registered.Xml)];
    }

    public async Task ApplyAsync(ScheduleDefinition definition, IReadOnlyList<PlannedFile> files, CancellationToken cancellationToken)
    {
        // One step: a task that is refused leaves the one before it as it was.
        if (await tool.CreateAsync(files[0].Path, files[0].Text, cancellationToken).ConfigureAwait(false) is { } refusal)
            throw ServersErrors.ScheduleRefused(host.Server, definition.Name, refusal);
        if (!host.IsElevated)
            activity.Warning($"The schedule '{definition.Name}' runs only while {host.User} is logged in. Registered by an administrator (an elevated PowerShell) it runs always.");
    }

    public async Task<IReadOnlyList<ProdOpsSchedule>> ListAsync(CancellationToken cancellationToken) =>
        [.. TaskState.Parse(await tool.ListAsync(cancellationToken).ConfigureAwait(false)).Select(task => TaskState.ToModel(task, host)).OfType<ProdOpsSchedule>()];

    public async Task RemoveAsync(ProdOpsSchedule schedule, CancellationToken cancellationToken)
    {
        if (await tool.DeleteAsync(PathOf(schedule.Name), cancellationToken).ConfigureAwait(false) is { } refusal)
            throw ServersErrors.TaskSchedulerFailed(host.Server, refusal);
    }

    private static string PathOf(string name) => $"{TaskState.Folder}\\{name}";
}
