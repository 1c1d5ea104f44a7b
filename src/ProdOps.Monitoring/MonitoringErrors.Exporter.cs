using System.Globalization;

namespace ProdOps.Monitoring;

internal static partial class MonitoringErrors
{
    private const string ExporterRefusedId = "ExporterRefused", ExporterForeignId = "ExporterForeign", ExporterNotUnderstoodId = "ExporterNotUnderstood", ExporterTooLargeId = "ExporterTooLarge", ExporterTruncatedId = "ExporterTruncated";

    public static ProdOpsException ExporterAddressInvalid(string server, string url) => new(
        "ExporterAddressInvalid", ErrorKind.InvalidArgument,
        $"'{url}' is no address of the node_exporter of '{server}'.",
        "Write NodeExporter = 'http://{server}:9100/metrics'; User, Password and Token stand beside Url in a table.") { Target = server };

    public static ProdOpsException ExporterUnreachable(string server, string url, string reason, Exception cause) => new(
        "ExporterUnreachable", ErrorKind.ResourceUnavailable,
        $"The node_exporter of '{server}' cannot be reached at {url}: {reason}",
        "See whether the server runs, and node_exporter on it (systemctl status prometheus-node-exporter); whether it listens at that address, and a firewall is between.", cause) { Target = server };

    public static ProdOpsException ExporterNotTrusted(string server, string url, string reason, Exception cause) => new(
        "ExporterNotTrusted", ErrorKind.Authentication,
        $"The certificate of the node_exporter of '{server}' at {url} is not trusted: {reason}",
        "If an authority of your own signed it, name its PEM file as CaCertificate in NodeExporter of environment.psd1.", cause) { Target = server };

    public static ProdOpsException ExporterLoginFailed(string server, string url, bool hasLogin) => new(
        "ExporterLoginFailed", ErrorKind.Authentication,
        hasLogin ? $"The node_exporter of '{server}' at {url} does not accept the login." : $"The node_exporter of '{server}' at {url} wants a login.",
        "User and Password, or Token, of NodeExporter in environment.psd1 say who asks.") { Target = server };

    public static ProdOpsException ExporterRefused(string server, string url, int status) => new(
        ExporterRefusedId, ErrorKind.InvalidData,
        $"What answers for the node_exporter of '{server}' at {url} has no metrics there: {What(status)}HTTP {status.ToString(CultureInfo.InvariantCulture)}.",
        "Name the address of its metrics with the path, which is /metrics unless it was changed; a proxy between may answer in its place.") { Target = server };

    public static ProdOpsException ExporterForeign(string server, string url) => new(
        ExporterForeignId, ErrorKind.InvalidData,
        $"What answers for the node_exporter of '{server}' at {url} has metrics, and none of node_exporter's.",
        "Another exporter listens there: name the port of node_exporter, usually 9100. Metrics of applications are read by a check: Prometheus = 'query'.") { Target = server };

    public static ProdOpsException ExporterNotUnderstood(string server, string url, string why) => new(
        ExporterNotUnderstoodId, ErrorKind.InvalidData,
        $"The answer of the node_exporter of '{server}' at {url} is not Prometheus' text format; nothing of it is used: {why}",
        "See what it answers: curl URL. Name the address of its metrics, which usually ends with /metrics; a file of the textfile collector may be broken.") { Target = server };

    public static ProdOpsException ExporterTooLarge(string server, string url, string why) => new(
        ExporterTooLargeId, ErrorKind.InvalidData,
        $"The answer of the node_exporter of '{server}' at {url} has {why}, which is more than is read; nothing of it is used.",
        "Have it tell less: collectors are named by ?collect[]=cpu&collect[]=… behind the address, or left out by its --no-collector options.") { Target = server };

    public static ProdOpsException ExporterTruncated(string server, string url, Exception cause) => new(
        ExporterTruncatedId, ErrorKind.InvalidData,
        $"The answer of the node_exporter of '{server}' at {url} breaks off; nothing of it is used.",
        "The connection was lost, or it was ended in between. The next round may go well; else see its log (journalctl -u prometheus-node-exporter).", cause) { Target = server };

    private static string What(int status) => status switch
    {
        >= 300 and < 400 => "it sends us to another address, ",
        404 or 405 or 410 => "it does not know the page, ",
        >= 500 => "it fails, ",
        _ => "",
    };
}
