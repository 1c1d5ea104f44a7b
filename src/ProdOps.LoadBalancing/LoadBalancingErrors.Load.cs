using ProdOps.Servers;

namespace ProdOps.LoadBalancing;

internal static partial class LoadBalancingErrors
{
    public static ProdOpsException HostUnknown(string host, Exception? cause) => new(
        "LoadTestHostUnknown", ErrorKind.ResourceUnavailable,
        $"The host '{host}' is not known.",
        "Check the name, or give an address.", cause) { Target = host };

    public static ProdOpsException LoadTestUrlInvalid(string url) => new(
        "LoadTestUrlInvalid", ErrorKind.InvalidArgument,
        $"'{url}' cannot be asked: it is no absolute address of http or https.",
        "Give one such as http://10.77.0.100/health.") { Target = url };

    public static ProdOpsException LoadTestNotHttp(string name) => new(
        "LoadTestNotHttp", ErrorKind.NotSupported,
        $"The load balancer '{name}' balances TCP, and only requests of HTTP can be sent.",
        "Test what speaks HTTP behind it by -Url, if anything does.") { Target = name };

    public static ProdOpsException LoadTestSeveralAddresses(string name, IEnumerable<string> addresses) => new(
        "LoadTestSeveralAddresses", ErrorKind.InvalidArgument,
        $"The load balancer '{name}' has no address that moves: its clients connect to {string.Join(" or ", addresses)}, and -ScriptBlock can run only once.",
        "Choose one by -Url.") { Target = name };

    public static ProdOpsException LoadTestPathInvalid(string path) => new(
        "LoadTestPathInvalid", ErrorKind.InvalidArgument,
        $"'{path}' is no path: it begins with / and holds neither spaces nor control characters.",
        "Give one such as /health; what is special in it is escaped as %20.") { Target = path };

    public static ProdOpsException IdLogWithoutServer() => new(
        "LoadTestServerMissing", ErrorKind.InvalidArgument,
        "-IdLog is read on servers, and none is named.",
        "Name them with -Server, e.g. -Server role:App; without -Url it is the pool.");

    public static ProdOpsException CaCertificateUnreadable(string path, Exception cause) => new(
        "LoadTestCertificateUnreadable", ErrorKind.InvalidData,
        $"'{path}' cannot be read as certificates: {cause.Message}",
        "-CACertificate is a PEM file with the authorities to believe.", cause) { Target = path };

    public static ProdOpsException IdLogUnreadable(string server, string logs, string said) => new(
        "LoadTestLogUnreadable", ErrorKind.ReadError,
        $"On server '{server}' the ids of requests cannot be counted in {logs}: {ServersErrors.Printable(said.Trim())}",
        "Name a log that every server has and that holds the X-Request-Id header; of nginx it is $http_x_request_id in log_format.") { Target = server };
}
