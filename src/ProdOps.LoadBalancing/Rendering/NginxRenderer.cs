using System.Globalization;
using static ProdOps.LoadBalancing.Rendering.ConfigurationText;

namespace ProdOps.LoadBalancing.Rendering;

/// <summary>
/// nginx' part of a configuration, which its own <c>nginx.conf</c> includes into <c>http</c> (ngx_http_upstream_module, ngx_http_proxy_module).
/// The open-source edition looks only at real requests to tell whether a server is well.
/// </summary>
internal static class NginxRenderer
{
    private const string Ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

    public static RenderedFile Render(BalancerSite site)
    {
        var text = new ConfigurationText();
        text.Line($"# {RenderedFile.Marker}").Line($"# Revision {RenderedFile.RevisionPlaceholder} of {Word(site.Name)}.");
        foreach (var entry in site.Entries)
        {
            text.Blank();
            Upstream(text, site, entry);
            if (entry.RateLimit is { } limit) text.Line($"limit_req_zone $binary_remote_addr zone={Zone(entry)}:10m rate={Number(limit * 6L)}r/m;");
            if (entry is { RedirectToTls: true, TlsPort: { } tls })
            {
                text.Blank().Line("server {");
                Listen(text, entry, entry.Port, "");
                text.Line("server_name _;", 1).Line($"return 301 https://$host{(tls == 443 ? "" : $":{Number(tls)}")}$request_uri;", 1).Line("}");
            }

            text.Blank();
            Server(text, entry);
        }

        return new RenderedFile(site.ConfigurationPath, text.ToString());
    }

    private static void Upstream(ConfigurationText text, BalancerSite site, LoadBalancerDefinition entry)
    {
        text.Line($"upstream {Word(entry.Name)} {{").Line($"zone {Word(entry.Name)} 256k;", 1);
        if (Algorithm(entry.Balance) is { } algorithm) text.Line($"{algorithm};", 1);
        string most = entry.ServerMaxConnections is { } number ? $" max_conns={Number(number)}" : "";
        foreach (string server in entry.Pool) text.Line($"server {Host(site.Addresses[server])}:{Number(entry.PoolPort)} weight=100 max_fails={Number(entry.Fall)} fail_timeout=10s{most}; # {Word(server)}", 1);
        text.Lines(entry.BackendLines, 1).Line("keepalive 64;", 1).Line("}");
    }

    private static void Server(ConfigurationText text, LoadBalancerDefinition entry)
    {
        text.Line("server {");
        if (!entry.RedirectToTls) Listen(text, entry, entry.Port, "");
        if (entry is { TlsPort: { } tls, Certificate: { } certificate })
        {
            Listen(text, entry, tls, " ssl http2");
            text.Line($"ssl_certificate {Word(certificate)};", 1).Line($"ssl_certificate_key {Word(certificate)};", 1).Line("ssl_protocols TLSv1.2 TLSv1.3;", 1).Line($"ssl_ciphers {Ciphers};", 1);
            text.Line("ssl_prefer_server_ciphers off;", 1).Line("ssl_session_tickets off;", 1).Line("ssl_session_cache shared:prodops:10m;", 1);
        }

        text.Line("server_name _;", 1).Line($"keepalive_timeout {Milliseconds(entry.ClientTimeout)};", 1).Line($"send_timeout {Milliseconds(entry.ClientTimeout)};", 1);
        if (entry.Compression) text.Line("gzip on;", 1).Line("gzip_proxied any;", 1).Line("gzip_types text/plain text/css text/javascript application/javascript application/json application/xml image/svg+xml;", 1);
        text.Lines(entry.FrontendLines, 1);
        text.Line("location / {", 1);
        if (entry.RateLimit is { } limit) text.Line($"limit_req zone={Zone(entry)} burst={Number(limit)} nodelay;", 2).Line("limit_req_status 429;", 2);
        text.Line($"proxy_pass http://{Word(entry.Name)};", 2).Line("proxy_http_version 1.1;", 2).Line("proxy_set_header Connection \"\";", 2).Line("proxy_set_header Host $http_host;", 2);
        text.Line("proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;", 2).Line("proxy_set_header X-Forwarded-Proto $scheme;", 2);
        text.Line($"proxy_connect_timeout {Milliseconds(entry.ConnectTimeout)};", 2).Line($"proxy_read_timeout {Milliseconds(entry.ServerTimeout)};", 2);
        // Without non_idempotent a request of POST that a server may have begun is sent to no other one.
        text.Line("proxy_next_upstream error timeout;", 2).Line("proxy_next_upstream_tries 3;", 2).Line("}", 1).Line("}");
    }

    private static void Listen(ConfigurationText text, LoadBalancerDefinition entry, int port, string options)
    {
        // Whatever the request calls its host, it is meant for the pool.
        foreach (string any in HAProxyRenderer.Wildcards(entry)) text.Line(any == "*" ? $"listen {Number(port)}{options} default_server;" : $"listen [::]:{Number(port)}{options} default_server ipv6only=on;", 1);
    }

    private static string Zone(LoadBalancerDefinition entry) => $"{Word(entry.Name)}_rate";

    private static string? Algorithm(BalanceAlgorithm algorithm) => algorithm switch
    {
        BalanceAlgorithm.LeastConnections => "least_conn",
        BalanceAlgorithm.Source => "hash $remote_addr consistent",
        BalanceAlgorithm.Random => "random two least_conn",
        _ => null,
    };

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
