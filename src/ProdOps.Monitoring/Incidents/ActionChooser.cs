using ProdOps.Monitoring.States;
using ProdOps.Servers.Inventory;

namespace ProdOps.Monitoring.Incidents;

/// <summary>
/// What is done when a check has changed for certain: each action once for each problem, and not more often an hour than it says. Nothing is done
/// about what was announced, comes and goes, or has its cause elsewhere. What only looks looks once for each incident.
/// </summary>
internal sealed class ActionChooser(MonitorPlan plan, MonitorState state, Causes causes, Action<MonitorEvent> emit)
{
    private const int MostInstances = 3;

    public void Decide(IReadOnlyList<CheckChanged> changes, DateTimeOffset now)
    {
        if (plan.Actions.Count == 0) return;
        foreach (var change in changes)
        {
            if (change.From == change.To || change.Missing || change.Flapping || state.IsInDowntime(change.Key, now)) continue;
            foreach (var action in plan.Actions.Where(action => IsFor(action, change))) Begin(action, change, now);
        }
    }

    private void Begin(HealthAction action, CheckChanged change, DateTimeOffset now)
    {
        var steady = state.Steady(now);
        long incident = state.IncidentOf.GetValueOrDefault(change.Key);
        if (incident != 0 && state.Actions.Exists(run => run.Action == action.Name && run.Incident == incident && (run.Key == change.Key || (action.IsDiagnosis && IsSame(run.Key, change.Key))))) return;
        if (action.IsDiagnosis && IsTooMuch(action, change, incident)) return;
        if (WhyNot(action, change, steady) is not { } reason) emit(new ActionBegun(action.Name, change.Key, change.To, incident) { Diagnosis = action.IsDiagnosis });
        // That nobody looked is nothing that anybody would look for.
        else if (!action.IsDiagnosis) emit(new ActionHeld(action.Name, change.Key, reason));
    }

    /// <summary>What is seen on a server is the same, whichever of its rules says that something is wrong.</summary>
    private static bool IsSame(in CheckKey one, in CheckKey other) => one.Server == other.Server && one.Instance == other.Instance;

    /// <summary>A server that may be gone is not asked for more, and of many instances a few show what all have.</summary>
    private bool IsTooMuch(HealthAction action, CheckChanged change, long incident) =>
        (action.RunOn.Length == 0 && state.Checks.TryGetValue(CheckKey.ReachabilityOf(change.Key.Server), out var reached) && reached.IsBad)
        || state.Actions.Count(run => run.Action == action.Name && run.Incident == incident && run.Key.Server == change.Key.Server) >= MostInstances;

    private string? WhyNot(HealthAction action, CheckChanged change, DateTimeOffset steady)
    {
        if (change.To != HealthState.OK && causes.RootOf(change.Key) is var root && root != change.Key) return $"It comes from {root}.";
        if (action.RunOn.Length == 0 && state.Servers.ContainsKey(change.Key.Server)) return $"{change.Key.Server} cannot be reached.";
        return state.Actions.Count(run => run.Action == action.Name && steady - run.Begun < TimeSpan.FromHours(1)) >= action.MaxPerHour
            ? $"It was done {action.MaxPerHour} times within the hour already." : null;
    }

    private bool IsFor(HealthAction action, CheckChanged change)
    {
        var key = change.Key;
        if (!action.On.Contains(change.To) || !(Any(action.Rules, key.Rule) || (action.IsDiagnosis && plan.RuleOf(key)?.Metric is { } metric && Any(action.Rules, metric)))) return false;
        if (action.Instances.Count > 0 && (key.Instance is not { } instance || !Any(action.Instances, instance))) return false;
        if (action.Servers.Count == 0 && action.Roles.Count == 0) return true;
        return Any(action.Servers, key.Server) || (plan.Server(key.Server)?.Roles.Any(role => action.Roles.Contains(role, StringComparer.OrdinalIgnoreCase)) ?? false);
    }

    private static bool Any(IReadOnlyList<string> patterns, string name) => patterns.Any(pattern => NamePattern.IsMatch(pattern, name));
}
