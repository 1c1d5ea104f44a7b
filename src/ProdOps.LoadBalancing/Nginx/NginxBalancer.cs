using System.Runtime.CompilerServices;
using System.Text;
using ProdOps.LoadBalancing.Operating;
using ProdOps.LoadBalancing.Rendering;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Inventory;

namespace ProdOps.LoadBalancing.Nginx;

/// <summary>
/// nginx in its open-source edition. It has no runtime interface: a server is taken out by <c>down</c> in the file with its pool and a reload, and it has finished its requests when the processes that knew it are gone.
/// A reload closes idle connections of clients: one that sends a request at that moment sees a read error (57 and 70 of 71,500 requests over six reloads, where clients kept connections alive; none where they did not).
/// </summary>
/// <param name="shell">The server.</param>
/// <param name="options">What is known of it.</param>
/// <param name="time">The clock.</param>
internal sealed class NginxBalancer(IServerShell shell, NginxBalancerOptions options, TimeProvider time) : IBalancer
{
    // Each of several who change a file at once, one pool each, has to read it anew after the one before.
    private const int MostTries = 10, MostWaits = 3;

    private readonly SemaphoreSlim _one = new(1, 1);

    public string Server => shell.Name;

    public LoadBalancerKind Kind => LoadBalancerKind.Nginx;

    public ValueTask DisposeAsync()
    {
        _one.Dispose();
        return default;
    }

    public async Task<LoadBalancer> ReadAsync(CancellationToken cancellationToken)
    {
        var state = await ReadStateAsync(cancellationToken).ConfigureAwait(false);
        var upstreams = await ReadUpstreamsAsync(cancellationToken).ConfigureAwait(false);
        var configuration = await ReadConfigurationAsync(cancellationToken).ConfigureAwait(false);
        var limits = LimitsOf(configuration, state);
        var status = await ReadStatusAsync(configuration, cancellationToken).ConfigureAwait(false);
        return new LoadBalancer
        {
            Name = options.Entries.Count > 0 ? string.Join(',', options.Entries.Select(entry => entry.Name)) : Server,
            Server = Server,
            Kind = Kind,
            Version = state.Version ?? "",
            Uptime = state.Uptime,
            // The connections of its processes are those to servers, too; what it counts itself are clients.
            Sessions = status?.Active ?? state.Connections.Count,
            Revision = state.IsFileNewer ? null : RenderedFile.RevisionOf(upstreams.Text),
            Limits = limits,
            NearestLimit = limits.Length > 0 ? limits[0] : null,
            Pools =
            [
                .. upstreams.Pools.Select(pool => new BackendPool
                {
                    Name = pool.Name, LoadBalancer = EntryOf(pool.Name)?.Name, Up = pool.Servers.Count(server => !server.IsDown), Servers = pool.Servers.Count,
                    Sessions = pool.Servers.Select(server => server.Address).Distinct(StringComparer.Ordinal).Sum(state.ConnectionsTo),
                }),
            ],
            Problems =
            [
                .. state.IsFileNewer ? (string[])[$"{options.ConfigurationPath} was changed since nginx last read it"] : [],
                .. upstreams.Pools.Where(pool => pool.Servers.Count > 0 && pool.Servers.All(server => server.IsDown)).Select(pool => $"every server of pool {pool.Name} is out"),
            ],
            Time = time.GetUtcNow(),
        };
    }

    public async IAsyncEnumerable<BackendServer> ReadServersAsync(string? pool, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var upstreams = await ReadUpstreamsAsync(cancellationToken).ConfigureAwait(false);
        var state = await ReadStateAsync(cancellationToken).ConfigureAwait(false);
        if (pool is not null && upstreams.Pools.All(one => one.Name != pool)) throw LoadBalancingErrors.PoolNotFound(Server, pool, Nearest.Find(pool, upstreams.Pools.Select(one => one.Name)));
        foreach (var upstream in upstreams.Pools.Where(one => pool is null || one.Name == pool))
            foreach (var server in upstream.Servers) yield return Read(upstream, server, state);
    }

    public async Task<BackendServer?> ReadServerAsync(BackendMember member, CancellationToken cancellationToken)
    {
        BackendServer? found = null;
        await foreach (var server in ReadServersAsync(member.Pool, cancellationToken).ConfigureAwait(false))
            if (server.Name == member.Name) found = server;
        return found;
    }

    public async Task<long?> CountRequestsAsync(CancellationToken cancellationToken) => (await ReadStatusAsync(await ReadConfigurationAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false))?.Requests;

