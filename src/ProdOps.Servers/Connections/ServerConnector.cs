using System.Diagnostics.CodeAnalysis;
using ProdOps.Servers.Connections.Channels;
using ProdOps.Servers.Ssh.Config;
using ProdOps.Servers.Ssh.HostKeys;
using ProdOps.Servers.Ssh.Identities;

namespace ProdOps.Servers.Connections;

/// <summary>
/// Connects to servers as OpenSSH would: by ssh_config, through jump hosts, with the keys of files and of the agent. One for all
/// connections of a session: it keeps opened keys, and the jump hosts' connections as long as something goes through them.
/// </summary>
internal sealed class ServerConnector : IServerConnector
{
    /// <summary>How long connecting and logging in may take where nothing says otherwise, for each host on the way.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(15);

    /// <summary>How many servers are connected to at the same time: each costs some 15 ms of processor time for its key exchange.</summary>
    private const int SimultaneousConnects = 32;

    private readonly TimeProvider _time;
    private readonly LocalSshFiles _configuration = new();
    private readonly KnownHostsFiles _knownHosts = new();
    private readonly SshIdentityLoader _identities;
    private readonly JumpHosts _jumps = new();
    [SuppressMessage("Reliability", "CA2213:Disposable fields should be disposed", Justification = "What is still connecting gives its place back, and without a wait handle it holds nothing.")]
    private readonly SemaphoreSlim _connecting = new(SimultaneousConnects, SimultaneousConnects);

    /// <param name="time">The clock.</param>
    public ServerConnector(TimeProvider time)
    {
        _time = time;
        _identities = new SshIdentityLoader(time);
    }

    public async Task<SshConnection> ConnectAsync(ConnectionTarget target, IActivity activity, CancellationToken cancellationToken)
    {
        var route = SshConfigResolver.ResolveRoute(RequestOf(target.Server), SshConfigEnvironment.Local(_configuration));
        foreach (var host in route)
        {
            host.ThrowIfUnsupported();
            foreach (string note in host.Notes) activity.Verbose(note);
            foreach (string warning in host.Warnings) activity.Warning(warning);
        }

        await _connecting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await ConnectAsync(target, route, activity, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _connecting.Release();
        }
    }

    public void Dispose() => _identities.Dispose();

    private async Task<SshConnection> ConnectAsync(ConnectionTarget target, IReadOnlyList<SshHostSettings> route, IActivity activity, CancellationToken cancellationToken)
    {
        JumpLease? jump = null;
        try
        {
            string way = "";
            foreach (var host in route.SkipLast(1))
            {
                way += $"{host.User}@{host.HostName}:{host.Port}\n";
                var before = jump;
                // What leads to this host belongs to its connection, or is given back at once where another has opened it already.
                jump = await _jumps.GetAsync(way, token => HopAsync(target, host, before, activity, isTarget: false, token), before, cancellationToken).ConfigureAwait(false);
            }

            return await HopAsync(target, route[^1], jump, activity, isTarget: true, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            if (jump is not null) await jump.ReleaseAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<SshConnection> HopAsync(ConnectionTarget target, SshHostSettings host, JumpLease? through, IActivity activity, bool isTarget, CancellationToken cancellationToken)
    {
        string name = isTarget ? target.Server.Name : host.OriginalHost;
        var ssh = target.Server.Ssh;
        var passphrase = ssh.Passphrase is { } reference ? target.Secrets(reference) : null;
        // The password is the target's; a host on the way has no business with it.
        var password = !isTarget ? null : target.Password ?? (ssh.Password is { } login ? target.Secrets(login) : null);
        var timeout = host.ConnectTimeout ?? DefaultTimeout;
        using var limit = new CancellationTokenSource(timeout, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var checker = new HostKeyChecker(host, target.AcceptNewHostKey, _knownHosts, _time, activity);
        try
        {
            using var identities = host.Allows("publickey") ? await _identities.LoadAsync(host, passphrase, activity, stop.Token).ConfigureAwait(false) : new SshIdentities(agent: null);
            await using var attempt = await SshLogin.CreateAsync(name, host, identities, password, stop.Token).ConfigureAwait(false);
            var session = await attempt.ConnectAsync(checker, through?.Connection, timeout, activity, stop.Token).ConfigureAwait(false);
            return new SshConnection(name, session, KeepAliveOf(host), _time, through is null ? null : through.ReleaseAsync);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw ServersErrors.ConnectTimedOut(name, host, timeout);
        }
    }

    private static KeepAliveOptions KeepAliveOf(SshHostSettings host) => host.Origins.ContainsKey("serveraliveinterval")
        ? new KeepAliveOptions(host.ServerAliveInterval, host.ServerAliveCountMax)
        : KeepAliveOptions.Default;

    private static SshConfigRequest RequestOf(Server server)
    {
        var ssh = server.Ssh;
        // A server's name is what ssh_config's Host patterns see, unless the user named a host outright, with its user and port around it.
        return new SshConfigRequest(server.Environment is null ? server.Address ?? server.Name : server.Name)
        {
            HostName = server.Environment is null ? null : server.Address,
            User = ssh.User,
            Port = ssh.Port,
            IdentityFiles = ssh.IdentityFile,
            UserKnownHostsFiles = ssh.KnownHosts,
            ProxyJump = ssh.ProxyJump,
            ConnectTimeout = ssh.ConnectTimeout,
            ConfigFile = ssh.ConfigFile,
        };
    }
}
