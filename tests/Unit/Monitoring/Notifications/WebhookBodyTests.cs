using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ProdOps.Monitoring.Notifications;
using ProdOps.Monitoring.Notifications.Webhooks;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Notifications;

/// <summary>What each kind of web address is sent stands in files; PRODOPS_ACCEPT_BODIES=1 writes them anew.</summary>
public sealed class WebhookBodyTests
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = MessageJson.Options.Encoder, NewLine = "\n" };

    public static TheoryData<WebhookTemplate> Templates => [.. Enum.GetValues<WebhookTemplate>()];

    [Theory]
    [MemberData(nameof(Templates))]
    public void Each_template_is_as_it_was_agreed_on(WebhookTemplate template)
    {
        var channel = new NotificationChannel { Name = "hook", Template = template };
        var all = new JsonArray();
        foreach (var message in new[] { SampleMessages.Problem, SampleMessages.Recovery, SampleMessages.Summary, SampleMessages.Test })
        {
            foreach (var request in WebhookBody.Write(channel, message, new Uri("http://alerts.example.org:8080/base/topic"), "routing-key"))
                all.Add(new JsonObject { ["url"] = request.Url.ToString(), ["key"] = request.Key, ["body"] = JsonNode.Parse(request.Body) });
        }

        string path = Path.Combine(Clone.PathOf("tests", "fixtures"), "notifications", $"{template}.json"), text = all.ToJsonString(Indented) + "\n";
        if (Environment.GetEnvironmentVariable("PRODOPS_ACCEPT_BODIES") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }

        Assert.Equal(File.ReadAllText(path), text);
    }

    [Fact]
    public void A_body_of_somebodys_own_gets_values_that_are_not_looked_at_again()
    {
        var channel = new NotificationChannel { Name = "own", Body = """{"t":"{title}","x":"{text}","n":{id},"u":"{unknown}","s":"{severity} {kind} {environment} {time}"}""" };
        var json = JsonNode.Parse(WebhookBody.Write(channel, SampleMessages.Test with { Title = "{text} \"quoted\" \\", Text = "one\ntwo" }, new Uri("http://127.0.0.1/"), null)[0].Body)!;
        Assert.Equal("{text} \"quoted\" \\", (string?)json["t"]);
        Assert.StartsWith("one\ntwo\n", (string?)json["x"], StringComparison.Ordinal);
        Assert.Equal(7, (int?)json["n"]);
        Assert.Equal("{unknown}", (string?)json["u"]);
        Assert.Equal("OK Test shop 2026-03-01T10:00:00+01:00", (string?)json["s"]);
    }

    [Fact]
    public void Slack_calls_nobody()
    {
        string text = Encoding.UTF8.GetString(ChatBody.Slack(SampleMessages.Test with { Title = "<!channel> @here @channel & <http://evil|click>", Text = "```@all```" }));
        Assert.Contains("&lt;!channel&gt; @\u2060here @\u2060channel &amp; &lt;http://evil|click&gt;", text, StringComparison.Ordinal);
        Assert.Contains("```\\n'''@\u2060all'''", text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_incident_has_one_alert_from_its_first_message_to_its_last()
    {
        var url = new Uri("http://127.0.0.1/");
        JsonNode Body(WebhookTemplate template, NotificationMessage message) => JsonNode.Parse(WebhookBody.Write(new NotificationChannel { Name = "x", Template = template }, message, url, "k")[0].Body)!;
        Assert.Equal((string?)Body(WebhookTemplate.PagerDuty, SampleMessages.Problem)["dedup_key"], (string?)Body(WebhookTemplate.PagerDuty, SampleMessages.Recovery)["dedup_key"]);
        Assert.Equal("resolve", (string?)Body(WebhookTemplate.PagerDuty, SampleMessages.Recovery)["event_action"]);
        // Whatever severity it ever had is over at the end.
        var warned = SampleMessages.Problem with { Severity = HealthState.Warning, Incidents = [SampleMessages.Problem.Incidents[0] with { Severity = HealthState.Warning }] };
        var labels = Body(WebhookTemplate.Alertmanager, SampleMessages.Recovery).AsArray().Select(alert => alert!["labels"]!.ToJsonString()).ToHashSet();
        Assert.Subset(labels, Body(WebhookTemplate.Alertmanager, warned).AsArray().Select(alert => alert!["labels"]!.ToJsonString()).ToHashSet());
        foreach (var alert in Body(WebhookTemplate.Alertmanager, SampleMessages.Problem with { Time = SampleMessages.Began.AddDays(-30) }).AsArray())
            Assert.True(DateTimeOffset.Parse((string)alert!["startsAt"]!) <= DateTimeOffset.Parse((string)alert["endsAt"]!));
    }
}
