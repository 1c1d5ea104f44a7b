namespace ProdOps.Monitoring;

internal static partial class MonitoringErrors
{
    public static ProdOpsException CaCertificateUnreadable(string path, Exception cause) => new(
        "HealthCaCertificateUnreadable", ErrorKind.InvalidArgument,
        $"'{path}' is not a file of certificates in PEM: {cause.Message}",
        "Name a file with one or more BEGIN CERTIFICATE blocks that this user may read.", cause) { Target = path };
}
