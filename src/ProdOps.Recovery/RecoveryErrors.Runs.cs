namespace ProdOps.Recovery;

internal static partial class RecoveryErrors
{
    public static ProdOpsException RunFolderMissing() => new(
        "RecoveryRunFolderMissing", ErrorKind.InvalidOperation, "There is no folder for the journals of runs: this user has no home folder.", "Set XDG_DATA_HOME to a folder that stays.");

    public static ProdOpsException RunNotFound(string run, IReadOnlyList<string> known) => new(
        "RecoveryRunNotFound", ErrorKind.NotFound, $"There is no run '{run}'.", known.Count == 0 ? "Get-RecoveryRun lists the runs; there is none yet." : $"Get-RecoveryRun lists the runs; the latest is {known[0]}.") { Target = run };

    public static ProdOpsException NothingToResume(string? plan) => new(
        "RecoveryRunNotFound", ErrorKind.NotFound, plan is null ? "No run of this user is unfinished." : $"No run of the plan '{plan}' of this user is unfinished.", "Get-RecoveryRun lists the runs.");

    public static ProdOpsException OneTargetNeeded(string target) => new(
        "RecoveryTargetAmbiguous", ErrorKind.InvalidArgument, $"'{target}' is not one server.", "Name the one that the plan is carried out on.") { Target = target };

    public static ProdOpsException RunBusy(string run) => new(
        "RecoveryRunBusy", ErrorKind.ResourceBusy, $"Another process is at work on the run '{run}'.", "Wait until it has ended, or end it; then resume the run.") { Target = run };

    public static ProdOpsException RunJournalUnwritable(string path, Exception cause) => new(
        "RecoveryRunJournalUnwritable", cause is UnauthorizedAccessException ? ErrorKind.PermissionDenied : ErrorKind.WriteError,
        $"The journal '{path}' cannot be written or read: {cause.Message}", "Nothing is done that cannot be noted: make room, or see to the folder's permissions. Then go on with Restore-Server -Resume.", cause) { Target = path };

    public static ProdOpsException RunJournalDamaged(string run, int line) => new(
        "RecoveryRunJournalDamaged", ErrorKind.InvalidData, $"The journal of the run '{run}' is damaged in line {line}.", "Restore-Server without -Resume looks at every step and does what is missing.") { Target = run };

    public static ProdOpsException RunOver(string run) => new(
        "RecoveryRunOver", ErrorKind.InvalidOperation, $"The run '{run}' has succeeded: there is nothing to go on with.", "Restore-Server without -Resume begins a new one.") { Target = run };

    public static ProdOpsException PlanChanged(string run, string plan, string before, string now) => new(
        "RecoveryPlanChanged", ErrorKind.InvalidOperation, $"The plan '{plan}' has changed since the run '{run}' began: {before[..12]} was its revision, and {now[..12]} is it now.",
        "Look at the change with Compare-RecoveryPlan, then go on by the present plan with -AcceptChanges.") { Target = plan };

    public static ProdOpsException StepFailed(string step, string server, string why, Exception cause) => new(
        "RecoveryStepFailed", ErrorKind.InvalidOperation, $"The step '{step}' on '{server}' failed: {why}", (cause as ProdOpsException)?.Recommendation ?? "See to it, then go on with Restore-Server -Resume.", cause) { Target = step };

    public static ProdOpsException StepUnknown(string step) => new(
        "RecoveryStepUnknown", ErrorKind.InvalidOperation, $"The run was cut off while the step '{step}' was being done, nothing verifies it, and it may not be done twice.",
        "Look on the server whether it was done. Then resume with -Confirmed and its name if it was, or with -Redo and its name if it was not.") { Target = step };

    public static ProdOpsException ManualUnconfirmed(string step) => new(
        "RecoveryManualStep", ErrorKind.InvalidOperation, $"The step '{step}' is done by a person, and nobody can be asked.", "Do it, then say so with -Confirmed and its name.") { Target = step };

    public static ProdOpsException ManualRefused(string step) => new(
        "RecoveryManualRefused", ErrorKind.InvalidOperation, $"The step '{step}' was not done.", "Do it, then go on with Restore-Server -Resume.") { Target = step };

    public static ProdOpsException VerifyFailed(string step, string why) => new(
        "RecoveryVerifyFailed", ErrorKind.InvalidOperation, $"The step '{step}' was done and is not well: {why}", "See to it, then go on with Restore-Server -Resume.") { Target = step };

    public static ProdOpsException JobFailed(int code, string output) => new(
        "RecoveryCommandFailed", ErrorKind.InvalidOperation, $"The command ended with {code}" + (LastLine(output) is { Length: > 0 } line ? $": {line}" : "."), null);

    public static ProdOpsException JobGone() => new(
        "RecoveryCommandGone", ErrorKind.InvalidOperation, "The command was ended before it was done, by a restart of the server or by somebody: how far it came is not known.", "Look on the server; then resume with -Confirmed or -Redo and the step's name.");

    public static ProdOpsException JobLate(TimeSpan limit) => new(
        "RecoveryStepTimeout", ErrorKind.Timeout, $"It took longer than {limit:g} and was ended.", "Give the step a longer Timeout if it needs one.");

    public static ProdOpsException JobLeft(TimeSpan limit, string server) => new(
        "RecoveryCommandLeft", ErrorKind.Timeout, $"It took longer than {limit:g}, and '{server}' does not answer to end it: it may still be at work there.",
        "Resume when the server answers again: the command is found, and how it ended decides.") { Target = server };

    public static ProdOpsException JobNotStarted(string server, string why) => new(
        "RecoveryCommandNotStarted", ErrorKind.InvalidOperation, $"The command could not be started on '{server}': {why}", "Check that the login user may write to its state folder, /var/lib/prodops for root.") { Target = server };

