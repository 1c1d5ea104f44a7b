using System.Net.Sockets;
using System.Text;
using ProdOps.Monitoring.Checks;
using ProdOps.Monitoring.Checks.Redis;
using ProdOps.Monitoring.Tests.TestTools;
using ProdOps.Servers.Secrets;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Checks.Services;

public sealed class RedisCheckTests
{
    private const string Info = "# Memory\r\nused_memory:960\r\nmaxmemory:1000\r\nmaxmemory_policy:noeviction\r\n# Replication\r\nrole:slave\r\nmaster_host:db1\r\nmaster_port:6379\r\nmaster_link_status:down\r\n"
        + "master_last_io_seconds_ago:-1\r\nmaster_link_down_since_seconds:42\r\n# Stats\r\nrejected_connections:7\r\n# Clients\r\nconnected_clients:3\r\nmaxclients:10000\r\nrdb_last_bgsave_status:err\r\n";

    private static readonly CheckSubject Subject = new("db1", "cache");

    [LinuxFact("redis-server")]
    public async Task A_real_server_is_asked()
    {
        using var folder = new ProdOps.Backup.Tests.Storage.TemporaryFolder();
        string users = folder["users.acl"];
        await File.WriteAllTextAsync(users, "user default on >word-of-tests ~* +@all\nuser watcher on >other-word resetkeys -@all +ping\n");
        using var certificates = new TestCertificates(folder["certificates"]);
        var (certificate, key) = certificates.Issue("cache1");
        int secure = 0;
        using var server = await PrivateServer.StartAsync("/usr/bin/redis-server", port =>
            ["--port", $"{port}", "--bind", "127.0.0.1", "--tls-port", $"{secure = PrivateServer.FreePort()}", "--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", certificates.Authority, "--tls-auth-clients", "no", "--save", "", "--dir", folder.Path, "--maxmemory", "100mb", "--maxmemory-policy", "noeviction", "--aclfile", users], AcceptsAsync);
        var options = new RedisCheckOptions { Host = "127.0.0.1", Port = server.Port, Password = SecretSource.FromBytes("word-of-tests"u8), Command = ["ECHO", "two words"], Expect = "two words" };
        var results = await RunAsync(options);
        Assert.Equal([null, "memory", "connections", "query"], results.Select(result => result.Instance));
        Assert.All(results, result => Assert.Equal((HealthState.OK, "db1", "cache"), (result.State, result.Server, result.Check)));
        Assert.Contains("when it is full it refuses to write", results[1].Message, StringComparison.Ordinal);
        Assert.Equal(["redis.clients", "redis.memory", "redis.memory.used", "redis.rejected"], results[1].Metrics.Select(metric => metric.Name));
        var expected = (await RunAsync(options with { Expect = "three" }))[3];
        Assert.Equal((HealthState.Critical, "it answers 'two words' where 'three' was expected"), (expected.State, expected.Message));
        var failing = (await RunAsync(options with { Command = ["NOSUCH"] }))[3];
        Assert.StartsWith("the query fails: ERR unknown command", failing.Message, StringComparison.Ordinal);
        var without = Assert.Single(await RunAsync(options with { Password = null }));
        Assert.Equal((HealthState.Critical, "it answers with an error: NOAUTH Authentication required."), (without.State, without.Message));
        var wrong = Assert.Single(await RunAsync(options with { Password = SecretSource.FromBytes("wrong-word"u8) }));
        Assert.StartsWith("it lets nobody in: WRONGPASS", wrong.Message, StringComparison.Ordinal);
        var watcher = Assert.Single(await RunAsync(options with { User = "watcher", Password = SecretSource.FromBytes("other-word"u8), Command = [] }));
        Assert.Equal(HealthState.OK, watcher.State);
        Assert.Contains("but it does not tell about itself: NOPERM", watcher.Message, StringComparison.Ordinal);

        var byTls = options with { Port = secure, Tls = true, CaCertificate = certificates.Authority, TlsName = "cache1" };
        Assert.Equal(HealthState.OK, (await RunAsync(byTls))[0].State);
        var distrusted = Assert.Single(await RunAsync(byTls with { TlsName = "cache2" }));
        Assert.Equal((HealthState.Critical, "TLS did not come about: the certificate is not believed, it is for another host"), (distrusted.State, distrusted.Message));
    }