    public Task<ServerHold> HoldAsync(string pool, string owner, CancellationToken cancellationToken) => PoolLock.TakeAsync(shell, options.ConfigurationPath ?? "nginx", pool, owner, time, cancellationToken);

    public Task SetStateAsync(BackendMember member, BackendServerTarget target, CancellationToken cancellationToken) =>
        ChangeAsync(member, (upstreams, server) => upstreams.WithDown(server, target != BackendServerTarget.Ready), cancellationToken);

    public Task SetWeightAsync(BackendMember member, int weight, CancellationToken cancellationToken) =>
        weight < 1 ? throw LoadBalancingErrors.NginxCannot(Server, "give a server no weight", "Disable-BackendServer takes it out.") : ChangeAsync(member, (upstreams, server) => upstreams.WithWeight(server, weight), cancellationToken);

    public Task SetAddressAsync(BackendMember member, string address, int port, CancellationToken cancellationToken) =>
        ChangeAsync(member, (upstreams, server) => upstreams.WithAddress(server, new BackendEndpoint(address, port).ToString()), cancellationToken);

    public Task AddAsync(BackendMember member, string address, int port, int weight, CancellationToken cancellationToken) =>
        throw LoadBalancingErrors.NginxCannot(Server, "get a server while it runs", "Add it to the pool in the environment and run Publish-LoadBalancer, or write its line into the file of the pool.");

    public Task RemoveAsync(BackendMember member, CancellationToken cancellationToken) =>
        throw LoadBalancingErrors.NginxCannot(Server, "lose a server while it runs", "Take it from the pool in the environment and run Publish-LoadBalancer, or its line from the file of the pool.");

    public async Task ShutdownSessionsAsync(BackendMember member, CancellationToken cancellationToken)
    {
        var (_, server) = Find(await ReadUpstreamsAsync(cancellationToken).ConfigureAwait(false), member);
        int colon = server.Address.LastIndexOf(':');
        string text = $"ss -K dst {ShellQuote.Word(server.Address[..colon])} dport = {ShellQuote.Word(server.Address[(colon + 1)..])} >/dev/null 2>&1; ss -tnH state established dst {ShellQuote.Word(server.Address[..colon])} dport = {ShellQuote.Word(server.Address[(colon + 1)..])}";
        var left = await shell.RunAsync(new ServerCommand(text) { AsRoot = true, Idempotent = true, PosixLocale = true }, cancellationToken).ConfigureAwait(false);
        if (left.Text.Trim().Length > 0) throw LoadBalancingErrors.NginxSessionsNotEnded(Server, server.Address);
    }

    public Task<TimeSpan?> BeginCheckAsync(BackendMember member, CancellationToken cancellationToken) => Task.FromResult<TimeSpan?>(null);

    public Task<bool> KeepAsync(string pool, CancellationToken cancellationToken) => Task.FromResult(true);

    private BackendServer Read(NginxUpstream upstream, NginxUpstreamServer server, NginxState state)
    {
        int connections = state.ConnectionsTo(server.Address);
        return new BackendServer
        {
            Name = server.Name,
            Pool = upstream.Name,
            Balancer = Server,
            LoadBalancer = EntryOf(upstream.Name)?.Name,
            Address = server.Address,
            State = server.IsDown ? BackendServerState.Maintenance : BackendServerState.Up,
            AdminState = server.IsDown ? BackendServerState.Maintenance : BackendServerState.Up,
            TakesRequests = !server.IsDown,
            Reason = state.IsFileNewer ? "nginx has not read the file since it was changed" : server.IsDown ? connections > 0 ? "down in the file; processes from before still work for it" : "down in the file" : "nginx does not check it",
            Weight = server.Weight,
            IsBackup = server.IsBackup,
            Sessions = connections,
        };
    }

