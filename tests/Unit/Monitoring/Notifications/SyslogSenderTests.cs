using System.Net;
using System.Net.Sockets;
using System.Text;
using ProdOps.Backup.Tests.Storage;
using ProdOps.Logging.Tests.Receiving.TestTools;
using ProdOps.Monitoring.Notifications;
using ProdOps.Monitoring.Notifications.Syslog;

namespace ProdOps.Monitoring.Tests.Notifications;

public sealed class SyslogSenderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [RsyslogFact("imuxsock", "imtcp", "lmnsd_gtls")]
    public async Task Rsyslog_takes_messages_by_TCP_TLS_and_from_this_machine()
    {
        string folder = _folder["rsyslog"];
        Directory.CreateDirectory(folder);
        using var certificates = new TestCertificates(_folder["certificates"]);
        var (certificate, key) = certificates.Issue("localhost");
        using var rsyslog = SyslogDaemon.Rsyslog(folder, $$"""
            module(load="imtcp")
            module(load="imuxsock" sysSock.use="off")
            template(name="all" type="string" string="%inputname%|%syslogfacility-text%|%syslogseverity-text%|%timereported:::date-rfc3339,date-utc%|%app-name%|%msgid%|%msg%\n")
            ruleset(name="out") { stop }
            ruleset(name="taken") { action(type="omfile" file="{{folder}}/taken" template="all") }
            input(type="imtcp" name="tcp" port="0" address="127.0.0.1" listenPortFileName="{{folder}}/tcp.port" ruleset="taken")
            input(type="imtcp" name="tls" port="0" address="127.0.0.1" listenPortFileName="{{folder}}/tls.port" ruleset="taken" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon")
            input(type="imuxsock" socket="{{folder}}/log" ruleset="taken" useSysTimeStamp="off")
            """, $"""defaultNetstreamDriverCAFile="{certificates.Authority}" defaultNetstreamDriverCertFile="{certificate}" defaultNetstreamDriverKeyFile="{key}" """);
        string? Port(string name) => File.Exists($"{folder}/{name}.port") && File.ReadAllText($"{folder}/{name}.port").Trim() is { Length: > 0 } port ? port : null;
        await rsyslog.UntilAsync(() => Port("tcp") is not null && Port("tls") is not null && File.Exists($"{folder}/log"), () => "It does not listen");
        var message = SampleMessages.Problem with { Title = "Critical: db1 ä\nnew line" };
        var channel = new NotificationChannel { Name = "log", Kind = NotificationChannelKind.Syslog, Target = $"tcp://localhost:{Port("tcp")}" };
        await SendAsync(channel, message);
        await SendAsync(channel with { Target = $"tls://localhost:{Port("tls")}", CaCertificate = certificates.Authority }, message);
        await new SyslogSender(channel with { Target = "" }, TimeProvider.System) { OwnSocket = $"{folder}/log" }.SendAsync(message, CancellationToken.None);
        string[] Lines() => File.Exists($"{folder}/taken") ? File.ReadAllLines($"{folder}/taken") : [];
        await rsyslog.UntilAsync(() => Lines().Length == 3, () => $"It took {Lines().Length} messages: {string.Join('\n', Lines())}");
        string text = "[shop] Critical: db1 ä new line; Critical: db1 postgresql, and 1 more; Critical: db1 postgresql: nothing listens on port 5432 of db1; Warning: app1 disk.used /var: 87.3 % used, 3 GiB free (warning > 85 %) (message 4711)";
        foreach (string name in new[] { "tcp", "tls" })
            Assert.Contains(Lines(), line => line.StartsWith($"{name}|daemon|crit|2026-03-01T09:01:30", StringComparison.Ordinal) && line.EndsWith($"|prodops|Problem|\uFEFF{text}", StringComparison.Ordinal));
        Assert.Contains(Lines(), line => line.StartsWith("imuxsock|daemon|crit|", StringComparison.Ordinal) && line.EndsWith($"|prodops|-| {text}", StringComparison.Ordinal));
        var distrusted = await Assert.ThrowsAnyAsync<ProdOpsException>(() => SendAsync(channel with { Target = $"tls://localhost:{Port("tls")}" }, message));
        Assert.Equal("NotificationNotTrusted", distrusted.ErrorId);
    }

    [Fact]
    public async Task A_datagram_is_one_message_of_RFC_5424()
    {
        using var receiver = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)receiver.Client.LocalEndPoint!).Port;
        var channel = new NotificationChannel { Name = "log", Kind = NotificationChannelKind.Syslog, Target = $"udp://127.0.0.1:{port}" };
        await SendAsync(channel, SampleMessages.Recovery);
        string line = Encoding.UTF8.GetString((await receiver.ReceiveAsync()).Buffer);
        Assert.Matches($@"^<29>1 2026-03-01T10:15:00\.000\+01:00 \S+ prodops {Environment.ProcessId} Recovery - \uFEFF\[shop\] OK: db1 postgresql: over after 15 min \(message 4720\)$", line);
        receiver.Dispose();
        var error = await Assert.ThrowsAnyAsync<ProdOpsException>(() => SendAsync(channel, SampleMessages.Recovery));
        Assert.Equal("NotificationNotDelivered", error.ErrorId);
    }

    [Fact]
    public async Task Where_nothing_listens_or_nothing_answers_nothing_is_delivered()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var channel = new NotificationChannel { Name = "log", Kind = NotificationChannelKind.Syslog, Target = $"tls://localhost:{port}", Timeout = TimeSpan.FromMilliseconds(200) };
        Assert.Equal("NotificationTimeout", (await Assert.ThrowsAnyAsync<ProdOpsException>(() => SendAsync(channel, SampleMessages.Problem))).ErrorId);
        listener.Stop();
        var gone = await Assert.ThrowsAnyAsync<ProdOpsException>(() => SendAsync(channel with { Target = $"tcp://127.0.0.1:{port}" }, SampleMessages.Problem));
        Assert.Contains($"nothing listens on port {port} of 127.0.0.1", gone.Message, StringComparison.Ordinal);
        var own = await Assert.ThrowsAnyAsync<ProdOpsException>(() => new SyslogSender(channel with { Target = "" }, TimeProvider.System) { OwnSocket = _folder["none"] }.SendAsync(SampleMessages.Problem, CancellationToken.None));
        Assert.Equal("NotificationNotDelivered", own.ErrorId);
        foreach (string target in new[] { "syslog", "http://x", "udp://", "tcp://u@host", "tcp://host:99999", "udp://host/path" })
            Assert.Equal("NotificationChannelInvalid", Assert.Throws<ProdOpsException>(() => new SyslogSender(channel with { Target = target }, TimeProvider.System)).ErrorId);
    }

    [Fact]
    public void What_is_long_is_cut_between_characters_and_keeps_its_number()
    {
        for (int limit = 300; limit < 310; limit++)
        {
            byte[] line = SyslogText.Write(SampleMessages.Problem with { Title = string.Concat(Enumerable.Repeat("漢", 190)) }, "web1", limit);
            Assert.InRange(line.Length, limit - 3, limit);
            Assert.EndsWith("漢… (message 4711)", new UTF8Encoding(false, true).GetString(line), StringComparison.Ordinal);
        }
    }

    private static Task SendAsync(NotificationChannel channel, NotificationMessage message) => NotificationSenders.Create(channel, null, TimeProvider.System, SilentActivity.Instance).SendAsync(message, CancellationToken.None);
}
