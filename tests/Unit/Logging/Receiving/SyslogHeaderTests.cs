using System.Text;
using ProdOps.Logging.Receiving.Protocol;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Logging.Tests.Receiving;

public class SyslogHeaderTests
{
    [Theory]
    [InlineData("<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - failed", 34, "mymachine.example.com", "su")]
    [InlineData("<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - text", 165, "192.0.2.1", "myproc")]
    [InlineData("<13>1 - - - - - -", 13, "", "")]
    [InlineData("<13>1 -", 13, "", "")]
    [InlineData("<34>Oct 11 22:14:15 mymachine su: 'su root' failed", 34, "mymachine", "su")]
    [InlineData("<13>Feb  5 17:32:18 10.0.0.99 sshd[1234]: text", 13, "10.0.0.99", "sshd")]
    [InlineData("<13>Feb  5 17:32:18 2001:db8::1 sshd[1234]: text", 13, "2001:db8::1", "sshd")]
    [InlineData("<13>2026-11-26T09:07:17.123456+00:00 web1 nginx: text", 13, "web1", "nginx")]
    [InlineData("<13>Nov 26 09:07:17 kernel: no host here", 13, "", "kernel")]
    [InlineData("<13>Nov 26 09:07:17 cron[77]: no host here", 13, "", "cron")]
    [InlineData("<13>Nov 26 2026 09:07:17 fw1 %ASA-6-302013: text", 13, "fw1", "%ASA-6-302013")]
    [InlineData("<189>123: *Nov 26 09:07:17.123: %SYS-5-CONFIG_I: text", 189, "", "%SYS-5-CONFIG_I")]
    [InlineData("<13>Nov 26 09:07:17 web1 a text without a tag", 13, "web1", "")]
    [InlineData("<13>a text alone", 13, "", "")]
    [InlineData("a text alone", -1, "", "")]
    [InlineData("<192>Nov 26 09:07:17 web1 su: no such facility", -1, "", "")]
    [InlineData("<>text", -1, "", "")]
    [InlineData("<13>", 13, "", "")]
    [InlineData("", -1, "", "")]
    public void The_header_says_where_a_message_comes_from(string message, int priority, string host, string program)
    {
        var header = SyslogHeader.Parse(Encoding.UTF8.GetBytes(message));
        Assert.Equal((priority, host, program), (header.Priority, Encoding.UTF8.GetString(header.Host), Encoding.UTF8.GetString(header.Program)));
    }

    [Fact]
    public void Damaged_headers_are_read_or_left()
    {
        string[] seeds =
        [
            "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - failed", "<34>Oct 11 22:14:15 mymachine su: 'su root' failed",
            "<189>123: *Nov 26 2026 09:07:17.123: %SYS-5-CONFIG_I: text", "<13>2026-11-26T09:07:17.123456+00:00 web1 nginx[1]: text",
        ];
        ParserFuzz.Run("syslog header", text => SyslogHeader.Parse(Encoding.UTF8.GetBytes(text)), seeds);
    }
}