    /// <summary>Changes a word of a server's line, and has nginx take it up. What is so already is left, if nginx has read it.</summary>
    private async Task ChangeAsync(BackendMember member, Func<NginxUpstreams, NginxUpstreamServer, string> change, CancellationToken cancellationToken)
    {
        string path = options.ConfigurationPath ?? throw LoadBalancingErrors.NginxNoFile(Server);
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            for (int attempt = 1; ; attempt++)
            {
                var upstreams = await ReadUpstreamsAsync(cancellationToken).ConfigureAwait(false);
                var (_, server) = Find(upstreams, member);
                string changed = change(upstreams, server);
                var state = await ReadStateAsync(cancellationToken).ConfigureAwait(false);
                if (changed == upstreams.Text && !state.IsFileNewer) return;
                if (state.IsMainFile) throw LoadBalancingErrors.NginxMainFile(Server, path);
                // It is finished once it is begun: half of it would leave a file that nginx has not read.
                byte[] content = Encoding.Latin1.GetBytes(changed);
                var command = NginxFileChange.Command(path, Encoding.Latin1.GetBytes(upstreams.Text), content, options.LockFile);
                var output = await shell.RunAsync(command, new CommandRunOptions { Input = content }, CancellationToken.None).ConfigureAwait(false);
                switch (output.Exit.Code)
                {
                    case 0: return;
                    case NginxFileChange.Changed when attempt < MostTries: continue;
                    case NginxFileChange.Busy when attempt < MostWaits: continue;
                    case NginxFileChange.Changed or NginxFileChange.Busy: throw LoadBalancingErrors.NginxFileBusy(Server, path, output.ErrorText);
                    case NginxFileChange.Refused: throw LoadBalancingErrors.NginxRefused(Server, path, output.ErrorText);
                    case NginxFileChange.NotTaken: throw LoadBalancingErrors.NginxNotTakenUp(Server, path, output.ErrorText);
                    default: output.EnsureSuccess(); return;
                }
            }
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task<NginxState> ReadStateAsync(CancellationToken cancellationToken)
    {
        var output = await shell.RunAsync(NginxProbe.Command(options.ConfigurationPath), cancellationToken).ConfigureAwait(false);
        var state = NginxProbe.Parse(Server, output.EnsureSuccess().Text);
        return state.Master is null ? throw LoadBalancingErrors.NginxNotRunning(Server, state.Version is not null) : state;
    }

    /// <summary>The pools of the named file, or of the whole configuration.</summary>
    private async Task<NginxUpstreams> ReadUpstreamsAsync(CancellationToken cancellationToken)
    {
        string text = options.ConfigurationPath is { } path ? $"cat -- {ShellQuote.Word(path)}" : "PATH=$PATH:/usr/sbin; nginx -T 2>/dev/null";
        var output = await shell.RunAsync(new ServerCommand(text) { AsRoot = true, Idempotent = true, PosixLocale = true }, cancellationToken).ConfigureAwait(false);
        // Byte for byte: what is written back must be what it was, whatever letters a comment is written with.
        return NginxUpstreams.Parse(Encoding.Latin1.GetString(output.EnsureSuccess().StandardOutput.Span));
    }

    /// <summary>All of its configuration.</summary>
    private async Task<IReadOnlyList<NginxDirective>> ReadConfigurationAsync(CancellationToken cancellationToken) =>
        NginxParser.Parse((await shell.RunAsync(new ServerCommand("PATH=$PATH:/usr/sbin; nginx -T 2>/dev/null") { AsRoot = true, Idempotent = true, PosixLocale = true }, cancellationToken).ConfigureAwait(false)).Text);

    /// <summary>What it counts; <see langword="null"/> where its configuration has no page for that.</summary>
    private async Task<NginxStatus?> ReadStatusAsync(IReadOnlyList<NginxDirective> configuration, CancellationToken cancellationToken) => NginxStatus.Find(configuration) is { } page
        ? NginxStatus.TryParse((await shell.RunAsync(NginxStatus.Command(page), cancellationToken).ConfigureAwait(false)).Text) : null;

    /// <summary>How many connections its processes may have together.</summary>
    private static LoadBalancerLimit[] LimitsOf(IReadOnlyList<NginxDirective> configuration, NginxState state)
    {
        var connections = configuration.Where(directive => directive.Name == "events").SelectMany(directive => directive.Block)
            .FirstOrDefault(directive => directive is { Name: "worker_connections", Words.Count: > 1 })?.Words[1].Text;
        int each = int.TryParse(connections, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int number) ? number : 512;
        return state.Workers.Count == 0 ? [] : [new LoadBalancerLimit { Name = "worker_connections", Used = state.Connections.Count, Limit = (double)each * state.Workers.Count }];
    }

    private (NginxUpstream Pool, NginxUpstreamServer Server) Find(NginxUpstreams upstreams, BackendMember member)
    {
        var pool = upstreams.Pools.FirstOrDefault(one => one.Name == member.Pool) ?? throw LoadBalancingErrors.PoolNotFound(Server, member.Pool, Nearest.Find(member.Pool, upstreams.Pools.Select(one => one.Name)));
        return pool.Servers.FirstOrDefault(server => server.Name == member.Name) is { } found
            ? (pool, found)
            : throw LoadBalancingErrors.ServerNotFound(Server, member.Pool, member.Name, Nearest.Find(member.Name, pool.Servers.Select(server => server.Name)));
    }

    private LoadBalancerDefinition? EntryOf(string pool) => options.Entries.FirstOrDefault(entry => entry.PoolName() == pool);
}
