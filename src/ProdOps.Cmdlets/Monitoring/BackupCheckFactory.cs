using ProdOps.Backup;
using ProdOps.Backup.Sets;
using ProdOps.Cmdlets.Backup;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Servers;
using ProdOps.Monitoring.Checks;
using ProdOps.Servers;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Checks how old the newest snapshot of a backup set is. A repository is opened once, for all checks and all of their looks.</summary>
/// <param name="cmdlet">The command, whose session's vaults hold secrets.</param>
/// <param name="access">How its parameters say that servers are logged in to.</param>
/// <param name="environment">The environment, whose sets they are.</param>
/// <param name="activity">Where to report to.</param>
internal sealed class BackupCheckFactory(AsyncCmdlet cmdlet, ServerAccess access, ProdOpsEnvironment? environment, IActivity activity) : ICheckFactory, IAsyncDisposable
{
    private readonly SemaphoreSlim _opening = new(1, 1);
    private SetAccess? _sets;

    /// <inheritdoc/>
    public IHealthCheck Create(HealthCheckDefinition definition, Server server)
    {
        if (environment is null) throw ServersErrors.NoEnvironment();
        var set = environment.Backups.FirstOrDefault(set => set.Name.Equals(definition.Target, StringComparison.OrdinalIgnoreCase)) ?? throw BackupErrors.BackupSetNotFound(definition.Target, environment, null);
        var promised = definition.MaxAge ?? set.Objectives.RecoveryPoint ?? environment.Objectives.RecoveryPoint;
        return new BackupCheck(new CheckSubject(server.Name, definition.Name), token => ReadAsync(set, server, promised, token), definition.Timeout);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_sets is not null) await _sets.DisposeAsync();
        _opening.Dispose();
    }

    private async Task<BackupState> ReadAsync(BackupSet set, Server server, TimeSpan? promised, CancellationToken cancellationToken)
    {
        var report = new SetReport(await OpenAsync(cancellationToken), activity, TimeProvider.System);
        var (states, failures) = await report.ReadAsync([(set, [server], promised)], name => name.Equals(set.Repository, StringComparison.OrdinalIgnoreCase), cancellationToken);
        return failures is [ProdOpsException failure, ..] ? throw failure : states[0];
    }

    private async Task<SetAccess> OpenAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            return _sets ??= new SetAccess(cmdlet, access, await cmdlet.InvokeAsync(() => SessionShells.Current), environment!, activity);
        }
        finally
        {
            _opening.Release();
        }
    }
}

/// <summary>How old the newest snapshot of a set on a server is, against what it may be.</summary>
/// <param name="subject">What the result is called.</param>
/// <param name="read">Reads the repository.</param>
/// <param name="timeout">How long it may take.</param>
internal sealed class BackupCheck(CheckSubject subject, Func<CancellationToken, Task<BackupState>> read, TimeSpan timeout) : IHealthCheck
{
    private readonly CheckRun _run = new(subject, timeout, TimeProvider.System) { Late = HealthState.Unknown, Broken = HealthState.Unknown };

    /// <inheritdoc/>
    public Task<IReadOnlyList<HealthCheckResult>> RunAsync(CancellationToken cancellationToken) => _run.OneAsync(async (blank, limit) => Judge(subject, blank, await read(limit)), cancellationToken);

    /// <summary>What a set's state means.</summary>
    internal static HealthCheckResult Judge(CheckSubject subject, HealthCheckResult blank, BackupState state)
    {
        blank = blank with { Unit = "s", Critical = state.RecoveryPoint is { } point ? new HealthThreshold(HealthComparison.Above, point.TotalSeconds, "s").ToString() : "" };
        if (state.Standing == BackupStanding.Unreadable) return blank with { Message = $"repository '{state.Repository}' cannot be read: {state.Problem}" };
        if (state.Age is not { } age) return blank with { State = HealthState.Critical, Message = $"there is no backup in '{state.Repository}'" };
        string promised = state is { MeetsObjective: false, RecoveryPoint: { } may } ? $", and may be {HealthThreshold.Format(may.TotalSeconds, "s")}" : "";
        return blank with
        {
            State = state.MeetsObjective == false ? HealthState.Critical : HealthState.OK,
            Value = age.TotalSeconds,
            Message = $"the newest in '{state.Repository}' is {HealthThreshold.Format(age.TotalSeconds, "s")} old{promised}",
            Metrics = [subject.Sample("backup.age", age.TotalSeconds, blank.Time)],
        };
    }
}
