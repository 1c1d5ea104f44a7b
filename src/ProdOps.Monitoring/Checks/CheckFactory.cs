using ProdOps.Monitoring.Checks.Databases;
using ProdOps.Monitoring.Checks.Plugins;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Inventory;
using ProdOps.Servers.Secrets;

namespace ProdOps.Monitoring.Checks;

/// <summary>Makes checks of what an environment defines. Nothing is connected to before a check is run.</summary>
/// <param name="time">The clock.</param>
/// <param name="openShell">Connects to a server.</param>
/// <param name="secretOf">Where a secret that a definition refers to comes from.</param>
/// <param name="findServer">The server of a name; <see langword="null"/> where there is none.</param>
/// <param name="others">Kinds that need engines which this one does not know.</param>
internal sealed partial class CheckFactory(
    TimeProvider time,
    Func<Server, CancellationToken, Task<IServerShell>> openShell,
    Func<SecretReference, SecretSource> secretOf,
    Func<string, Server?> findServer,
    IReadOnlyDictionary<HealthCheckKind, ICheckFactory>? others = null) : ICheckFactory
{
    /// <summary>What stands for the address of the server whose check it is, in a target and in an address.</summary>
    public const string ServerPlaceholder = HealthCheckHosts.ServerPlaceholder;

    public IHealthCheck Create(HealthCheckDefinition definition, Server server)
    {
        if (definition.Timeout <= TimeSpan.Zero) throw Invalid(definition, "its Timeout is no time at all", "Write Timeout = '10s'.");
        if (CheckUnits.Problem(definition) is { } problem) throw Invalid(definition, problem, "Write thresholds in the value's unit: '> 500ms', '< 50%', '> 3'.");
        if (others?.GetValueOrDefault(definition.Kind) is { } other) return other.Create(definition, server);
        if (definition.RunOn is { Length: > 0 } runOn && !RunsByShell(definition.Kind) && !IsHere(runOn)) throw MonitoringErrors.CheckRunOnUnsupported(definition.Name, definition.Kind, runOn);
        var subject = new CheckSubject(server.Name, definition.Name);
        return definition.Kind switch
        {
            HealthCheckKind.Http => Http(definition, server, subject),
            HealthCheckKind.Tcp => Tcp(definition, server, subject),
            HealthCheckKind.Ping => Ping(definition, server, subject),
            HealthCheckKind.Plugin => new PluginCheck(subject, CommandOf(definition, server), ShellOf(definition, server), definition.Timeout, time) { ThresholdUnit = UnitOf(definition) },
            HealthCheckKind.Script => new ScriptCheck(subject, CommandOf(definition, server), ShellOf(definition, server), definition.Timeout, time),
            HealthCheckKind.Dns => DnsOf(definition, server, subject),
            HealthCheckKind.Ssh => SshOf(definition, server, subject),
            HealthCheckKind.PostgreSql => DatabaseOf(definition, server, subject, new PostgreSqlQuestion()),
            HealthCheckKind.MariaDb => DatabaseOf(definition, server, subject, new MariaDbQuestion()),
            HealthCheckKind.Redis => RedisOf(definition, server, subject),
            HealthCheckKind.HAProxy => HAProxyOf(definition, server, subject),
            HealthCheckKind.Prometheus => PrometheusOf(definition, server, subject),
            HealthCheckKind.Snmp => SnmpOf(definition, server, subject),
            _ => throw MonitoringErrors.CheckKindUnsupported(definition.Name, definition.Kind),
        };
    }

    /// <summary>How a server is connected to by other means than SSH.</summary>
    internal static string AddressOf(Server server) => server.IsLocal ? "localhost" : server.Address ?? server.Name;

    /// <summary>Whether a kind runs commands, which any server can.</summary>
    private static bool RunsByShell(HealthCheckKind kind) =>
        kind is HealthCheckKind.Plugin or HealthCheckKind.Script or HealthCheckKind.PostgreSql or HealthCheckKind.MariaDb or HealthCheckKind.HAProxy;

    private static string? UnitOf(HealthCheckDefinition definition) => (definition.Warning ?? definition.Critical)?.Unit;

    private static bool IsHere(string name) => name.Equals(ServerResolver.Local.Name, StringComparison.OrdinalIgnoreCase);

    private static ServerCommand CommandOf(HealthCheckDefinition definition, Server server) => new(TargetOf(definition, server)) { AsRoot = definition.AsRoot };

    /// <summary>The shell that a check runs in: where it says, else on the server itself.</summary>
    private CheckShell ShellOf(HealthCheckDefinition definition, Server server)
    {
        if (definition.RunOn is not { Length: > 0 } name) return new CheckShell(server, openShell);
        return new CheckShell(findServer(name) ?? (IsHere(name) ? ServerResolver.Local : throw MonitoringErrors.CheckServerNotFound(definition.Name, name)), openShell);
    }

    private static string TargetOf(HealthCheckDefinition definition, Server server) => definition.Target.Trim() is { Length: > 0 } target
        ? target.Replace(ServerPlaceholder, AddressOf(server), StringComparison.Ordinal)
        : throw Invalid(definition, "it has no Target", $"Say what {definition.Kind} looks at: Target = '…'.");

    /// <summary>What a definition says to connect to; a server of the environment by its address.</summary>
    private string? AddressIn(HealthCheckDefinition definition, Server server) =>
        definition.Address is { Length: > 0 } address ? Located(address.Replace(ServerPlaceholder, AddressOf(server), StringComparison.Ordinal)) : null;

    private string Located(string host) => !host.StartsWith('/') && findServer(host) is { } known ? AddressOf(known) : host;

    /// <summary>The host and port that a target names: without a host the server's.</summary>
    private (string Host, int? Port) PlaceOf(HealthCheckDefinition definition, Server server)
    {
        string target = definition.Target.Replace(ServerPlaceholder, AddressOf(server), StringComparison.Ordinal);
        if (!HostPort.TryParse(target, out var place)) throw Invalid(definition, $"'{target}' is neither a host nor a port", "Write Target = 'host:port', 'host' or 'port'.");
        return (AddressIn(definition, server) ?? (place.Host is { } host ? Located(host) : AddressOf(server)), place.Port ?? definition.Port);
    }

    private static ProdOpsException Invalid(HealthCheckDefinition definition, string why, string recommendation) => MonitoringErrors.CheckInvalid(definition.Name, why, recommendation);
}
