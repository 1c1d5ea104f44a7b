using System.Collections.Concurrent;
using ProdOps.Servers.Commands;

namespace ProdOps.Monitoring.Probing;

/// <summary>A channel to each server that is asked, from its first round to the end.</summary>
/// <param name="open">Connects to a server, or takes a connection that is kept.</param>
/// <param name="time">The clock.</param>
internal sealed class ProbeChannels(Func<Server, CancellationToken, Task<IServerShell>> open, TimeProvider time) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ProbeChannel> _channels = new(StringComparer.Ordinal);

    /// <inheritdoc cref="ProbeChannel.AskAsync"/>
    public Task<ProbeAnswer> AskAsync(Server server, ProbeRequest request, CancellationToken cancellationToken) =>
        _channels.GetOrAdd(server.Name, _ => new ProbeChannel(token => open(server, token), time)).AskAsync(request, cancellationToken);

    /// <summary>Has all shells end.</summary>
    public async ValueTask DisposeAsync() => await Task.WhenAll(_channels.Values.Select(static channel => channel.DisposeAsync().AsTask())).ConfigureAwait(false);
}
