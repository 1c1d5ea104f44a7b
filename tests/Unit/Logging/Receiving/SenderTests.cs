using ProdOps.Logging.Receiving.Tls;
using ProdOps.Logging.Tests.Receiving.TestTools;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Logging.Tests.Receiving;

/// <summary>Real programs send, each in every way it knows.</summary>
public sealed class SenderTests : IDisposable
{
    private static readonly LogReceiverProtocol[] All = [LogReceiverProtocol.Udp, LogReceiverProtocol.Tcp, LogReceiverProtocol.Tls, LogReceiverProtocol.Relp, LogReceiverProtocol.RelpTls];

    private readonly TempFolder _folder = new();
    private readonly TestCertificates _certificates;

    public SenderTests() => _certificates = new TestCertificates(_folder.File("certificates"));

    [LinuxFact("logger")]
    public async Task What_logger_sends_is_stored_as_it_was_sent()
    {
        await using var host = ReceiverHost.Start([LogReceiverProtocol.Udp, LogReceiverProtocol.Tcp]);
        string udp = host.PortOf(LogReceiverProtocol.Udp).ToString(null as IFormatProvider), tcp = host.PortOf(LogReceiverProtocol.Tcp).ToString(null as IFormatProvider);
        string[][] ways =
        [
            ["--udp", "--port", udp, "--rfc5424"], ["--udp", "--port", udp, "--rfc3164"], ["--tcp", "--port", tcp, "--rfc5424"], ["--tcp", "--port", tcp, "--rfc3164"],
            ["--tcp", "--port", tcp, "--rfc5424", "--octet-count"], ["--tcp", "--port", tcp, "--rfc3164", "--octet-count"],
        ];
        for (int i = 0; i < ways.Length; i++) Tool.Succeed("logger", [.. ways[i], "--server", "127.0.0.1", "--tag", "shop", "--priority", "local7.warning", $"way {i} of logger"]);
        await host.Sink.WaitForAsync(ways.Length);
        string machine = Environment.MachineName.Split('.')[0].ToLowerInvariant();
        for (int i = 0; i < ways.Length; i++)
        {
            // 23 * 8 + 4.
            string line = host.Sink.All.Single(line => line.EndsWith($"way {i} of logger", StringComparison.Ordinal));
            Assert.StartsWith(ways[i].Contains("--rfc5424") ? "<188>1 " : "<188>", line, StringComparison.Ordinal);
        }

        Assert.All(host.Sink.Lines.Keys, stream => Assert.StartsWith(machine, stream, StringComparison.Ordinal));
    }

    [RsyslogFact("omrelp", "lmnsd_gtls")]
    public async Task What_rsyslog_sends_in_every_way_is_stored()
    {
        const int Count = 400;
        using var clients = ClientCertificates.Load(_certificates.Authority, ["web1.shop.example"]);
        await using var host = await StartAsync(clients);
        var (certificate, key) = _certificates.Issue("web1.shop.example");
        var lines = Lines(Count, "rsyslog");
        string Forward(string way, LogReceiverProtocol protocol, string parameters) =>
            $"action(type=\"{(way.StartsWith("relp", StringComparison.Ordinal) ? "omrelp" : "omfwd")}\" target=\"127.0.0.1\" port=\"{host.PortOf(protocol)}\" template=\"{way}\" {parameters} action.resumeRetryCount=\"-1\")";
        string Template(string way) => $"template(name=\"{way}\" type=\"string\" string=\"<%PRI%>%TIMESTAMP:::date-rfc3339% {way} %syslogtag%%msg:::sp-if-no-1st-sp%%msg%\")";
        string[] ways = ["udp", "newline", "counted", "tls", "relp", "relptls"];
        string tls = $"tls=\"on\" tls.caCert=\"{_certificates.Authority}\" tls.myCert=\"{certificate}\" tls.myPrivKey=\"{key}\" tls.authMode=\"name\" tls.permittedPeer=[\"logs\"]";
        using var rsyslog = SyslogDaemon.Rsyslog(_folder.Path, $$"""
            module(load="omrelp" tls.tlslib="openssl")
            {{string.Join('\n', ways.Select(Template))}}
            ruleset(name="out") {
                {{Forward("udp", LogReceiverProtocol.Udp, "protocol=\"udp\"")}}
                {{Forward("newline", LogReceiverProtocol.Tcp, "protocol=\"tcp\"")}}
                {{Forward("counted", LogReceiverProtocol.Tcp, "protocol=\"tcp\" TCP_Framing=\"octet-counted\"")}}
                {{Forward("tls", LogReceiverProtocol.Tls, "protocol=\"tcp\" TCP_Framing=\"octet-counted\" streamDriver=\"gtls\" streamDriverMode=\"1\" streamDriverAuthMode=\"x509/name\" streamDriverPermittedPeers=\"logs\"")}}
                {{Forward("relp", LogReceiverProtocol.Relp, "")}}
                {{Forward("relptls", LogReceiverProtocol.RelpTls, tls)}}
            }
            """, $"defaultNetstreamDriverCAFile=\"{_certificates.Authority}\" defaultNetstreamDriverCertFile=\"{certificate}\" defaultNetstreamDriverKeyFile=\"{key}\"");
        File.WriteAllLines(_folder.File("in.log"), lines);
        await rsyslog.UntilAsync(() => host.Sink.Count >= Count * ways.Length, () => $"{host.Sink.Count} lines came: {Describe(host)}");
        rsyslog.Stop();
        await host.StopAsync();
        foreach (string way in ways) Assert.Equal(lines, host.Sink.Lines[$"{way}/syslog"].Select(line => line[(line.IndexOf("shop: ", StringComparison.Ordinal) + 6)..]));
    }

