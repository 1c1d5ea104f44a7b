using System.Text;
using ProdOps.Monitoring.Checks;
using ProdOps.Monitoring.Checks.Snmp;
using ProdOps.Monitoring.Tests.TestTools;
using ProdOps.Servers.Secrets;

namespace ProdOps.Monitoring.Tests.Checks.Services;

public sealed class SnmpCheckTests
{
    private const string Location = "1.3.6.1.2.1.1.6.0", Uptime = "1.3.6.1.2.1.1.3.0", Services = "1.3.6.1.2.1.1.7.0";

    [UnpackedFact("snmpd")]
    public async Task A_real_agent_is_asked_in_both_versions()
    {
        using var folder = new ProdOps.Backup.Tests.Storage.TemporaryFolder();
        string configuration = folder["snmpd.conf"];
        await File.WriteAllTextAsync(configuration, """
            rocommunity swordfish 127.0.0.1
            sysLocation rack 7
            sysServices 72
            createUser alice SHA-256 "alice-password" AES "alice-privacy"
            rouser alice priv
            createUser bob SHA "bob-password" DES
            rouser bob priv
            createUser carol MD5 "carol-password"
            rouser carol auth
            createUser dave SHA-512 "dave-password" AES
            rouser dave priv

            """);
        using var server = await PrivateServer.StartAsync(UnpackedTool.Snmpd.Program!, port => ["-f", "-Lo", "-C", "-c", configuration, $"udp:127.0.0.1:{port}"],
            async port => (await RunAsync(port, Location, timeout: 1)).Value is not null || (await RunAsync(port, Location, timeout: 1)).State == HealthState.OK,
            UnpackedTool.Snmpd.Libraries, ("SNMP_PERSISTENT_DIR", folder.Path), ("MIBS", ""));
        int port = server.Port;
        var text = await RunAsync(port, Location, expected: "rack 7");
        Assert.Equal((HealthState.OK, "rack 7", null), (text.State, text.Message, text.Value));
        Assert.Equal("rack 7 came where 'rack 8' was expected", (await RunAsync(port, Location, expected: "rack 8")).Message);
        var number = await RunAsync(port, Services);
        Assert.Equal((HealthState.OK, 72.0, ""), (number.State, number.Value, number.Unit));
        Assert.Equal("s", (await RunAsync(port, Uptime)).Unit);
        Assert.Equal((HealthState.Unknown, "there is no such object"), Told(await RunAsync(port, "1.3.6.1.2.1.1.99.0")));
        Assert.StartsWith("there is no such instance", (await RunAsync(port, "1.3.6.1.2.1.1.6.5")).Message, StringComparison.Ordinal);

        Assert.Equal((HealthState.OK, "rack 7"), Told(await AskAsync(port, "alice", "alice-password", SnmpAuthentication.Sha256, SnmpPrivacy.Aes, "alice-privacy")));
        Assert.Equal((HealthState.OK, "rack 7"), Told(await AskAsync(port, "bob", "bob-password", SnmpAuthentication.Sha1, SnmpPrivacy.Des)));
        Assert.Equal((HealthState.OK, "rack 7"), Told(await AskAsync(port, "carol", "carol-password", SnmpAuthentication.Md5, SnmpPrivacy.None)));
        Assert.Equal((HealthState.OK, "rack 7"), Told(await AskAsync(port, "dave", "dave-password", SnmpAuthentication.Sha512, SnmpPrivacy.Aes)));
        Assert.Equal("The agent refuses: it does not know the user 'eve'.", (await AskAsync(port, "eve", "alice-password", SnmpAuthentication.Sha256, SnmpPrivacy.Aes)).Message);
        Assert.Equal("The agent refuses: the password is wrong, or the way to prove it.", (await AskAsync(port, "alice", "wrong-password", SnmpAuthentication.Sha256, SnmpPrivacy.Aes, "alice-privacy")).Message);
        Assert.Equal("no answer within 1 s: it is not there, or cannot decrypt what it is asked", (await AskAsync(port, "alice", "alice-password", SnmpAuthentication.Sha256, SnmpPrivacy.Aes, "wrong-privacy", timeout: 1)).Message);
        Assert.Equal("The agent refuses: user 'carol' may not ask at this level.", (await AskAsync(port, "carol", "carol-password", SnmpAuthentication.Md5, SnmpPrivacy.Des)).Message);
    }

