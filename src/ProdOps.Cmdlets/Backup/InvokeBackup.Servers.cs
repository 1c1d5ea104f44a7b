using ProdOps.Backup.Archiving.Servers;
using ProdOps.Backup.Repositories;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Servers;

namespace ProdOps.Cmdlets.Backup;

/// <content>Backing up servers.</content>
public sealed partial class InvokeBackup
{
    private async Task BackUpServersAsync(CancellationToken cancellationToken)
    {
        if (_servers.Count == 0) return;
        var servers = await FindServersAsync();
        if (servers.Count == 0) return;
        string location = await GetLocationAsync();
        var decision = await DecideAsync(location, $"Back up {string.Join(", ", servers.Select(server => $"{server.Name}:{string.Join(",", Path)}"))}");
        if (decision == ChangeDecision.Refuse) return;
        bool dryRun = decision == ChangeDecision.Plan;
        var request = await InvokeAsync(() => CreateRequest(dryRun, Path));
        var shells = await InvokeAsync(() => SessionShells.Current);
        bool hasHooks = CreateHooks().Any;
        // Servers are reached while the repository opens: its key derivation alone takes as long as they need to answer.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var opening = OpenOrStopAsync(stop, dryRun);
        try
        {
            await ServerAccess.ForEachAsync(WriteErrorAsync, servers, server => server, ThrottleLimit, async (server, token) =>
            {
                var shell = await shells.OpenAsync(Access.TargetOf(server), Activity, token);
                // Nothing is stopped on a server for a repository that does not open.
                if (hasHooks) await opening;
                await WriteObjectAsync(await WithHooksAsync(shell, () => ServerBackup.RunAsync(opening, shell, request, AsRoot, Activity, token), dryRun, token));
            }, stop.Token);
        }
        finally
        {
            // What it failed with counts, and not that the servers were left for it.
            await opening;
        }
    }

    private async Task<Repository> OpenOrStopAsync(CancellationTokenSource others, bool dryRun)
    {
        try
        {
            return await OpenRepositoryAsync(others.Token, dryRun);
        }
        catch
        {
            await others.CancelAsync();
            throw;
        }
    }

    private async Task<IReadOnlyList<Server>> FindServersAsync() =>
        await ServerAccess.ResolveAsync(_servers, (await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment))).Load(), WriteErrorAsync);

    private ServerAccess Access => new(this)
    {
        Credential = Credential,
        IdentityFile = IdentityFile,
        AcceptNewHostKey = AcceptNewHostKey,
        ConnectTimeoutSec = ConnectTimeoutSec,
    };
}
