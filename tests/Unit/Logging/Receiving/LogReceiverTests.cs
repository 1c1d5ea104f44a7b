using System.Net.Sockets;
using System.Text;
using ProdOps.Logging.Receiving;
using ProdOps.Logging.Tests.Receiving.TestTools;

namespace ProdOps.Logging.Tests.Receiving;

public class LogReceiverTests
{
    [Fact]
    public async Task Lines_of_UDP_and_TCP_are_stored_by_server()
    {
        await using var host = ReceiverHost.Start([LogReceiverProtocol.Udp, LogReceiverProtocol.Tcp]);
        using (var udp = new UdpClient())
        {
            foreach (string message in new[] { "<13>Nov 26 09:00:00 WEB1 shop: one\n", "a text alone", "\n" })
                await udp.SendAsync(Encoding.UTF8.GetBytes(message), "127.0.0.1", host.PortOf(LogReceiverProtocol.Udp));
        }

        string counted = "<34>1 2026-11-26T09:00:00Z db1 postgres - - - two\nof it";
        await host.SendAsync(LogReceiverProtocol.Tcp, $"{counted.Length} {counted}<13>Nov 26 09:00:00 ../../etc shop: three\n<13>four");
        await host.Sink.WaitForAsync(5);
        await host.StopAsync();
        Assert.Equal(["<13>Nov 26 09:00:00 WEB1 shop: one"], host.Sink.Lines["web1/syslog"]);
        Assert.Equal(["<34>1 2026-11-26T09:00:00Z db1 postgres - - - two#012of it"], host.Sink.Lines["db1/syslog"]);
        Assert.Equal(["<13>Nov 26 09:00:00 ../../etc shop: three", "<13>four", "a text alone"], host.Sink.Lines["localhost/syslog"].Order(StringComparer.Ordinal));
        var status = host.Receiver.GetStatus();
        Assert.Equal((5, 5, 0, 0), (status.Received, status.Stored, status.Dropped, status.Waiting));
    }

