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
    /// <remarks>What may take minutes gets a shell of its own: the other is asked meanwhile.</remarks>
    public async Task<ProbeAnswer> AskAsync(Server server, ProbeRequest request, CancellationToken cancellationToken)
    {
        if (!request.Parts.HasFlag(ProbeParts.Daily)) return await _channels.GetOrAdd(server.Name, _ => Open(server)).AskAsync(request, cancellationToken).ConfigureAwait(false);
        var own = Open(server);
        await using (own.ConfigureAwait(false)) return await own.AskAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Has all shells end.</summary>
    public async ValueTask DisposeAsync() => await Task.WhenAll(_channels.Values.Select(static channel => channel.DisposeAsync().AsTask())).ConfigureAwait(false);

    private ProbeChannel Open(Server server) => new(token => open(server, token), time);
}
