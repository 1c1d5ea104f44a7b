using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Status;
using ProdOps.Servers.Inventory;

namespace ProdOps.Monitoring.Checks;

/// <summary>What is checked: of each server whether it can be reached and its services run, and what the environment's file defines.</summary>
/// <param name="environment">The environment; <see langword="null"/> for this machine alone.</param>
internal sealed class CheckList(ProdOpsEnvironment? environment)
{
    private readonly MonitoringOptions _options = environment?.Monitoring ?? new MonitoringOptions();

    /// <summary>The servers of the environment, then the hosts that are checked without being one of them.</summary>
    public IReadOnlyList<Server> Servers { get; } =
    [
        .. (environment is { Servers.Count: > 0 } ? environment.Servers : [ServerResolver.Local])
            .Concat((environment?.Monitoring.Checks ?? []).SelectMany(check => CheckServers.Of(check, environment))).DistinctBy(server => server.Name, StringComparer.OrdinalIgnoreCase),
    ];

    /// <summary>The checks of some of the servers, in the order of the servers.</summary>
    /// <param name="servers">The servers.</param>
    /// <param name="rules">The rules.</param>
    public IEnumerable<HealthCheck> Of(IReadOnlyList<Server> servers, RuleSet rules)
    {
        var defined = _options.Checks.SelectMany(check => CheckServers.Of(check, environment).Select(server => (server.Name, Check: check))).ToLookup(pair => pair.Name, pair => pair.Check, StringComparer.OrdinalIgnoreCase);
        var problems = environment is null ? null : new CheckProblems(environment);
        foreach (var server in servers)
        {
            var holding = rules.For(server.Name, server.Roles).Select(entry => entry.Rule).ToList();
            // A host that is only the target of checks is not logged in to.
            if (environment is null || environment.Servers.Count == 0 || environment.Servers.Any(known => known.Name == server.Name))
            {
                yield return Built(CheckKey.Reachability, "Reachability", server.IsLocal ? "this machine" : server.Address ?? server.Name);
                foreach (string service in server.Services) yield return Built(ServiceChecks.Check, "Service", service) with { Instance = service };
            }

            foreach (var check in defined[server.Name])
            {
                yield return new HealthCheck
                {
                    Server = server.Name,
                    Check = check.Name,
                    Kind = check.Kind.ToString(),
                    Target = check.Target.Replace(CheckFactory.ServerPlaceholder, CheckFactory.AddressOf(server), StringComparison.Ordinal),
                    Interval = check.Interval,
                    Rule = RuleAbout(holding, check.Name),
                    Definition = check,
                    Problem = problems?.Of(check)?.Message,
                };
            }

            HealthCheck Built(string name, string kind, string target) =>
                new() { Server = server.Name, Check = name, Kind = kind, Target = target, Interval = _options.Interval, Rule = RuleAbout(holding, name) };
        }
    }

    /// <summary>The rule that a check's results go to: one of its name, else one with wildcards.</summary>
    private static HealthRule? RuleAbout(List<HealthRule> rules, string check) =>
        rules.Find(rule => check.Equals(rule.Check, StringComparison.OrdinalIgnoreCase)) ?? rules.Find(rule => rule.Check is { } pattern && NamePattern.IsMatch(pattern, check));
}
