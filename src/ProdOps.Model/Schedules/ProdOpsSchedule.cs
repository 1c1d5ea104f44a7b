namespace ProdOps;

/// <summary>A command that a server runs by itself at certain times, as ProdOps registered it there.</summary>
public sealed record ProdOpsSchedule
{
    /// <summary>The server it runs on.</summary>
    public required string Server { get; init; }

    /// <summary>Its name, one of its kind on the server.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for, in the admin's words.</summary>
    public string? Description { get; init; }

    /// <summary>What starts it.</summary>
    public required ScheduleSystem Scheduler { get; init; }

    /// <summary>Whether it belongs to the machine or to one user.</summary>
    public required ScheduleScope Scope { get; init; }

    /// <summary>When it runs, as it was registered, e.g. <c>Cron 15 * * * *</c>, <c>Daily 02:30</c>, <c>Every 01:00:00</c>.</summary>
    public IReadOnlyList<string> Schedule { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The longest time that a run is put off at random.</summary>
    public TimeSpan RandomDelay { get; init; }

    /// <summary>The PowerShell text it runs; <see langword="null"/> when it runs a script.</summary>
    public string? Command { get; init; }

    /// <summary>The script on the server that it runs; <see langword="null"/> when it runs a command.</summary>
    public string? FilePath { get; init; }

    /// <summary>The script's arguments.</summary>
    public IReadOnlyList<string> ArgumentList { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The account it runs as.</summary>
    public required string User { get; init; }

    /// <summary>Whether it will run at its next time.</summary>
    public required bool Enabled { get; init; }

    /// <summary>How the last run ended, or that it is at work now.</summary>
    public ScheduleResult LastResult { get; init; }

    /// <summary>When the last run began; <see langword="null"/> if none is known of.</summary>
    public DateTimeOffset? LastRun { get; init; }

    /// <summary>How long the last run took; the Windows Task Scheduler does not tell.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>The last run's exit code; 128 + the number for one that a signal ended. On Windows a run that could not start has an error's number (0x80070002: not found).</summary>
    public int? ExitCode { get; init; }

    /// <summary>When it runs next, before the random delay where the scheduler does not tell it; <see langword="null"/> if it does not.</summary>
    public DateTimeOffset? NextRun { get; init; }

    /// <summary>What was done to it just now; only registering says that.</summary>
    public ScheduleChange? Change { get; init; }

    /// <summary>The files on the server that make it up.</summary>
    public IReadOnlyList<string> Files { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The name and the server.</summary>
    /// <returns>E.g. <c>nightly on web1</c>.</returns>
    public override string ToString() => $"{Name} on {Server}";
}

/// <summary>What starts schedules on a server.</summary>
public enum ScheduleSystem
{
    /// <summary>A systemd timer and its service.</summary>
    Systemd,

    /// <summary>cron.</summary>
    Cron,

    /// <summary>The Windows Task Scheduler.</summary>
    TaskScheduler,
}

/// <summary>Whom a schedule belongs to.</summary>
public enum ScheduleScope
{
    /// <summary>The machine: root registered it.</summary>
    System,

    /// <summary>The user who registered it.</summary>
    User,
}

/// <summary>How a schedule's last run ended.</summary>
public enum ScheduleResult
{
    /// <summary>No run is known of.</summary>
    None,

    /// <summary>A run is at work now.</summary>
    Running,

    /// <summary>It ended with 0.</summary>
    Succeeded,

    /// <summary>It ended otherwise, or could not be started.</summary>
    Failed,
}

/// <summary>What registering does.</summary>
public enum ScheduleChange
{
    /// <summary>Nothing: it is registered already, with the same text.</summary>
    None,

    /// <summary>It is new.</summary>
    Create,

    /// <summary>It is registered with another text, which is replaced.</summary>
    Update,
}
