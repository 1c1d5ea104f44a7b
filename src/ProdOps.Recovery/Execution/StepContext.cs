using System.Security.Cryptography;
using System.Text;
using ProdOps.Backup.Repositories;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Secrets;

namespace ProdOps.Recovery.Execution;

/// <summary>What a step works with.</summary>
/// <param name="Plan">The plan that it is of.</param>
/// <param name="Step">The step.</param>
/// <param name="Server">Where it is done.</param>
/// <param name="Environment">The environment.</param>
/// <param name="Access">What the session gives.</param>
/// <param name="Activity">Where to report to.</param>
/// <param name="Time">The clock.</param>
internal sealed record StepContext(RecoveryPlan Plan, RecoveryStep Step, Server Server, ProdOpsEnvironment Environment, IRecoveryAccess Access, IActivity Activity, TimeProvider Time)
{
    /// <summary>The run's name; empty where only is looked.</summary>
    public string Run { get; init; } = "";

    public int Attempt { get; init; }

    /// <summary>The snapshot that was chosen when the step was first done in this run: "latest" may be another one by now.</summary>
    public string? Snapshot { get; set; }

    /// <summary>Is told which snapshot was chosen, before anything is restored from it.</summary>
    public Action<SnapshotFile>? OnSnapshot { get; init; }

    /// <summary>Is told of each repository that the wanted snapshot is not found in, and why.</summary>
    public Action<string, ProdOpsException>? OnNotFound { get; init; }

    public Task<IServerShell> OpenAsync(CancellationToken cancellationToken) => Access.OpenShellAsync(Server, cancellationToken);

    /// <summary>Runs a script that is not seen in the server's list of processes and gets what is secret with it.</summary>
    /// <exception cref="ProdOpsException">It did not end with 0, or the server was not reached.</exception>
    public async Task<CommandOutput> ScriptAsync(string script, CancellationToken cancellationToken)
    {
        var shell = await OpenAsync(cancellationToken).ConfigureAwait(false);
        // A shell carries a function out when it has read all of it: what a lost connection leaves of a script is none of it.
        byte[] bytes = Encoding.UTF8.GetBytes($"main() {{\n{script}\n}}\nmain\n");
        try
        {
            var command = new ServerCommand("exec sh -s") { AsRoot = Step.AsRoot, PosixLocale = true, Idempotent = true };
            var output = await shell.RunAsync(command, new CommandRunOptions { Input = bytes }, cancellationToken).ConfigureAwait(false);
            return output.Exit.Succeeded ? output : throw RecoveryErrors.JobFailed(output.Exit.Code, SecretRedactor.Shared.Redact(output.ErrorText));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>A command that runs on although the connection is lost, and that a resumed run finds again.</summary>
    public async Task<string> JobAsync(string script, IReadOnlyDictionary<string, SecretReference> secrets, CancellationToken cancellationToken)
    {
        var job = new ServerJob(this, ServerJob.NameOf(Run, Step.Name, Attempt));
        await job.StartAsync(script, secrets, cancellationToken).ConfigureAwait(false);
        var (code, output) = await job.WaitAsync(cancellationToken).ConfigureAwait(false);
        return code == 0 ? output : throw RecoveryErrors.JobFailed(code, output);
    }

    /// <summary>The snapshot that the step restores from, and its repository.</summary>
    /// <param name="holds">Whether a snapshot can hold what is wanted.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<(Repository Repository, SnapshotFile Snapshot)> FindSnapshotAsync(Func<SnapshotFile, bool> holds, CancellationToken cancellationToken)
    {
        var set = Environment.Backups.First(set => set.Name.Equals(Step.Set, StringComparison.OrdinalIgnoreCase));
        string name = Step.From.Length > 0 ? Step.From : Plan.Server;
        var from = Environment.Servers.FirstOrDefault(server => server.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? new Server { Name = name };
        var (repository, chosen) = await SnapshotSource.FindAsync(this, set, from, holds, cancellationToken).ConfigureAwait(false);
        if (Snapshot is null) OnSnapshot?.Invoke(chosen);
        Snapshot = chosen.Id.ToString();
        return (repository, chosen);
    }
}
