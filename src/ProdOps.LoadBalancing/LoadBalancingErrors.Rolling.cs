using System.Globalization;
using ProdOps.LoadBalancing.Rolling;

namespace ProdOps.LoadBalancing;

internal static partial class LoadBalancingErrors
{
    public static ProdOpsException RollingNothingToDo(string loadBalancer) => new(
        "RollingUpdateNothingToDo", ErrorKind.NotFound,
        $"No server of '{loadBalancer}' is to be updated.",
        "Get-BackendServer lists the servers of the pool.") { Target = loadBalancer };

    public static ProdOpsException RollingServerNotFound(string loadBalancer, string server, string? nearest) => new(
        "RollingUpdateServerNotFound", ErrorKind.NotFound,
        $"'{loadBalancer}' has no server '{server}'.{(nearest is null ? "" : $" Is it '{nearest}'?")}",
        "Get-BackendServer lists the servers of the pool.") { Target = server };

    public static ProdOpsException RollingTooFewLeft(string loadBalancer, IReadOnlyList<string> batch, int left, int minimum) => new(
        "RollingUpdateTooFewLeft", ErrorKind.InvalidOperation,
        string.Create(CultureInfo.InvariantCulture, $"While {string.Join(", ", batch)} of '{loadBalancer}' {(batch.Count == 1 ? "is" : "are")} updated, {left} server{(left == 1 ? "" : "s")} would get requests, and there must be {minimum}."),
        "Make -BatchSize or -Canary smaller, see by Get-BackendServer why others get no requests, or lower -MinimumHealthy.") { Target = loadBalancer };

    public static ProdOpsException RollingTooFewHealthy(string loadBalancer, string update, int left, int minimum) => new(
        "RollingUpdateTooFewHealthy", ErrorKind.InvalidOperation,
        string.Create(CultureInfo.InvariantCulture, $"The update '{update}' of '{loadBalancer}' stops before its next batch: {left} other server{(left == 1 ? "" : "s")} would get requests, and there must be {minimum}."),
        $"See by Get-BackendServer which are down, and go on by Invoke-RollingUpdate -Resume {update}.") { Target = loadBalancer };

    public static ProdOpsException RollingUpdateStopped(string loadBalancer, string update, IReadOnlyList<RollingFailure> failures, bool undo) => new(
        "RollingUpdateStopped", ErrorKind.InvalidOperation,
        $"{(undo ? "Undoing the update" : "The update")} '{update}' of '{loadBalancer}' stopped: {string.Join(' ', failures.Select(Describe))}",
        undo
            ? $"Mend the cause and go on: Invoke-RollingUpdate -Undo {update} -ScriptBlock {{ … }}. Servers that failed are out of service; Enable-BackendServer puts one back as it is."
            : $"Mend the cause and go on: Invoke-RollingUpdate -Resume {update} -ScriptBlock {{ … }}; or take it back where it was made: Invoke-RollingUpdate -Undo {update} -ScriptBlock {{ … }}. "
                + "Servers that failed after the script had begun are out of service; Enable-BackendServer puts one back as it is.") { Target = loadBalancer };

    public static ProdOpsException RollingUpdateNotFound(string update, string folder, IReadOnlyList<string> known) => new(
        "RollingUpdateNotFound", ErrorKind.NotFound,
        $"There is no rolling update '{update}' in '{folder}'.",
        known.Count == 0 ? "A rolling update is kept where it was begun: by this user, on this machine." : $"The latest one is {known[0]}.") { Target = update };

    public static ProdOpsException RollingUpdateBusy(string update) => new(
        "RollingUpdateBusy", ErrorKind.ResourceBusy,
        $"The rolling update '{update}' is under way in another process.",
        "Wait for its end, or end it.") { Target = update };

    public static ProdOpsException RollingUpdateOver(string update) => new(
        "RollingUpdateOver", ErrorKind.InvalidOperation,
        $"The rolling update '{update}' is over: nothing of it is left to be done.",
        $"Invoke-RollingUpdate -Undo {update} takes it back.") { Target = update };

    public static ProdOpsException RollingUpdateUndone(string update) => new(
        "RollingUpdateUndone", ErrorKind.InvalidOperation,
        $"The rolling update '{update}' was undone, or that has begun: it cannot go on.",
        $"Invoke-RollingUpdate -Undo {update} goes on with undoing it; a new update begins anew.") { Target = update };

    public static ProdOpsException RollingNothingToUndo(string update) => new(
        "RollingUpdateNothingToUndo", ErrorKind.InvalidOperation,
        $"The rolling update '{update}' has run its script on no server: there is nothing to undo.",
        "Enable-BackendServer puts back what it may have taken out.") { Target = update };

    public static ProdOpsException RollingJournalUnwritable(string path, Exception cause) => new(
        "RollingUpdateJournalFailed", ErrorKind.WriteError,
        $"What a rolling update does cannot be noted in '{path}': {cause.Message}",
        "Without that, it could not be taken up again: make room, or the folder writable.", cause) { Target = path };

    public static ProdOpsException RollingJournalDamaged(string update, int line) => new(
        "RollingUpdateJournalDamaged", ErrorKind.InvalidData,
        string.Create(CultureInfo.InvariantCulture, $"The notes of the rolling update '{update}' are damaged, or of a later version (line {line})."),
        "Begin a new one; servers that are out are shown by Get-BackendServer.") { Target = update };

    public static ProdOpsException RollingScriptMissing() => new(
        "RollingUpdateScriptMissing", ErrorKind.InvalidArgument,
        "What is to be done on each server is said by -ScriptBlock or by -Command, and by one of them alone.",
        "Write -ScriptBlock { … } with $_ the server, or -Command 'text for its shell'.");

    public static ProdOpsException RollingNoFolder() => new(
        "RollingUpdateNoFolder", ErrorKind.NotFound,
        "This user has no home, so what a rolling update does cannot be noted.",
        "Set HOME or XDG_DATA_HOME to a folder that outlives a restart.");

    public static ProdOpsException HealthPathInvalid(string path, string host) => new(
        "RollingUpdateHealthCheckInvalid", ErrorKind.InvalidArgument,
        $"'{path}' cannot be asked for on host '{host}': a path begins with a slash, and neither has spaces or letters beyond ASCII.",
        "Write it as in an address: /health?full=1.") { Target = path };

    private static string Describe(RollingFailure failure) => $"{failure.Server} failed in {failure.Phase}: {failure.Error}{(failure.Error.EndsWith('.') ? "" : ".")}";
}
