using ProdOps.Backup.Repositories;
using ProdOps.Monitoring.Checks;
using ProdOps.Recovery.Execution;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Secrets;

namespace ProdOps.Recovery.Tests.Execution;

/// <summary>A session whose servers are all this machine.</summary>
internal sealed class TestAccess : IRecoveryAccess
{
    private readonly CheckFactory _checks;

    private readonly string _home;

    /// <param name="home">The home folder of the user that logs in: runs of other tests are none of this one's.</param>
    public TestAccess(string home) => (_home, _checks) = (home, new CheckFactory(TimeProvider.System, OpenShellAsync, SourceOf, _ => null));

    /// <summary>What a person answers; <see langword="null"/> where nobody is there.</summary>
    public bool? Answer { get; init; } = true;

    public int Asked { get; private set; }

    public Func<string, Task<Repository>>? Repositories { get; init; }

    /// <summary>What stands before each command: functions in the place of programs.</summary>
    public string Prelude { get; init; } = "";

    /// <summary>A folder for each server in the place of one for all.</summary>
    public bool HasHomes { get; init; }

    /// <summary>From here on no command reaches a server any more, as if the process that gives them were dead.</summary>
    public bool IsDead { get; set; }

    /// <summary>Why no server can be reached any more.</summary>
    public ProdOpsException? Outage { get; set; }

    public Task<Repository> OpenRepositoryAsync(string name, CancellationToken cancellationToken) => (Repositories ?? throw new InvalidOperationException())(name);

    public Task<IServerShell> OpenShellAsync(Server server, CancellationToken cancellationToken) => Outage is { } outage ? throw outage : Task.FromResult<IServerShell>(new HomeShell(new LocalShell(server.Name), HasHomes ? Path.Combine(_home, server.Name) : _home, Prelude) { IsDead = () => IsDead });

    public SecretSource SourceOf(SecretReference reference) => SecretSource.From(reference, vault: null);

    public Task<IReadOnlyList<HealthCheckResult>> CheckAsync(HealthCheckDefinition check, Server server, CancellationToken cancellationToken) => _checks.Create(check, server).RunAsync(cancellationToken);

    public Task<bool> AskAsync(RecoveryStep step, string server, CancellationToken cancellationToken)
    {
        Asked++;
        return Task.FromResult(Answer ?? throw RecoveryErrors.ManualUnconfirmed(step.Name));
    }

    public Task<IReadOnlyList<string>> ChangePoolAsync(RecoveryStep step, string server, bool plan, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Publishes, or tells what would be changed.</summary>
    public Func<string, Server, bool, IReadOnlyList<string>>? Publish { get; init; }

    public Task<IReadOnlyList<string>> PublishAsync(RecoveryStep step, string balancer, Server server, bool plan, CancellationToken cancellationToken) => Task.FromResult((Publish ?? throw new NotSupportedException())(balancer, server, plan));

    public Task<IReadOnlyList<string>> MoveAddressAsync(RecoveryStep step, string server, bool plan, CancellationToken cancellationToken) => throw new NotSupportedException();
}

/// <summary>A shell of a user with another home folder; root's place for runs is there as well.</summary>
internal sealed class HomeShell(IServerShell shell, string home, string prelude = "") : IServerShell
{
    public string Name => shell.Name;

    public Func<bool> IsDead { get; init; } = () => false;

    public Task<IServerProcess> StartAsync(ServerCommand command, CancellationToken cancellationToken) => IsDead()
        ? throw new ProdOpsException("Dead", ErrorKind.InvalidOperation, "The process is dead.")
        : shell.StartAsync(command with { Text = $"HOME={ShellQuote.Word(home)}; export HOME\n{prelude}\n{command.Text.Replace("/var/lib/prodops", home + "/prodops", StringComparison.Ordinal)}" }, cancellationToken);
}
