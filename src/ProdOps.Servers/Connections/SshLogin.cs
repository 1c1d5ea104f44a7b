using System.Net.Sockets;
using System.Text;
using ProdOps.Servers.Connections.Channels;
using ProdOps.Servers.Secrets;
using ProdOps.Servers.Ssh.Config;
using ProdOps.Servers.Ssh.HostKeys;
using ProdOps.Servers.Ssh.Identities;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace ProdOps.Servers.Connections;

/// <summary>One attempt to connect to a host and log in there.</summary>
internal sealed class SshLogin : IAsyncDisposable
{
    private readonly string _server;
    private readonly SshHostSettings _host;
    private readonly SshIdentities _identities;
    private readonly List<AuthenticationMethod> _methods = [];
    private readonly byte[]? _password;
    private JumpRelay? _relay;
    private bool _succeeded;

    private SshLogin(string server, SshHostSettings host, SshIdentities identities, Secret? password)
    {
        _server = server;
        _host = host;
        _identities = identities;
        if (password is not null)
        {
            _password = GC.AllocateUninitializedArray<byte>(password.Bytes.Length, pinned: true);
            password.Bytes.CopyTo(_password);
        }
    }

    /// <summary>Gets ready what a login needs.</summary>
    public static async Task<SshLogin> CreateAsync(string server, SshHostSettings host, SshIdentities identities, SecretSource? password, CancellationToken cancellationToken)
    {
        bool wanted = host.Allows("password") || host.Allows("keyboard-interactive");
        using var secret = password is not null && wanted ? await password.ResolveAsync(cancellationToken).ConfigureAwait(false) : null;
        return new SshLogin(server, host, identities, secret);
    }

    /// <summary>Connects and logs in.</summary>
    /// <exception cref="ProdOpsException">It cannot be reached, is not who it should be, or lets nobody in.</exception>
    public async Task<Session> ConnectAsync(HostKeyChecker checker, SshConnection? through, TimeSpan timeout, IActivity activity, CancellationToken cancellationToken)
    {
        if (through is not null) _relay = await RelayAsync(through, cancellationToken).ConfigureAwait(false);
        var connection = CreateInfo();
        connection.Timeout = timeout;
        _identities.ServerVersion = () => connection.ServerVersion;
        Algorithms.Choose(connection, _host, _server);
        checker.Attach(connection);
        var session = SessionAccess.Create(connection);
        session.HostKeyReceived += checker.OnHostKeyReceived;
        // SSH.NET blocks while keys are exchanged and the user logs in: on a thread of its own, so that the pool goes on.
        var work = Task.Factory.StartNew(session.Connect, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            await work.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Abandon(session, work);
            throw;
        }
        catch (Exception exception)
        {
            session.Dispose();
            throw checker.Refusal ?? Explain(exception, timeout);
        }

        _succeeded = true;
        activity.Verbose($"{_server}: logged in as {_host.User}@{_host.HostName}:{_host.Port} ({connection.ServerVersion}, {connection.CurrentKeyExchangeAlgorithm}, {connection.CurrentClientEncryption})");
        return session;
    }

    public async ValueTask DisposeAsync()
    {
        if (_password is not null) Array.Clear(_password);
        foreach (var method in _methods) (method as IDisposable)?.Dispose();
        // A login that succeeded goes through the relay, which ends with its socket.
        if (!_succeeded && _relay is not null) await _relay.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<JumpRelay> RelayAsync(SshConnection through, CancellationToken cancellationToken)
    {
        try
        {
            return await JumpRelay.StartAsync(through, _host.HostName, _host.Port, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelRefusedException refused)
        {
            throw ServersErrors.JumpRefused(_server, _host, through.Server, refused.Message);
        }
    }

    private ConnectionInfo CreateInfo()
    {
        _methods.Add(new NoneAuthenticationMethod(_host.User));
        if (_identities.Sources.Count > 0) _methods.Add(new PrivateKeyAuthenticationMethod(_host.User, [.. _identities.Sources]));
        if (_password is not null)
        {
            if (_host.Allows("keyboard-interactive")) _methods.Add(Interactive(_password));
            if (_host.Allows("password")) _methods.Add(new PasswordAuthenticationMethod(_host.User, _password));
        }

        return _relay is null
            ? new ConnectionInfo(_host.HostName, _host.Port, _host.User, [.. _methods])
            : new ConnectionInfo(_host.HostName, _host.Port, _host.User, ProxyTypes.Http, "127.0.0.1", _relay.Port, JumpRelay.User, _relay.Password, [.. _methods]);
    }

    /// <summary>Servers that ask by PAM want the password as the answer to a question that is not shown while it is typed. It is given once.</summary>
    private KeyboardInteractiveAuthenticationMethod Interactive(byte[] password)
    {
        var method = new KeyboardInteractiveAuthenticationMethod(_host.User);
        bool given = false;
        method.AuthenticationPrompt += (_, question) =>
        {
            foreach (var prompt in question.Prompts)
            {
                prompt.Response = prompt.IsEchoed || given ? "" : Encoding.UTF8.GetString(password);
                given |= !prompt.IsEchoed;
            }
        };
        return method;
    }

    /// <summary>Closes what is under way; the thread in it ends by that, and then what it may have opened meanwhile is closed too.</summary>
    private static void Abandon(Session session, Task work)
    {
        _ = Task.Run(async () =>
        {
            // It has nothing to close until it has a socket, and that may be any moment now.
            for (var pause = TimeSpan.FromMilliseconds(10); !work.IsCompleted; pause *= 2)
            {
                try
                {
                    session.Disconnect();
                }
                catch (Exception exception) when (exception is SshException or SocketException or ObjectDisposedException or InvalidOperationException)
                {
                    // Not connected yet, or closed meanwhile.
                }

                await Task.WhenAny(work, Task.Delay(pause)).ConfigureAwait(false);
            }
        });
        work.ContinueWith(
            static (ended, session) =>
            {
                _ = ended.Exception;
                ((Session)session!).Dispose();
            },
            session, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private ProdOpsException Explain(Exception exception, TimeSpan timeout) => exception switch
    {
        ProdOpsException known => known,
        SshAuthenticationException => ServersErrors.AuthenticationFailed(
            _server, _host, [.. _methods.Where(method => method is not NoneAuthenticationMethod).Select(method => method.Name)], _identities,
            [.. _methods.SelectMany(method => method.AllowedAuthentications ?? []).Distinct()], exception),
        SshOperationTimeoutException => ServersErrors.ConnectTimedOut(_server, _host, timeout),
        SocketException socket => ServersErrors.Unreachable(_server, _host, socket),
        _ => ServersErrors.ConnectFailed(_server, _host, exception),
    };
}
