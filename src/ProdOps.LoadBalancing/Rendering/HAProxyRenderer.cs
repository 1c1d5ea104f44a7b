using System.Globalization;
using static ProdOps.LoadBalancing.Rendering.ConfigurationText;

namespace ProdOps.LoadBalancing.Rendering;

/// <summary>HAProxy's configuration (2.4 and later; Configuration Manual, chapters 3 to 5), with what keeps requests whole over reloads and failing servers.</summary>
internal static class HAProxyRenderer
{
    // The intermediate profile that Mozilla's server-side TLS recommends: TLS 1.2 and 1.3, forward secrecy, authenticated encryption.
    private const string Suites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
    private const string Ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

    /// <summary>Connections beyond those of the entries: for the sockets that administrators and checks ask.</summary>
    public const int SpareConnections = 100;

    public static RenderedFile Render(BalancerSite site)
    {
        var text = new ConfigurationText();
        text.Line($"# {RenderedFile.Marker}").Line($"# Revision {RenderedFile.RevisionPlaceholder} of {Word(site.Name)}.").Blank();
        Global(text, site);
        foreach (var entry in site.Entries)
        {
            text.Blank();
            Frontend(text, entry);
            text.Blank();
            Backend(text, site, entry);
        }

        return new RenderedFile(site.ConfigurationPath, text.ToString());
    }

    private static void Global(ConfigurationText text, BalancerSite site)
    {
        text.Line("global");
        // The running process is asked for it: it tells which configuration serves.
        text.Line($"description prodops-{RenderedFile.RevisionPlaceholder}", 1).Line("log /dev/log local0", 1);
        if (site.Home is not null && site.User is not null) text.Line($"chroot {Word(site.Home)}", 1);
        if (site.User is not null) text.Line($"user {Word(site.User)}", 1).Line($"group {Word(site.User)}", 1);
        text.Line($"stats socket {Word(site.Socket)} mode 660 level admin expose-fd listeners", 1).Line("stats timeout 60s", 1);
        text.Line($"server-state-file {Word(site.StateFile)}", 1);
        text.Line("hard-stop-after 30m", 1);
        text.Line($"maxconn {Number(site.Entries.Sum(entry => (long)entry.MaxConnections) + SpareConnections)}", 1);
        if (site.Entries.All(entry => entry.Certificate is null)) return;
        text.Line($"ssl-default-bind-ciphers {Ciphers}", 1).Line($"ssl-default-bind-ciphersuites {Suites}", 1).Line("ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets", 1);
    }

    private static void Frontend(ConfigurationText text, LoadBalancerDefinition entry)
    {
        bool http = entry.Mode == LoadBalancerMode.Http;
        text.Line($"frontend {Word(entry.Name)}").Line($"mode {(http ? "http" : "tcp")}", 1);
        foreach (string any in Wildcards(entry))
        {
            text.Line($"bind {any}:{Number(entry.Port)}{(any == "::" ? " v6only" : "")}", 1);
            if (entry is { TlsPort: { } tls, Certificate: { } certificate })
                text.Line($"bind {any}:{Number(tls)}{(any == "::" ? " v6only" : "")} ssl crt {Word(certificate)}{(http ? " alpn h2,http/1.1" : "")}", 1);
        }

        text.Line($"maxconn {Number(entry.MaxConnections)}", 1).Line("log global", 1).Line(http ? "option httplog" : "option tcplog", 1).Line("option dontlognull", 1);
        text.Line($"timeout client {Milliseconds(entry.ClientTimeout)}", 1);
        if (http) HttpFrontend(text, entry);
        else text.Line("option clitcpka", 1);
        text.Lines(entry.FrontendLines, 1).Line($"default_backend {Word(entry.Name)}", 1);
    }

