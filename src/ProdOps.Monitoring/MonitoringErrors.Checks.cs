namespace ProdOps.Monitoring;

internal static partial class MonitoringErrors
{
    public static ProdOpsException CaCertificateUnreadable(string path, Exception cause) => new(
        "HealthCaCertificateUnreadable", ErrorKind.InvalidArgument,
        $"'{path}' is not a file of certificates in PEM: {cause.Message}",
        "Name a file with one or more BEGIN CERTIFICATE blocks that this user may read.", cause) { Target = path };

    public static ProdOpsException CheckInvalid(string check, string why, string recommendation) => new(
        "HealthCheckInvalid", ErrorKind.InvalidArgument, $"The check '{check}' cannot be run: {why}.", recommendation) { Target = check };

    public const string CheckKindUnsupportedId = "HealthCheckKindUnsupported";

    public static ProdOpsException CheckKindUnsupported(string check, HealthCheckKind kind) => new(
        CheckKindUnsupportedId, ErrorKind.NotSupported,
        $"The check '{check}' is of kind {kind}, which cannot be checked here.",
        "Test-HealthCheck and Start-HealthMonitor know all kinds.") { Target = check };

    public static ProdOpsException CheckRunOnUnsupported(string check, HealthCheckKind kind, string runOn) => new(
        "HealthCheckRunOnUnsupported", ErrorKind.NotSupported,
        $"The check '{check}' shall run on '{runOn}', but {kind} runs on this machine only.",
        "Leave RunOn out, or ask from there by a plugin: Kind = 'Plugin', e.g. check_http or check_tcp.") { Target = check };

    public static ProdOpsException CheckServerNotFound(string check, string server) => new(
        "HealthCheckServerNotFound", ErrorKind.NotFound,
        $"The check '{check}' shall run on '{server}', and there is no such server.",
        "Name a server of the environment, or localhost for this machine.") { Target = check };

    public static ProdOpsException CheckServerLate(string server) => new(
        "HealthCheckServerLate", ErrorKind.Timeout,
        $"Server '{server}' could not be logged in to in the time that the check may take.",
        "See whether the server can be reached; if it is slow, give the check more time.") { Target = server };
}
