using System.Globalization;

namespace ProdOps.Lab.Tests.LoadBalancing;

/// <summary>
/// Two balancers with HAProxy and keepalived, whose configurations are written by hand, and application servers behind them.
/// </summary>
internal sealed class BalancerPair(LabHost[] balancers, LabHost[] servers)
{
    public string Address { get; } = balancers[0].Address[..(balancers[0].Address.LastIndexOf('.') + 1)] + "200";

    public LabHost[] Balancers => balancers;

    public LabHost[] Servers => servers;

    public string Url => $"http://{Address}/";

    /// <summary>The environment's section.</summary>
    public string Section => $$"""
            LoadBalancers = @{ web = @{
                Servers = {{Names(balancers)}}; Pool = {{Names(servers)}}; PoolPort = 8080; Check = '/health'; VirtualAddress = '{{Address}}'; VirtualRouter = 200
                Managed = $false; Backend = 'be_web'; Socket = '/run/haproxy/admin.sock'
            } }
        """;

    /// <summary>Sets all of it up, and waits until the address answers.</summary>
    /// <param name="preference">True for a keepalived whose priority a file can raise.</param>
    public async Task StartAsync(bool preference = true)
    {
        await Task.WhenAll(servers.Select(server => LabLoad.PrepareAsync(server)));
        await Task.WhenAll(balancers.Select((balancer, index) => SetUpAsync(balancer, index, preference)));
        await WaitForHolderAsync(balancers[0]);
        await Logging.LogAdmin.UntilAsync(async () => await TryAskAsync() is not null, () => $"{Url} answers");
    }

    /// <summary>Waits until a balancer has the address, and it alone.</summary>
    public async Task WaitForHolderAsync(LabHost holder)
    {
        foreach (var balancer in balancers) await balancer.WaitAsync($"{(balancer == holder ? "" : "! ")}ip -o addr show dev host0 | grep -q \"inet {Address}/\"", seconds: 30);
    }

    /// <summary>Adds the balancers to an admin's environment.</summary>
    public async Task AddToAsync(Admin admin)
    {
        string text = (await File.ReadAllTextAsync(admin.EnvironmentFile)).TrimEnd().TrimEnd('}');
        await File.WriteAllTextAsync(admin.EnvironmentFile, $"{text}    {Section}\n}}\n");
    }

    private async Task<string?> TryAskAsync()
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(1) };
        try
        {
            return await client.GetStringAsync(Url);
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            return null;
        }
    }

    private Task SetUpAsync(LabHost balancer, int index, bool preference)
    {
        string members = string.Join("\n    ", servers.Select(server => $"server {server.Name} {server.Address}:8080 check inter 500ms fall 2 rise 2 weight 100"));
        string track = preference ? "track_file { prefer }" : "";
        string priority = (150 - (50 * index)).ToString(CultureInfo.InvariantCulture);
        return balancer.RunAsync($$"""
            systemctl stop keepalived haproxy || true
            sysctl -qw net.ipv4.ip_nonlocal_bind=1 || true
            mkdir -p /run/haproxy
            rm -f /var/lib/haproxy/server-state
            cat >/etc/haproxy/haproxy.cfg <<'END'
            global
                stats socket /run/haproxy/admin.sock mode 660 level admin expose-fd listeners
                server-state-file /var/lib/haproxy/server-state
                maxconn 5000
            defaults
                mode http
                timeout connect 2s
                timeout client 30s
                timeout server 30s
                timeout queue 5s
                option redispatch 1
                retries 3
                option idle-close-on-response
                load-server-state-from-file global
            frontend fe_web
                bind :80
                default_backend be_web
            backend be_web
                balance roundrobin
                option httpchk GET /health
                {{members}}
            END
            cat >/etc/keepalived/keepalived.conf <<'END'
            global_defs {
                router_id {{balancer.Name}}
                vrrp_version 3
            }
            vrrp_track_file prefer {
                file /etc/keepalived/prefer
                weight 1
            }
            vrrp_instance web {
                state BACKUP
                interface host0
                virtual_router_id 200
                priority {{priority}}
                advert_int 0.2
                unicast_src_ip {{balancer.Address}}
                unicast_peer { {{balancers[1 - index].Address}} }
                virtual_ipaddress { {{Address}}/24 dev host0 }
                {{track}}
            }
            END
            echo 0 >/etc/keepalived/prefer
            systemctl restart haproxy keepalived
            """);
    }

    private static string Names(LabHost[] hosts) => string.Join(", ", hosts.Select(host => $"'{host.Name}'"));
}