    private static void HttpFrontend(ConfigurationText text, LoadBalancerDefinition entry)
    {
        text.Line($"timeout http-request {Milliseconds(Least(entry.ClientTimeout, TimeSpan.FromSeconds(10)))}", 1);
        text.Line($"timeout http-keep-alive {Milliseconds(entry.ClientTimeout)}", 1);
        // A process that is replaced answers what comes on idle connections before it closes them.
        text.Line("option idle-close-on-response", 1).Line("option forwardfor", 1);
        text.Line("http-request set-header X-Forwarded-Proto https if { ssl_fc }", 1).Line("http-request set-header X-Forwarded-Proto http unless { ssl_fc }", 1);
        if (entry.RateLimit is { } limit)
        {
            text.Line("stick-table type ipv6 size 200k expire 10s store http_req_rate(10s)", 1).Line("http-request track-sc0 src", 1);
            text.Line($"http-request deny deny_status 429 if {{ sc_http_req_rate(0) gt {Number(limit)} }}", 1);
        }

        if (entry.Compression)
            text.Line("compression algo gzip", 1).Line("compression type text/html text/plain text/css text/javascript application/javascript application/json application/xml image/svg+xml", 1);
        if (entry is not { RedirectToTls: true, TlsPort: { } tls }) return;
        text.Line(tls == 443 ? "http-request redirect scheme https code 301 unless { ssl_fc }"
            : $"http-request redirect location 'https://%[hdr(host),regsub(:[0-9]*$,)]:{Number(tls)}%[capture.req.uri]' code 301 unless {{ ssl_fc }}", 1);
    }

    private static void Backend(ConfigurationText text, BalancerSite site, LoadBalancerDefinition entry)
    {
        bool http = entry.Mode == LoadBalancerMode.Http;
        text.Line($"backend {Word(entry.Name)}").Line($"mode {(http ? "http" : "tcp")}", 1).Line($"balance {Algorithm(entry.Balance)}", 1).Line($"fullconn {Number(entry.MaxConnections)}", 1);
        text.Line($"timeout connect {Milliseconds(entry.ConnectTimeout)}", 1).Line($"timeout server {Milliseconds(entry.ServerTimeout)}", 1);
        text.Line($"timeout queue {Milliseconds(entry.QueueTimeout)}", 1).Line($"timeout check {Milliseconds(Least(entry.ServerTimeout, TimeSpan.FromSeconds(2)))}", 1);
        text.Line("load-server-state-from-file global", 1).Line("retries 3", 1).Line("option redispatch 1", 1);
        if (http)
        {
            // What a server may have begun to carry out is sent to no other one, unless doing it twice does no harm (RFC 9110, section 9.2.2).
            text.Line("retry-on conn-failure empty-response", 1).Line("http-request disable-l7-retry unless { method GET HEAD OPTIONS }", 1);
            if (entry.StickyCookie is { } cookie) text.Line($"cookie {Word(cookie)} insert indirect nocache httponly{(entry.RedirectToTls ? " secure" : "")}", 1);
        }
        else
        {
            text.Line("option srvtcpka", 1);
        }

        if (entry.Check is { } check)
        {
            text.Line("option httpchk", 1).Line($"http-check send meth GET uri {Word(check)} ver HTTP/1.1 hdr Host {Word(entry.CheckHost ?? entry.Name)}", 1).Line("http-check expect status 200-399", 1);
        }

        // A connection of TCP to a server that is down would only wait; a request of HTTP is sent again where that does no harm.
        // A check that came out otherwise is repeated soon: so a server that is gone is out after one interval, not after one for each check that must fail.
        text.Line($"default-server inter {Milliseconds(entry.CheckInterval)} fastinter {Milliseconds(Most(entry.CheckInterval / 10, TimeSpan.FromMilliseconds(20)))} fall {Number(entry.Fall)} rise {Number(entry.Rise)} weight 100"
            + (entry.ServerMaxConnections is { } most ? $" maxconn {Number(most)}" : "") + (http ? "" : " on-marked-down shutdown-sessions"), 1);
        text.Lines(entry.BackendLines, 1);
        foreach (string server in entry.Pool)
            text.Line($"server {Word(server)} {Host(site.Addresses[server])}:{Number(entry.PoolPort)} check{(http && entry.StickyCookie is not null ? $" cookie {Word(server)}" : "")}", 1);
    }

    /// <summary>All addresses of the balancer, so that it answers on a virtual one as soon as that comes; of IPv6 where that is wanted.</summary>
    internal static IReadOnlyList<string> Wildcards(LoadBalancerDefinition entry) => entry.VirtualAddress?.Contains(':') == true || entry.FloatingAddress?.Address.Contains(':') == true ? ["*", "::"] : ["*"];

    private static string Algorithm(BalanceAlgorithm algorithm) => algorithm switch
    {
        BalanceAlgorithm.LeastConnections => "leastconn",
        BalanceAlgorithm.Source => "source",
        BalanceAlgorithm.Random => "random(2)",
        _ => "roundrobin",
    };

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Most(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
