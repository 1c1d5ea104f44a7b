using System.Net;
using System.Net.Sockets;
using ProdOps.Logging.Receiving;
using ProdOps.Logging.Receiving.Protocol;
using ProdOps.Logging.Tests.Receiving.TestTools;

namespace ProdOps.Logging.Tests.Receiving;

/// <summary>Senders that mean harm, or are broken.</summary>
public class ReceiverLimitTests
{
    [Fact]
    public async Task An_endless_line_takes_no_memory_and_stops_nobody()
    {
        await using var host = ReceiverHost.Start(LogReceiverProtocol.Tcp);
        using var client = await host.ConnectAsync(LogReceiverProtocol.Tcp);
        byte[] piece = new byte[1024 * 1024];
        Array.Fill(piece, (byte)'x');
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < 100; i++) await client.GetStream().WriteAsync(piece);
        await host.SendAsync(LogReceiverProtocol.Tcp, "<13>another\n");
        await host.Sink.WaitForAsync(2);
        // Other tests run in this process; what was sent is more than they take.
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 50 * 1024 * 1024);
        await client.GetStream().WriteAsync("\n<13>next\n"u8.ToArray());
        await host.Sink.WaitForAsync(3);
        string cut = host.Sink.All.Single(line => line.StartsWith('x'));
        Assert.EndsWith(" [cut at 64 KiB]", cut, StringComparison.Ordinal);
        Assert.InRange(cut.Length, SyslogFramer.MaximumLength, LineText.MaximumLength);
        Assert.Equal(1, host.Receiver.GetStatus().Cut);
    }

    [Fact]
    public async Task Two_thousand_connections_of_one_sender_leave_room_for_others()
    {
        await using var host = ReceiverHost.Start(LogReceiverProtocol.Tcp, options => options with { Addresses = [IPAddress.Any], MaximumConnectionsPerPeer = 50 });
        var hostile = new List<Socket>();
        try
        {
            for (int i = 0; i < 2000; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                hostile.Add(socket);
                await socket.ConnectAsync(IPAddress.Loopback, host.PortOf(LogReceiverProtocol.Tcp));
                // Half a line each, so that each one that was let in holds what it can.
                try
                {
                    await socket.SendAsync("<13>half"u8.ToArray());
                }
                catch (SocketException)
                {
                    // Refused already.
                }
            }

            using var other = new TcpClient(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
            await other.ConnectAsync(IPAddress.Loopback, host.PortOf(LogReceiverProtocol.Tcp));
            await other.GetStream().WriteAsync("<13>from another\n"u8.ToArray());
            await host.Sink.WaitForAsync(1);
            await ReceiverHost.UntilAsync(() => host.Receiver.GetStatus().Refused == 1950, "1,950 refusals");
            Assert.Equal(51, host.Receiver.GetStatus().Connections);
            Assert.Equal(1950, host.Receiver.GetStatus().Listeners[0].Reasons["TooManyConnectionsOfPeer"]);
        }
        finally
        {
            foreach (var socket in hostile) socket.Dispose();
        }
    }

    [Fact]
    public async Task A_sender_that_trickles_bytes_keeps_no_one_waiting_and_its_line_comes_whole()
    {
        await using var host = ReceiverHost.Start(LogReceiverProtocol.Tcp);
        using var slow = await host.ConnectAsync(LogReceiverProtocol.Tcp);
        foreach (byte value in "14 <13>one by one"u8.ToArray())
        {
            await slow.GetStream().WriteAsync(new[] { value });
            await host.SendAsync(LogReceiverProtocol.Tcp, "<13>quick\n");
        }

        await host.Sink.WaitForAsync(18);
        Assert.Single(host.Sink.All, "<13>one by one");
    }

    [Fact]
    public async Task Who_is_not_in_the_list_is_not_heard()
    {
        await using var host = ReceiverHost.Start([LogReceiverProtocol.Udp, LogReceiverProtocol.Tcp], options => options with { AllowFrom = [AddressRange.Parse("127.0.0.2"), AddressRange.Parse("10.0.0.1/8")] });
        await host.SendAsync(LogReceiverProtocol.Tcp, "<13>one\n");
        using (var udp = new UdpClient()) await udp.SendAsync("<13>two"u8.ToArray(), "127.0.0.1", host.PortOf(LogReceiverProtocol.Udp));
        using (var udp = new UdpClient(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0))) await udp.SendAsync("<13>three"u8.ToArray(), "127.0.0.1", host.PortOf(LogReceiverProtocol.Udp));
        await host.Sink.WaitForAsync(1);
        await ReceiverHost.UntilAsync(() => host.Receiver.GetStatus() is { Refused: 1, Dropped: 1 }, "one refused and one dropped");
        Assert.Equal(["<13>three"], host.Sink.All);
    }

    [Fact]
    public async Task A_connection_that_says_nothing_is_ended_only_where_that_is_asked_for()
    {
        await using var host = ReceiverHost.Start(LogReceiverProtocol.Tcp, options => options with { IdleTimeout = TimeSpan.FromMilliseconds(200) });
        using var client = await host.ConnectAsync(LogReceiverProtocol.Tcp);
        await client.GetStream().WriteAsync("<13>one\n<13>half"u8.ToArray());
        Assert.Equal(0, await ReadToEndAsync(client));
        await host.Sink.WaitForAsync(2);
        Assert.Equal(1, host.Receiver.GetStatus().Listeners[0].Reasons["Idle"]);
    }

    [Fact]
    public async Task Made_up_host_names_fill_one_stream_more_than_there_may_be()
    {
        await using var host = ReceiverHost.Start(LogReceiverProtocol.Tcp, options => options with { MaximumStreams = 20 });
        await host.SendAsync(LogReceiverProtocol.Tcp, string.Concat(Enumerable.Range(0, 1000).Select(i => $"<13>Nov 26 09:00:00 made-up-{i} shop: x\n")));
        await host.Sink.WaitForAsync(1000);
        Assert.Equal(21, host.Sink.Lines.Count);
        Assert.Equal(980, host.Sink.Lines["other/syslog"].Count);
        Assert.Contains("20 servers", Assert.Single(host.Activity.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whatever_is_sent_the_receiver_goes_on()
    {
        await using var host = ReceiverHost.Start([LogReceiverProtocol.Udp, LogReceiverProtocol.Tcp, LogReceiverProtocol.Relp]);
        var random = new Random(20261130);
        using var udp = new UdpClient();
        for (int round = 0; round < 200; round++)
        {
            byte[] noise = new byte[random.Next(1, 3000)];
            random.NextBytes(noise);
            await udp.SendAsync(noise.AsMemory(0, Math.Min(noise.Length, 1400)), "127.0.0.1", host.PortOf(LogReceiverProtocol.Udp));
            foreach (var protocol in new[] { LogReceiverProtocol.Tcp, LogReceiverProtocol.Relp })
            {
                using var client = await host.ConnectAsync(protocol);
                try
                {
                    await client.GetStream().WriteAsync(noise);
                    if (round % 3 == 0) client.LingerState = new LingerOption(true, 0);
                }
                catch (IOException)
                {
                    // It has heard enough.
                }
            }
        }

        await host.SendAsync(LogReceiverProtocol.Tcp, "<13>after all that\n");
        await ReceiverHost.UntilAsync(() => host.Sink.All.Contains("<13>after all that"), "the line after the noise");
        await host.StopAsync();
        var status = host.Receiver.GetStatus();
        Assert.Equal((status.Received, 0), (status.Stored, status.Connections));
        Assert.Empty(host.Activity.Warnings);
    }

    private static async Task<int> ReadToEndAsync(TcpClient client)
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            return await client.GetStream().ReadAsync(new byte[1], limit.Token);
        }
        catch (IOException)
        {
            // Ended hard, with something unread.
            return 0;
        }
    }
}