    [Fact]
    public void What_it_tells_is_judged()
    {
        var results = new RedisJudge().Judge(RedisInfo.Parse(Info), Subject, Subject.Blank(default));
        Assert.Equal(
            [("memory", HealthState.Critical), ("replication", HealthState.Critical), ("connections", HealthState.OK), ("saving", HealthState.Critical)],
            results.Select(result => (result.Instance!, result.State)));
        Assert.Equal("it has not reached its primary db1:6379 for 42 s", results[1].Message);
    }

    [Theory]
    [InlineData("maxmemory:1000", "maxmemory:0", "memory", HealthState.OK)]
    [InlineData("noeviction", "allkeys-lru", "memory", HealthState.OK)]
    [InlineData("used_memory:960", "used_memory:850", "memory", HealthState.Warning)]
    [InlineData("used_memory:960", "used_memory:x", "memory", HealthState.Unknown)]
    [InlineData("status:down\r\nmaster_last_io_seconds_ago:-1", "status:up\r\nmaster_last_io_seconds_ago:31", "replication", HealthState.Warning)]
    [InlineData("status:down\r\nmaster_last_io_seconds_ago:-1", "status:up\r\nmaster_last_io_seconds_ago:2", "replication", HealthState.OK)]
    [InlineData("role:slave", "role:master", "replication", null)]
    public void Each_thing_has_limits_of_its_own(string from, string to, string instance, HealthState? state)
    {
        Assert.Contains(from, Info, StringComparison.Ordinal);
        var results = new RedisJudge().Judge(RedisInfo.Parse(Info.Replace(from, to, StringComparison.Ordinal)), Subject, Subject.Blank(default));
        Assert.Equal(state, results.SingleOrDefault(result => result.Instance == instance)?.State);
    }

    [Fact]
    public void Connections_turned_away_count_from_one_look_to_the_next()
    {
        var judge = new RedisJudge();
        HealthCheckResult Look(int rejected) => judge.Judge(RedisInfo.Parse($"rejected_connections:{rejected}\n"), Subject, Subject.Blank(default)).Single(result => result.Instance == "connections");
        Assert.Equal((HealthState.OK, 0.0), (Look(7).State, Look(7).Value!.Value));
        var more = Look(9);
        Assert.Equal((HealthState.Warning, 2.0), (more.State, more.Value!.Value));
        Assert.Equal(3.0, Look(3).Value);
    }

    [Fact]
    public async Task What_is_not_Redis_leaves_it_open_how_that_is()
    {
        await using var web = new GreetingServer("HTTP/1.1 400 Bad Request\r\n\r\n");
        var result = Assert.Single(await RunAsync(new RedisCheckOptions { Host = "127.0.0.1", Port = web.Port }));
        Assert.Equal((HealthState.Unknown, "What answers does not speak as Redis does: 'HTTP/1.1 400 Bad Request' came."), (result.State, result.Message));
    }

    [Theory]
    [InlineData("+PONG\r\nrest", "PONG", 7)]
    [InlineData(":42\r\n", "42", 5)]
    [InlineData("-ERR no\r\n", "ERR no", 9)]
    [InlineData("$5\r\nab\r\nc\r\n", "ab\r\nc", 11)]
    [InlineData("$-1\r\n", null, 5)]
    [InlineData("*2\r\n$1\r\na\r\n*1\r\n:2\r\n", "a\n2", 19)]
    public void A_reply_is_read_when_it_is_whole(string text, string? value, int length)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        for (int i = 0; i < length; i++) Assert.Null(RespReply.Read(bytes.AsSpan(0, i), out _));
        Assert.Equal(value, RespReply.Read(bytes, out int read)!.Text);
        Assert.Equal(length, read);
    }

    [Fact]
    public void Whatever_comes_is_read_or_refused()
    {
        ParserFuzz.Run("reply", text => RespReply.Read(Encoding.UTF8.GetBytes(text), out _), ["*3\r\n$3\r\nfoo\r\n:-12\r\n*1\r\n+OK\r\n", "$999999999\r\nx", "*-1\r\n", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", "*100000\r\n:1\r\n"]);
        ParserFuzz.Run("INFO", text => new RedisJudge().Judge(RedisInfo.Parse(text), Subject, Subject.Blank(default)), [Info, "used_memory:1e400\nmaxmemory:-1\n::"]);
    }

    internal static async Task<bool> AcceptsAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static Task<IReadOnlyList<HealthCheckResult>> RunAsync(RedisCheckOptions options) =>
        new RedisCheck(Subject, options with { Timeout = TimeSpan.FromSeconds(30) }, TimeProvider.System).RunAsync(CancellationToken.None);
}
