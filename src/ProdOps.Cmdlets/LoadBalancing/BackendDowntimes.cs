using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Monitoring;
using ProdOps.LoadBalancing.Operating;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.States;

namespace ProdOps.Cmdlets.LoadBalancing;

/// <summary>Announces to monitoring that a server was taken out on purpose, where monitoring keeps a store. That it cannot be announced is a warning, and no reason not to do it.</summary>
internal sealed class BackendDowntimes
{
    private readonly MonitoringFolder _folder;
    private readonly IReadOnlyList<Server> _servers;
    private readonly IActivity _activity;

    private BackendDowntimes(MonitoringFolder folder, IReadOnlyList<Server> servers, IActivity activity) => (_folder, _servers, _activity) = (folder, servers, activity);

    /// <returns><see langword="null"/> where monitoring has no store.</returns>
    public static async Task<BackendDowntimes?> FindAsync(AsyncCmdlet cmdlet, string? environmentFile, IActivity activity)
    {
        try
        {
            return await cmdlet.InvokeAsync(() =>
            {
                var environment = HealthStoreAccess.EnvironmentOf(cmdlet.SessionState, environmentFile);
                var folder = HealthStoreAccess.FolderOf(cmdlet.SessionState, null, environment);
                return File.Exists(folder.StorePath) ? new BackendDowntimes(folder, environment?.Servers ?? [], activity) : null;
            });
        }
        catch (ProdOpsException)
        {
            return null;
        }
    }

    /// <returns>The downtime's number; <see langword="null"/> if the server is none of the environment's, or has one of ours already.</returns>
    public async Task<long?> BeginAsync(BalancerGroup group, BackendMember member, CancellationToken cancellationToken)
    {
        if (await ServerOfAsync(group, member, cancellationToken) is not { } server) return null;
        return await TryAsync<long?>(async () =>
        {
            if (Ours(server, member, cancellationToken).Count > 0) return null;
            var downtime = new Downtime { Server = server, From = TimeProvider.System.GetUtcNow(), Reason = ReasonOf(member), By = HealthStoreAccess.UserName };
            return await Desk.AskAsync(new DowntimeRequest(downtime), cancellationToken);
        });
    }

    /// <summary>Ends those that were set for a server and a pool.</summary>
    public async Task EndAsync(BalancerGroup group, BackendMember member, CancellationToken cancellationToken)
    {
        if (await ServerOfAsync(group, member, cancellationToken) is not { } server) return;
        await TryAsync(async () =>
        {
            foreach (var downtime in Ours(server, member, cancellationToken)) await Desk.AskAsync(new EndDowntimeRequest(downtime.Id, HealthStoreAccess.UserName), cancellationToken);
            return true;
        });
    }

    /// <summary>Ends one, also when the command was stopped.</summary>
    public Task EndAsync(long number) => TryAsync(async () =>
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await Desk.AskAsync(new EndDowntimeRequest(number, HealthStoreAccess.UserName), limit.Token);
        return true;
    });

    private RequestDesk Desk => new(_folder, TimeProvider.System, _activity);

    private static string ReasonOf(BackendMember member) => $"out of pool {member.Pool}";

    private List<Downtime> Ours(string server, BackendMember member, CancellationToken cancellationToken)
    {
        using var store = _folder.Open(TimeProvider.System, _activity, readOnly: true);
        return [.. store.Monitor.LoadDowntimes(cancellationToken).Values.Where(downtime => downtime.Server == server && downtime.Reason == ReasonOf(member))];
    }

    /// <summary>The environment's server that a pool's server is: of the same name, or at its address.</summary>
    private async Task<string?> ServerOfAsync(BalancerGroup group, BackendMember member, CancellationToken cancellationToken)
    {
        if (_servers.FirstOrDefault(server => server.Name.Equals(member.Name, StringComparison.OrdinalIgnoreCase)) is { } named) return named.Name;
        await foreach (var server in group.ReadAsync(member.Pool, (_, _) => Task.CompletedTask, cancellationToken))
            if (server.Name == member.Name && BackendEndpoint.TryParse(server.Address, out var endpoint) && _servers.FirstOrDefault(known => known.Address == endpoint.Address) is { } there) return there.Name;
        return null;
    }

    private async Task<T?> TryAsync<T>(Func<Task<T>> action)
    {
        try
        {
            return await action();
        }
        catch (Exception error) when (error is ProdOpsException or OperationCanceledException)
        {
            _activity.Warning($"Monitoring was not told: {error.Message}");
            return default;
        }
    }
}
