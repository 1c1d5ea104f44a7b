using DnsClient;
using ProdOps.Monitoring.Checks;
using ProdOps.Monitoring.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Checks.Services;

public sealed class DnsCheckTests
{
    [LinuxFact("dnsmasq")]
    public async Task A_real_name_server_is_asked_for_records_of_many_types()
    {
        using var server = await PrivateServer.StartAsync("/usr/sbin/dnsmasq", port =>
            [
                "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--no-daemon", $"--port={port}", "--listen-address=127.0.0.1", "--bind-interfaces", "--pid-file=", "--user=", "--group=",
                "--local=/shop.example/", "--host-record=www.shop.example,10.0.0.1,2001:db8::1", "--address=/two.shop.example/10.0.0.2", "--address=/two.shop.example/10.0.0.3", "--cname=app.shop.example,www.shop.example",
                "--mx-host=shop.example,mail.shop.example,10", "--txt-record=shop.example,v=spf1 -all", "--srv-host=_ldap._tcp.shop.example,www.shop.example,389,1,2",
            ],
            async port => (await RunAsync(port, "www.shop.example", QueryType.A, TimeSpan.FromMilliseconds(300))).Value is not null);
        var found = await RunAsync(server.Port, "www.shop.example", QueryType.A);
        Assert.Equal((HealthState.OK, "dns.time", "shop1"), (found.State, Assert.Single(found.Metrics).Name, found.Server));
        Assert.StartsWith("10.0.0.1, in ", found.Message, StringComparison.Ordinal);
        await AssertAsync(server.Port, "www.shop.example", QueryType.AAAA, "2001:db8::1", HealthState.OK);
        await AssertAsync(server.Port, "app.shop.example", QueryType.A, "10.0.0.1", HealthState.OK);
        await AssertAsync(server.Port, "app.shop.example", QueryType.CNAME, "www.shop.example", HealthState.OK, "WWW.shop.example.");
        await AssertAsync(server.Port, "two.shop.example", QueryType.A, "10.0.0.2, 10.0.0.3", HealthState.OK, "10.0.0.3", "10.0.0.2");
        await AssertAsync(server.Port, "shop.example", QueryType.MX, "10 mail.shop.example", HealthState.OK);
        await AssertAsync(server.Port, "shop.example", QueryType.TXT, "v=spf1 -all", HealthState.OK);
        await AssertAsync(server.Port, "_ldap._tcp.shop.example", QueryType.SRV, "1 2 389 www.shop.example", HealthState.OK);
        await AssertAsync(server.Port, "10.0.0.1", QueryType.PTR, "www.shop.example", HealthState.OK);
        await AssertAsync(server.Port, "www.shop.example", QueryType.A, "10.0.0.1 came, and not 10.9.9.9", HealthState.Critical, "10.9.9.9");
        await AssertAsync(server.Port, "www.shop.example", QueryType.MX, "there is no record of type MX", HealthState.Critical);
        await AssertAsync(server.Port, "gone.shop.example", QueryType.A, "the name 'gone.shop.example' does not exist (NXDOMAIN)", HealthState.Critical);
        await AssertAsync(server.Port, "elsewhere.example", QueryType.A, "the name server refuses to answer (REFUSED)", HealthState.Critical);
    }

    [Fact]
    public async Task A_name_server_that_fails_is_told_from_one_that_is_silent()
    {
        await using var failing = new UdpResponder(question => Answer(question, 2));
        Assert.StartsWith("the name server failed (SERVFAIL), in ", (await RunAsync(failing.Port, "x.example", QueryType.A)).Message, StringComparison.Ordinal);
        await using var silent = new UdpResponder(_ => null);
        var late = await RunAsync(silent.Port, "x.example", QueryType.A, TimeSpan.FromMilliseconds(300));
        Assert.Equal((HealthState.Critical, "no answer within 0.3 s"), (late.State, late.Message));
    }

    [Fact]
    public async Task Noise_is_no_answer()
    {
        await using var noisy = new UdpResponder(question => [question[0], question[1], 0x81, 0x80, 0, 1, 0xff, 0xff, 9, 9]);
        Assert.NotEqual(HealthState.OK, (await RunAsync(noisy.Port, "x.example", QueryType.A, TimeSpan.FromSeconds(1))).State);
    }

    private static byte[] Answer(byte[] question, byte code)
    {
        byte[] answer = [.. question];
        answer[2] = 0x81;
        answer[3] = (byte)(0x80 | code);
        return answer;
    }

    private static async Task AssertAsync(int port, string name, QueryType type, string message, HealthState state, params string[] expected)
    {
        var result = await RunAsync(port, name, type, null, expected);
        Assert.StartsWith(message + ", in ", result.Message, StringComparison.Ordinal);
        Assert.Equal(state, result.State);
    }

    private static async Task<HealthCheckResult> RunAsync(int port, string name, QueryType type, TimeSpan? timeout = null, params string[] expected) =>
        Assert.Single(await new DnsCheck(new CheckSubject("shop1", "name"), new DnsCheckOptions
        {
            Name = name, Type = type, NameServer = "127.0.0.1", Port = port, Expect = expected, Timeout = timeout ?? TimeSpan.FromSeconds(30),
        }, TimeProvider.System).RunAsync(CancellationToken.None));
}
