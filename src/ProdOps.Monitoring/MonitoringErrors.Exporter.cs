using System.Globalization;

namespace ProdOps.Monitoring;

internal static partial class MonitoringErrors
{
    private const string ExporterUnreachableId = "ExporterUnreachable";

    public static ProdOpsException ExporterAddressInvalid(string server, string url) => new(
        "ExporterAddressInvalid", ErrorKind.InvalidArgument,
        $"'{url}' is no address of the node_exporter of '{server}'.",
        "Write NodeExporter = 'http://{server}:9100/metrics'; User, Password and Token stand beside Url in a table.") { Target = server };

    public static ProdOpsException ExporterUnreachable(string server, string url, string reason, Exception cause) => new(
        ExporterUnreachableId, ErrorKind.ResourceUnavailable,
        $"The node_exporter of '{server}' cannot be reached at {url}: {reason}.",
        "See whether the server runs, then its network, then whether a firewall is between.", cause) { Target = server };

    public static ProdOpsException ExporterNotRunning(string server, string url, string reason, Exception cause) => new(
        "ExporterNotRunning", ErrorKind.ResourceUnavailable,
        $"The node_exporter of '{server}' is not at {url}: {reason}. The server itself does answer.",
        "See whether node_exporter runs there (systemctl status prometheus-node-exporter), and at which address and port it listens.", cause) { Target = server };

    /// <param name="server">The server.</param>
    /// <param name="url">Where it was asked.</param>
    /// <param name="distrust">What is wrong with its certificate; <see langword="null"/> if it had none to show.</param>
    /// <param name="cause">What came of it.</param>
    public static ProdOpsException ExporterNotTrusted(string server, string url, string? distrust, Exception cause) => new(
        "ExporterNotTrusted", ErrorKind.Authentication,
        distrust is null ? $"The node_exporter of '{server}' at {url} does not speak TLS with us: {cause.Message}" : $"The certificate of the node_exporter of '{server}' at {url} is not trusted: {distrust}.",
        distrust is null ? "Without a certificate of its own (--web.config.file) its address begins with http:."
            : "If an authority of your own signed it, name its PEM file as CaCertificate in NodeExporter of environment.psd1.", cause) { Target = server };

    public static ProdOpsException ExporterLoginFailed(string server, string url, bool hasLogin) => new(
        "ExporterLoginFailed", ErrorKind.Authentication,
        hasLogin ? $"The node_exporter of '{server}' at {url} does not accept the login." : $"The node_exporter of '{server}' at {url} wants a login.",
        "User and Password, or Token, of NodeExporter in environment.psd1 say who asks.") { Target = server };

    public static ProdOpsException ExporterRefused(string server, string url, int status) => new(
        "ExporterRefused", ErrorKind.InvalidData,
        $"What answers for the node_exporter of '{server}' at {url} has no metrics there: {What(status)}HTTP {status.ToString(CultureInfo.InvariantCulture)}.",
        "Name the address of its metrics with the path, which is /metrics unless it was changed; a proxy between may answer in its place.") { Target = server };

    public static ProdOpsException ExporterForeign(string server, string url) => new(
        "ExporterForeign", ErrorKind.InvalidData,
        $"What answers for the node_exporter of '{server}' at {url} has metrics, and none of node_exporter's.",
        "Another exporter listens there: name the port of node_exporter, usually 9100. Metrics of applications are read by a check: Prometheus = 'query'.") { Target = server };

    public static ProdOpsException ExporterNotUnderstood(string server, string url, string why) => new(
        "ExporterNotUnderstood", ErrorKind.InvalidData,
        $"The answer of the node_exporter of '{server}' at {url} is not Prometheus' text format; nothing of it is used: {why}",
        "See what it answers: curl URL. Name the address of its metrics, which usually ends with /metrics; a file of the textfile collector may be broken.") { Target = server };

    public static ProdOpsException ExporterTooLarge(string server, string url, string why) => new(
        "ExporterTooLarge", ErrorKind.InvalidData,
        $"The answer of the node_exporter of '{server}' at {url} has {why}, which is more than is read; nothing of it is used.",
        "Have it tell less: collectors are named by ?collect[]=cpu&collect[]=… behind the address, or left out by its --no-collector options.") { Target = server };

    public static ProdOpsException ExporterTruncated(string server, string url, Exception cause) => new(
        "ExporterTruncated", ErrorKind.InvalidData,
        $"The answer of the node_exporter of '{server}' at {url} breaks off; nothing of it is used.",
        "The connection was lost, or it was ended in between. The next round may go well; else see its log (journalctl -u prometheus-node-exporter).", cause) { Target = server };

    private static string What(int status) => status switch
    {
        >= 300 and < 400 => "it sends us to another address, ",
        400 => "it does not understand the question, as one does that wants https:, ",
        404 or 405 or 410 => "it does not know the page, ",
        >= 500 => "it fails, ",
        _ => "",
    };
}
