using System.ComponentModel;
using System.Management.Automation;
using ProdOps.Backup.Browsing;
using ProdOps.Backup.Repositories;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Places;
using ProdOps.Cmdlets.Servers;
using ProdOps.Servers.Evidence;

namespace ProdOps.Cmdlets.Backup;

/// <summary>The base of the cmdlets that read backups: they hold a shared lock meanwhile, as restic does, so that nobody removes what they read.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ReadingCmdlet : RepositoryCmdlet
{
    // Taking a lock costs a fifth of a second, so it is kept until the input ends.
    private readonly Dictionary<Repository, RepositoryLock> _locks = [];

    /// <summary>Reads without a lock.</summary>
    [Parameter(HelpMessage = "Reads without locking: for a repository on a read-only medium.")]
    public SwitchParameter NoLock { get; set; }

    /// <summary>How long to wait for somebody else's lock.</summary>
    [Parameter(HelpMessage = "How long to wait while somebody else holds the repository's exclusive lock.")]
    public TimeSpan RetryLock { get; set; }

    /// <summary>Which snapshots <c>latest</c> and lists look at: those of these hosts.</summary>
    [Parameter(HelpMessage = "Only backups of these servers; wildcards work.")]
    [Alias("HostName")]
    [ArgumentCompleter(typeof(ServerCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Server { get; set; } = [];

    /// <summary>Which snapshots <c>latest</c> and lists look at: those that carry all of these tags.</summary>
    [Parameter(HelpMessage = "Only backups that carry all of these tags.")]
    [ArgumentCompleter(typeof(TagCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Tag { get; set; } = [];

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken) => await UnlockAsync();

    /// <inheritdoc/>
    protected override async ValueTask ReleaseAsync()
    {
        await UnlockAsync();
        await base.ReleaseAsync();
    }

    /// <summary>The conditions that <c>-Server</c> and <c>-Tag</c> make.</summary>
    internal SnapshotFilter CreateFilter() => new() { Hosts = Server, Tags = Tag.Length == 0 ? [] : [Tag] };

    /// <summary>Opens and locks a repository and reads in it.</summary>
    /// <param name="read">What to do; its token is cancelled, too, when the lock is lost.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <param name="indexed">Whether the index is needed, to read anything but lists.</param>
    /// <param name="location">Where the repository is, if that is not what the parameters say now.</param>
    internal async Task ReadAsync(
        Func<Repository, CancellationToken, Task> read, CancellationToken cancellationToken, bool indexed = true, string? location = null)
    {
        var repository = await OpenRepositoryAsync(cancellationToken, location: location);
        var held = await LockAsync(repository, cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, held?.Lost ?? default);
        try
        {
            if (indexed && !repository.IsIndexLoaded) await repository.LoadIndexAsync(Activity, stop.Token);
            await read(repository, stop.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && held is not null)
        {
            held.ThrowIfLost();
            throw;
        }
    }

    /// <summary>Does what may fail for one input without being in vain for the others.</summary>
    /// <returns>Whether it was done.</returns>
    internal async Task<bool> TryAsync(Func<Task> work)
    {
        try
        {
            await work();
            return true;
        }
        catch (ProdOpsException e)
        {
            await WriteErrorAsync(e);
            return false;
        }
    }

    /// <summary>Gives the locks back, before what was read goes on to a cmdlet that may want the repository alone.</summary>
    internal async Task UnlockAsync()
    {
        foreach (var held in _locks.Values) await held.DisposeAsync();
        _locks.Clear();
    }

    /// <summary>Notes what was proved, for the environment whose repository it is in; a failure to note is a warning.</summary>
    /// <param name="location">Where the repository is.</param>
    /// <param name="log">Where such things are noted.</param>
    /// <param name="time">When it was proved.</param>
    /// <param name="evidence">What was, of the repository there.</param>
    /// <param name="cancellationToken">Stops.</param>
    internal async Task KeepAsync<T>(string location, Func<EvidenceFolder, EvidenceLog<T>> log, DateTimeOffset time, Func<RepositoryPlace, T> evidence, CancellationToken cancellationToken)
        where T : class
    {
        var place = await FindPlaceAsync(location);
        var environment = place.Entry is null ? null : await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment).TryLoad());
        await EvidenceKeeper.KeepAsync(Activity, log, time, environment?.Name ?? "", evidence(place), cancellationToken);
    }

    private async Task<RepositoryLock?> LockAsync(Repository repository, CancellationToken cancellationToken)
    {
        if (NoLock) return null;
        if (_locks.TryGetValue(repository, out var held)) return held;
        held = await RepositoryLock.AcquireAsync(repository, exclusive: false, RetryLock, Activity, cancellationToken);
        _locks.Add(repository, held);
        return held;
    }
}
