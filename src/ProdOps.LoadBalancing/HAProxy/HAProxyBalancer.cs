using System.Runtime.CompilerServices;
using System.Text;
using ProdOps.LoadBalancing.HAProxy.Configuration;
using ProdOps.LoadBalancing.HAProxy.Replies;
using ProdOps.LoadBalancing.Operating;
using ProdOps.Servers.Commands;
using ProdOps.Servers.HAProxy;
using ProdOps.Servers.Inventory;
using static System.FormattableString;

namespace ProdOps.LoadBalancing.HAProxy;

/// <summary>What is known of an HAProxy before it is asked.</summary>
internal sealed record HAProxyBalancerOptions
{
    /// <summary>The admin socket: a full path, or <c>host:port</c> as seen from the server; <see langword="null"/> for what the configuration says.</summary>
    public string? Socket { get; init; }

    /// <summary>The configuration's full path; <see langword="null"/> for the one that the running process uses.</summary>
    public string? ConfigurationPath { get; init; }

    /// <summary>The environment's entries that it serves.</summary>
    public IReadOnlyList<LoadBalancerDefinition> Entries { get; init; } = [];

    /// <summary>By what the environment's entries say.</summary>
    public static HAProxyBalancerOptions Of(IReadOnlyList<LoadBalancerDefinition> entries) => new()
    {
        Socket = entries.Select(entry => entry.Socket).FirstOrDefault(socket => socket is not null),
        ConfigurationPath = entries.Select(entry => entry.ConfigurationPath).FirstOrDefault(path => path is not null),
        Entries = entries,
    };
}

/// <summary>An HAProxy on a server, over its admin socket there. A hand-written configuration will do; it is only read.</summary>
/// <param name="shell">The server.</param>
/// <param name="options">What is known of it.</param>
/// <param name="time">The clock.</param>
internal sealed partial class HAProxyBalancer(IServerShell shell, HAProxyBalancerOptions options, TimeProvider time) : IBalancer
{
    private const int MostConfiguration = 32 * 1024 * 1024, MostReloads = 3;

    private readonly HAProxyLink _link = new(shell, time);
    private HAProxySetup? _setup;
    private IReadOnlyList<string>? _sockets;

    // As they were last told: a server's number does not change while the process runs.
    private volatile HAProxyServerStates? _states;

    public string Server => shell.Name;

    public LoadBalancerKind Kind => LoadBalancerKind.HAProxy;

    public ValueTask DisposeAsync() => _link.DisposeAsync();

    /// <summary>Its process and configuration, which are looked at once.</summary>
    /// <exception cref="ProdOpsException">The server cannot be asked.</exception>
    public async Task<HAProxySetup> ReadSetupAsync(CancellationToken cancellationToken)
    {
        if (_setup is { } known) return known;
        var command = HAProxySetup.Command(options.ConfigurationPath);
        var setup = await ReadAsync(command).ConfigureAwait(false);
        if (setup.Unreadable.Count > 0) setup = await TryReadAsync(command with { AsRoot = true }).ConfigureAwait(false) ?? setup;
        return _setup = setup;

        async Task<HAProxySetup> ReadAsync(ServerCommand asked)
        {
            var output = await shell.RunAsync(asked, new CommandRunOptions { MaximumOutput = MostConfiguration }, cancellationToken).ConfigureAwait(false);
            return HAProxySetup.Parse(output.Lines, options.ConfigurationPath, options.Socket);
        }

        async Task<HAProxySetup?> TryReadAsync(ServerCommand asked)
        {
            try
            {
                return await ReadAsync(asked).ConfigureAwait(false);
            }
            catch (ProdOpsException error) when (error.Kind is ErrorKind.PermissionDenied or ErrorKind.Authentication or ErrorKind.NotFound)
            {
                // No leave to be root: it may be operated all the same, where its socket lets this user.
                return null;
            }
        }
    }

