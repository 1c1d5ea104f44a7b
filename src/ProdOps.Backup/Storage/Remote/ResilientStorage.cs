using System.Globalization;
using Polly;
using Polly.Retry;
using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Storage;

/// <summary>How long a remote place is asked again.</summary>
internal sealed record RetryOptions
{
    /// <summary>One operation, with all its repetitions, ends after this.</summary>
    public TimeSpan Total { get; init; } = TimeSpan.FromMinutes(15);

    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How often connecting is repeated before it ever worked: then the address is likelier to be wrong than the network to be down.</summary>
    public int FirstConnects { get; init; } = 2;
}

/// <summary>
/// Stands before a remote place: asks again after a while what may be different then, with a random part in the while, and lets so many through at once
/// as the place serves well. Locks do not queue behind packs.
/// </summary>
internal sealed class ResilientStorage : IStorage
{
    /// <summary>More files than any repository has; a listing that does not end must not take all memory.</summary>
    private const int MaximumListed = 50_000_000;

    private static readonly ResiliencePropertyKey<string> Operation = new("operation");
    private static readonly ResiliencePropertyKey<long> Started = new("started");

    private readonly IStorage _inner;
    private readonly RetryOptions _retry;
    private readonly TimeProvider _time;
    private readonly IActivity _activity;
    private readonly SemaphoreSlim _gate;
    private readonly ResiliencePipeline _pipeline;
    private volatile bool _hasWorked;

    public ResilientStorage(IStorage inner, RetryOptions retry, TimeProvider time, IActivity activity)
    {
        (_inner, _retry, _time, _activity) = (inner, retry, time, activity);
        _gate = new SemaphoreSlim(inner.Connections);
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }.AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = int.MaxValue,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = retry.FirstDelay,
            MaxDelay = retry.LongestDelay,
            ShouldHandle = attempt => ValueTask.FromResult(IsWorthAnother(attempt)),
            // A server may say when, but not that we wait for a day.
            DelayGenerator = attempt => ValueTask.FromResult(
                attempt.Outcome.Exception is StorageTroubleException { RetryAfter: { } after } ? (TimeSpan?)(after < retry.LongestDelay ? after : retry.LongestDelay) : null),
            OnRetry = attempt =>
            {
                string operation = attempt.Context.Properties.GetValue(Operation, "");
                _activity.Verbose(string.Create(CultureInfo.InvariantCulture,
                    $"Trying again in {attempt.RetryDelay.TotalSeconds:0.0} s to {operation} (attempt {attempt.AttemptNumber + 2}): {attempt.Outcome.Exception?.Message}"));
                return ValueTask.CompletedTask;
            },
        }).Build();
    }

    public string Location => _inner.Location;

    public int Connections => _inner.Connections;

    public ValueTask<bool> ExistsAsync(CancellationToken cancellationToken) => RunAsync("look at the place", null, _inner.ExistsAsync, cancellationToken);

    public async ValueTask CreateAsync(CancellationToken cancellationToken) => await RunAsync("make the folders", null, async token =>
    {
        await _inner.CreateAsync(token);
        return true;
    }, cancellationToken);

    public async IAsyncEnumerable<StoredFile> ListAsync(FileKind kind, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Whole before it is handed on: a listing that breaks off is begun anew, and a name that comes twice is one file.
        var files = await RunAsync($"list the files of the kind {kind}", new FileHandle(kind), async token =>
        {
            var seen = new Dictionary<ObjectId, StoredFile>();
            await foreach (var file in _inner.ListAsync(kind, token))
            {
                if (seen.Count >= MaximumListed) throw BackupErrors.PlaceMisbehaves(Location, $"its list of files of the kind {kind} does not end");
                seen.TryAdd(file.Id, file);
            }

            return seen;
        }, cancellationToken);
        foreach (var file in files.Values) yield return file;
    }

    public ValueTask<long?> FindAsync(FileHandle file, CancellationToken cancellationToken) =>
        RunAsync($"look for {NameOf(file)}", file, token => _inner.FindAsync(file, token), cancellationToken);

    public async ValueTask ReadAsync(FileHandle file, long offset, Memory<byte> buffer, CancellationToken cancellationToken) => await RunAsync($"read {NameOf(file)}", file, async token =>
    {
        await _inner.ReadAsync(file, offset, buffer, token);
        return true;
    }, cancellationToken);

    public ValueTask<byte[]> ReadAllAsync(FileHandle file, CancellationToken cancellationToken) =>
        RunAsync($"read {NameOf(file)}", file, token => _inner.ReadAllAsync(file, token), cancellationToken);

    public async ValueTask WriteAsync(FileHandle file, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => await RunAsync($"write {NameOf(file)}", file, async token =>
    {
        await _inner.WriteAsync(file, content, token);
        return true;
    }, cancellationToken);

    public IPendingFile BeginFile(FileKind kind) => new PendingFile(this, kind, _inner.BeginFile(kind));

    public async ValueTask DeleteAsync(FileHandle file, CancellationToken cancellationToken) => await RunAsync($"delete {NameOf(file)}", file, async token =>
    {
        await _inner.DeleteAsync(file, token);
        return true;
    }, cancellationToken);

    public ValueTask<long?> GetFreeSpaceAsync(CancellationToken cancellationToken) => RunAsync("ask for the free space", null, _inner.GetFreeSpaceAsync, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _inner.DisposeAsync();
        _gate.Dispose();
    }

    private static string NameOf(FileHandle file) => file.Kind == FileKind.Config ? "config" : $"{RepositoryLayout.FolderOf(file.Kind)}/{file.Id.ToShortString()}";

    private bool IsWorthAnother(RetryPredicateArguments<object> attempt)
    {
        var trouble = attempt.Outcome.Exception as StorageTroubleException;
        // Any answer, even a refusal, says that there is somebody.
        if (trouble is not { IsConnecting: true }) _hasWorked = true;
        if (trouble is null) return false;
        if (trouble.IsConnecting && !_hasWorked && attempt.AttemptNumber >= _retry.FirstConnects) return false;
        return _time.GetElapsedTime(attempt.Context.Properties.GetValue(Started, 0L)) < _retry.Total;
    }

    private async ValueTask<T> RunAsync<T>(string operation, FileHandle? file, Func<CancellationToken, ValueTask<T>> action, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(Operation, operation);
        context.Properties.Set(Started, _time.GetTimestamp());
        bool queues = file?.Kind != FileKind.Lock;
        try
        {
            return await _pipeline.ExecuteAsync(static async (context, state) =>
            {
                // The place is given back between two attempts.
                if (state.queues) await state.self._gate.WaitAsync(context.CancellationToken).ConfigureAwait(false);
                try
                {
                    return await state.action(context.CancellationToken).ConfigureAwait(false);
                }
                finally
                {
                    if (state.queues) state.self._gate.Release();
                }
            }, context, (self: this, action, queues)).ConfigureAwait(false);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private sealed class PendingFile(ResilientStorage storage, FileKind kind, IPendingFile inner) : IPendingFile
    {
        public void Append(ReadOnlySpan<byte> bytes) => inner.Append(bytes);

        public async ValueTask CommitAsync(ObjectId id, CancellationToken cancellationToken)
        {
            var file = new FileHandle(kind, id);
            await storage.RunAsync($"write {NameOf(file)}", file, async token =>
            {
                await inner.CommitAsync(id, token);
                return true;
            }, cancellationToken);
        }

        public void Dispose() => inner.Dispose();
    }
}
