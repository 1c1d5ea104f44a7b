using ProdOps.Backup.Restoring;
using ProdOps.Recovery.Execution;
using ProdOps.Recovery.Execution.Steps;
using ProdOps.Servers.Commands;

namespace ProdOps.Recovery.Plans;

/// <summary>Whether a plan is still true: its file, its target, the backups that it restores from and their age, its secrets, its packages, when it was drilled. Nothing is changed.</summary>
internal sealed class PlanChecklist(PlanReading reading, ProdOpsEnvironment environment, IReadOnlyList<RecoveryRun> runs, IRecoveryAccess access, IActivity activity, TimeProvider time)
{
    private readonly RecoveryPlan _plan = reading.Plan;
    private readonly SnapshotProof _proof = new();
    private long _restored;

    public async IAsyncEnumerable<RecoveryPlanCheck> RunAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var problem in reading.Problems)
            yield return new RecoveryPlanCheck { Plan = _plan.Name, Check = "File", Status = problem.IsWarning ? EnvironmentCheckStatus.Warning : EnvironmentCheckStatus.Failed, Message = problem.Message, Recommendation = problem.Recommendation, Path = problem.Position.File, Line = problem.Position.Line, Key = problem.Key };
        if (reading.Errors.Any()) yield break;
        yield return Of("File", "", EnvironmentCheckStatus.Passed, $"The file can be read, and all that it names is there: {_plan.Steps.Count} steps, revision {_plan.Revision[..12]}.");
        yield return await TryAsync("Target", "", () => CheckTargetAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
        foreach (var step in _plan.Steps.Where(step => step.Kind is RecoveryStepKind.Restore or RecoveryStepKind.Database))
            yield return await TryAsync("Backup", step.Name, () => CheckBackupAsync(step, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (_restored > 0) yield return CheckRoom();
        foreach (var (step, secret) in _plan.Steps.SelectMany(step => Preflight.SecretsOf(step).Select(secret => (step, secret))))
            yield return await TryAsync("Secret", step.Name, () => CheckSecretAsync(step, secret, cancellationToken), cancellationToken).ConfigureAwait(false);
        foreach (var step in _plan.Steps.Where(step => step.Kind == RecoveryStepKind.Package && step.On.Length == 0))
            yield return await TryAsync("Packages", step.Name, () => CheckPackagesAsync(step, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (_plan.Coverage is { } share)
            yield return Of("Coverage", "", _plan.Unexplained.Count > 0 ? EnvironmentCheckStatus.Warning : EnvironmentCheckStatus.Passed, $"The steps account for {share * 100:0.#} % of what was found on the server.{(_plan.Unexplained.Count > 0 ? $" {_plan.Unexplained.Count} things are in no step." : "")}", _plan.Unexplained.Count > 0 ? "Look through Unexplained of the plan: add steps for what is needed." : "");
        yield return CheckDrill();
    }

    /// <summary>What was found, to be kept.</summary>
    public static RecoveryPlanEvidence Sum(RecoveryPlan plan, DateTimeOffset time, IReadOnlyList<RecoveryPlanCheck> checks) => new()
    {
        Plan = plan.Name, Server = plan.Server, Revision = plan.Revision, Time = time,
        Passed = checks.Count(check => check.Status == EnvironmentCheckStatus.Passed),
        Warnings = checks.Count(check => check.Status == EnvironmentCheckStatus.Warning),
        Problems = [.. checks.Where(check => check.Status == EnvironmentCheckStatus.Failed).Select(check => check.Step.Length > 0 ? $"{check.Step}: {check.Message}" : check.Message).Take(20)],
    };

    private async Task<RecoveryPlanCheck> CheckTargetAsync(CancellationToken cancellationToken)
    {
        var server = environment.Servers.First(server => server.Name.Equals(_plan.Server, StringComparison.OrdinalIgnoreCase));
        await access.OpenShellAsync(server, cancellationToken).ConfigureAwait(false);
        return Of("Target", "", EnvironmentCheckStatus.Passed, $"{server.Name} is reached.");
    }

    private async Task<RecoveryPlanCheck> CheckBackupAsync(RecoveryStep step, CancellationToken cancellationToken)
    {
        DateTimeOffset? taken = null;
        var server = environment.Servers.First(server => server.Name.Equals(_plan.Server, StringComparison.OrdinalIgnoreCase));
        var context = new StepContext(_plan, step, server, environment, access, activity, time) { OnSnapshot = snapshot => taken = snapshot.Time.ToDateTimeOffset() };
        var work = (BackupWork)StepWork.Of(context);
        var findings = await work.ProveAsync(_proof, cancellationToken).ConfigureAwait(false);
        _restored += findings.Bytes;
        if (findings.Losses.Count > 0) throw RecoveryErrors.SnapshotNotWhole((await work.FindAsync(cancellationToken).ConfigureAwait(false)).Snapshot.Id.ToShortString(), step.Set, findings.Losses);
        var age = time.GetUtcNow() - taken!.Value;
        var set = environment.Backups.First(set => set.Name.Equals(step.Set, StringComparison.OrdinalIgnoreCase));
        var limit = _plan.Objectives.RecoveryPoint ?? set.Objectives.RecoveryPoint ?? environment.Objectives.RecoveryPoint;
        string message = $"The newest backup '{step.Set}' of {(step.From.Length > 0 ? step.From : _plan.Server)} has all of it ({ByteSize.Format(findings.Bytes)}) and is {Runbooks.Runbook.Lasting(age)} old";
        return limit is { } most && age > most
            ? Of("Backup", step.Name, EnvironmentCheckStatus.Failed, $"{message}, and no more than {Runbooks.Runbook.Lasting(most)} of work may be lost.", $"Invoke-Backup -Name {step.Set}")
            : Of("Backup", step.Name, EnvironmentCheckStatus.Passed, message + ".");
    }

    /// <summary>Data grows, and the room that a target is asked for is what it took when the plan was made.</summary>
    private RecoveryPlanCheck CheckRoom() => _plan.Requires.FreeSpace is not { } asked
        ? Of("Room", "", EnvironmentCheckStatus.Passed, $"The steps restore {ByteSize.Format(_restored)}; whether a target has room for it is looked at before anything is changed there.")
        : asked >= _restored ? Of("Room", "", EnvironmentCheckStatus.Passed, $"The steps restore {ByteSize.Format(_restored)}, and a target must have {ByteSize.Format(asked)} free.")
        : Of("Room", "", EnvironmentCheckStatus.Warning, $"The steps restore {ByteSize.Format(_restored)} by now, and a target is asked for {ByteSize.Format(asked)} only.", $"Raise FreeSpace in Requires, or make the plan anew: New-RecoveryPlan {_plan.Server} -Force");

    private async Task<RecoveryPlanCheck> CheckSecretAsync(RecoveryStep step, SecretReference secret, CancellationToken cancellationToken)
    {
        (await access.SourceOf(secret).ResolveAsync(cancellationToken).ConfigureAwait(false)).Dispose();
        return Of("Secret", step.Name, EnvironmentCheckStatus.Passed, $"{secret} can be read.");
    }

    /// <summary>Asks the server's own index of packages, which a blank host of the same system has as well.</summary>
    private async Task<RecoveryPlanCheck> CheckPackagesAsync(RecoveryStep step, CancellationToken cancellationToken)
    {
        var server = environment.Servers.First(server => server.Name.Equals(_plan.Server, StringComparison.OrdinalIgnoreCase));
        var shell = await access.OpenShellAsync(server, cancellationToken).ConfigureAwait(false);
        string script = $"command -v apt-cache >/dev/null 2>&1 || exit 0\nfor p in {ShellQuote.Words(step.Packages)}; do case $p in *=*) apt-cache madison -- \"${{p%%=*}}\" | awk -F'|' '{{gsub(/ /,\"\",$2); print $2}}' | grep -qxF -- \"${{p#*=}}\" ;; *) apt-cache show --no-all-versions -- \"$p\" >/dev/null 2>&1 ;; esac || printf '%s\\n' \"$p\"; done\n";
        string[] missing = [.. (await shell.RunAsync(new ServerCommand(script) { PosixLocale = true, Idempotent = true }, cancellationToken).ConfigureAwait(false)).EnsureSuccess().Lines];
        return missing.Length == 0
            ? Of("Packages", step.Name, EnvironmentCheckStatus.Passed, step.Packages.Count == 1 ? "The package can be installed." : $"All {step.Packages.Count} packages can be installed.")
            : Of("Packages", step.Name, EnvironmentCheckStatus.Failed, $"No package source has {ProdOps.Servers.ServersErrors.Printable(string.Join(", ", missing))} any more.", "Take another version, or none, or add the package source that has it.");
    }

    private RecoveryPlanCheck CheckDrill()
    {
        var standing = DrillStanding.Of(_plan, runs, _plan.Objectives.RecoveryTime ?? environment.Objectives.RecoveryTime, DrillStanding.UsualAge, time.GetUtcNow());
        string message = $"The plan {standing.Message}.";
        return standing.State switch
        {
            HealthState.OK => Of("Drill", "", EnvironmentCheckStatus.Passed, message),
            HealthState.Critical => Of("Drill", "", EnvironmentCheckStatus.Failed, message, $"See with Get-RecoveryRun -Plan {_plan.Name} why, then: Test-RecoveryPlan {_plan.Name} -Drill -Target HOST"),
            _ => Of("Drill", "", EnvironmentCheckStatus.Warning, message, $"Test-RecoveryPlan {_plan.Name} -Drill -Target HOST"),
        };
    }

    private async Task<RecoveryPlanCheck> TryAsync(string check, string step, Func<Task<RecoveryPlanCheck>> look, CancellationToken cancellationToken)
    {
        try
        {
            return await look().ConfigureAwait(false);
        }
        catch (ProdOpsException error) when (!cancellationToken.IsCancellationRequested)
        {
            return Of(check, step, EnvironmentCheckStatus.Failed, error.Message, error.Recommendation ?? "");
        }
    }

    private RecoveryPlanCheck Of(string check, string step, EnvironmentCheckStatus status, string message, string recommendation = "") =>
        new() { Plan = _plan.Name, Check = check, Step = step, Status = status, Message = message, Recommendation = recommendation };
}
