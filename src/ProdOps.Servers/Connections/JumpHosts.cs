using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using ProdOps.Servers.Connections.Channels;

namespace ProdOps.Servers.Connections;

/// <summary>
/// The connections to jump hosts. All servers behind one share a connection to it: sshd drops logins when too many come at once
/// (MaxStartups), and does not count what is only passed on (MaxSessions is for commands).
/// </summary>
internal sealed class JumpHosts
{
    private readonly ConcurrentDictionary<string, Gate> _gates = new();

    /// <summary>A jump host's connection: the one that is there, or a new one.</summary>
    /// <param name="way">The hosts up to this one.</param>
    /// <param name="connect">Makes it, and takes over what leads to it.</param>
    /// <param name="before">What leads to it; given back here if it is not needed.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<JumpLease> GetAsync(string way, Func<CancellationToken, Task<SshConnection>> connect, JumpLease? before, CancellationToken cancellationToken)
    {
        var gate = _gates.GetOrAdd(way, static _ => new Gate());
        await gate.Semaphore.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (gate.Current?.TryUse() != true)
            {
                gate.Current = new Shared(await connect(cancellationToken).ConfigureAwait(false));
                before = null;
            }
        }
        finally
        {
            gate.Semaphore.Release();
        }

        if (before is not null) await before.ReleaseAsync().ConfigureAwait(false);
        return new JumpLease(gate.Current.Connection, gate.Current.ReleaseAsync);
    }

    [SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Without a wait handle a semaphore holds nothing.")]
    private sealed class Gate
    {
        public SemaphoreSlim Semaphore { get; } = new(1, 1);

        public Shared? Current { get; set; }
    }

    private sealed class Shared(SshConnection connection)
    {
        private readonly Lock _lock = new();
        private int _users = 1;

        public SshConnection Connection => connection;

        public bool TryUse()
        {
            lock (_lock)
            {
                if (_users == 0 || !connection.IsAlive) return false;
                _users++;
                return true;
            }
        }

        public ValueTask ReleaseAsync()
        {
            lock (_lock) if (--_users > 0) return default;
            return connection.DisposeAsync();
        }
    }
}

/// <summary>The use of a jump host's connection.</summary>
internal sealed class JumpLease(SshConnection connection, Func<ValueTask> release)
{
    private int _released;

    public SshConnection Connection => connection;

    public ValueTask ReleaseAsync() => Interlocked.Exchange(ref _released, 1) == 0 ? release() : default;
}
