using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ProdOps.Monitoring.Notifications;

namespace ProdOps.Monitoring.Tests.Notifications;

/// <summary>A test with Debian's Alertmanager, which the test run unpacks: as a package it would start a service. It wants its templates where Debian puts them, so its folder becomes its root.</summary>
internal sealed class AlertmanagerFactAttribute : FactAttribute
{
    public const string Program = "/usr/bin/prometheus-alertmanager";

    public AlertmanagerFactAttribute() => Skip = Requirements.Root ?? Requirements.Missing("chroot") ?? (File.Exists(Root + Program) ? null : "needs Alertmanager in artifacts/tools (tests/run.sh unpacks it)");

    public static string Root { get; } = Path.Join(Built.Root, "artifacts/tools/alertmanager");
}

public sealed class AlertmanagerTests
{
    [AlertmanagerFact]
    public async Task Alertmanager_fires_an_incident_once_and_ends_it_with_its_recovery()
    {
        await using var alertmanager = await AlertmanagerProcess.StartAsync();
        await CheckAsync(alertmanager.Url.AbsoluteUri.TrimEnd('/'));
    }

    private static async Task CheckAsync(string url)
    {
        using var client = new HttpClient();
        async Task<JsonArray> FiringAsync() => (await client.GetFromJsonAsync<JsonArray>($"{url}/api/v2/alerts"))!;
        var sender = NotificationSenders.Create(new NotificationChannel { Name = "am", Kind = NotificationChannelKind.Webhook, Template = WebhookTemplate.Alertmanager, Target = url }, null, TimeProvider.System, SilentActivity.Instance);
        var began = TimeProvider.System.GetUtcNow().AddMinutes(-5);
        NotificationMessage Now(NotificationMessage message, HealthState severity, string title, TimeSpan after) => message with
        {
            Time = began + after, Severity = severity, Title = title, Incidents = [message.Incidents[0] with { Since = began, Severity = severity, Title = title, Kind = message.Kind }],
        };
        await sender.SendAsync(Now(SampleMessages.Problem, HealthState.Warning, "Warning: db1", TimeSpan.FromMinutes(1)), CancellationToken.None);
        Assert.Equal("warning", (string?)Assert.Single(await FiringAsync())!["labels"]!["severity"]);
        var worse = Now(SampleMessages.Problem with { Kind = NotificationKind.Worse }, HealthState.Critical, "Critical: db1", TimeSpan.FromMinutes(2));
        await sender.SendAsync(worse, CancellationToken.None);
        await sender.SendAsync(worse, CancellationToken.None);
        var alert = Assert.Single(await FiringAsync())!;
        Assert.Equal(("critical", "shop", "42", "Critical: db1"), ((string?)alert["labels"]!["severity"], (string?)alert["labels"]!["environment"], (string?)alert["labels"]!["incident"], (string?)alert["annotations"]!["summary"]));
        await sender.SendAsync(Now(SampleMessages.Recovery, HealthState.Critical, "OK: db1", TimeSpan.FromMinutes(3)), CancellationToken.None);
        Assert.Empty(await FiringAsync());
        await sender.SendAsync(SampleMessages.With("<b>\r\n🔥") with { Time = began.AddMinutes(4) }, CancellationToken.None);
        Assert.Single(await FiringAsync());
    }
}
