namespace ProdOps;

/// <summary>
/// What an engine tells while it works. Every member may be called from any thread and returns without
/// waiting for whoever listens.
/// </summary>
public interface IActivity
{
    /// <summary>Tells a step that was taken and why.</summary>
    /// <param name="message">One line, without secrets.</param>
    void Verbose(string message);

    /// <summary>Tells something the admin should look at, though the work goes on.</summary>
    /// <param name="message">One line, without secrets.</param>
    void Warning(string message);

    /// <summary>Tells that one item failed while the others go on.</summary>
    /// <param name="error">The failure, with the item as its target.</param>
    void Error(ProdOpsException error);

    /// <summary>Tells how far the work is. Callers throttle to a few times a second.</summary>
    /// <param name="progress">The state now.</param>
    void Progress(ActivityProgress progress);
}

/// <summary>How far a piece of work is.</summary>
/// <param name="Activity">What is being done, e.g. <c>Backing up web1</c>.</param>
/// <param name="Status">How far, how fast, e.g. <c>12,013 files, 1.2 GiB, 210 MiB/s</c>.</param>
/// <param name="Fraction">0 to 1, or <see langword="null"/> when the end is not known.</param>
/// <param name="Remaining">Estimated time left, or <see langword="null"/>.</param>
/// <param name="Completed">True once, when the work has ended.</param>
public readonly record struct ActivityProgress(
    string Activity, string Status, double? Fraction = null, TimeSpan? Remaining = null, bool Completed = false);

/// <summary>An <see cref="IActivity"/> nobody listens to.</summary>
public sealed class SilentActivity : IActivity
{
    /// <summary>The one instance.</summary>
    public static SilentActivity Instance { get; } = new();

    /// <inheritdoc/>
    public void Verbose(string message) { }

    /// <inheritdoc/>
    public void Warning(string message) { }

    /// <inheritdoc/>
    public void Error(ProdOpsException error) { }

    /// <inheritdoc/>
    public void Progress(ActivityProgress progress) { }
}
