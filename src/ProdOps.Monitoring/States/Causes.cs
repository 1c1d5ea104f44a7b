using ProdOps.Monitoring.Incidents;

namespace ProdOps.Monitoring.States;

/// <summary>What a problem comes from: another check on the server, the server itself, what is in front of it, what it depends on.</summary>
internal sealed class Causes
{
    private readonly MonitorPlan _plan;
    private readonly MonitorState _state;
    private readonly Dictionary<string, SortedSet<CheckKey>> _bad = new(StringComparer.Ordinal);

    public Causes(MonitorPlan plan, MonitorState state)
    {
        (_plan, _state) = (plan, state);
        foreach (var key in state.Checks.Keys) Note(key);
    }

    /// <summary>When a server was last heard of, in steady time; <see langword="null"/> where nobody asks whether it is there.</summary>
    public Func<string, DateTimeOffset?> LastHeard { get; init; } = static _ => null;

    /// <summary>To be called when a check has changed.</summary>
    public void Note(CheckKey key)
    {
        if (!_bad.TryGetValue(key.Server, out var bad)) _bad[key.Server] = bad = new SortedSet<CheckKey>(Incident.KeyOrder);
        if (IsBad(key)) bad.Add(key);
        else bad.Remove(key);
    }

    /// <summary>The topmost cause of a problem; the problem itself where there is none. Of those that blame each other, always the same.</summary>
    public CheckKey RootOf(CheckKey key)
    {
        if (CauseOf(key) is not { } cause) return key;
        var path = new List<CheckKey> { key };
        while (!path.Contains(cause))
        {
            path.Add(cause);
            if (CauseOf(cause) is not { } above) return cause;
            cause = above;
        }

        return path.Skip(path.IndexOf(cause)).Min(Incident.KeyOrder);
    }

    /// <summary>True while something might be the cause, but is not certain to be a problem itself; or while nobody knows of a server whether it is still there.</summary>
    public bool IsUndecided(CheckKey key)
    {
        var path = new List<CheckKey>();
        for (CheckKey? at = key; at is { } one && !path.Contains(one); at = CauseOf(one))
        {
            if ((path.Count > 0 && IsSoftlyBad(one)) || IsAwaited(one)) return true;
            path.Add(one);
        }

        return false;
    }

    /// <summary>Whether something that a server works for is bad by its last result, and not yet for certain.</summary>
    public bool MayBreak(string server) => BadOn(server).Any(key => !key.IsReachability && IsSoftlyBad(key) && _plan.RuleOf(key) is { Metric: null });

    /// <summary>Whether a server cannot be reached for certain since all that it is reached through cannot.</summary>
    public bool IsUnreachable(string server) =>
        _plan.Server(server) is { Parents: { Count: > 0 } parents } && parents.All(parent => parent != server && _state.LevelOf(CheckKey.ReachabilityOf(parent)) != HealthState.OK);

    private bool IsSoftlyBad(CheckKey key) => _state.Checks.TryGetValue(key, out var check) && check is { Level: HealthState.OK, Last: not HealthState.OK };

    /// <summary>
    /// Of a server that is gone its services are known to be from outside, within moments, while it is itself asked for as long as an answer may take: what works there, or needs it,
    /// may have broken with it as long as nothing was heard of it since. So may a server that is reached through others, if none of them was heard of since.
    /// </summary>
    private bool IsAwaited(CheckKey key)
    {
        if (_plan.Server(key.Server) is not { } server || !_state.Checks.TryGetValue(key, out var check) || !check.Warning.Beyond) return false;
        if (key.IsReachability) return server.Parents.Any(IsSilent) && server.Parents.All(parent => IsSilent(parent) || IsBad(CheckKey.ReachabilityOf(parent)));
        return _plan.RuleOf(key) is { Metric: null } && (IsSilent(server.Name) || server.DependsOn.Any(IsSilent));

        bool IsSilent(string name) => LastHeard(name) < check.Warning.Since;
    }

    private CheckKey? CauseOf(CheckKey key)
    {
        if (_plan.Server(key.Server) is not { } server) return null;
        var rule = _plan.RuleOf(key);
        if (key.IsReachability) return CauseInFront(server);
        if (IsBad(CheckKey.ReachabilityOf(key.Server))) return CheckKey.ReachabilityOf(key.Server);
        if (rule?.DependsOn is { Count: > 0 } names)
        {
            foreach (var bad in BadOn(key.Server))
            {
                if (names.Contains(bad.Rule) && bad.Rule != key.Rule) return bad;
            }
        }

        // What a server works for depends on others; how full its disks are does not.
        return rule is { Metric: null } ? CauseElsewhere(server, key) : null;
    }

    /// <summary>Reached through any: only if all are bad it is their doing.</summary>
    private CheckKey? CauseInFront(MonitoredServer server)
    {
        if (server.Parents.Count == 0 || !server.Parents.All(parent => parent != server.Name && IsBad(CheckKey.ReachabilityOf(parent)))) return null;
        return CheckKey.ReachabilityOf(server.Parents[0]);
    }

    /// <summary>
    /// Dependent on each: a server that is gone, or a service that broke not long before. What has been broken for long broke without
    /// taking the other with it.
    /// </summary>
    private CheckKey? CauseElsewhere(MonitoredServer server, CheckKey effect)
    {
        foreach (string name in server.DependsOn)
        {
            var gone = CheckKey.ReachabilityOf(name);
            if (name != server.Name && IsBad(gone)) return gone;
        }

        foreach (string name in server.DependsOn)
        {
            foreach (var bad in BadOn(name))
            {
                if (name != server.Name && IsService(bad) && BeganWith(bad, effect)) return bad;
            }
        }

        return null;
    }

    private bool IsService(CheckKey key) => _plan.RuleOf(key) is { Metric: null } && _state.Checks[key] is var check && (check.Level == HealthState.Critical || check.Last == HealthState.Critical);

    private bool BeganWith(CheckKey cause, CheckKey effect) =>
        _state.Checks.TryGetValue(effect, out var check) && check.Warning.Since - _state.Checks[cause].Warning.Since <= _plan.Settings.GroupWindow;

    private bool IsBad(CheckKey key) => _state.Checks.TryGetValue(key, out var check) && check.IsBad;

    private IEnumerable<CheckKey> BadOn(string server) => _bad.TryGetValue(server, out var bad) ? bad : [];
}
