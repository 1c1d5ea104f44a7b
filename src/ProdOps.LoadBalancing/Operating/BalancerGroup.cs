using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace ProdOps.LoadBalancing.Operating;

/// <summary>
/// The balancers of a pool, which are changed together: what one of them refuses is put back on the others, and so is what was begun when the admin changes his mind.
/// Disposing it disposes them.
/// </summary>
/// <param name="balancers">The balancers that were reached.</param>
/// <param name="time">The clock.</param>
internal sealed partial class BalancerGroup(IReadOnlyList<IBalancer> balancers, TimeProvider time) : IAsyncDisposable
{
    private const int MostAtOnce = 512;
    private static readonly TimeSpan PutBackTime = TimeSpan.FromSeconds(20);

    /// <summary>The environment's entry; <see langword="null"/> where none has the pool.</summary>
    public LoadBalancerDefinition? Entry { get; init; }

    /// <summary>Why other balancers of the pool were not reached: an error each, with the server as its target.</summary>
    public IReadOnlyList<ProdOpsException> Missing { get; init; } = [];

    /// <summary>The balancers that were reached.</summary>
    public IReadOnlyList<IBalancer> Balancers => balancers;

    public async ValueTask DisposeAsync()
    {
        foreach (var balancer in balancers) await balancer.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The servers of one pool, or of all, as every balancer sees them: one balancer after the other, as they come; all are asked at once.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="onError">Hears why a balancer could not be asked; the others go on.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async IAsyncEnumerable<BackendServer> ReadAsync(string? pool, Func<IBalancer, ProdOpsException, Task> onError, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var come in ReadManyAsync(pool, onError, cancellationToken).ConfigureAwait(false))
            foreach (var server in come) yield return server;
    }

