using System.Net.Sockets;
using System.Text;
using ProdOps.Logging.Tests.Receiving.TestTools;

namespace ProdOps.Logging.Tests.Receiving;

public class RelpReceiverTests
{
    [Fact]
    public async Task A_message_is_answered_when_it_is_stored_and_in_order()
    {
        await using var host = ReceiverHost.Start(LogReceiverProtocol.Relp, sink: new RecordingSink { Delay = TimeSpan.FromMilliseconds(150) });
        using var client = await host.ConnectAsync(LogReceiverProtocol.Relp);
        await SendAsync(client, "1 open 46 relp_version=0\nrelp_software=x\ncommands=syslog\n");
        Assert.StartsWith("1 rsp 59 200 OK", await ReadAsync(client, 1), StringComparison.Ordinal);
        await SendAsync(client, "2 syslog 28 <13>Nov 26 09:00:00 web1 a:b\n3 syslog 28 <13>Nov 26 09:00:00 db1  c:d\n");
        Assert.Equal(0, host.Sink.Count);
        Assert.Equal("2 rsp 6 200 OK\n3 rsp 6 200 OK\n", await ReadAsync(client, 2));
        Assert.Equal(2, host.Sink.Count);
        await SendAsync(client, "4 syslog 7 <13>end\n5 close 0\n");
        Assert.Equal("4 rsp 6 200 OK\n5 rsp 0\n0 serverclose 0\n", await ReadAsync(client, 3));
        Assert.Equal(3, host.Sink.Count);
    }

    [Fact]
    public async Task What_cannot_be_stored_is_not_answered_and_the_connection_ends()
    {
        await using var host = ReceiverHost.Start(LogReceiverProtocol.Relp);
        host.Sink.Fail(true);
        using (var client = await host.ConnectAsync(LogReceiverProtocol.Relp))
        {
            await SendAsync(client, "1 open 46 relp_version=0\nrelp_software=x\ncommands=syslog\n2 syslog 7 <13>one\n");
            Assert.DoesNotContain("2 rsp", await ReadAsync(client, 9), StringComparison.Ordinal);
        }

        host.Sink.Fail(false);
        using (var client = await host.ConnectAsync(LogReceiverProtocol.Relp))
        {
            await SendAsync(client, "1 open 46 relp_version=0\nrelp_software=x\ncommands=syslog\n2 syslog 7 <13>one\n");
            Assert.Contains("2 rsp 6 200 OK\n", await ReadAsync(client, 5), StringComparison.Ordinal);
        }

        // It was given up when it was refused: what came again is there once.
        await host.StopAsync();
        Assert.Equal(["<13>one"], host.Sink.All);
        Assert.Equal((2, 1, 0), (host.Receiver.GetStatus().Received, host.Receiver.GetStatus().Stored, host.Receiver.GetStatus().Dropped));
    }

    [Fact]
    public async Task At_the_end_every_message_that_is_stored_is_answered_and_no_other()
    {
        await using var host = ReceiverHost.Start(LogReceiverProtocol.Relp);
        using var client = await host.ConnectAsync(LogReceiverProtocol.Relp);
        await SendAsync(client, "1 open 46 relp_version=0\nrelp_software=x\ncommands=syslog\n");
        var reading = ReadAsync(client, int.MaxValue);
        int sent = 0;
        var stopping = Task.CompletedTask;
        try
        {
            while (!reading.IsCompleted && sent < 1_000_000)
            {
                await SendAsync(client, $"{++sent + 1} syslog {sent.ToString(null as IFormatProvider).Length} {sent}\n");
                // Once something is stored: a busy machine may have taken nothing yet.
                if (sent >= 2000 && stopping == Task.CompletedTask && host.Sink.Count > 0) stopping = host.StopAsync();
            }
        }
        catch (IOException)
        {
            // Nobody reads any more.
        }

        await stopping;
        string answers = await reading;
        Assert.Equal(host.Sink.Count, answers.Split(" rsp 6 200 OK\n").Length - 1);
        Assert.Equal(Enumerable.Range(1, host.Sink.Count).Select(number => $"{number}"), host.Sink.All);
        Assert.InRange(host.Sink.Count, 1, sent);
        Assert.EndsWith("0 serverclose 0\n", answers, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("<13>Nov 26 09:00:00 web1 plain: syslog at the wrong port\n")]
    [InlineData("1 syslog 7 <13>one\n")]
    public async Task Who_speaks_something_else_is_not_listened_to(string text)
    {
        await using var host = ReceiverHost.Start(LogReceiverProtocol.Relp);
        using var client = await host.ConnectAsync(LogReceiverProtocol.Relp);
        await SendAsync(client, text);
        Assert.DoesNotContain("200", await ReadAsync(client, int.MaxValue), StringComparison.Ordinal);
        Assert.Equal(0, host.Sink.Count);
    }

    [Fact]
    public async Task Who_reads_no_answers_gets_no_further_and_holds_up_nobody()
    {
        await using var host = ReceiverHost.Start(LogReceiverProtocol.Relp, options => options with { StopTimeout = TimeSpan.FromMilliseconds(500) });
        using var client = await host.ConnectAsync(LogReceiverProtocol.Relp);
        client.Client.SendTimeout = 1000;
        await SendAsync(client, "1 open 46 relp_version=0\nrelp_software=x\ncommands=syslog\n");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        byte[] many = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("999999999 syslog 1 x\n", 10_000)));
        var sending = Task.Run(async () =>
        {
            for (int i = 0; i < 200; i++) await client.GetStream().WriteAsync(many, limit.Token);
        });
        // 2,000,000 answers of 23 bytes fit into no buffer of a socket.
        long count = -1;
        await ReceiverHost.UntilAsync(() => count == (count = host.Receiver.GetStatus().Received) & count > 10_000 & Pause(), "a sender that gets no further", 20);
        Assert.False(sending.IsCompleted);
        using (var other = await host.ConnectAsync(LogReceiverProtocol.Relp))
        {
            await SendAsync(other, "1 open 46 relp_version=0\nrelp_software=x\ncommands=syslog\n2 syslog 5 other\n3 close 0\n");
            Assert.Contains("2 rsp 6 200 OK", await ReadAsync(other, int.MaxValue), StringComparison.Ordinal);
        }

        await host.StopAsync();
        client.Close();
        await Task.WhenAny(sending);
        Assert.Equal(host.Sink.Count, host.Receiver.GetStatus().Stored);

        static bool Pause() => !SpinWait.SpinUntil(() => false, 200);
    }

    private static Task SendAsync(TcpClient client, string text) => client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text)).AsTask();

    /// <summary>Reads so many answers, or until the end; the answer to open is four lines.</summary>
    private static async Task<string> ReadAsync(TcpClient client, int answers)
    {
        var text = new StringBuilder();
        byte[] buffer = new byte[4096];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            while (text.ToString().Split('\n').Length - 1 < answers)
            {
                int length = await client.GetStream().ReadAsync(buffer, limit.Token);
                if (length == 0) break;
                text.Append(Encoding.UTF8.GetString(buffer, 0, length));
            }
        }
        catch (IOException)
        {
            // Ended hard.
        }

        return text.ToString();
    }
}
