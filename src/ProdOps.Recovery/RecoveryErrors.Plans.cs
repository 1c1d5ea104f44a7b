using ProdOps.Servers.Inventory;

namespace ProdOps.Recovery;

internal static partial class RecoveryErrors
{
    public static ProdOpsException PlanFileNotFound(string path) => new(
        "RecoveryPlanNotFound", ErrorKind.NotFound, $"The recovery plan '{path}' does not exist.", "Get-RecoveryPlan lists the plans; New-RecoveryPlan -Server NAME makes one from a server that lives.") { Target = path };

    public static ProdOpsException PlanNotFound(string name, ProdOpsEnvironment environment, string? near) => new(
        "RecoveryPlanNotFound", ErrorKind.NotFound,
        $"There is no recovery plan '{name}' beside {environment.Path}." + (near is null ? "" : $" Did you mean '{near}'?"),
        "Get-RecoveryPlan lists the plans; New-RecoveryPlan -Server NAME makes one from a server that lives.") { Target = name };

    public static ProdOpsException PlanUnreadable(string path, Exception cause) => new(
        "RecoveryPlanUnreadable", cause is UnauthorizedAccessException ? ErrorKind.PermissionDenied : ErrorKind.ReadError,
        $"The recovery plan '{path}' cannot be read: {cause.Message}", "Give the user that runs ProdOps leave to read it.", cause) { Target = path };

    public static ProdOpsException PlanTooLarge(string path, long most) => new(
        "RecoveryPlanUnreadable", ErrorKind.InvalidData, $"The file '{path}' is larger than {ByteSize.Format(most)}, which no recovery plan is.", "Check that it is the right file; large contents belong into files of their own (Source).") { Target = path };

    /// <param name="path">The file.</param>
    /// <param name="fault">What is wrong, in words that go on after its name.</param>
    public static ProdOpsException PlanUntrusted(string path, string fault) => new(
        "RecoveryPlanUntrusted", ErrorKind.PermissionDenied,
        $"The recovery plan '{path}' {fault}. It says what is run on servers, so it is not used.",
        "Make it yours: chown and chmod go-w.") { Target = path };

    public static ProdOpsException PlanExists(string name, string path) => new(
        "RecoveryPlanExists", ErrorKind.AlreadyExists, $"There is a recovery plan '{name}' already: {path}.", "Use -Force to replace it; its present text stays as a revision. Or give the new one another name.") { Target = name };

    public static ProdOpsException PlanNotWritten(string path, Exception cause) => new(
        "RecoveryPlanNotWritten", cause is UnauthorizedAccessException ? ErrorKind.PermissionDenied : ErrorKind.WriteError,
        $"The recovery plan '{path}' cannot be written: {cause.Message}", "Check that you may write there.", cause) { Target = path };

    public static ProdOpsException PlanInvalid(string path, IReadOnlyList<EnvironmentProblem> errors)
    {
        const int shown = 10;
        var lines = errors.Take(shown).Select(error => $"  {error.Position}: {error.Message}");
        if (errors.Count > shown) lines = lines.Append($"  and {errors.Count - shown} more");
        return new("RecoveryPlanInvalid", ErrorKind.InvalidData,
            errors is [var single] ? $"{single.Position}: {single.Message}" : $"The recovery plan '{path}' has {errors.Count} errors:\n{string.Join('\n', lines)}",
            errors is [var one] ? one.Recommendation : "Test-RecoveryPlan lists them with what to do about each.") { Target = path };
    }

    public static ProdOpsException RunbookSourceUnreadable(string plan, string source, Exception cause) => new(
        "RecoverySourceUnreadable", ErrorKind.ReadError, $"The plan '{plan}' takes a file from '{source}', which cannot be read: {cause.Message}", "Relative paths are below the folder of the plan's file.", cause) { Target = source };

    public static ProdOpsException RunbookNotWritten(string path, Exception cause) => new(
        "RecoveryRunbookNotWritten", cause is UnauthorizedAccessException ? ErrorKind.PermissionDenied : ErrorKind.WriteError, $"The runbook '{path}' cannot be written: {cause.Message}", "Check that the folder exists and that you may write there.", cause) { Target = path };

    public static ProdOpsException RunbookExists(string path) => new(
        "RecoveryRunbookExists", ErrorKind.AlreadyExists, $"The file '{path}' is there already.", "Use -Force to replace it.") { Target = path };

    public static ProdOpsException RevisionNotFound(string plan, string revision) => new(
        "RecoveryRevisionNotFound", ErrorKind.NotFound, $"The plan '{plan}' has no revision '{revision}'.", "Get-RecoveryPlanRevision lists them.") { Target = revision };
}
