namespace ProdOps.Servers.Schedules;

/// <summary>What starts schedules on one server for one user: systemd, cron or the Windows Task Scheduler.</summary>
internal interface IScheduler
{
    ScheduleSystem System { get; }

    /// <summary>The program on the server that runs schedules, by its full path, or <see langword="null"/> if there is none.</summary>
    string? Runner { get; }

    /// <summary>Whose schedules are kept by what, for the verbose stream.</summary>
    string Description { get; }

    /// <summary>Refuses an account or a script that the server does not have.</summary>
    Task CheckAsync(ScheduleDefinition definition, CancellationToken cancellationToken);

    /// <summary>The files of a schedule. Refuses what this scheduler cannot do, by asking it where it can be asked.</summary>
    Task<IReadOnlyList<PlannedFile>> PlanAsync(ScheduleDefinition definition, string runner, CancellationToken cancellationToken);

    /// <summary>Writes the files that differ and has the schedule run at its times. If that fails, what was there before is there again.</summary>
    Task ApplyAsync(ScheduleDefinition definition, IReadOnlyList<PlannedFile> files, CancellationToken cancellationToken);

    /// <summary>The schedules of ProdOps.</summary>
    Task<IReadOnlyList<ProdOpsSchedule>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Stops one and takes its files away.</summary>
    Task RemoveAsync(ProdOpsSchedule schedule, CancellationToken cancellationToken);
}

/// <summary>A file of a schedule: what it is to hold and what it holds now.</summary>
/// <param name="Path">Its path on the server, or in the Task Scheduler; a crontab has none and is told by <see cref="CrontabOf"/>.</param>
/// <param name="Text">What it is to hold.</param>
/// <param name="Current">What it holds, or <see langword="null"/> if there is none.</param>
internal sealed record PlannedFile(string Path, string Text, string? Current)
{
    /// <summary>Its permissions, in octal.</summary>
    public string Mode { get; init; } = "0644";

    /// <summary>The user whose crontab it is.</summary>
    public string? CrontabOf { get; init; }

    public bool IsChanged => Text != Current;

    public ScheduleFile ToModel() => new(CrontabOf is null ? Path : $"crontab of {CrontabOf}", Text, Current);
}
