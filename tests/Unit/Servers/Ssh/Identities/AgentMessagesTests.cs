using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using ProdOps.Servers.Ssh.Identities;
using ProdOps.Servers.Ssh.Wire;
using ProdOps.Servers.Tests.Ssh.HostKeys;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Ssh.Identities;

public sealed class AgentMessagesTests(SampleKeys keys) : IClassFixture<SampleKeys>
{
    [Fact]
    public void Requests_are_framed_as_the_protocol_says()
    {
        Assert.Equal([0, 0, 0, 1, 11], AgentMessages.RequestIdentities());
        Assert.Equal([0, 0, 0, 16, 13, 0, 0, 0, 1, 7, 0, 0, 0, 2, 8, 9, 0, 0, 0, 4], AgentMessages.RequestSignature([7], [8, 9], "rsa-sha2-512"));
        Assert.Equal(0, AgentMessages.RequestSignature([7], [8, 9], "ssh-ed25519")[^1]);
    }

    [Fact]
    public void An_answers_keys_are_read_and_unknown_ones_left_out()
    {
        byte[] answer = new SshWriter().Byte(12).UInt32(3).Bytes(keys.Key("ed25519").Blob).Text("a").Bytes("x"u8).Text("?").Bytes(keys.Key("rsa").Blob).Text("b").ToArray();
        Assert.Equal(["a", "b"], AgentMessages.ParseIdentities(answer)!.Select(key => key.Comment));
        Assert.Null(AgentMessages.ParseIdentities([5]));
        Assert.Null(AgentMessages.ParseIdentities([12, 0xff, 0xff, 0xff, 0xff]));
        Assert.Null(AgentMessages.ParseIdentities([12, 0, 0, 0, 1]));
        Assert.Empty(AgentMessages.ParseIdentities([12, 0, 0, 0, 0])!);
    }

    [Fact]
    public void A_signature_by_another_algorithm_is_none()
    {
        byte[] signature = new SshWriter().Text("ssh-rsa").Bytes([1, 2]).ToArray();
        byte[] answer = new SshWriter().Byte(14).Bytes(signature).ToArray();
        Assert.Equal(signature, AgentMessages.ParseSignature(answer, "ssh-rsa"));
        Assert.Null(AgentMessages.ParseSignature(answer, "rsa-sha2-256"));
        Assert.Null(AgentMessages.ParseSignature([5], "ssh-rsa"));
    }

    [Fact]
    public void Damaged_answers_are_read_or_refused()
    {
        byte[] list = new SshWriter().Byte(12).UInt32(2).Bytes(keys.Key("ed25519").Blob).Text("a").Bytes(keys.HostCertificate("-n", "x").Certificate!.Blob).Text("b").ToArray();
        byte[] signature = new SshWriter().Byte(14).Bytes(new SshWriter().Text("ssh-ed25519").Bytes(new byte[64]).Written).ToArray();
        var random = new Random(3);
        for (int round = 0; round < 10000; round++)
        {
            AgentMessages.ParseIdentities(Mutation.Of(list, random));
            AgentMessages.ParseSignature(Mutation.Of(signature, random), "ssh-ed25519");
        }
    }

    [Fact]
    public void Damaged_private_keys_are_looked_at_without_an_error()
    {
        string key = File.ReadAllText(keys.Path("ed25519"));
        var about = PrivateKeyText.Parse(key)!;
        Assert.Equal((false, keys.Key("ed25519").Fingerprint), (about.IsEncrypted, about.PublicKey!.Fingerprint));
        var random = new Random(4);
        for (int round = 0; round < 5000; round++)
        {
            PrivateKeyText.Parse(Mutation.Of(key, random));
            PrivateKeyText.ParsePublic(Mutation.Of(keys.Line("ecdsa-384"), random));
        }
    }

    [Fact]
    public async Task An_agent_that_does_not_answer_is_given_up_after_its_time()
    {
        var (near, far) = await PairAsync();
        using var other = far;
        var time = new FakeTimeProvider();
        using var agent = new AgentClient(near, time);
        var listing = agent.ListAsync(default);
        await far.ReadExactlyAsync(new byte[5]);
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.Contains("within 10 s", (await Assert.ThrowsAsync<IOException>(() => listing)).Message);
        // Its late answer is never taken for one to the next question.
        Assert.Contains("before", (await Assert.ThrowsAsync<IOException>(() => agent.ListAsync(default))).Message);
    }

    [Fact]
    public async Task An_answer_of_impossible_length_is_refused_and_cancelling_is_a_cancellation()
    {
        var (near, far) = await PairAsync();
        using var other = far;
        using var agent = new AgentClient(near, TimeProvider.System);
        await far.WriteAsync(new byte[] { 0x7f, 0xff, 0xff, 0xff });
        Assert.Contains("impossible length", (await Assert.ThrowsAsync<IOException>(() => agent.ListAsync(default))).Message);

        var (near2, far2) = await PairAsync();
        using var other2 = far2;
        using var agent2 = new AgentClient(near2, TimeProvider.System);
        using var stop = new CancellationTokenSource();
        var listing = agent2.ListAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listing);
    }

    private static async Task<(Stream Near, Stream Far)> PairAsync()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var near = new TcpClient();
        await near.ConnectAsync((System.Net.IPEndPoint)listener.LocalEndpoint);
        var far = await listener.AcceptTcpClientAsync();
        return (near.GetStream(), far.GetStream());
    }
}