    /// <summary>Asks on the admin socket.</summary>
    /// <exception cref="ProdOpsException">It does not answer.</exception>
    public async Task<string> AskAsync(string command, CancellationToken cancellationToken) =>
        await _link.AskAsync(command, await SocketsAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    /// <summary>Asks the master process.</summary>
    /// <returns><see langword="null"/> where it has no socket.</returns>
    public async Task<string?> AskMasterAsync(string command, CancellationToken cancellationToken) =>
        (await ReadSetupAsync(cancellationToken).ConfigureAwait(false)).MasterSocket is { } socket ? await _link.AskAsync(command, [socket], cancellationToken).ConfigureAwait(false) : null;

    /// <summary>Has the master read its configuration anew. It refuses connections for some milliseconds then.</summary>
    /// <returns>What it says of it, from 2.7 on; else nothing. <see langword="null"/> where it has no socket.</returns>
    public async Task<string?> ReloadAsync(CancellationToken cancellationToken)
    {
        if ((await ReadSetupAsync(cancellationToken).ConfigureAwait(false)).MasterSocket is not { } socket) return null;
        int? before = await CountReloadsAsync(socket, cancellationToken).ConfigureAwait(false);
        for (int attempt = 1; ; attempt++)
        {
            string said = await _link.TellAsync("reload", [socket], cancellationToken).ConfigureAwait(false);
            // One that still executes itself anew since the last time may take the connection and never hear what was said.
            if (said.Length > 0 || before is null || attempt == MostReloads || await CountReloadsAsync(socket, cancellationToken).ConfigureAwait(false) is not { } count || count > before) return said;
        }
    }

    private async Task<int?> CountReloadsAsync(string socket, CancellationToken cancellationToken)
    {
        try
        {
            return HAProxyProcesses.Parse(await _link.AskAsync("show proc", [socket], cancellationToken).ConfigureAwait(false)).Master?.Reloads;
        }
        catch (ProdOpsException error) when (error.ErrorId == "HAProxyUnreachable")
        {
            return null;
        }
    }

    public async IAsyncEnumerable<BackendServer> ReadServersAsync(string? pool, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var sockets = await SocketsAsync(cancellationToken).ConfigureAwait(false);
        // Both in one connection: what an administrator wants stands in the first alone, all else in the second.
        string command = "show servers state; show stat -1 4 -1";
        HAProxyServerStates? known = null;
        if (pool is not null)
        {
            known = await ReadStatesAsync(pool, cancellationToken).ConfigureAwait(false);
            if (known.NamesOf(pool).FirstOrDefault() is not { } any) yield break;
            // By its number: a frontend of the same name would be found in its place.
            command = Invariant($"show stat {known.Find(pool, any)!.Value.PoolId} 4 -1");
        }

        var head = new StringBuilder();
        var states = known;
        var reader = new HAProxyTableReader();
        await foreach (string piece in _link.ReadAsync(command, sockets, cancellationToken).ConfigureAwait(false))
        {
            string text = piece;
            if (states is null)
            {
                head.Append(piece);
                text = head.ToString();
                int table = text.StartsWith("# pxname", StringComparison.Ordinal) ? 0 : text.IndexOf("\n# pxname", StringComparison.Ordinal);
                if (table < 0) continue;
                _states = states = HAProxyServerStates.Parse(text[..table]);
                text = text[table..];
            }

            foreach (var row in reader.Read(text)) if (IsWanted(row)) yield return Read(row, states);
        }

        if (states is null) throw await ExplainAsync(HAProxyReply.Parse(head.ToString()), new BackendMember(pool ?? "", ""), "read its servers", cancellationToken).ConfigureAwait(false);
        foreach (var row in reader.End()) if (IsWanted(row)) yield return Read(row, states);

        bool IsWanted(HAProxyRow row) => row.IsServer && (pool is null || row.Proxy == pool);
    }

    /// <summary>What an administrator wants of a pool's servers, and their numbers.</summary>
    private async Task<HAProxyServerStates> ReadStatesAsync(string pool, CancellationToken cancellationToken)
    {
        CheckName(pool);
        string text = await AskAsync($"show servers state {pool}", cancellationToken).ConfigureAwait(false);
        if (!text.TrimStart().StartsWith("1\n#", StringComparison.Ordinal)) throw await ExplainAsync(HAProxyReply.Parse(text), new BackendMember(pool, ""), "read its servers", cancellationToken).ConfigureAwait(false);
        return _states = HAProxyServerStates.Parse(text);
    }

    public async Task<BackendServer?> ReadServerAsync(BackendMember member, CancellationToken cancellationToken)
    {
        CheckNames(member);
        if (_states?.Find(member.Pool, member.Name) is { Id: > 0, PoolId: > 0 } known)
        {
            string text = await AskAsync(Invariant($"show stat {known.PoolId} 4 {known.Id}"), cancellationToken).ConfigureAwait(false);
            var table = text.Contains("# pxname", StringComparison.Ordinal) ? HAProxyTable.Parse(text.Trim() + "\n") : null;
            // Another one may have its number after a reload.
            if (table?.Rows.FirstOrDefault(row => row.IsServer && row.Proxy == member.Pool && row.Name == member.Name) is { } own) return HAProxyServers.Read(own, null, Server, EntryOf(own.Proxy)?.Name, time.GetUtcNow());
        }

        BackendServer? found = null;
        await foreach (var server in ReadServersAsync(member.Pool, cancellationToken).ConfigureAwait(false))
            if (server.Name == member.Name) found = server;
        return found;
    }

    public Task<long?> CountRequestsAsync(CancellationToken cancellationToken) => Task.FromResult<long?>(null);

    public async Task<ServerHold> HoldAsync(string pool, string owner, CancellationToken cancellationToken) =>
        await PoolLock.TakeAsync(shell, (await SocketsAsync(cancellationToken).ConfigureAwait(false))[0], pool, owner, time, cancellationToken).ConfigureAwait(false);

    private BackendServer Read(HAProxyRow row, HAProxyServerStates states) =>
        HAProxyServers.Read(row, states.Find(row.Proxy, row.Name), Server, EntryOf(row.Proxy)?.Name, time.GetUtcNow());

    private LoadBalancerDefinition? EntryOf(string pool) => options.Entries.FirstOrDefault(entry => entry.PoolName() == pool);

    private async Task<IReadOnlyList<string>> SocketsAsync(CancellationToken cancellationToken) =>
        _sockets ??= options.Socket is { } socket ? [socket] : (await ReadSetupAsync(cancellationToken).ConfigureAwait(false)).AdminSockets(socket: null);

    private async Task<HAProxyConfiguration> ReadConfigurationAsync(CancellationToken cancellationToken) => (await ReadSetupAsync(cancellationToken).ConfigureAwait(false)).Configuration;

    /// <summary>Why it refuses.</summary>
    private async Task<ProdOpsException> ExplainAsync(HAProxyReply reply, BackendMember member, string what, CancellationToken cancellationToken)
    {
        if (reply.IsForbidden) return LoadBalancingErrors.HAProxyLevel(Server, _sockets![0]);
        if (reply.IsNoPool || reply.IsNoServer)
        {
            var states = HAProxyServerStates.Parse(await AskAsync("show servers state", cancellationToken).ConfigureAwait(false));
            return states.Pools.Contains(member.Pool)
                ? LoadBalancingErrors.ServerNotFound(Server, member.Pool, member.Name, Nearest.Find(member.Name, states.NamesOf(member.Pool)))
                : LoadBalancingErrors.PoolNotFound(Server, member.Pool, Nearest.Find(member.Pool, states.Pools));
        }

        return reply.Text.Length == 0 ? LoadBalancingErrors.NotHAProxy(Server, _sockets![0]) : LoadBalancingErrors.HAProxyRefused(Server, what, reply.Text);
    }

    private static void CheckName(string name)
    {
        // What HAProxy itself takes for names (invalid_char of its standard.c); nothing else gets into a command.
        if (name.Length is 0 or > 255 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or ':' or '_' or '-')) throw LoadBalancingErrors.NameInvalid(name);
    }
}