    [SyslogNgFact]
    public async Task What_syslog_ng_sends_in_every_way_is_stored()
    {
        const int Count = 400;
        using var clients = ClientCertificates.Load(_certificates.Authority, ["*.shop.example"]);
        await using var host = await StartAsync(clients);
        var (certificate, key) = _certificates.Issue("web1.shop.example");
        var lines = Lines(Count, "syslog-ng");
        string tls = $"tls(ca-file(\"{_certificates.Authority}\") cert-file(\"{certificate}\") key-file(\"{key}\") peer-verify(required-trusted))";
        using var daemon = SyslogDaemon.SyslogNg(_folder.Path, $$"""
            destination udp { network("127.0.0.1" port({{host.PortOf(LogReceiverProtocol.Udp)}}) transport("udp") template("<$PRI>$DATE udp $MSGHDR$MSG\n")); };
            destination newline { network("127.0.0.1" port({{host.PortOf(LogReceiverProtocol.Tcp)}}) transport("tcp") template("<$PRI>$DATE newline $MSGHDR$MSG\n")); };
            destination counted { syslog("127.0.0.1" port({{host.PortOf(LogReceiverProtocol.Tcp)}}) transport("tcp") persist-name("counted")); };
            destination tls { syslog("127.0.0.1" port({{host.PortOf(LogReceiverProtocol.Tls)}}) transport("tls") {{tls}}); };
            """, "udp", "newline", "counted", "tls");
        File.WriteAllLines(_folder.File("in.log"), lines);
        await daemon.UntilAsync(() => host.Sink.Count >= Count * 4, () => $"{host.Sink.Count} lines came: {Describe(host)}");
        daemon.Stop();
        await host.StopAsync();
        foreach (var (stream, times) in new[] { ("udp", 1), ("newline", 1), ("web1", 2) })
            Assert.Equal(lines.SelectMany(line => Enumerable.Repeat(line, times)).Order(StringComparer.Ordinal), host.Sink.Lines[$"{stream}/syslog"].Select(line => line[line.LastIndexOf("line ", StringComparison.Ordinal)..]).Order(StringComparer.Ordinal));
    }

    public void Dispose()
    {
        _certificates.Dispose();
        _folder.Dispose();
    }

    private async Task<ReceiverHost> StartAsync(ClientCertificates clients)
    {
        var (certificate, key) = _certificates.Issue("logs");
        var identity = await TlsIdentity.LoadAsync(new TlsFiles(certificate, key), null, clients, TimeProvider.System, CancellationToken.None);
        return ReceiverHost.Start(All, options => options with { Tls = identity });
    }

    private static string[] Lines(int count, string sender) => [.. Enumerable.Range(0, count).Select(i => $"line {i:0000} of {sender}: \u00e4\u20ac <{new string('x', i)}>")];

    private static string Describe(ReceiverHost host) => string.Join(", ", host.Receiver.GetStatus().Listeners.Select(listener => $"{listener.Endpoint} {listener.Received} [{string.Join(' ', listener.Reasons)}]"))
        + string.Join("\n", host.Activity.Details.Concat(host.Activity.Warnings));
}
