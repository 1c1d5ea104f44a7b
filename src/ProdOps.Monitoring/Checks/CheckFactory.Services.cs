using System.Globalization;
using DnsClient;
using ProdOps.Monitoring.Checks.Databases;
using ProdOps.Monitoring.Checks.HAProxy;
using ProdOps.Monitoring.Checks.Http;
using ProdOps.Monitoring.Checks.Prometheus;
using ProdOps.Monitoring.Checks.Redis;
using ProdOps.Monitoring.Checks.Snmp;
using ProdOps.Servers.Databases;
using ProdOps.Servers.HAProxy;
using ProdOps.Servers.Secrets;

namespace ProdOps.Monitoring.Checks;

/// <content>Checks that speak a service's own language.</content>
internal sealed partial class CheckFactory
{
    private const int PrometheusPort = 9090;

    /// <summary>The engine that queries go to where a definition names none; <see langword="null"/> for the server whose check it is.</summary>
    public string? PrometheusUrl { get; init; }

    private DnsCheck DnsOf(HealthCheckDefinition definition, Server server, CheckSubject subject)
    {
        if (!Enum.TryParse<QueryType>(definition.RecordType, ignoreCase: true, out var type) || !Enum.IsDefined(type)) throw Invalid(definition, $"'{definition.RecordType}' is no type of record", "Write RecordType = 'A', 'AAAA', 'CNAME', 'MX', 'TXT', 'NS', 'SRV', 'PTR', 'SOA' or 'CAA'.");
        string? address = definition.Address?.Replace(ServerPlaceholder, AddressOf(server), StringComparison.Ordinal);
        if (!HostPort.TryParse(address ?? "", out var place) || (address is not null && place.Host is null)) throw Invalid(definition, $"'{address}' is no name server", "Write Address = 'host' or 'host:port'.");
        return new DnsCheck(subject, new DnsCheckOptions
        {
            Name = TargetOf(definition, server),
            Type = type,
            NameServer = place.Host is { } host ? Located(host) : null,
            Port = place.Port ?? definition.Port ?? 53,
            Expect = definition.Expect?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [],
            Timeout = definition.Timeout,
        }, time);
    }

    private SshCheck SshOf(HealthCheckDefinition definition, Server server, CheckSubject subject)
    {
        var (host, port) = PlaceOf(definition, server);
        return new SshCheck(subject, host, port ?? (host == AddressOf(server) ? server.Ssh.Port : null) ?? 22, definition.Timeout, time);
    }

    private RedisCheck RedisOf(HealthCheckDefinition definition, Server server, CheckSubject subject)
    {
        const string plain = "redis://", secure = "rediss://";
        string target = definition.Target.Trim();
        bool isSecure = target.StartsWith(secure, StringComparison.OrdinalIgnoreCase);
        string place = isSecure ? target[secure.Length..] : target.StartsWith(plain, StringComparison.OrdinalIgnoreCase) ? target[plain.Length..] : target;
        var (host, port) = PlaceOf(definition with { Target = place.TrimEnd('/') }, server);
        return new RedisCheck(subject, new RedisCheckOptions
        {
            Host = host,
            Port = port ?? 6379,
            Tls = isSecure || definition.CaCertificate is not null,
            TlsName = HostPort.TryParse(place.TrimEnd('/'), out var named) ? named.Host : null,
            CaCertificate = definition.CaCertificate,
            User = definition.User,
            Password = SecretOf(definition.Password),
            Command = definition.Send is { } command ? CommandLine.Split(command) : [],
            Expect = definition.Expect,
            Timeout = definition.Timeout,
        }, time);
    }

    private DatabaseCheck DatabaseOf(HealthCheckDefinition definition, Server server, CheckSubject subject, IDatabaseQuestion question)
    {
        bool isElsewhere = definition.RunOn.Length > 0 && !definition.RunOn.Equals(server.Name, StringComparison.OrdinalIgnoreCase);
        return new DatabaseCheck(subject, question, ShellOf(definition, server), new DatabaseCheckOptions
        {
            Access = new DatabaseAccess
            {
                Host = AddressIn(definition, server) ?? (isElsewhere ? AddressOf(server) : null),
                Port = definition.Port ?? 0,
                User = definition.User,
                Password = SecretOf(definition.Password),
            },
            AsRoot = definition.AsRoot,
            Database = definition.Target.Trim(),
            Query = definition.Send,
            Expect = definition.Expect,
            Timeout = definition.Timeout,
        }, time);
    }

