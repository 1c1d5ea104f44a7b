using ProdOps.LoadBalancing.Nginx;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.LoadBalancing.Tests.Nginx;

public sealed class NginxUpstreamTests
{
    private const string Configuration = """
        user www-data;
        events { worker_connections 768; }
        http {
            # upstream ghost { server 1.2.3.4; }
            log_format main '$remote_addr "$request" { $status };';
            map $http_upgrade $connection { default upgrade; '' close; }
            upstream web {
                least_conn;   # a comment; with a semicolon
                server 10.0.0.1:8080 max_fails=3 fail_timeout=5s; # web1
                server "10.0.0.2:8080"	weight=5 backup;
                server	10.0.0.3 down
                        weight=2;
                server [2001:db8::1]:8080 down;
                server unix:/run/app.sock;
                keepalive 32;
            }
            server {
                listen 80;
                location ~ ^/${prefix}/a\{2\} { proxy_pass http://web; }
                location /lua { content_by_lua_block { local a = { "}" } -- }
                    ngx.say('\'}') } }
            }
        }
        stream { upstream db { server db1:5432; } }

        """;

    [Fact]
    public void Pools_are_found_wherever_they_stand()
    {
        var upstreams = NginxUpstreams.Parse(Configuration);
        Assert.Equal(["web", "db"], upstreams.Pools.Select(pool => pool.Name));
        Assert.Equal(
            [("10.0.0.1:8080", false, false, 1), ("10.0.0.2:8080", false, true, 5), ("10.0.0.3:80", true, false, 2), ("[2001:db8::1]:8080", true, false, 1), ("unix:/run/app.sock", false, false, 1)],
            upstreams.Pools[0].Servers.Select(server => (server.Address, server.IsDown, server.IsBackup, server.Weight)));
        Assert.Equal(["web1", "10.0.0.2:8080", "10.0.0.3:80", "[2001:db8::1]:8080", "unix:/run/app.sock"], upstreams.Pools[0].Servers.Select(server => server.Name));
        Assert.Equal("db1:5432", Assert.Single(upstreams.Pools[1].Servers).Address);
    }

    [Fact]
    public void One_word_is_changed_and_nothing_else()
    {
        var upstreams = NginxUpstreams.Parse(Configuration);
        var servers = upstreams.Pools[0].Servers;
        Assert.Equal(Configuration.Replace("fail_timeout=5s;", "fail_timeout=5s down;"), upstreams.WithDown(servers[0], down: true));
        Assert.Equal(Configuration.Replace("server	10.0.0.3 down\n", "server	10.0.0.3\n"), upstreams.WithDown(servers[2], down: false));
        Assert.Equal(Configuration.Replace("[2001:db8::1]:8080 down;", "[2001:db8::1]:8080;"), upstreams.WithDown(servers[3], down: false));
        Assert.Equal(Configuration, upstreams.WithDown(servers[2], down: true));
        Assert.Equal(Configuration, upstreams.WithDown(servers[0], down: false));
        Assert.Equal(Configuration.Replace("weight=5", "weight=7"), upstreams.WithWeight(servers[1], 7));
        Assert.Equal(Configuration.Replace("10.0.0.1:8080 max", "10.0.0.1:8080 weight=7 max"), upstreams.WithWeight(servers[0], 7));
        Assert.Equal(Configuration.Replace("\"10.0.0.2:8080\"", "10.0.0.9:81"), upstreams.WithAddress(servers[1], "10.0.0.9:81"));
    }

    [Fact]
    public void Every_change_can_be_taken_back_and_touches_its_server_alone() => ParserFuzz.Run("configuration of nginx", static text =>
    {
        var before = NginxUpstreams.Parse(text);
        for (int i = 0; i < before.Pools.Count; i++)
        {
            for (int j = 0; j < before.Pools[i].Servers.Count; j++)
            {
                var server = before.Pools[i].Servers[j];
                string changed = before.WithDown(server, !server.IsDown);
                var after = NginxUpstreams.Parse(changed);
                Assert.Equal(Describe(before, i, j, !server.IsDown), Describe(after, -1, -1, null));
                Assert.Equal(server.IsDown, NginxUpstreams.Parse(after.WithDown(after.Pools[i].Servers[j], server.IsDown)).Pools[i].Servers[j].IsDown);
            }
        }
    }, [Configuration, "upstream a{server 1.1.1.1:1 down;server b weight=3;}"]);

    [Fact]
    public void However_deep_braces_go_they_are_read() => Assert.Empty(NginxUpstreams.Parse(string.Concat(Enumerable.Repeat("http {\n", 100_000))).Pools);

    [Fact]
    public void What_a_server_says_of_its_nginx_is_read()
    {
        var state = NginxProbe.Parse("lb1", """
            @version nginx version: nginx/1.22.1
            @master 4711
            @processes
                 17       1    7200 nginx: master process of a container
                 18      17    7200 nginx: worker process
               4711       1    3600 nginx: master process /usr/sbin/nginx -g daemon on; master_process on;
               4720    4711      12 nginx: worker process
               4721    4711      13 nginx: worker process
               4712    4711    3600 nginx: worker process is shutting down
               9000    8999      10 nginx: worker process
            @connections
            0      0      10.0.0.11:41000   10.0.0.1:8080  users:(("nginx",pid=4712,fd=9))
            0      0      10.0.0.11:80   10.0.0.99:5123  users:(("nginx",pid=4720,fd=3))
            0      0      [::ffff:10.0.0.11]:41002   [::ffff:10.0.0.1]:8080  users:(("nginx",pid=4720,fd=9))
            @file 1795734000 1795734100 /etc/nginx/nginx.conf /etc/nginx/conf.d/web upstream.conf
            @end

            """);
        Assert.Equal(("1.22.1", 4711, TimeSpan.FromHours(1)), (state.Version, state.Master, state.Uptime));
        Assert.Equal([4720, 4721], state.Workers);
        Assert.Equal([4712], state.Leaving);
        Assert.Equal((2, 1, 3), (state.ConnectionsTo("10.0.0.1:8080"), state.ConnectionsTo("10.0.0.99:5123"), state.Connections.Count));
        Assert.Equal((TimeSpan.FromSeconds(100), false, false), (state.FileAge, state.IsFileNewer, state.IsMainFile));
        Assert.True((state with { FileAge = TimeSpan.FromSeconds(5) }).IsFileNewer);
        Assert.Null(NginxProbe.Parse("lb1", "@none\n@end\n").Version);
        Assert.Equal("NginxAnswerNotUnderstood", Assert.Throws<ProdOpsException>(() => NginxProbe.Parse("lb1", "@version x\n")).ErrorId);
        ParserFuzz.Run("nginx' state", text => NginxProbe.Parse("lb1", text), ["@version nginx version: nginx/1.22.1\n@master 1\n@processes\n 1 1 99999999999999 nginx: master\n@connections\n0 0 a b\n@file 1 2 3 4\n@end\n"]);
    }

    private static string Describe(NginxUpstreams upstreams, int pool, int server, bool? down) => string.Join('\n', upstreams.Pools.SelectMany((one, i) => one.Servers.Select((line, j) =>
        $"{one.Name} {string.Join(' ', line.Line.Words.Skip(1).Where(word => word.Text != "down").Select(word => word.Text))} {(i == pool && j == server ? down : line.IsDown)}")));
}
