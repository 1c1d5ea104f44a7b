using ProdOps.Monitoring.Checks;
using ProdOps.Recovery;
using ProdOps.Recovery.Execution;
using ProdOps.Recovery.Plans;
using ProdOps.Servers;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Checks how long ago recovery plans were drilled, by the journals of runs on this machine.</summary>
/// <param name="environment">The environment, whose plans they are.</param>
internal sealed class DrillCheckFactory(ProdOpsEnvironment? environment) : ICheckFactory
{
    /// <inheritdoc/>
    public IHealthCheck Create(HealthCheckDefinition definition, Server server)
    {
        if (environment is null) throw ServersErrors.NoEnvironment();
        var names = PlanFiles.Names(environment);
        if (!NamePattern.HasWildcards(definition.Target) && !names.Contains(definition.Target, StringComparer.OrdinalIgnoreCase)) throw RecoveryErrors.PlanNotFound(definition.Target, environment, Nearest.Find(definition.Target, names));
        return new DrillCheck(definition, server.Name, environment, RunJournal.DefaultFolder);
    }
}

/// <summary>A result for each plan that is meant.</summary>
/// <param name="definition">The check.</param>
/// <param name="server">Whose check it is.</param>
/// <param name="environment">The environment.</param>
/// <param name="runs">The folder of journals; <see langword="null"/> for a user without a home.</param>
internal sealed class DrillCheck(HealthCheckDefinition definition, string server, ProdOpsEnvironment environment, string? runs) : IHealthCheck
{
    private readonly CheckRun _run = new(new CheckSubject(server, definition.Name), definition.Timeout, TimeProvider.System) { Late = HealthState.Unknown, Broken = HealthState.Unknown };

    /// <inheritdoc/>
    public Task<IReadOnlyList<HealthCheckResult>> RunAsync(CancellationToken cancellationToken) => _run.AllAsync((blank, limit) => Task.Run(() => Look(blank, limit), limit), cancellationToken);

    private IReadOnlyList<HealthCheckResult> Look(HealthCheckResult blank, CancellationToken cancellationToken)
    {
        RecoveryRun[] all = runs is null ? [] : [.. RunHistory.Read(runs, TimeProvider.System, static _ => { })];
        var results = new List<HealthCheckResult>();
        foreach (string name in PlanFiles.Names(environment).Where(name => NamePattern.IsMatch(definition.Target, name)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var plan = PlanReader.Read(PlanFiles.PathOf(environment, name), environment).Plan;
            // A check that is of no server in particular looks at the plans of all.
            if (definition.Server.Count > 0 && !plan.Server.Equals(server, StringComparison.OrdinalIgnoreCase)) continue;
            var maxAge = definition.MaxAge ?? DrillStanding.UsualAge;
            var standing = DrillStanding.Of(plan, all, plan.Objectives.RecoveryTime ?? environment.Objectives.RecoveryTime, maxAge, blank.Time);
            results.Add(blank with
            {
                Instance = name,
                State = standing.State,
                Value = standing.Age?.TotalSeconds,
                Unit = "s",
                Warning = new HealthThreshold(HealthComparison.Above, maxAge.TotalSeconds, "s").ToString(),
                Critical = new HealthThreshold(HealthComparison.Above, 2 * maxAge.TotalSeconds, "s").ToString(),
                Message = $"the plan '{name}' {standing.Message}",
            });
        }

        return results.Count > 0 ? results : [blank with { Message = $"there is no plan '{definition.Target}'{(definition.Server.Count > 0 ? $" of {server}" : "")}" }];
    }
}
