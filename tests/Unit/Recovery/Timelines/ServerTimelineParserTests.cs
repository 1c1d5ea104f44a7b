using ProdOps.Recovery.Timelines;

namespace ProdOps.Recovery.Tests.Timelines;

public sealed class ServerTimelineParserTests
{
    private const string Answer = """
        Z +0100
        B 1795700000
        J 1795741200.500000 web1 sshd[812]: Accepted publickey for admin from 10.77.0.1 port 50122 ssh2: ED25519 SHA256:x
        J 1795741201.000000 web1 sudo[900]: admin : TTY=pts/0 ; PWD=/home/admin ; USER=root ; COMMAND=/usr/bin/mysql -psecret
        J 1795741202.000000 web1 systemd[1]: nginx.service: Failed with result 'exit-code'.
        J 1795741203.000000 web1 systemd[1]: Started session-5.scope - Session 5 of User admin.
        J 1795741204.000000 web1 kernel: Out of memory: Killed process 4711 (java) total-vm:1kB
        J 1795741205.000000 web1 cron[1]: nothing of interest
        A Nov 27 04:00:06 web1 sshd[1]: Accepted password for bob from 10.0.0.2 port 1 ssh2
        A 2026-11-27T03:00:07.25+00:00 web1 systemd[1]: Reloaded nginx.service - A high performance web server.
        P 2026-11-27 04:00:08 upgrade nginx:amd64 1.22.1-9 1.22.1-10
        R 1795741209 nginx 1.20-1
        F 1795741210.123 /etc/nginx/sites-enabled/shop
        W admin    pts/0        10.77.0.1        2026-11-27T02:00:01+01:00   still logged in
        W carol    tty1                          2026-11-27T04:00:20+01:00 - 2026-11-27T04:10:00+01:00  (00:09)
        W dave     pts/1        10.77.0.9        2026-11-27T04:00:21+01:00 - crash                       (00:09)
        W reboot   system boot  6.1.0-41-amd64   2026-11-27T04:00:00+01:00   still running
        W wtmp begins 2026-11-01T04:00:00+01:00
        """;

    [Fact]
    public void What_a_server_says_is_read_in_the_servers_zone()
    {
        var told = Parse(Answer);
        Assert.Equal(
            ["Reboot", "Login", "Sudo", "Service", "OomKill", "Login", "Service", "Package", "Package", "Configuration", "Login", "Login"], told.Select(one => one.Kind.ToString()));
        Assert.All(told, one => Assert.Equal("web1", one.Server));
        Assert.Equal("admin ran /usr/bin/mysql as root", told[2].Text);
        Assert.Equal(new DateTimeOffset(2026, 11, 27, 3, 0, 6, TimeSpan.Zero), told[5].Time);
        Assert.Equal(new DateTimeOffset(2026, 11, 27, 3, 0, 8, TimeSpan.Zero), told[7].Time);
        Assert.Equal("upgrade nginx:amd64 1.22.1-9 to 1.22.1-10", told[7].Text);
        Assert.Equal("/etc/nginx/sites-enabled/shop changed", told[9].Text);
        // Of admin the journal has told already.
        Assert.Equal(["carol logged in at tty1", "dave logged in from 10.77.0.9 at pts/1"], told.Skip(10).Select(one => one.Text));
        Assert.Equal(new DateTimeOffset(2026, 11, 27, 3, 0, 20, TimeSpan.Zero), told[10].Time);
    }

    [Theory]
    [InlineData("J 9999999999999999999 web1 sshd[1]: Accepted publickey for a from b port 1")]
    [InlineData("J -1 web1 sshd[1]: x")]
    [InlineData("P 2026-13-45 99:99:99 upgrade a b c")]
    [InlineData("A Foo 99 04:00:06 web1 sshd[1]: Accepted password for bob from 10.0.0.2 port 1 ssh2")]
    [InlineData("B")]
    [InlineData("Z +9999")]
    [InlineData("F  ")]
    [InlineData("J 1 ")]
    [InlineData("W alice tty1 2026-13-45T99:99:99+01:00")]
    [InlineData("W alice tty1")]
    [InlineData("W 2026-11-27T04:00:20+01:00")]
    [InlineData("A 0001-01-01T00:00:00+00:00 web1 sshd[1]: Accepted password for bob from 10.0.0.2 port 1 ssh2")]
    [InlineData("A 9999-12-31T23:59:59Z web1 sshd[1]: Accepted password for bob from 10.0.0.2 port 1 ssh2")]
    public void What_cannot_be_read_is_passed_over(string line) => Assert.Empty(Parse(line));

    [Fact]
    public void A_hostile_answer_is_plain_text_and_never_an_error()
    {
        Assert.Equal("/etc/a [31mred changed", Parse("F 1795741210 /etc/a\u001b[31mred").Single().Text.Replace("  ", " ", StringComparison.Ordinal));
        Assert.InRange(Parse("F 1795741210 /etc/" + new string('x', 5000)).Single().Text.Length, 1, 301);
        var random = new Random(3);
        for (int round = 0; round < 3000; round++)
        {
            char[] text = Answer.ToCharArray();
            for (int k = random.Next(1, 12); k > 0; k--) text[random.Next(text.Length)] = (char)random.Next(0, 300);
            Assert.All(Parse(new string(text)), one => Assert.DoesNotContain(one.Text.AsEnumerable(), char.IsControl));
        }
    }

    [Theory]
    [InlineData("+0100", "Jan  1 00:20:00", "2027-01-01T00:20:00+01:00")]
    [InlineData("+1400", "Jan  1 13:20:00", "2027-01-01T13:20:00+14:00")]
    [InlineData("-0500", "Dec 31 18:20:00", "2026-12-31T18:20:00-05:00")]
    [InlineData("+0000", "Jan  9 00:20:00", "2026-01-09T00:20:00+00:00")]
    public void On_new_years_eve_a_server_that_has_the_new_year_already_is_understood(string zone, string written, string expected)
    {
        var about = new DateTimeOffset(2026, 12, 31, 23, 30, 0, TimeSpan.Zero);
        string answer = $"Z {zone}\nA {written} web1 sshd[1]: Accepted password for bob from 10.0.0.2 port 1 ssh2";
        Assert.Equal(DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), Assert.Single(new ServerTimelineParser("web1", about).Parse(answer)).Time);
    }

    private static List<TimelineEvent> Parse(string text) => [.. new ServerTimelineParser("web1", new DateTimeOffset(2026, 11, 27, 12, 0, 0, TimeSpan.Zero)).Parse(text)];
}
