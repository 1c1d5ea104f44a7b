namespace ProdOps;

/// <summary>What registering a schedule would change on a server: the very texts that would be written.</summary>
public sealed record SchedulePlan
{
    /// <summary>The server.</summary>
    public required string Server { get; init; }

    /// <summary>The schedule's name.</summary>
    public required string Name { get; init; }

    /// <summary>What would start it.</summary>
    public required ScheduleSystem Scheduler { get; init; }

    /// <summary>What would change on the whole.</summary>
    public required ScheduleChange Change { get; init; }

    /// <summary>The files, in the order they would be written.</summary>
    public required IReadOnlyList<ScheduleFile> Files { get; init => field = Indexable.Of(value); }

    /// <summary>The change and the name.</summary>
    /// <returns>E.g. <c>Update nightly on web1</c>.</returns>
    public override string ToString() => $"{Change} {Name} on {Server}";
}

/// <summary>One file of a schedule's plan.</summary>
/// <param name="Path">Its path on the server, or <c>crontab of USER</c>, or <c>\ProdOps\NAME</c> in the Task Scheduler.</param>
/// <param name="Text">What it would hold.</param>
/// <param name="CurrentText">What it holds now; <see langword="null"/> if there is none.</param>
public sealed record ScheduleFile(string Path, string Text, string? CurrentText)
{
    /// <summary>What would change.</summary>
    public ScheduleChange Change => CurrentText is null ? ScheduleChange.Create : CurrentText == Text ? ScheduleChange.None : ScheduleChange.Update;
}
