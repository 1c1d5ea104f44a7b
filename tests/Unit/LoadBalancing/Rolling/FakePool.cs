using ProdOps.LoadBalancing.Rolling;

namespace ProdOps.LoadBalancing.Tests.Rolling;

/// <summary>A pool on two balancers, and the work on its servers, without either. It counts what is in service at any time, and dies where a test says.</summary>
internal sealed class FakePool : IRollingPool, IRollingWork
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, BackendServerState> _states = [];
    private readonly Dictionary<string, (long Total, long Errors)> _counts = [];
    private readonly Dictionary<string, DateTimeOffset> _changes = [];
    private int _calls;

    public FakePool(params string[] servers)
    {
        foreach (string server in servers) (_states[server], _counts[server]) = (BackendServerState.Up, (1000, 0));
        FewestUp = servers.Length;
    }

    /// <summary>When it is, for the moments of changes.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>What was done, in order.</summary>
    public List<string> Log { get; } = [];

    /// <summary>How often the script came to its end on a server.</summary>
    public Dictionary<string, int> Runs { get; } = [];

    /// <summary>How few servers got requests at the worst time.</summary>
    public int FewestUp { get; private set; }

    /// <summary>After how many calls this process dies; the call itself is carried out, or not.</summary>
    public int DiesAfter { get; set; } = int.MaxValue;

    public bool DiesBeforeEffect { get; set; }

    public bool IsDead { get; private set; }

    /// <summary>What a server's script, check, or putting back comes to: an error, or null.</summary>
    public Func<string, string?> ScriptError { get; set; } = _ => null;

    public Func<string, string?> CheckError { get; set; } = _ => null;

    public Func<string, string?> EnableError { get; set; } = _ => null;

    /// <summary>Runs in the script.</summary>
    public Func<string, CancellationToken, Task> OnScript { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Runs while a server finishes its requests.</summary>
    public Func<string, CancellationToken, Task> OnDrain { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Failures that a server adds with each look.</summary>
    public Func<string, long> Errors { get; set; } = _ => 0;

    public string Description => "make it new";

    public string? CheckDescription { get; set; } = "GET /health";

    public bool IsSideBySide { get; set; }

    public BackendServerState this[string server]
    {
        get
        {
            lock (_lock) return _states[server];
        }
        set
        {
            lock (_lock)
            {
                _states[server] = value;
                _changes[server] = Time.GetUtcNow();
                FewestUp = Math.Min(FewestUp, _states.Count(state => state.Value == BackendServerState.Up));
            }
        }
    }

    /// <summary>The same pool, asked by another process.</summary>
    public void TakeFrom(FakePool other)
    {
        foreach (string server in other._states.Keys)
        {
            this[server] = other._states[server];
            if (other._changes.TryGetValue(server, out var change)) _changes[server] = change;
        }
    }

    /// <summary>Whether another update is at work on the pool.</summary>
    public bool IsHeld { get; set; }

    /// <summary>Requests that balancers without numbers for each server count together; null for balancers that have them.</summary>
    public long? Counted { get; set; }

    public bool CountsByServer { get; set; } = true;

    public Task HoldAsync(CancellationToken cancellationToken) => IsHeld ? throw new ProdOpsException("BackendPoolLocked", ErrorKind.ResourceBusy, "alice@desk") : Task.CompletedTask;

    public Task<long?> CountRequestsAsync(CancellationToken cancellationToken) => Task.FromResult(Counted is null ? null : Counted += 50);

    public Task<IReadOnlyList<BackendServer>> ReadAsync(CancellationToken cancellationToken) => CallAsync<IReadOnlyList<BackendServer>>(null, () =>
    {
        lock (_lock)
        {
            foreach (string server in _states.Keys.Where(server => _states[server] == BackendServerState.Up)) _counts[server] = (_counts[server].Total + 100, _counts[server].Errors + Errors(server));
            return [.. from balancer in new[] { "lb1", "lb2" } from state in _states select new BackendServer { Name = state.Key, Pool = "web", Balancer = balancer, State = state.Value, AdminState = state.Value is BackendServerState.Maintenance ? state.Value : BackendServerState.Up, LastChange = _changes.TryGetValue(state.Key, out var change) ? change : null, Total = _counts[state.Key].Total, ServerErrors = _counts[state.Key].Errors }];
        }
    });

    public async Task<BackendServerChange> DisableAsync(string server, TimeSpan timeout, bool endSessions, CancellationToken cancellationToken)
    {
        var before = this[server];
        try
        {
            await OnDrain(server, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            this[server] = before;
            throw;
        }

        return await CallAsync($"drain {server}", () =>
        {
            if (before != BackendServerState.Maintenance) this[server] = BackendServerState.Maintenance;
            return new BackendServerChange { Name = server, Pool = "web", Action = before == BackendServerState.Maintenance ? "already in maintenance" : "drained" };
        });
    }

    public Task<BackendServerChange> EnableAsync(string server, TimeSpan timeout, CancellationToken cancellationToken) => CallAsync($"enable {server}", () =>
    {
        if (EnableError(server) is { } error) throw new ProdOpsException("BackendServerNotUp", ErrorKind.Timeout, error);
        this[server] = BackendServerState.Up;
        return new BackendServerChange { Name = server, Pool = "web", Action = "ready" };
    });

    public Task AnnounceAsync(string server, CancellationToken cancellationToken) => CallAsync($"announce {server}", () => 0);

    public Task EndAnnouncementAsync(string server, CancellationToken cancellationToken) => CallAsync($"end {server}", () => 0);

    public async Task<RollingWorkResult> RunAsync(string server, CancellationToken cancellationToken)
    {
        Assert.NotEqual(BackendServerState.Up, this[server]);
        await OnScript(server, cancellationToken);
        return await CallAsync($"script {server}", () =>
        {
            lock (_lock) Runs[server] = Runs.GetValueOrDefault(server) + 1;
            return new RollingWorkResult([$"hello from {server}"], ScriptError(server));
        });
    }

    public Task<RollingWorkResult> CheckAsync(string server, CancellationToken cancellationToken) => CallAsync($"check {server}", () =>
    {
        Assert.NotEqual(BackendServerState.Up, this[server]);
        return new RollingWorkResult(["HTTP 200"], CheckError(server));
    });

    private async Task<T> CallAsync<T>(string? what, Func<T> effect)
    {
        await Task.Yield();
        lock (_lock)
        {
            if (IsDead) throw new KilledException();
            bool dies = ++_calls > DiesAfter;
            IsDead = dies;
            if (dies && DiesBeforeEffect) throw new KilledException();
            if (what is not null) Log.Add(what);
            var result = effect();
            return dies ? throw new KilledException() : result;
        }
    }
}

/// <summary>The process is gone: what it would do next is not done.</summary>
internal sealed class KilledException : Exception;
