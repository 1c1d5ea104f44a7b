namespace ProdOps.Lab.Tests.Logging;

/// <summary>
/// A host whose nginx, behind its HAProxy, answers requests and writes logs, and whose rsyslog writes HAProxy's and the system's. Beside each log stands a copy that the same
/// program writes and nobody rotates: what it has is what must be in the store.
/// </summary>
internal sealed class WebServer(LabHost host) : IAsyncDisposable
{
    // One worker of nginx, so that the order of its log is that of the requests.
    private const string Setup = """
        systemctl stop nginx haproxy
        systemctl stop syslog.socket rsyslog
        rm -rf /var/lib/lab /var/log/nginx/* /var/log/*.log /var/log/*.log.* /var/log/syslog* /var/lib/logrotate/status
        mkdir -p /var/lib/lab
        sed -i 's/^worker_processes.*/worker_processes 1;/' /etc/nginx/nginx.conf
        cat >/etc/nginx/conf.d/lab.conf <<'END'
        access_log /var/lib/lab/nginx-access;
        error_log /var/log/nginx/error.log;
        error_log /var/lib/lab/nginx-error;
        server { listen 127.0.0.1:8081; location /item/ { return 200 "an item\n"; } }
        END
        cat >/etc/haproxy/lab.cfg <<'END'
        frontend shop
            bind 127.0.0.1:8080
            default_backend items
        backend items
            server nginx 127.0.0.1:8081
        END
        echo 'EXTRAOPTS="-f /etc/haproxy/lab.cfg"' >/etc/default/haproxy
        printf ':programname, startswith, "haproxy" /var/lib/lab/haproxy\n' >/etc/rsyslog.d/40-lab.conf
        printf '*.*;auth,authpriv.none -/var/lib/lab/syslog\n' >/etc/rsyslog.d/60-lab.conf
        systemctl start rsyslog nginx
        systemctl start haproxy
        """;

    // No faster than a slow machine keeps up with: journald and HAProxy drop what rsyslog does not read in time.
    private const string Load = """
        n=0
        while [ ! -e /var/lib/lab/stop ]; do
            n=$((n + 1))
            curl -s -w '%{http_code} %{url}\n' -o /dev/null "http://127.0.0.1:8080/item/$n-[1-20]" -o /dev/null "http://127.0.0.1:8080/missing/$n" >>/var/lib/lab/answers
            printf "order %s of $n\n" 1 2 3 4 5 | logger -t shop -p local0.warning
            sleep 0.05
        done
        """;

    // A program goes on with the old file until it has seen the signal. Should the next rotation come before, logrotate packs what it still writes to.
    private const string Rotate = """
        logrotate -f /etc/logrotate.conf
        until [ -s /var/log/nginx/access.log ] && [ -s /var/log/nginx/error.log ] && [ -s /var/log/haproxy.log ] && [ -s /var/log/syslog ]; do sleep 0.02; done
        """;

    public LabHost Host => host;

    /// <summary>Begins anew, with no log, and lets requests come until <see cref="EndAsync"/>.</summary>
    public async Task StartAsync()
    {
        await host.RunAsync(Setup);
        await host.RunAsync("cat >/run/lab-load; systemd-run --quiet --collect --unit=lab-load sh /run/lab-load", Load);
        await host.WaitAsync("[ -s /var/log/nginx/error.log ] && [ -s /var/log/haproxy.log ]", seconds: 50);
    }

    /// <summary>Has logrotate rotate all that Debian's packages tell it to, and sees that the programs have let go of the old files.</summary>
    public Task RotateAsync() => host.RunAsync(Rotate);

    /// <summary>Ends the requests, and then the programs, when they have written all.</summary>
    public Task EndAsync() => host.RunAsync("""
        touch /var/lib/lab/stop
        while systemctl is-active --quiet lab-load; do sleep 0.02; done
        systemctl stop haproxy nginx
        logger -t shop 'the end'
        until grep -q 'the end$' /var/log/syslog; do sleep 0.02; done
        systemctl stop syslog.socket rsyslog
        """);

    /// <summary>What was written to a log from the beginning, whatever was rotated away.</summary>
    public async Task<string[]> WrittenAsync(string log) => (await host.RunAsync($"cat /var/lib/lab/{log}")).Split('\n');

    /// <summary>The requests that were answered, in order: status and path.</summary>
    public async Task<(string Status, string Path)[]> AnswersAsync() =>
        [.. (await host.RunAsync("cat /var/lib/lab/answers")).Split('\n').Select(line => (line[..3], new Uri(line[4..]).AbsolutePath))];

    public async ValueTask DisposeAsync() => await host.RunAsync("""
        touch /var/lib/lab/stop
        systemctl stop haproxy nginx
        systemctl stop syslog.socket rsyslog
        rm -f /etc/rsyslog.d/??-lab.conf /etc/nginx/conf.d/lab.conf
        """);
}
