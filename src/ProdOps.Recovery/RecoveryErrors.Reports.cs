namespace ProdOps.Recovery;

internal static partial class RecoveryErrors
{
    public static ProdOpsException NothingMonitored(string why) => new("ReportNothingMonitored", ErrorKind.NotFound, why, "Start-HealthMonitor watches the servers; Get-HealthStatus | Export-ProdOpsReport shows how they are just now.");

    public static ProdOpsException ReportExists(string path) => new("ReportExists", ErrorKind.AlreadyExists, $"The file '{path}' is there already, and is no report of ProdOps.", "Use -Force to replace it, or give another -Path.") { Target = path };

    public static ProdOpsException ReportNotWritten(string path, Exception cause) => new(
        "ReportNotWritten", cause is UnauthorizedAccessException ? ErrorKind.PermissionDenied : ErrorKind.WriteError, $"The report '{path}' cannot be written: {cause.Message}", "Check that the folder exists and that you may write there.", cause) { Target = path };

    public static ProdOpsException ReportInputUnknown(string type) => new(
        "ReportInputUnknown", ErrorKind.InvalidArgument, $"A report cannot show objects of the kind '{type}'.", "Give what Get-HealthStatus and Get-LoadBalancer emit; all else is read from where it was noted.") { Target = type };
}
