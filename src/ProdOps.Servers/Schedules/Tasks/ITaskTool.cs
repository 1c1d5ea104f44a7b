namespace ProdOps.Servers.Schedules.Tasks;

/// <summary>What is asked of the Task Scheduler.</summary>
internal interface ITaskTool
{
    /// <summary>The answer to <see cref="TaskState.Probe"/>.</summary>
    Task<string> ListAsync(CancellationToken cancellationToken);

    /// <summary>Registers a task, in the place of one of the same path.</summary>
    /// <returns>Why it is refused, or <see langword="null"/>.</returns>
    Task<string?> CreateAsync(string path, string xml, CancellationToken cancellationToken);

    /// <summary>Takes a task away.</summary>
    /// <returns>Why that is refused, or <see langword="null"/>.</returns>
    Task<string?> DeleteAsync(string path, CancellationToken cancellationToken);
}