    [Fact]
    public async Task A_datagram_that_was_lost_is_sent_again_and_silence_is_told()
    {
        byte[] received = [];
        await using var silent = new UdpResponder(request =>
        {
            received = request;
            return null;
        });
        var late = await RunAsync(silent.Port, Location, timeout: 0.4);
        Assert.Equal((HealthState.Critical, "no answer within 0.4 s: it is not there, or does not know the community"), Told(late));
        Assert.InRange(silent.Asked, 1, 3);
        Assert.Contains("swordfish", Encoding.ASCII.GetString(received), StringComparison.Ordinal);
        int free = PrivateServer.FreePort();
        Assert.Equal((HealthState.Critical, $"nothing listens on port {free} of 127.0.0.1"), Told(await RunAsync(free, Location)));
    }

    [Fact]
    public async Task Answers_of_another_request_do_not_count()
    {
        await using var liar = new UdpResponder(request =>
        {
            // A reply with another number, which is the first within the PDU.
            byte[] reply = [.. request];
            int pdu = request.AsSpan().IndexOf((byte)0xa0);
            reply[pdu] = 0xa2;
            reply[pdu + 4] ^= 1;
            return reply;
        });
        Assert.StartsWith("no answer within", (await RunAsync(liar.Port, Location, timeout: 0.3)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_comes_is_read_or_refused()
    {
        var random = new Random(20261126);
        using var keys = new UserKeys(SnmpAuthentication.Sha256, SnmpPrivacy.Aes, "password"u8, "password"u8, [1, 2, 3]);
        byte[][] seeds =
        [
            CommunityMessage.Get("public"u8, 7, Location), Convert.FromHexString("3029020101040670756289696380a21c0204000000070201000201003100300e300c06082b06010201010600"),
            UserMessage.Get(7, new SnmpEngine([1, 2, 3], 4, 5), "alice", keys, Location), UserMessage.Get(7, SnmpEngine.Unknown, "", null, ""),
        ];
        foreach (byte[] seed in seeds) seed.AsSpan().Replace<byte>(0xa0, 0xa2);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = [.. seeds[i % seeds.Length]];
            for (int changes = random.Next(4); changes > 0; changes--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0) bytes = bytes[..random.Next(bytes.Length)];
            foreach (var read in (Action[])[() => CommunityMessage.Read(bytes), () => UserMessage.Read(bytes, keys), () => UserMessage.Read(bytes, null)])
            {
                try
                {
                    read();
                }
                catch (ProdOpsException error) when (error.ErrorId == "SnmpAnswerNotUnderstood")
                {
                    // Refused.
                }
            }
        }
    }

    private static (HealthState, string) Told(HealthCheckResult result) => (result.State, result.Message);

    private static Task<HealthCheckResult> RunAsync(int port, string id, string? expected = null, double timeout = 30) =>
        RunAsync(new SnmpOptions { Host = "127.0.0.1", Port = port, ObjectId = id, Password = SecretSource.FromBytes("swordfish"u8), Timeout = TimeSpan.FromSeconds(timeout) }, expected);

    private static Task<HealthCheckResult> AskAsync(int port, string user, string password, SnmpAuthentication authentication, SnmpPrivacy privacy, string? privacyPassword = null, double timeout = 30) => RunAsync(new SnmpOptions
    {
        Host = "127.0.0.1",
        Port = port,
        ObjectId = Location,
        User = user,
        Password = SecretSource.FromBytes(Encoding.UTF8.GetBytes(password)),
        Authentication = authentication,
        Privacy = privacy,
        PrivacyPassword = privacyPassword is null ? null : SecretSource.FromBytes(Encoding.UTF8.GetBytes(privacyPassword)),
        Timeout = TimeSpan.FromSeconds(timeout),
    }, null);

    private static async Task<HealthCheckResult> RunAsync(SnmpOptions options, string? expected) =>
        Assert.Single(await new SnmpCheck(new CheckSubject("switch1", "x"), options, expected, TimeProvider.System).RunAsync(CancellationToken.None));
}
