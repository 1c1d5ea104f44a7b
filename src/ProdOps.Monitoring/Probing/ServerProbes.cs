using System.Collections.Concurrent;
using ProdOps.Monitoring.Probing.Exporter;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Secrets;

namespace ProdOps.Monitoring.Probing;

/// <summary>Asks servers for their figures, each by what it has: its node_exporter where the environment names one, else a shell that stays there.</summary>
/// <param name="open">Connects to a server, or takes a connection that is kept.</param>
/// <param name="vault">What reads the session's vaults, or <see langword="null"/> where there is no session.</param>
/// <param name="time">The clock.</param>
internal sealed class ServerProbes(Func<Server, CancellationToken, Task<IServerShell>> open, ISecretVault? vault, TimeProvider time) : IAsyncDisposable
{
    private readonly ProbeChannels _channels = new(open, time);
    private readonly ConcurrentDictionary<string, ExporterProbe> _exporters = new(StringComparer.Ordinal);

    /// <summary>Asks; a server is asked one question at a time.</summary>
    /// <exception cref="ProdOpsException">The server could not be asked, or its answer is not understood.</exception>
    public async Task<ProbeAnswer> AskAsync(Server server, ProbeRequest request, CancellationToken cancellationToken) => server.NodeExporter is null
        ? await _channels.AskAsync(server, request, cancellationToken).ConfigureAwait(false)
        : await _exporters.GetOrAdd(server.Name, _ => new ExporterProbe(server, vault, time)).AskAsync(request, cancellationToken).ConfigureAwait(false);

    /// <summary>Ends all shells and connections.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var exporter in _exporters.Values) exporter.Dispose();
        await _channels.DisposeAsync().ConfigureAwait(false);
    }
}