    /// <summary>The same, each time all that have come by then: handing on a thousand one by one takes longer than asking for them.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public async IAsyncEnumerable<IReadOnlyList<BackendServer>> ReadManyAsync(string? pool, Func<IBalancer, ProdOpsException, Task> onError, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Each balancer waits for whoever takes its servers: what is held back is bounded.
        var channels = balancers.Select(_ => Channel.CreateBounded<BackendServer>(4096)).ToList();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = Task.WhenAll(balancers.Select((balancer, i) => FillAsync(balancer, channels[i].Writer)));
        try
        {
            foreach (var (balancer, channel) in balancers.Zip(channels))
            {
                while (await TryWaitAsync(balancer, channel.Reader).ConfigureAwait(false))
                {
                    var come = new List<BackendServer>();
                    while (come.Count < MostAtOnce && channel.Reader.TryRead(out var server)) come.Add(server);
                    yield return come;
                }
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task<bool> TryWaitAsync(IBalancer balancer, ChannelReader<BackendServer> reader)
        {
            try
            {
                return await reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (ProdOpsException error)
            {
                await onError(balancer, error).ConfigureAwait(false);
                return false;
            }
        }

        async Task FillAsync(IBalancer balancer, ChannelWriter<BackendServer> writer)
        {
            try
            {
                await foreach (var server in balancer.ReadServersAsync(pool, stop.Token).ConfigureAwait(false)) await writer.WriteAsync(server, stop.Token).ConfigureAwait(false);
                writer.Complete();
            }
            catch (Exception exception)
            {
                writer.Complete(exception);
            }
        }
    }

    /// <summary>How a server is on each balancer, with the rest of its pool.</summary>
    private async Task<IReadOnlyList<BackendSight>> LookAsync(BackendMember member, BackendChangeOptions options, IActivity activity, CancellationToken cancellationToken)
    {
        if (Missing.Count > 0 && !options.AllowPartial) throw LoadBalancingErrors.BalancerMissing(member, Missing[0]);
        if (balancers.Count == 0) throw Missing.Count > 0 ? Missing[0] : LoadBalancingErrors.NoBalancer();
        var looks = await Task.WhenAll(balancers.Select(async balancer => (Balancer: balancer, Result: await TryAsync(balancer).ConfigureAwait(false)))).ConfigureAwait(false);
        var errors = looks.Where(look => look.Result.Error is not null).Select(look => look.Result.Error!).ToList();
        var unreachable = errors.Where(error => error.Kind is not ErrorKind.NotFound).ToList();
        if (unreachable.Count == balancers.Count) throw unreachable[0];
        if (unreachable.Count > 0 && !options.AllowPartial) throw LoadBalancingErrors.BalancerMissing(member, unreachable[0]);
        foreach (var error in unreachable) activity.Warning($"Left out: {error.Message}");
        var sights = looks.Where(look => look.Result.Servers is not null).Select(look => new BackendSight(look.Balancer, member, look.Result.Servers!)).ToList();
        return sights.Count > 0 ? sights : throw errors[0];

        async Task<(IReadOnlyList<BackendServer>? Servers, ProdOpsException? Error)> TryAsync(IBalancer balancer)
        {
            try
            {
                return (await ReadPoolAsync(balancer, member.Pool, cancellationToken).ConfigureAwait(false), null);
            }
            catch (ProdOpsException error)
            {
                return (null, error);
            }
        }
    }

    private static async Task<IReadOnlyList<BackendServer>> ReadPoolAsync(IBalancer balancer, string pool, CancellationToken cancellationToken)
    {
        var servers = new List<BackendServer>();
        await foreach (var server in balancer.ReadServersAsync(pool, cancellationToken).ConfigureAwait(false)) servers.Add(server);
        return servers;
    }

    /// <summary>The balancers that have the server.</summary>
    private static IReadOnlyList<BackendSight> Having(IReadOnlyList<BackendSight> sights, BackendMember member)
    {
        var having = sights.Where(sight => sight.Own is not null).ToList();
        return having.Count > 0 ? having : throw sights[0].NotFound();
    }

    private static async Task<IReadOnlyList<BackendSight>> LookAgainAsync(IReadOnlyList<BackendSight> sights, CancellationToken cancellationToken) =>
        await Task.WhenAll(sights.Select(async sight => sight with { Servers = await ReadPoolAsync(sight.Balancer, sight.Member.Pool, cancellationToken).ConfigureAwait(false) })).ConfigureAwait(false);

    /// <summary>The server alone on each balancer, at the cost of one.</summary>
    private static async Task<IReadOnlyList<(BackendSight Sight, BackendServer? Own)>> GlanceAsync(IReadOnlyList<BackendSight> sights, CancellationToken cancellationToken) =>
        await Task.WhenAll(sights.Select(async sight => (sight, await sight.Balancer.ReadServerAsync(sight.Member, cancellationToken).ConfigureAwait(false)))).ConfigureAwait(false);

    internal static long BusyOf(BackendServer? own) => (own?.Sessions ?? 0) + (own?.Queue ?? 0);

    private static Task OnAllAsync(IReadOnlyList<BackendSight> sights, Func<IBalancer, Task> action) => Task.WhenAll(sights.Select(sight => action(sight.Balancer)));

    /// <summary>Does something that has to be undone on each balancer if it fails or is stopped, but for the failures that <paramref name="keep"/> names.</summary>
    private static async Task<T> OrPutBackAsync<T>(IReadOnlyList<BackendSight> before, IActivity activity, Func<Task<T>> action, Func<BackendSight, CancellationToken, Task> undo, Func<Exception, bool>? keep = null)
    {
        try
        {
            return await action().ConfigureAwait(false);
        }
        catch (Exception exception) when (keep?.Invoke(exception) != true)
        {
            // The admin's own token may be what ended it: putting back has a time of its own.
            using var limit = new CancellationTokenSource(PutBackTime);
            foreach (var sight in before)
            {
                try
                {
                    await undo(sight, limit.Token).ConfigureAwait(false);
                }
                catch (Exception second) when (second is ProdOpsException or OperationCanceledException or IOException)
                {
                    activity.Warning($"'{sight.Member}' could not be put back on {sight.Balancer.Server}: {second.Message}");
                }
            }

            throw;
        }
    }

    private static Task PutStateBackAsync(BackendSight before, CancellationToken cancellationToken) => before.Balancer.SetStateAsync(before.Member, before.Own!.AdminState switch
    {
        BackendServerState.Maintenance => BackendServerTarget.Maintenance,
        BackendServerState.Drain => BackendServerTarget.Drain,
        _ => BackendServerTarget.Ready,
    }, cancellationToken);

    /// <summary>Keeps a change over reloads.</summary>
    /// <returns>Whether all of them will.</returns>
    private static async Task<bool> KeepAsync(IReadOnlyList<BackendSight> sights, IActivity activity, CancellationToken cancellationToken)
    {
        bool all = true;
        foreach (var sight in sights)
        {
            try
            {
                all &= await sight.Balancer.KeepAsync(sight.Member.Pool, cancellationToken).ConfigureAwait(false);
            }
            catch (ProdOpsException error)
            {
                // It is done; that a reload would forget it is told, and no reason to undo it.
                activity.Warning($"{sight.Balancer.Server} will forget it at the next reload: {error.Message}");
                all = false;
            }
        }

        return all;
    }

    /// <summary>What is reported: how it was before and is after on the balancers that have the server, of all that were looked at.</summary>
    private BackendServerChange Report(IReadOnlyList<BackendSight> before, IReadOnlyList<BackendSight> after, IReadOnlyList<BackendSight> all, string action, long began) => new()
    {
        Name = all[0].Member.Name,
        Pool = all[0].Member.Pool,
        LoadBalancer = Entry?.Name ?? before.Concat(after).Select(sight => sight.Own?.LoadBalancer).FirstOrDefault(name => name is not null),
        Balancers = [.. after.Select(sight => sight.Balancer.Server)],
        From = before.Max(sight => sight.Own?.State),
        To = after.Max(sight => sight.Own?.State),
        Action = action,
        SessionsBefore = before.Sum(sight => sight.Busy),
        SessionsLeft = after.Sum(sight => sight.Busy),
        Duration = time.GetElapsedTime(began),
        Differences =
        [
            .. Differences(after, "state", own => own.State.ToString()), .. Differences(after, "weight", own => FormattableString.Invariant($"{own.Weight}")), .. Differences(after, "address", own => own.Address),
            .. all.Where(sight => after.All(other => other.Balancer != sight.Balancer)).Select(sight => $"{sight.Balancer.Server} has no such server"),
            .. balancers.Where(balancer => all.All(sight => sight.Balancer != balancer)).Select(balancer => $"{balancer.Server} could not be asked"),
            .. Missing.Select(error => $"{error.Target} was not reached"),
        ],
    };

    private static IEnumerable<string> Differences(IReadOnlyList<BackendSight> sights, string what, Func<BackendServer, string> of)
    {
        var values = sights.Where(sight => sight.Own is not null).Select(sight => (sight.Balancer.Server, Value: of(sight.Own!))).ToList();
        return values.Select(item => item.Value).Distinct(StringComparer.Ordinal).Count() < 2 ? [] : [$"{what}: {string.Join(", ", values.Select(item => $"{item.Server} {item.Value}"))}"];
    }
}

/// <summary>A pool as one balancer sees it, and one server of it.</summary>
/// <param name="Balancer">The balancer.</param>
/// <param name="Member">The server that it is about.</param>
/// <param name="Servers">All servers of the pool.</param>
internal sealed record BackendSight(IBalancer Balancer, BackendMember Member, IReadOnlyList<BackendServer> Servers)
{
    /// <summary>The server; <see langword="null"/> if the pool has none of the name.</summary>
    public BackendServer? Own => Servers.FirstOrDefault(server => server.Name == Member.Name);

    /// <summary>What it works on and what waits for it.</summary>
    public long Busy => BalancerGroup.BusyOf(Own);

    /// <summary>How many others take requests.</summary>
    public int Others => Servers.Count(server => server.Name != Member.Name && server.TakesRequests);

    public ProdOpsException NotFound() => LoadBalancingErrors.ServerNotFound(Balancer.Server, Member.Pool, Member.Name, ProdOps.Servers.Inventory.Nearest.Find(Member.Name, Servers.Select(server => server.Name)));
}
