using ProdOps.Backup.Archiving.Servers;
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
        var repository = await OpenRepositoryAsync(cancellationToken, dryRun);
        var request = await InvokeAsync(() => CreateRequest(dryRun, Path));
        var shells = await InvokeAsync(() => SessionShells.Current);
        await ServerAccess.ForEachAsync(WriteErrorAsync, servers, server => server, ThrottleLimit, async (server, token) =>
        {
            var shell = await shells.OpenAsync(Access.TargetOf(server), Activity, token);
            await using var beside = repository.OpenBeside();
            await WriteObjectAsync(await WithHooksAsync(shell, () => ServerBackup.RunAsync(beside, shell, request, AsRoot, Activity, token), dryRun, token));
        }, cancellationToken);
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