    /// <param name="server">The server.</param>
    /// <param name="run">The other run.</param>
    /// <param name="isCommand">Whether it was cut off, and a command that it began goes on.</param>
    /// <param name="details">Whose it is, and since when it is at work, where that is known.</param>
    public static ProdOpsException TargetBusy(string server, string run, bool isCommand, IReadOnlyList<string> details) => isCommand
        ? new("RecoveryTargetBusy", ErrorKind.ResourceBusy, $"A command of the run '{run}', which was cut off, is still at work on '{server}'.",
            $"Restore-Server -Resume -Run {run} goes on with that run; or wait until the command has ended. -Force begins all the same, beside it.") { Target = server }
        : new("RecoveryTargetBusy", ErrorKind.ResourceBusy, $"The run '{run}'{(details is [{ Length: > 0 } by, var since, ..] ? $" of {by}, since {since.Trim()}," : "")} is at work on '{server}'.",
            $"Wait for it. If its process was killed, Restore-Server -Resume -Run {run} goes on with it, where it was begun. If that machine is lost, -Force takes the lock away from it.") { Target = server };

    public static ProdOpsException TargetOfOther(string target, string other, string why) => new(
        "RecoveryTargetInUse", ErrorKind.InvalidOperation, $"'{target}' is not for '{other}': {why}.", "Name another target with -Target. -Force takes it all the same; what is there may be overwritten.") { Target = target };

    public static ProdOpsException DrillTarget(string plan, string target, string why) => new(
        "RecoveryDrillTarget", ErrorKind.InvalidOperation, $"The plan '{plan}' is not rehearsed on '{target}': {why}.", "Name a spare host with -Target.") { Target = target };

    public static ProdOpsException DrillOutside(string plan, IReadOnlyList<string> steps) => new(
        "RecoveryDrillFence", ErrorKind.InvalidOperation, $"The plan '{plan}' has steps on servers that are in use: {string.Join(", ", steps)}.", "Say in the plan what becomes of each in a drill: Drill = 'Skip', or a step that is done in its place.") { Target = plan };

    public static ProdOpsException DrillNetwork(string target, string why) => new(
        "RecoveryDrillNetwork", ErrorKind.InvalidOperation, $"'{target}' cannot be kept away from the servers that are in use: {why}.",
        "A drill needs root and iproute2 on the spare host. Where something else keeps it away, a network of its own, say so with -Force.") { Target = target };

    public static ProdOpsException Preflight(string plan, IReadOnlyList<string> problems) => new(
        "RecoveryPreflightFailed", ErrorKind.InvalidOperation, $"Nothing was changed: the plan '{plan}' cannot be carried out.\n" + string.Join('\n', problems.Select(problem => "  " + problem)), "See to each, then try again.") { Target = plan };

    public static ProdOpsException BackupThere(string step, string set, string snapshot, DateTimeOffset time, string repository) => new(
        "RecoveryBackupThere", ErrorKind.InvalidOperation,
        $"{step}: this is no first installation: there is a backup of the set '{set}' of {time:yyyy-MM-dd HH:mm:ss zzz}, snapshot {snapshot} in {repository}. Without -FirstInstallation it is restored; -Force begins without it.", null) { Target = step };

    public static ProdOpsException BackupsUnknown(string repository, string why) => new(
        "RecoveryBackupsUnknown", ErrorKind.ResourceUnavailable,
        $"{repository}: whether this is a first installation is not known, since the repository cannot be asked for backups: {why} Mend that, or begin without them by -Force.", null) { Target = repository };

    public static ProdOpsException SnapshotNotWhole(string snapshot, string set, IReadOnlyList<string> losses) => new(
        "RecoverySnapshotNotWhole", ErrorKind.InvalidData, $"Snapshot {snapshot} of the set '{set}' is not whole: {ProdOps.Backup.Restoring.SnapshotProof.Few(losses)}.",
        $"Test-Backup tells all that is lost. Make one that is whole, Invoke-Backup -Name {set} -Force, or give the step Snapshot or Before to take another.") { Target = snapshot };

    public static ProdOpsException StepNotFound(string plan, string step, string? near) => new(
        "RecoveryStepNotFound", ErrorKind.NotFound, $"The plan '{plan}' has no step '{step}'." + (near is null ? "" : $" Did you mean '{near}'?"), "Get-RecoveryPlan shows its steps.") { Target = step };

    public static ProdOpsException Unsupported(string step, RecoveryStepKind kind, string why) => new(
        "RecoveryStepUnsupported", ErrorKind.NotSupported, $"The step '{step}' ({kind}) cannot be done: {why}", null) { Target = step };

    public static ProdOpsException PlanCycle(IReadOnlyList<string> plans) => new(
        "RecoveryPlanCycle", ErrorKind.InvalidData, $"These plans call for each other in a circle: {string.Join(" → ", plans)}.", "Remove one of the Plan steps.");

    public static ProdOpsException NothingToUndo(string run, string step) => new(
        "RecoveryUndoMissing", ErrorKind.InvalidOperation, $"The step '{step}' of '{run}' cannot be taken back: it was not done, or the plan says no Undo for it.", "Get-RecoveryRun shows what was done.") { Target = step };

    // A command of ours ends what it says with what to do about it: what went wrong stands above.
    private static string LastLine(string output)
    {
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        int advice = Array.FindLastIndex(lines, static line => line.StartsWith("Recommendation: ", StringComparison.Ordinal));
        string line = (advice > 0 && advice >= lines.Length - 3 ? lines[advice - 1] : lines.LastOrDefault()) ?? "";
        return line.Length > 300 ? line[..300] : line;
    }
}
