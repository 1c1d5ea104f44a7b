using ProdOps.Backup;
using ProdOps.Monitoring.Checks;
using ProdOps.Servers;
using ProdOps.Servers.Evidence;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Checks how long ago it was proved that a backup set can be restored, as the commands of this machine's user have noted it.</summary>
/// <param name="environment">The environment, if there is one.</param>
internal sealed class RestoreTestCheckFactory(ProdOpsEnvironment? environment) : ICheckFactory
{
    private static readonly TimeSpan Usual = TimeSpan.FromDays(90);

    /// <inheritdoc/>
    public IHealthCheck Create(HealthCheckDefinition definition, Server server)
    {
        if (environment is null) throw ServersErrors.NoEnvironment();
        var set = environment.Backups.FirstOrDefault(set => set.Name.Equals(definition.Target, StringComparison.OrdinalIgnoreCase)) ?? throw BackupErrors.BackupSetNotFound(definition.Target, environment, null);
        return new RestoreTestCheck(new CheckSubject(server.Name, definition.Name), set.Name, environment.Name, definition.MaxAge ?? Usual, definition.Timeout);
    }
}

/// <summary>How long ago a restore of a set was tested or done, against how long ago it may be. A failure is not made up for by an older proof.</summary>
/// <param name="subject">What the result is called.</param>
/// <param name="set">The set.</param>
/// <param name="environment">The environment's name: others may have a set of this name.</param>
/// <param name="maxAge">How long ago it may be.</param>
/// <param name="timeout">How long it may take.</param>
internal sealed class RestoreTestCheck(CheckSubject subject, string set, string environment, TimeSpan maxAge, TimeSpan timeout) : IHealthCheck
{
    private readonly CheckRun _run = new(subject, timeout, TimeProvider.System) { Late = HealthState.Unknown, Broken = HealthState.Unknown };

    /// <inheritdoc/>
    public Task<IReadOnlyList<HealthCheckResult>> RunAsync(CancellationToken cancellationToken) => _run.OneAsync((blank, _) => Task.FromResult(Judge(blank)), cancellationToken);

    private HealthCheckResult Judge(HealthCheckResult blank)
    {
        var evidence = EvidenceFolder.OfUser(TimeProvider.System);
        var tests = (evidence?.BackupTests.Read() ?? []).Where(proof => IsOurs(proof.Environment, proof.What.Sets) && proof.What.Kind == BackupTestKind.Restore).Select(static proof => (proof.Time, Problem: proof.What.Passed ? null : proof.What.Problem ?? "it failed", Word: "tested"));
        var restores = (evidence?.Restores.Read() ?? []).Where(proof => IsOurs(proof.Environment, proof.What.Sets)).Select(static proof => (proof.Time, Problem: proof.What.Errors == 0 ? null : $"there were {proof.What.Errors} errors", Word: "done"));
        blank = blank with { Unit = "s", Critical = new HealthThreshold(HealthComparison.Above, maxAge.TotalSeconds, "s").ToString() };
        var all = tests.Concat(restores).OrderBy(static one => one.Time).ToList();
        if (all.Count == 0) return blank with { State = HealthState.Critical, Message = $"a restore of '{set}' was never tested from here" };
        var (time, problem, word) = all[^1];
        double age = Math.Max(0, (blank.Time - time).TotalSeconds);
        string message = $"a restore of '{set}' was {word} {HealthThreshold.Format(age, "s")} ago";
        return blank with
        {
            State = problem is not null || age > maxAge.TotalSeconds ? HealthState.Critical : HealthState.OK,
            Value = age,
            Message = problem is not null ? $"{message}, and {problem}" : age > maxAge.TotalSeconds ? $"{message}, and may be {HealthThreshold.Format(maxAge.TotalSeconds, "s")}" : message,
            Metrics = [subject.Sample("restore.test.age", age, blank.Time)],
        };
    }

    private bool IsOurs(string other, IReadOnlyList<string> sets) =>
        (other.Length == 0 || other.Equals(environment, StringComparison.OrdinalIgnoreCase)) && sets.Contains(set, StringComparer.OrdinalIgnoreCase);
}
