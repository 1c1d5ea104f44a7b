using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Store;

namespace ProdOps.Monitoring.History;

/// <summary>What events add up to as far as availability asks for it: who is watched, what is critical, what is announced. Checks count or not only for whoever asks.</summary>
/// <param name="only">Whose servers are wanted; all without it.</param>
internal sealed class OutageState(Func<string, bool>? only = null)
{
    public static string ResultKind { get; } = EventJson.KindOf<CheckResult>();

    public Dictionary<string, ServerOutage> Servers { get; } = new(StringComparer.OrdinalIgnoreCase);

    public SortedDictionary<long, Downtime> Downtimes { get; } = [];

    /// <summary>Whether it is the monitor that is cut off.</summary>
    public bool IsIsolated { get; set; }

    /// <summary>Whether an event may say something. Most are results, which say no more than that somebody looks.</summary>
    public bool Wants(StoredEvent stored) => stored.Kind != ResultKind || (stored.Server is { } server && only?.Invoke(server) != false && Servers.GetValueOrDefault(server) is not { IsAsked: true });

    /// <summary>Whether of any server a result may say something.</summary>
    public bool WantsResults => Asked < Servers.Count;

    /// <summary>How many are asked as servers.</summary>
    public int Asked { get; set; }

    /// <summary>Takes in an event; they come in the order of time.</summary>
    /// <returns>The server of which it says something, if it is one server.</returns>
    public ServerOutage? Take(MonitorEvent happened)
    {
        switch (happened)
        {
            case ObserverIsolated: IsIsolated = true; return null;
            case ObserverReturned: IsIsolated = false; return null;
            case DowntimeSet e: Downtimes[e.Number] = e.Downtime; return null;
            case DowntimeBegan e: if (Downtimes.TryGetValue(e.Downtime, out var begun)) Downtimes[e.Downtime] = begun with { Began = e.Time }; return null;
            case DowntimeEnded e: Downtimes.Remove(e.Downtime); return null;
            case ServerChanged e: return At(e.Server)?.Change(e);
            case CheckChanged e: return At(e.Key.Server)?.Change(e);
            case CheckResult e: return At(e.Key.Server)?.See(e.Key);
            case CheckDropped e: return At(e.Key.Server)?.Drop(e.Key);
            default: return null;
        }
    }

    public ServerOutage? At(string name)
    {
        if (only?.Invoke(name) == false) return null;
        if (!Servers.TryGetValue(name, out var server)) Servers.Add(name, server = new ServerOutage(this, name));
        return server;
    }
}

/// <summary>What is known of a server.</summary>
internal sealed class ServerOutage(OutageState state, string name)
{
    public string Name { get; } = name;

    /// <summary>Whether it is asked as a server. A host in the place of one only has checks.</summary>
    public bool IsAsked
    {
        get;
        set
        {
            if (value != field) state.Asked += value ? 1 : -1;
            field = value;
        }
    }

    public bool IsMissing { get; set; }

    public HealthState Gone { get; set; }

    public HashSet<CheckKey> Checks { get; } = [];

    /// <summary>What is critical for certain.</summary>
    public HashSet<CheckKey> Critical { get; } = [];

    /// <summary>Whether it is as one of which nothing was ever heard.</summary>
    public bool IsUnheard => !IsAsked && !IsMissing && Gone == HealthState.OK && Checks.Count == 0 && Critical.Count == 0;

    public ServerOutage Change(ServerChanged e)
    {
        (IsAsked, Gone) = (true, e.To);
        return this;
    }

    public ServerOutage Change(CheckChanged e)
    {
        See(e.Key);
        if (e.Key.IsReachability) IsMissing = e.Missing;
        if (e.Level == HealthState.Critical) Critical.Add(e.Key);
        else Critical.Remove(e.Key);
        return this;
    }

    public ServerOutage See(CheckKey key)
    {
        if (key.IsReachability) IsAsked = true;
        else Checks.Add(key);
        return this;
    }

    public ServerOutage Drop(CheckKey key)
    {
        Checks.Remove(key);
        Critical.Remove(key);
        if (key.IsReachability) (IsAsked, IsMissing, Gone) = (false, false, HealthState.OK);
        return this;
    }
}
