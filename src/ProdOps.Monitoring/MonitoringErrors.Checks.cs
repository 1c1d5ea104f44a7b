using System.Globalization;

namespace ProdOps.Monitoring;

internal static partial class MonitoringErrors
{
    public static ProdOpsException CaCertificateUnreadable(string path, Exception cause) => new(
        "HealthCaCertificateUnreadable", ErrorKind.InvalidArgument,
        $"'{path}' is not a file of certificates in PEM: {cause.Message}",
        "Name a file with one or more BEGIN CERTIFICATE blocks that this user may read.", cause) { Target = path };

    public static ProdOpsException CheckInvalid(string check, string why, string recommendation) => new(
        "HealthCheckInvalid", ErrorKind.InvalidArgument, $"The check '{check}' cannot be run: {why}.", recommendation) { Target = check };

    public static ProdOpsException CheckKindUnsupported(string check, HealthCheckKind kind) => new(
        "HealthCheckKindUnsupported", ErrorKind.NotSupported,
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

    public static ProdOpsException RedisReplyNotUnderstood(string why) => new(
        "RedisReplyNotUnderstood", ErrorKind.InvalidData,
        $"What answers does not speak as Redis does: {why}.",
        "See what listens on the port; if it wants TLS, write rediss:// before the host.");

    public static ProdOpsException PrometheusRefused(string why) => new(
        "PrometheusQueryFailed", ErrorKind.InvalidArgument,
        $"The query cannot be answered: {why}",
        "Try it in the engine's own web page.");

    public static ProdOpsException PrometheusNotUnderstood(int status, Exception? cause = null) => new(
        "PrometheusAnswerNotUnderstood", ErrorKind.InvalidData,
        $"What answers, with status {status.ToString(CultureInfo.InvariantCulture)}, is not the HTTP API of Prometheus.",
        "Name the address of Prometheus or VictoriaMetrics with the path before /api/v1, if it has one.", cause);

    public static ProdOpsException PrometheusTooMany(int most) => new(
        "PrometheusTooManySeries", ErrorKind.InvalidArgument,
        $"The query comes to more than {most.ToString(CultureInfo.InvariantCulture)} series.",
        "Aggregate them, e.g. by max by (instance) (…), or choose some by their labels.");

    public static ProdOpsException SnmpNotUnderstood(string why, Exception? cause = null) => new(
        "SnmpAnswerNotUnderstood", ErrorKind.InvalidData,
        $"What answers does not speak SNMP as it should: {why}.",
        "See what listens on the port, and whether it speaks version 2c or 3.", cause);

    public static ProdOpsException SnmpRefused(string why, string recommendation) => new(
        "SnmpRefused", ErrorKind.Authentication, $"The agent refuses: {why}.", recommendation);

    public static ProdOpsException DatabaseAnswerNotUnderstood(string what, string answer) => new(
        "HealthDatabaseAnswerNotUnderstood", ErrorKind.InvalidData,
        $"What {what} tells of itself is not understood: '{Shown(answer)}'.",
        "PostgreSQL from version 10 on, MariaDB and MySQL are known. A start-up file of the shell or the client may print in between.");
}
