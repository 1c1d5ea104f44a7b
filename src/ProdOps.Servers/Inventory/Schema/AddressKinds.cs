using System.Globalization;
using System.Net;
using ProdOps.Servers.Inventory.Data;

namespace ProdOps.Servers.Inventory.Schema;

/// <summary>The kinds of addresses that keys take. A password in one is refused and not repeated.</summary>
internal static class AddressKinds
{
    private static readonly string[] SyslogSchemes = ["udp", "tcp", "tls"];

    /// <summary>Where an engine listens, without a slash at the end.</summary>
    /// <param name="examples">Such addresses, for the message about one that is none.</param>
    public static ValueKind<string> Engine(string examples) => new("URL", (node, context) =>
        ReadUrl(node, context, static url => url.Scheme is "http" or "https" && url.Query.Length == 0 && url.Fragment.Length == 0, $"Write where the engine listens: {examples}.")?.TrimEnd('/'));

    /// <summary>A page or an interface.</summary>
    public static ValueKind<string> Web { get; } = new("URL: `'https://shop.example.org/health'`", static (node, context) =>
        ReadUrl(node, context, static url => url.Scheme is "http" or "https" && HostOf(url).Length > 0, "Write it in full: https://shop.example.org/health."));

    /// <summary>A page of each of several servers, whose address stands in it as <c>{server}</c>.</summary>
    /// <param name="example">Such an address, for the message about one that is none.</param>
    public static ValueKind<string> OfServer(string example) => new($"URL: `'{example}'`", (node, context) =>
        ReadUrl(node, context, static url => url.Scheme is "http" or "https" && HostOf(url).Length > 0 && url.UserInfo.Length == 0, $"Write it in full: {example}.", HealthCheckHosts.ServerPlaceholder));

    /// <summary>An URL that receives messages, where it is not a secret itself.</summary>
    public static ValueKind<string> Hook { get; } = new("URL: `'https://chat.example.org/hook'`", static (node, context) =>
    {
        if (Web.Read(node, context) is not { } text) return null;
        if (!HookSecrets.IsSecret(new Uri(text))) return text;
        context.Report(EnvironmentProblems.SecretUrl(node.Position, context.Path));
        return null;
    });

    /// <summary>A host, with or without a port.</summary>
    public static ValueKind<string> HostAndPort { get; } = new("host or `host:port`", static (node, context) =>
        Kinds.ReadText(node, context, "a host in quotes, with or without a port") is not { } text ? null
        : HostReference.TryParse(text, out var host) && host.User is null && !text.Contains('/') ? text : Kinds.Invalid(node, context, text, "Write 'host' or 'host:port'; of an IPv6 address with a port '[address]:port'."));

    /// <summary>A Redis server; with <c>rediss://</c> before it by TLS.</summary>
    public static ValueKind<string> Redis { get; } = new("`host:port`, by TLS `rediss://host:port`", static (node, context) =>
    {
        if (Kinds.ReadText(node, context, "a host in quotes, with or without a port") is not { } text) return null;
        if (!SecretKeys.HasPassword(text)) return HostAndPort.Read(new DataScalar(node.Position, HealthCheckHosts.WithoutRedisScheme(text)), context) is null ? null : text;
        context.Report(EnvironmentProblems.PasswordInUrl(node.Position, context.Path));
        return null;
    });

    /// <summary>A port of the server, or one of another host.</summary>
    public static ValueKind<string> Port { get; } = new("port, or `host:port`", static (node, context) => node switch
    {
        DataScalar { Value: int number } => number is >= 1 and <= 65535 ? number.ToString(CultureInfo.InvariantCulture) : Kinds.Invalid(node, context, number.ToString(CultureInfo.InvariantCulture), "A port is a number from 1 to 65535."),
        _ when Kinds.ReadText(node, context, "a port, or 'host:port' in quotes") is not { } text => null,
        DataScalar { Value: string text } when HostReference.TryParse(text, out var host) && host is { User: null, Port: not null } => text,
        DataScalar { Value: string text } when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is >= 1 and <= 65535 => text,
        DataScalar { Value: string text } => Kinds.Invalid(node, context, text, "Write a port of the server, such as 5432, or 'host:port'."),
        _ => null,
    });

    /// <summary>An address and port of this machine.</summary>
    public static ValueKind<string> LocalEndPoint { get; } = new("`address:port`: `'127.0.0.1:9179'`", static (node, context) =>
        Kinds.ReadText(node, context, "an address and a port in quotes") is not { } text ? null
        : IPEndPoint.TryParse(text, out var address) && address.Port > 0 ? text : Kinds.Invalid(node, context, text, "Write an IP address of this machine and a port: '127.0.0.1:9179', '[::1]:9179'."));

    /// <summary>A syslog server, or this machine's own.</summary>
    public static ValueKind<string> Syslog { get; } = OrTrue("`$true` for this machine's own, or `'udp://host:514'`, `'tcp://…'`, `'tls://…'`", new("", static (node, context) =>
        ReadUrl(node, context, static url => SyslogSchemes.Contains(url.Scheme) && HostOf(url).Length > 0 && url.AbsolutePath.Trim('/').Length == 0,
            "Write 'udp://loghost:514', 'tcp://loghost:514' or 'tls://loghost:6514'; $true is this machine's own.")));

    /// <summary>Addresses that can be checked: of the web, ports, hosts.</summary>
    public static ValueKind<IReadOnlyList<string>> Targets { get; } = new("address, or a list of them: `'ping://10.0.0.1'`, `'tcp://1.1.1.1:53'`, `'https://example.org'`", static (node, context) =>
    {
        var targets = new List<string>();
        foreach (var item in node is DataList list ? list.Items : [node])
        {
            if (ReadUrl(item, context, static url => HostOf(url).Length > 0 && (url.Scheme is "http" or "https" or "ping" || (url.Scheme == "tcp" && url.Port > 0)), "Write 'ping://host', 'tcp://host:port' or 'https://host/path'.") is { } text) targets.Add(text);
        }

        return targets;
    });

    /// <summary>The kind, or <c>$true</c>, which is read as an empty text: the one that goes without saying.</summary>
    public static ValueKind<string> OrTrue(string name, ValueKind<string> kind) => new(name, (node, context) => node switch
    {
        DataScalar { Value: true } => "",
        DataScalar { Value: false } => null,
        _ => kind.Read(node, context),
    });

    /// <summary>The host of an address as a resolver takes it; empty if it has none, or none that there could be.</summary>
    public static string HostOf(Uri url)
    {
        try
        {
            return url.IdnHost;
        }
        catch (UriFormatException)
        {
            return "";
        }
    }

    /// <param name="node">The value.</param>
    /// <param name="context">Who is told what is wrong.</param>
    /// <param name="rule">What it must be.</param>
    /// <param name="correction">What to write.</param>
    /// <param name="placeholder">What stands for a host's name or address in it.</param>
    private static string? ReadUrl(DataNode node, ReadContext context, Func<Uri, bool> rule, string correction, string? placeholder = null)
    {
        if (Kinds.ReadText(node, context, "a URL in quotes") is not { } text) return null;
        if (SecretKeys.HasPassword(text)) context.Report(EnvironmentProblems.PasswordInUrl(node.Position, context.Path));
        else if (Uri.TryCreate(placeholder is null ? text : text.Replace(placeholder, "server", StringComparison.Ordinal), UriKind.Absolute, out var url) && rule(url)) return text;
        else context.Report(EnvironmentProblems.InvalidValue(node.Position, Kinds.LastKey(context), text, correction));
        return null;
    }
}
