using ProdOps.Backup;
using ProdOps.Cmdlets.Common;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Servers;

/// <summary>The one server that a parameter names.</summary>
internal static class ServerChoice
{
    /// <summary>The server; this machine if none is named.</summary>
    /// <exception cref="ProdOpsException"><c>OneServerNeeded</c>, or there is no such server.</exception>
    public static async Task<Server> FindOneAsync(AsyncCmdlet cmdlet, ServerReference? named, string? environmentFile)
    {
        if (named is null) return ServerResolver.Local;
        var environment = (await cmdlet.InvokeAsync(() => SessionEnvironment.Of(cmdlet.SessionState, environmentFile))).Load();
        var servers = await ServerAccess.ResolveAsync([named], environment, error => throw error);
        return servers is [var server] ? server : throw BackupErrors.OneServerNeeded(named.ToString() ?? "");
    }
}
