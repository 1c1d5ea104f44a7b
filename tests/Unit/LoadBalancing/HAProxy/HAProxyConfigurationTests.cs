using ProdOps.LoadBalancing.HAProxy;
using ProdOps.LoadBalancing.HAProxy.Configuration;
using ProdOps.LoadBalancing.Operating;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.LoadBalancing.Tests.HAProxy;

public sealed class HAProxyConfigurationTests
{
    private const string Text = """
        # made by hand
        global
            log /dev/log local0
            stats socket ipv4@127.0.0.1:9999 level operator
            stats socket /run/haproxy/admin.sock mode 660 level admin expose-fd listeners
            server-state-base /var/lib/haproxy
            server-state-file state
            maxconn 4000
        .if defined(TEST)
            maxconn 10
        .endif
        defaults http
            mode http
            timeout check 1500ms
            option httplog
            load-server-state-from-file global
            default-server inter 3s fall 3
        defaults
            mode tcp
        frontend www from http
            bind :80
            bind *:443 ssl crt '/etc/ssl/my site.pem'
            maxconn 1000
            default_backend be_web
        backend be_web from http
            no option httplog
            cookie SRV insert indirect
            default-server check rise 2
            server web1 10.0.0.1:8080 cookie w1 inter 500ms addr 10.9.9.9 weight 5 sni str(\"shop\ one\")
            server web2 10.0.0.2:8080 cookie w2 # the second
        listen db
            bind 127.0.0.1:5432
            load-server-state-from-file local
            server db1 "10.0.0.3:5432" check port 8008 no-check

        """;

    private static readonly HAProxyConfiguration Read = HAProxyConfiguration.Parse([("haproxy.cfg", Text)]);

    [Fact]
    public void A_hand_written_configuration_is_read_for_what_operating_needs()
    {
        Assert.Equal(["/run/haproxy/admin.sock", "127.0.0.1:9999"], Read.AdminSockets);
        Assert.Equal(["www", "db"], Read.Frontends.Select(section => section.Name));
        Assert.Equal(["be_web", "db"], Read.Backends.Select(section => section.Name));
        var web = Read.Backend("be_web")!;
        Assert.Equal(("http", "SRV", "1500ms", false), (web.Mode, web.Cookie, web.TimeoutOf("check"), web.HasOption("httplog")));
        Assert.True(Read.Frontends.First().HasOption("httplog"));
        Assert.Equal(("tcp", 1000L), (Read.Backend("db")!.Mode, Read.Frontends.First().MaxConnections!.Value));
        Assert.Equal(("/var/lib/haproxy/state", "/var/lib/haproxy/db"), (Read.StateFileOf(web), Read.StateFileOf(Read.Backend("db")!)));
        Assert.Equal("/etc/ssl/my site.pem", Read.Frontends.First().All("bind").Last().After("crt"));
        Assert.Equal("str(\"shop one\")", web.All("server").First().After("sni"));
        Assert.Equal(["server", "web2", "10.0.0.2:8080", "cookie", "w2"], web.All("server").Last().Words);
    }

    [Fact]
    public void A_server_that_is_added_is_told_what_the_others_have()
    {
        var (words, isChecked) = HAProxyDynamicServer.SettingsOf(Read, new BackendMember("be_web", "web3"));
        Assert.Equal(["inter", "500ms", "fall", "3", "check", "rise", "2", "sni", "str(\"shop\\ one\")", "cookie", "web3"], words);
        Assert.True(isChecked);
        Assert.False(HAProxyDynamicServer.SettingsOf(Read, new BackendMember("db", "db2")).IsChecked);
        Assert.Empty(HAProxyDynamicServer.SettingsOf(Read, new BackendMember("none", "x")).Words);
    }

    [Theory]
    [InlineData("/run/h.sock", "/run/h.sock")]
    [InlineData("unix@/run/h.sock,mode,600", "/run/h.sock")]
    [InlineData("ipv4@*:9999", "127.0.0.1:9999")]
    [InlineData(":9999", "127.0.0.1:9999")]
    [InlineData("[::]:9999", "[::1]:9999")]
    [InlineData("fd@3", null)]
    [InlineData("abns@haproxy", null)]
    [InlineData("\"${SOCK}\"", null)]
    [InlineData("host", null)]
    [InlineData("", null)]
    public void Addresses_of_sockets_are_those_that_the_server_itself_reaches(string address, string? expected) => Assert.Equal(expected, HAProxyAddress.Reachable(address));

    [Theory]
    [InlineData("500", 500)]
    [InlineData("500ms", 500)]
    [InlineData("2s", 2000)]
    [InlineData("1m", 60000)]
    [InlineData("x", null)]
    [InlineData("3w", null)]
    [InlineData("2147483647", 2147483647)]
    [InlineData("24d", 2073600000)]
    [InlineData("25d", null)]
    [InlineData("2147483647d", null)]
    [InlineData("2147483648", null)]
    [InlineData("", null)]
    public void Times_are_read(string text, int? milliseconds) => Assert.Equal(milliseconds, HAProxyTime.Parse(text)?.TotalMilliseconds);

    [Fact]
    public void Of_several_processes_the_one_that_is_meant_is_taken()
    {
        string[] lines =
        [
            "@unit 7", "@process 5", "@arg /usr/sbin/haproxy", "@arg -W", "@arg -S", "@arg /run/five.sock,mode,600", "@arg -f", "@arg /etc/five.cfg", "@file /etc/five.cfg", " global", "  stats socket /run/5.sock level admin",
            "@process 7", "@arg -f", "@arg /etc/seven.cfg", "@file /etc/seven.cfg", " global", "  stats socket /run/7.sock level admin", " @process 9", "@process 0", "@unreadable /etc/haproxy/haproxy.cfg",
        ];
        Assert.Equal((7, "/run/7.sock", null), (HAProxySetup.Parse(lines, null, null).Pid, HAProxySetup.Parse(lines, null, null).AdminSockets(null)[0], HAProxySetup.Parse(lines, null, null).MasterSocket));
        Assert.Equal((5, "/run/five.sock"), (HAProxySetup.Parse(lines, null, "/run/5.sock").Pid, HAProxySetup.Parse(lines, null, "/run/5.sock").MasterSocket));
        Assert.Equal(5, HAProxySetup.Parse(lines, "/etc/five.cfg", null).Pid);
        var stopped = HAProxySetup.Parse(lines, "/etc/other.cfg", null);
        Assert.Null(stopped.Pid);
        Assert.Equal("/run/haproxy/admin.sock", stopped.AdminSockets(null)[0]);
        Assert.Equal(["/x"], stopped.AdminSockets("/x"));
    }

    [Fact]
    public void Whatever_stands_there_is_read()
    {
        ParserFuzz.Run("configuration", text =>
        {
            var read = HAProxyConfiguration.Parse([("a", text)]);
            foreach (var backend in read.Backends) _ = (read.StateFileOf(backend), backend.Mode, HAProxyDynamicServer.SettingsOf(read, new BackendMember(backend.Name, "x")));
            _ = (read.AdminSockets, read.MaxConnections);
        }, [Text, "listen a\nserver \\", "\"", "defaults from\nfrontend", "global\nstats socket"]);
        ParserFuzz.Run("setup", text => _ = HAProxySetup.Parse(text.Split('\n'), null, "/run/5.sock"), ["@unit 7\n@process 5\n@arg -S\n@file /a\n global\n@unreadable /b\n@process 0\n"]);
    }
}
