using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Checking;

/// <summary>How a repository is tested.</summary>
internal sealed record CheckOptions
{
    /// <summary>The snapshots whose folders are looked through; none means all.</summary>
    public IReadOnlyCollection<ObjectId> Snapshots { get; init; } = [];

    /// <summary>Which packs are read whole; <see langword="null"/> tests the structure alone.</summary>
    public PackSubset? ReadData { get; init; }

    /// <summary>Where rolling tests remember what was read; by default <see cref="RollingState.DefaultFolder"/>.</summary>
    public string? StateFolder { get; init; }

    /// <summary>Chooses the packs of a random share.</summary>
    public Random Random { get; init; } = Random.Shared;

    /// <summary>Threads; zero is one a processor.</summary>
    public int Workers { get; init; }

    /// <summary>For places that cannot be written to. What other programs remove meanwhile then looks like damage.</summary>
    public bool NoLock { get; init; }

    /// <summary>How long to wait for an exclusive lock of somebody else's; zero fails at once.</summary>
    public TimeSpan RetryLock { get; init; }

    /// <summary>How many paths a problem lists as affected.</summary>
    public int MaxAffected { get; init; } = 1000;
}
