using System.Text;
using ProdOps.Monitoring.Notifications;

namespace ProdOps.Monitoring.Tests.Notifications;

public sealed class MessageTextTests
{
    [Fact]
    public void The_text_tells_of_each_incident_its_checks_since_when_and_what_to_do()
    {
        Assert.Equal("""
            Since 2026-03-01 10:00:00 +01:00, 1.5 min
            What to do: Look at the journal of postgresql.service & restart it.
            - Critical: db1 postgresql: nothing listens on port 5432 of db1
            - Warning: app1 disk.used /var: 87.3 % used, 3 GiB free (warning > 85 %)

            Problem of shop, route oncall, message 4711, 2026-03-01 10:01:30 +01:00
            """.ReplaceLineEndings("\n"), MessageText.Body(SampleMessages.Problem, 4000));
        Assert.Equal("[shop] Critical: db1 postgresql, and 1 more", MessageText.Subject(SampleMessages.Problem));
        Assert.StartsWith("From 2026-03-01 10:00:00 +01:00 until 2026-03-01 10:15:00 +01:00, 15 min\n", MessageText.Body(SampleMessages.Recovery, 4000), StringComparison.Ordinal);
    }

    [Fact]
    public void An_end_whose_beginning_is_forgotten_says_nothing_of_it() => Assert.Equal(
        "Recovery of shop, route oncall, message 4720, 2026-03-01 10:15:00 +01:00",
        MessageText.Body(SampleMessages.Recovery with { Incidents = [SampleMessages.Recovery.Incidents[0] with { Since = SampleMessages.Recovery.Time }] }, 4000));

    [Fact]
    public void Several_incidents_each_have_their_first_line()
    {
        string text = MessageText.Body(SampleMessages.Summary, 4000);
        Assert.Contains("\n\nWarning: web1 cpu.busy\nSince 2026-03-01 10:00:30 +01:00, 1 min\n- Warning: web1 cpu.busy: 96 % (warning > 90 %)\n", text, StringComparison.Ordinal);
        Assert.StartsWith("Critical: db1 postgresql, and 1 more\nSince ", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(300)]
    [InlineData(1000)]
    [InlineData(4000)]
    public void What_does_not_fit_is_counted(int limit)
    {
        var checks = Enumerable.Range(1, 15).Select(i => new HealthCheckResult { Server = $"app{i:00}", Check = "http", State = HealthState.Critical, Message = "503 Service Unavailable ✗" }).ToList();
        var items = Enumerable.Range(1, 10).Select(i => SampleMessages.Problem.Incidents[0] with { Incident = i, Title = $"Incident {i:00}", Checks = checks }).ToList();
        string text = MessageText.Body(SampleMessages.Problem with { Incidents = items }, limit);
        Assert.InRange(Encoding.UTF8.GetByteCount(text), limit / 2, limit);
        int told = text.Split('\n').Count(line => line.StartsWith("- ", StringComparison.Ordinal)), begun = text.Split('\n').Count(line => line.StartsWith("Incident ", StringComparison.Ordinal));
        Assert.Contains($"\n… and {begun * 15 - told} more checks and {10 - begun} more incidents\n", text, StringComparison.Ordinal);
        Assert.EndsWith("+01:00", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_checks_of_one_incident_are_counted()
    {
        var checks = Enumerable.Range(1, 21).Select(i => new HealthCheckResult { Server = $"app{i}", Check = "http", State = HealthState.Critical }).ToList();
        Assert.Contains("\n- and 1 more check\n", MessageText.Body(SampleMessages.Problem with { Incidents = [SampleMessages.Problem.Incidents[0] with { Checks = checks }] }, 10_000), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\r\nBcc: x@example.org", "a Bcc: x@example.org")]
    [InlineData("\0\u001b[31mred\u0007", "[31mred")]
    [InlineData("left\u202eright\u2028new", "left right new")]
    [InlineData("  \t ", "")]
    [InlineData(null, "")]
    public void A_line_is_one_line(string? text, string line) => Assert.Equal(line, PlainLine.Of(text, 100));

    [Fact]
    public void Half_a_character_is_none() => Assert.Equal("\ud83d\udd25 fire \ufffd\ufffd", PlainLine.Of("\ud83d\udd25 fire \ud83d\ud83d", 100));

    [Fact]
    public void A_line_is_cut_between_characters() => Assert.Equal("ab…", PlainLine.Of("ab\ud83d\udd25\ud83d\udd25", 3));

    [Fact]
    public void A_message_is_called_the_same_whenever_it_is_sent_and_no_two_environments_are()
    {
        Assert.Equal(MessageKey.Of(SampleMessages.Problem), MessageKey.Of(SampleMessages.Problem with { Title = "other" }));
        string[] keys = ["", "shop", "SHOP", "sh öp", "sh äp", "shop\r\n"];
        Assert.Equal(keys.Length, keys.Select(name => MessageKey.Of(SampleMessages.Problem with { Environment = name })).Distinct().Count());
        Assert.All(keys, name => Assert.Matches("^[A-Za-z0-9-]+$", MessageKey.Of(SampleMessages.Problem with { Environment = name })));
        Assert.Equal(MessageKey.OfIncident(SampleMessages.Problem, SampleMessages.Problem.Incidents[0]), MessageKey.OfIncident(SampleMessages.Recovery, SampleMessages.Recovery.Incidents[0] with { Since = SampleMessages.Recovery.Time }));
    }

    [Fact]
    public void What_was_seen_stands_below_the_checks_line_by_line_and_harms_nobody()
    {
        string seen = $"> processes\n   99.0 mysqld\r\n\u001b[31m</pre><script>x</script>\n\n{new string('y', 1000)}\n{string.Join('\n', Enumerable.Range(0, 200))}";
        var message = SampleMessages.Problem with { Incidents = [SampleMessages.Problem.Incidents[0] with { Diagnosis = seen }] };
        string[] lines = MessageText.Body(message, 64 * 1024).Split('\n');
        int at = Array.IndexOf(lines, "Seen at that moment:");
        Assert.Equal(["  > processes", "     99.0 mysqld", "  [31m</pre><script>x</script>", ""], lines[(at + 1)..(at + 5)]);
        Assert.InRange(lines[at + 5].Length, 100, 170);
        Assert.InRange(lines.Length - at, 50, 65);
        Assert.True(at > Array.FindLastIndex(lines, line => line.StartsWith("- ", StringComparison.Ordinal)));
        // Where there is little room, what matters more is there and this is not.
        Assert.DoesNotContain("mysqld", MessageText.Body(message, 300), StringComparison.Ordinal);
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(MessageText.Body(message, 700)), 400, 700);
        string html = MessageHtml.Write(message);
        Assert.Contains("   99.0 mysqld\n", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
        using var json = System.Text.Json.JsonDocument.Parse(MessageJson.Write(message));
        Assert.StartsWith("> processes\n   99.0 mysqld\n", json.RootElement.GetProperty("incidents")[0].GetProperty("diagnosis").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Seen at", MessageText.Body(SampleMessages.Problem, 64 * 1024), StringComparison.Ordinal);
    }
}
