using System.Security;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Servers;
using ProdOps.Monitoring.Checks;
using ProdOps.Monitoring.Rules;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Secrets;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>What a command makes checks with: the monitoring engine's own kinds, and those of backups, logs and drills.</summary>
/// <param name="cmdlet">The command, whose session's vaults hold secrets.</param>
/// <param name="access">How its parameters say that servers are logged in to.</param>
/// <param name="open">Connects to a server.</param>
/// <param name="environment">The environment, if there is one.</param>
/// <param name="activity">Where to report to.</param>
internal sealed class CommandChecks(AsyncCmdlet cmdlet, ServerAccess access, Func<Server, CancellationToken, Task<IServerShell>> open, ProdOpsEnvironment? environment, IActivity activity) : IAsyncDisposable
{
    /// <summary>A password that was given and is of no place: what refers to it gets <see cref="GivenPassword"/>.</summary>
    public static SecretReference Given { get; } = new(SecretKind.Secret, "given");

    private readonly RuleSet _rules = RuleBook.Of(environment);
    private readonly (HealthCheckDefinition Definition, Server Server)[] _defined =
        [.. from definition in environment?.Monitoring.Checks ?? [] from server in CheckServers.Of(definition, environment) select (definition, server)];

    private BackupCheckFactory? _backups;

    /// <summary>The password that <see cref="Given"/> refers to.</summary>
    public SecureString? GivenPassword { get; init; }

    /// <summary>Makes checks. It is given back with this.</summary>
    public ICheckFactory Factory => field ??= new CheckFactory(TimeProvider.System, open, SecretOf, FindServer, new Dictionary<HealthCheckKind, ICheckFactory>
    {
        [HealthCheckKind.Backup] = _backups = new BackupCheckFactory(cmdlet, access, environment, activity),
        [HealthCheckKind.RestoreTest] = new RestoreTestCheckFactory(environment),
        [HealthCheckKind.Log] = new LogCheckFactory(cmdlet, environment, activity),
        [HealthCheckKind.Drill] = new DrillCheckFactory(environment),
    })
    {
        PrometheusUrl = environment?.Monitoring.Url,
    };

    /// <summary>What is checked in the place of a server: hosts that checks look at, and that are no servers of the environment.</summary>
    public IEnumerable<Server> Hosts => _defined.Select(check => check.Server).Where(server => environment!.Servers.All(known => known.Name != server.Name)).DistinctBy(server => server.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Runs the environment's checks of a server side by side. One that makes no sense is not known.</summary>
    /// <param name="server">The server.</param>
    /// <param name="limit">How long each may take at most.</param>
    /// <param name="cancellationToken">Calls it off.</param>
    public async Task<IReadOnlyList<HealthCheckResult>> RunAllAsync(Server server, TimeSpan limit, CancellationToken cancellationToken)
    {
        var results = await Task.WhenAll(_defined.Where(check => check.Server.Name.Equals(server.Name, StringComparison.OrdinalIgnoreCase)).Select(async check =>
        {
            try
            {
                return await RunAsync(check.Definition.Timeout > limit ? check.Definition with { Timeout = limit } : check.Definition, server, cancellationToken);
            }
            catch (ProdOpsException error)
            {
                return [new HealthCheckResult { Server = server.Name, Check = check.Definition.Name, State = HealthState.Unknown, Message = error.Message, Time = TimeProvider.System.GetUtcNow() }];
            }
        }));
        return [.. results.SelectMany(result => result)];
    }

    /// <summary>Runs a check of a server once, and judges its results by the rules.</summary>
    /// <param name="definition">The check.</param>
    /// <param name="server">The server.</param>
    /// <param name="cancellationToken">Calls it off.</param>
    /// <exception cref="ProdOpsException">The definition makes no sense.</exception>
    public async Task<IReadOnlyList<HealthCheckResult>> RunAsync(HealthCheckDefinition definition, Server server, CancellationToken cancellationToken)
    {
        if (RuleBook.ProblemOf(definition, environment) is { } problem) throw problem;
        var results = await Factory.Create(definition, server).RunAsync(cancellationToken);
        return Judge(definition, server, results);
    }

    /// <summary>Results as the rules see them at this moment: those of the environment, else what the definition says itself.</summary>
    public IReadOnlyList<HealthCheckResult> Judge(HealthCheckDefinition definition, Server server, IReadOnlyList<HealthCheckResult> results)
    {
        var rules = _rules.For(server.Name, server.Roles);
        if (!rules.Any(entry => definition.Name.Equals(entry.Rule.Check, StringComparison.OrdinalIgnoreCase)) && (definition.Warning ?? definition.Critical) is not null)
        {
            var rule = new HealthRule { Name = definition.Name, Check = definition.Name, Warning = definition.Warning, Critical = definition.Critical };
            rules = [(rule, new Grading(rule))];
        }

        return [.. results.Select(result => CheckGrading.Judge(result, rules))];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_backups is not null) await _backups.DisposeAsync();
    }

    private SecretSource SecretOf(SecretReference reference) =>
        ReferenceEquals(reference, Given) && GivenPassword is { } password ? SecretSource.FromSecureString(password) : SecretSource.From(reference, new SessionVault(cmdlet));

    private Server? FindServer(string name) => environment?.Servers.FirstOrDefault(server => server.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
