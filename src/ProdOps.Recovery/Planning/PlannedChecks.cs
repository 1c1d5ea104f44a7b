using ProdOps.Monitoring.Checks;
using ProdOps.Servers.Inventory;
using static ProdOps.ServerConfigurationKind;

namespace ProdOps.Recovery.Planning;

/// <summary>
/// The step at a plan's end: what answered when the server was captured answers again, and the environment's checks of it pass. A drill makes those that a spare host behind its fence can pass: not those of
/// other hosts, which would tell of what is in use, nor those of an application that needs servers that cannot be reached from there.
/// </summary>
internal static class PlannedChecks
{
    /// <returns>The step; <see langword="null"/> where there is nothing to ask.</returns>
    public static RecoveryStep? Of(ServerConfiguration capture, ProdOpsEnvironment environment)
    {
        var server = environment.Servers.FirstOrDefault(server => server.Name == capture.Server);
        var checks = server is null ? [] : environment.Monitoring.Checks.Where(check => CheckServers.Of(check, environment).Any(member => member.Name == server.Name) && check.Kind is not (HealthCheckKind.Backup or HealthCheckKind.Log or HealthCheckKind.Drill or HealthCheckKind.RestoreTest)).ToList();
        var ports = capture.Items.Where(item => item.Kind == Socket && item.Property("Unit") is { } unit && unit is not ("ssh.service" or "sshd.service" or "systemd-resolved.service") && item.Name.StartsWith("tcp ", StringComparison.Ordinal))
            .Select(item => item.Name[4..]).Where(address => address.StartsWith("0.0.0.0:", StringComparison.Ordinal) || address.StartsWith("*:", StringComparison.Ordinal) || address.StartsWith("[::]:", StringComparison.Ordinal))
            .Select(address => address[(address.LastIndexOf(':') + 1)..]).Distinct().Order(StringComparer.Ordinal);
        checks.AddRange(ports.Select(port => new HealthCheckDefinition { Name = "", Kind = HealthCheckKind.Tcp, Target = $"{{server}}:{port}" }));
        if (checks.Count == 0) return null;
        var step = new RecoveryStep { Name = "verification", Kind = RecoveryStepKind.Verify, Purpose = "What answered before answers again.", Verify = [.. checks], Attempts = 12, RetryDelay = TimeSpan.FromSeconds(5) };
        var drilled = checks.Where(check => IsOfSpareHost(check, server)).ToList();
        if (drilled.Count == checks.Count) return step;
        return drilled.Count == 0 ? step with { Drill = RecoveryDrillMode.Skip }
            : step with { Drill = RecoveryDrillMode.Substitute, Substitute = step with { Purpose = "What a spare host can be asked without the servers that it would need.", Verify = [.. drilled] } };
    }

    private static bool IsOfSpareHost(HealthCheckDefinition check, Server? server) => check.RunOn.Length == 0 && check.Kind is not (HealthCheckKind.Dns or HealthCheckKind.Prometheus)
        && (check.Target.Contains(HealthCheckHosts.ServerPlaceholder, StringComparison.Ordinal) || HealthCheckHosts.Of(check) is null)
        && !(server is { DependsOn.Count: > 0 } && check.Kind is (HealthCheckKind.Http or HealthCheckKind.Script or HealthCheckKind.Plugin));
}