    private IHealthCheck HAProxyOf(HealthCheckDefinition definition, Server server, CheckSubject subject)
    {
        string pool = definition.Target.Trim();
        if (definition.Address is not { Length: > 0 } address) return new HAProxyCheck(subject, pool, ShellOf(definition, server), new HAProxyCheckSocket(HAProxySocket.Usual, definition.AsRoot), definition.Timeout, time);
        address = address.Replace(ServerPlaceholder, AddressOf(server), StringComparison.Ordinal);
        if (address.StartsWith('/')) return new HAProxyCheck(subject, pool, ShellOf(definition, server), new HAProxyCheckSocket([address], definition.AsRoot), definition.Timeout, time);
        if (definition.RunOn is { Length: > 0 } runOn && !IsHere(runOn)) throw MonitoringErrors.CheckRunOnUnsupported(definition.Name, definition.Kind, runOn);
        return new HAProxyPageCheck(subject, pool, RequestOf(definition, WebAddress(definition, address)), time);
    }

    private PrometheusCheck PrometheusOf(HealthCheckDefinition definition, Server server, CheckSubject subject)
    {
        string query = TargetOf(definition, server);
        if (definition.Window is { } window) query = query.Replace("{window}", $"{(long)window.TotalSeconds}s", StringComparison.Ordinal);
        string engine = definition.Address?.Replace(ServerPlaceholder, AddressOf(server), StringComparison.Ordinal) ?? PrometheusUrl ?? AddressOf(server);
        if (!engine.Contains("://", StringComparison.Ordinal)) engine = HostPort.TryParse(engine, out var place) && place.Host is { } host
            ? new UriBuilder(Uri.UriSchemeHttp, Located(host), place.Port ?? definition.Port ?? PrometheusPort).Uri.ToString()
            : throw Invalid(definition, $"'{engine}' is no address of Prometheus", "Write Address = 'http://host:9090'.");
        return new PrometheusCheck(subject, RequestOf(definition, PrometheusCheck.AddressOf(WebAddress(definition, engine), query)), UnitOf(definition) ?? "", time);
    }

    private SnmpCheck SnmpOf(HealthCheckDefinition definition, Server server, CheckSubject subject)
    {
        string id = TargetOf(definition, server).TrimStart('.');
        if (!IsObjectId(id)) throw Invalid(definition, $"'{id}' is no object's id", "Write its numbers, e.g. Target = '1.3.6.1.2.1.1.3.0'; snmptranslate -On tells them.");
        return new SnmpCheck(subject, new SnmpOptions
        {
            Host = AddressIn(definition, server) ?? AddressOf(server),
            Port = definition.Port ?? 161,
            ObjectId = id,
            User = definition.User,
            Password = SecretOf(definition.Password),
            Authentication = definition.Authentication,
            Privacy = definition.Privacy,
            PrivacyPassword = SecretOf(definition.PrivacyPassword),
            Timeout = definition.Timeout,
        }, definition.Expect, time) { ThresholdUnit = UnitOf(definition) };
    }

    /// <summary>Two numbers at least, of which the first says how large the second may be (X.660).</summary>
    private static bool IsObjectId(string id)
    {
        string[] numbers = id.Split('.');
        return numbers.Length is >= 2 and <= 128 && numbers.All(number => uint.TryParse(number, NumberStyles.None, null, out _))
            && (numbers[0] is "0" or "1" or "2") && (numbers[0] == "2" || uint.Parse(numbers[1], NumberStyles.None, null) < 40);
    }

    private SecretSource? SecretOf(SecretReference? reference) => reference is null ? null : secretOf(reference);

    private static Uri WebAddress(HealthCheckDefinition definition, string address) => Uri.TryCreate(address, UriKind.Absolute, out var url) && (url.Scheme is "http" or "https") && url.IdnHost.Length > 0
        ? url : throw Invalid(definition, "its Address is no web address", "Write Address = 'http://host:port/path'.");

    private HttpCheckOptions RequestOf(HealthCheckDefinition definition, Uri url) => new()
    {
        Url = url,
        Headers = [.. definition.Headers.Select(header => HeaderOf(definition, header))],
        User = definition.User,
        Password = SecretOf(definition.Password),
        CaCertificate = definition.CaCertificate,
        ConnectTo = findServer(url.Host) is { } known ? AddressOf(known) : null,
        Timeout = definition.Timeout,
    };
}
