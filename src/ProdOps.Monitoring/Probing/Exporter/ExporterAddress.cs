using System.Net;
using System.Net.Sockets;
using ProdOps.Monitoring.Checks;

namespace ProdOps.Monitoring.Probing.Exporter;

/// <summary>Where a server's node_exporter is.</summary>
internal static class ExporterAddress
{
    /// <exception cref="ProdOpsException">What is written down is no address of the web.</exception>
    public static Uri Of(Server server, NodeExporterOptions options)
    {
        string host = CheckFactory.AddressOf(server);
        if (IPAddress.TryParse(host, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 && !host.StartsWith('[')) host = $"[{host}]";
        string text = options.Url.Replace(CheckFactory.ServerPlaceholder, host, StringComparison.Ordinal);
        return Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", Host.Length: > 0, UserInfo.Length: 0 } ? url
            : throw MonitoringErrors.ExporterAddressInvalid(server.Name, url is { UserInfo.Length: > 0 } ? Shown(url) : text);
    }

    /// <summary>An address for messages: without a login, and without a query, in which there may be one.</summary>
    public static string Shown(Uri url) => url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
}