    [Fact]
    public async Task Sources_and_servers_are_named_as_asked()
    {
        await using var host = ReceiverHost.Start(LogReceiverProtocol.Tcp, options => options with { Naming = new(LogServerFrom.Peer, LogSourceFrom.Program) });
        await host.SendAsync(LogReceiverProtocol.Tcp, "<13>Nov 26 09:00:00 web1 postfix/smtpd[12]: one\n<13>Nov 26 09:00:00 web2 CRON: two\n<13>three\n");
        await host.Sink.WaitForAsync(3);
        Assert.Equal(["localhost/cron", "localhost/postfix-smtpd", "localhost/syslog"], host.Sink.Lines.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_was_sent_before_the_end_is_stored()
    {
        await using var host = ReceiverHost.Start(LogReceiverProtocol.Tcp, sink: new RecordingSink { Delay = TimeSpan.FromMilliseconds(20) });
        var clients = new List<TcpClient>();
        for (int i = 0; i < 8; i++)
        {
            var client = await host.ConnectAsync(LogReceiverProtocol.Tcp);
            clients.Add(client);
            await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 2000).Select(line => $"<13>Nov 26 09:00:00 web{i} shop: line {line}\n")) + "<13>no end"));
        }

        await host.StopAsync();
        Assert.Equal(8 * 2001, host.Sink.Count);
        for (int i = 0; i < 8; i++) Assert.Equal(Enumerable.Range(0, 2000), host.Sink.Lines[$"web{i}/syslog"].Select(line => int.Parse(line[(line.LastIndexOf(' ') + 1)..], null)));
        // They were told: a sender that looks sees that nobody listens any more.
        foreach (var client in clients)
        {
            Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1]));
            client.Dispose();
        }
    }

    [Fact]
    public async Task A_sender_waits_while_lines_cannot_be_stored_and_nothing_is_lost_or_twice()
    {
        await using var host = ReceiverHost.Start([LogReceiverProtocol.Tcp, LogReceiverProtocol.Udp], options => options with { MaximumWaitingOfConnection = 100_000, MaximumWaitingOfDatagrams = 20_000 });
        host.Sink.Fail(true);
        string text = new('x', 190);
        using var client = await host.ConnectAsync(LogReceiverProtocol.Tcp);
        var sending = Task.Run(async () =>
        {
            for (int i = 0; i < 50; i++) await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(i * 1000, 1000).Select(line => $"<13>{line} {text}\n"))));
            client.Client.Shutdown(SocketShutdown.Send);
        });
        await ReceiverHost.UntilAsync(() => host.Sink.Refusals > 1, "two tries");
        using (var udp = new UdpClient())
        {
            for (int i = 0; i < 300; i++) await udp.SendAsync(Encoding.UTF8.GetBytes($"<13>datagram {i} {text}"), "127.0.0.1", host.PortOf(LogReceiverProtocol.Udp));
        }

        await ReceiverHost.UntilAsync(() => host.Receiver.GetStatus().Listeners.Single(listener => listener.Protocol == LogReceiverProtocol.Udp) is { Received: > 0, Dropped: > 0 }, "dropped datagrams");
        Assert.False(sending.IsCompleted);
        Assert.InRange(host.Receiver.GetStatus().Waiting, 100_000, 400_000);
        Assert.Equal("The disk is full.", host.Receiver.GetStatus().Failure);
        Assert.Contains("The disk is full.", Assert.Single(host.Activity.Warnings), StringComparison.Ordinal);

        host.Sink.Fail(false);
        await sending;
        await host.StopAsync();
        Assert.Equal(Enumerable.Range(0, 50_000), host.Sink.All.Where(line => !line.Contains("datagram", StringComparison.Ordinal)).Select(line => int.Parse(line[4..line.IndexOf(' ', StringComparison.Ordinal)], null)));
        Assert.Null(host.Receiver.GetStatus().Failure);
        Assert.Contains("stored again", host.Activity.Warnings.Last(), StringComparison.Ordinal);
        var status = host.Receiver.GetStatus();
        Assert.Equal(300, status.Listeners.Single(listener => listener.Protocol == LogReceiverProtocol.Udp).Received + status.Dropped);
        Assert.Equal(status.Received, status.Stored);
    }

    [Fact]
    public async Task What_cannot_be_stored_until_the_end_is_told()
    {
        await using var host = ReceiverHost.Start(LogReceiverProtocol.Tcp, options => options with { StoreTimeout = TimeSpan.FromMilliseconds(300) });
        host.Sink.Fail(true);
        await host.SendAsync(LogReceiverProtocol.Tcp, "<13>one\n<13>two\n");
        await ReceiverHost.UntilAsync(() => host.Sink.Refusals > 0, "a try");
        var error = await Assert.ThrowsAsync<ProdOpsException>(host.StopAsync);
        Assert.Equal("LogReceiverLinesLost", error.ErrorId);
        Assert.StartsWith("2 received lines", error.Message, StringComparison.Ordinal);
        var status = host.Receiver.GetStatus();
        Assert.Equal((2, 0, 2), (status.Received, status.Stored, status.Dropped));
    }

    [Fact]
    public async Task Lines_that_come_together_are_stored_together()
    {
        await using var host = ReceiverHost.Start(LogReceiverProtocol.Tcp);
        using var client = await host.ConnectAsync(LogReceiverProtocol.Tcp);
        for (int i = 0; i < 200; i++) await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes($"<13>line {i}\n"));
        await host.Sink.WaitForAsync(200);
        Assert.InRange(host.Sink.Batches, 1, 20);
    }

    [Theory]
    [InlineData(LogReceiverProtocol.Tcp)]
    [InlineData(LogReceiverProtocol.Udp)]
    public async Task Two_receivers_do_not_share_a_port(LogReceiverProtocol protocol)
    {
        await using var host = ReceiverHost.Start(protocol);
        var error = Assert.Throws<ProdOpsException>(() => ReceiverHost.Start(protocol, options => options with { Ports = [(protocol, host.PortOf(protocol))] }));
        Assert.Equal("LogReceiverPortTaken", error.ErrorId);
    }

    [Fact]
    public void A_port_that_is_taken_is_named_and_nothing_is_left_open()
    {
        using var taken = new TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        int port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port;
        var options = new LogReceiverOptions { Ports = [(LogReceiverProtocol.Udp, 0), (LogReceiverProtocol.Tcp, port)], Addresses = [System.Net.IPAddress.Loopback] };
        var error = Assert.Throws<ProdOpsException>(() => LogReceiver.Start(options, new RecordingSink(), SilentActivity.Instance, TimeProvider.System));
        Assert.Equal(("LogReceiverPortTaken", port), (error.ErrorId, error.Target));
        Assert.Equal("LogReceiverPortMissing", Assert.Throws<ProdOpsException>(() => LogReceiver.Start(options with { Ports = [] }, new RecordingSink(), SilentActivity.Instance, TimeProvider.System)).ErrorId);
        Assert.Equal("LogReceiverCertificateMissing", Assert.Throws<ProdOpsException>(() => LogReceiver.Start(options with { Ports = [(LogReceiverProtocol.Tls, 0)] }, new RecordingSink(), SilentActivity.Instance, TimeProvider.System)).ErrorId);
    }
}
