using System.Diagnostics.CodeAnalysis;
using ProdOps.Servers.Connections.Channels;

namespace ProdOps.Servers.Connections;

/// <summary>The connections to one target. A second one is made when the first has as many commands as the server allows (sshd's MaxSessions).</summary>
internal sealed class HostConnections(ConnectionTarget target, IServerConnector connector, TimeProvider time) : IAsyncDisposable
{
    /// <summary>sshd's MaxSessions is 10; one is left for ending a command.</summary>
    public const int ChannelsPerConnection = 9;

    [SuppressMessage("Reliability", "CA2213:Disposable fields should be disposed", Justification = "Who waits for it must still get an answer, and without a wait handle it holds nothing.")]
    private readonly SemaphoreSlim _gate = new(1, 1);

    private readonly Lock _lock = new();
    private readonly List<Kept> _kept = [];
    private ProdOpsException? _failure;
    private int _failures;
    private bool _disposed;

    /// <summary>The clock by which connections are kept.</summary>
    public TimeProvider Time => time;

    /// <summary>A connection with room for one more channel: a kept one, or a new one. Those who wait for the same connecting share its failure.</summary>
    /// <param name="current">The server, and what the command in hand says about connecting.</param>
    /// <param name="notBefore">A timestamp: only a connection that was made after it will do.</param>
    /// <param name="activity">Hears what is done.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<ConnectionLease> LeaseAsync(ConnectionTarget current, long notBefore, IActivity activity, CancellationToken cancellationToken)
    {
        if (TryTake(notBefore) is { } kept) return kept;
        int failuresBefore = Volatile.Read(ref _failures);
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (TryTake(notBefore) is { } made) return made;
            if (_failures != failuresBefore && _failure is { } failure) throw failure;
            var connection = await connector.ConnectAsync(current, activity, cancellationToken).ConfigureAwait(false);
            var entry = new Kept(connection, time.GetTimestamp()) { Used = 1 };
            bool late;
            lock (_lock)
            {
                late = _disposed;
                if (!late) _kept.Add(entry);
            }

            if (!late) return new ConnectionLease(connection, IsNew: true, () => Release(entry), () => Limit(entry), () => GiveUp(entry));
            await connection.DisposeAsync().ConfigureAwait(false);
            throw ServersErrors.ConnectionLost(target.Server.Name, cause: null);
        }
        catch (ProdOpsException exception)
        {
            _failure = exception;
            _failures++;
            throw;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Closes what nobody has used for a while, and lets go of what is lost. Returns whether anything is left.</summary>
    public bool CloseIdle(TimeSpan idle)
    {
        List<Kept> old;
        lock (_lock)
        {
            old = _kept.FindAll(kept => kept.Used == 0 && (!kept.Connection.IsAlive || time.GetElapsedTime(kept.IdleSince) >= idle));
            _kept.RemoveAll(old.Contains);
        }

        foreach (var kept in old) _ = kept.Connection.DisposeAsync().AsTask();
        lock (_lock) return _kept.Count > 0;
    }

    public async ValueTask DisposeAsync()
    {
        List<Kept> all;
        lock (_lock)
        {
            _disposed = true;
            all = [.. _kept];
            _kept.Clear();
        }

        await Task.WhenAll(all.Select(kept => kept.Connection.DisposeAsync().AsTask())).ConfigureAwait(false);
    }

    private ConnectionLease? TryTake(long notBefore)
    {
        lock (_lock)
        {
            foreach (var kept in _kept)
            {
                if (!kept.Connection.IsAlive || kept.Used >= kept.Limit || kept.MadeAt < notBefore) continue;
                kept.Used++;
                return new ConnectionLease(kept.Connection, IsNew: false, () => Release(kept), () => Limit(kept), () => GiveUp(kept));
            }
        }

        return null;
    }

    private void Release(Kept kept)
    {
        lock (_lock)
        {
            kept.Used--;
            kept.IdleSince = time.GetTimestamp();
            if ((kept.Connection.IsAlive && kept.Limit > 0) || kept.Used > 0 || !_kept.Remove(kept)) return;
        }

        _ = kept.Connection.DisposeAsync().AsTask();
    }

    /// <summary>The server allows fewer channels than we thought: no more than are open now.</summary>
    private void Limit(Kept kept)
    {
        lock (_lock) kept.Limit = Math.Min(kept.Limit, Math.Max(1, kept.Used - 1));
    }

    /// <summary>The server does not answer on it: nothing new is begun there, and what runs keeps its chance.</summary>
    private void GiveUp(Kept kept)
    {
        lock (_lock) kept.Limit = 0;
    }

    private sealed class Kept(SshConnection connection, long madeAt)
    {
        public long MadeAt { get; } = madeAt;

        public SshConnection Connection { get; } = connection;

        public int Used { get; set; }

        public int Limit { get; set; } = ChannelsPerConnection;

        public long IdleSince { get; set; }
    }
}

/// <summary>A place on a connection.</summary>
/// <param name="Connection">The connection.</param>
/// <param name="IsNew">Whether it was made for this.</param>
/// <param name="Release">Gives the place back.</param>
/// <param name="Limit">Says that the server refused another channel.</param>
/// <param name="GiveUp">Says that the server has not answered.</param>
internal sealed record ConnectionLease(SshConnection Connection, bool IsNew, Action Release, Action Limit, Action GiveUp);
