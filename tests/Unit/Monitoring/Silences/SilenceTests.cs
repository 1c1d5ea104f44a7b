using ProdOps.Backup.Tests.Storage;
using ProdOps.Monitoring.Engines;
using ProdOps.Monitoring.Notifications;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.Silences;
using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Tests.Notifications;
using ProdOps.Monitoring.Tests.Running;
using ProdOps.Monitoring.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Silences;

/// <summary>Silences of Debian's Alertmanager hold here: nobody is told by other ways, until they are over.</summary>
public sealed class SilenceTests
{
    [AlertmanagerFact]
    public async Task Nobody_is_told_while_a_silence_of_Alertmanager_holds_and_who_is_still_ill_is_told_of_when_it_ends()
    {
        await using var alertmanager = await AlertmanagerProcess.StartAsync();
        string silence = await alertmanager.SilenceAsync("server", "web1");
        string other = await alertmanager.SilenceAsync("alertname", "NodeDown");
        await using var loop = new LoopCase(LoopCase.Default with { Environment = "shop" }) { Silences = [Watch(alertmanager.Url)] };
        loop.Down["web1"] = "Gone.";
        loop.Down["db1"] = "Gone.";
        loop.Start();
        // The one is told, and of the other, which is as ill, nothing is heard.
        var first = await loop.NextMessageAsync();
        Assert.Equal("db1", Assert.Single(first.Incidents).Server);
        var set = await loop.NextAsync<DowntimeSet>(one => one.Downtime.Silence == silence);
        Assert.Equal(("web1", "new disk", "ann", alertmanager.Url.AbsoluteUri.TrimEnd('/')), (set.Downtime.Server, set.Downtime.Reason, set.Downtime.By, set.Downtime.Source));
        await loop.NextAsync<CheckChanged>(change => change.Key == CheckKey.ReachabilityOf("web1"));
        var desk = new RequestDesk(loop.Folder, TimeProvider.System, SilentActivity.Instance);
        Assert.Equal("DowntimeElsewhere", (await Assert.ThrowsAsync<ProdOpsException>(() => desk.AskAsync(new EndDowntimeRequest(set.Number), default))).ErrorId);
        Assert.False(loop.Messages.Reader.TryRead(out _));

        await alertmanager.ExpireAsync(silence);
        var second = await loop.NextMessageAsync();
        Assert.Equal("web1", Assert.Single(second.Incidents).Server);
        await loop.NextAsync<DowntimeEnded>(ended => ended.Downtime == set.Number);

        // An Alertmanager that is gone changes nothing.
        string later = await alertmanager.SilenceAsync("server", "web1");
        await loop.NextAsync<DowntimeSet>(one => one.Downtime.Silence == later);
        alertmanager.Stop();
        loop.Down.Clear();
        Assert.Equal(NotificationKind.Recovery, (await loop.NextMessageAsync()).Kind);
        await loop.StopAsync();
        using var store = loop.Folder.Open(TimeProvider.System, SilentActivity.Instance, readOnly: true);
        var state = store.Monitor.Load(default);
        Assert.Equal([other, later], state.Downtimes.Values.Select(downtime => downtime.Silence).Order(StringComparer.Ordinal).OrderBy(id => id == later));
        Assert.True(state.IsInDowntime(CheckKey.ReachabilityOf("web1"), TimeProvider.System.GetUtcNow()));
        Assert.False(state.IsInDowntime(CheckKey.ReachabilityOf("db1"), TimeProvider.System.GetUtcNow()));
    }

    [AlertmanagerFact]
    public async Task A_silence_keeps_mails_from_being_sent_and_its_end_lets_them_if_the_problem_still_stands()
    {
        await using var alertmanager = await AlertmanagerProcess.StartAsync();
        using var mails = new MailServer();
        var mail = new NotificationChannel { Name = "mail", Kind = NotificationChannelKind.Mail, Target = $"127.0.0.1:{mails.PlainPort}", Security = MailSecurity.None, From = "prodops@example.org", To = ["admin@example.org"] };
        string still = await alertmanager.SilenceAsync("server", "web1"), over = await alertmanager.SilenceAsync("server", "web2");
        var setup = LoopCase.Default with { Environment = "shop", Servers = [new Server { Name = "web1" }, new Server { Name = "web2" }, new Server { Name = "db1" }], Routes = [new NotificationRoute { Name = "admins", Channels = ["mail"], MaxPerHour = 100 }] };
        await using var loop = new LoopCase(setup) { Silences = [Watch(alertmanager.Url)], MoreSenders = { ["mail"] = NotificationSenders.Create(mail, null, TimeProvider.System, SilentActivity.Instance) } };
        foreach (string server in (string[])["web1", "web2", "db1"]) loop.Down[server] = "Gone.";
        loop.Start();
        await loop.NextAsync<CheckChanged>(change => change.Key == CheckKey.ReachabilityOf("web2") && change.To == HealthState.Critical);
        loop.Down.TryRemove("web2", out _);
        await loop.NextAsync<CheckChanged>(change => change.Key == CheckKey.ReachabilityOf("web2") && change.To == HealthState.OK);
        await alertmanager.ExpireAsync(over);
        await alertmanager.ExpireAsync(still);
        Assert.Equal(["Critical: db1 cannot be reached", "Critical: web1 cannot be reached"], [await SubjectAsync(), await SubjectAsync()]);
        // What is told next is the end of both, and of the one that was over in silence nothing was ever heard.
        loop.Down.Clear();
        Assert.Equal(["db1", "web1"], new[] { await SubjectAsync(), await SubjectAsync() }.Select(static subject => subject.Split(' ')[1]).Order());

        async Task<string> SubjectAsync()
        {
            using var read = MimeKit.MimeMessage.Load(new MemoryStream(System.Text.Encoding.UTF8.GetBytes((string)(await Task.Run(mails.Read).WaitAsync(TimeSpan.FromSeconds(60)))["content"]!)));
            return read.Subject!.Replace("[shop] ", "", StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_route_that_leads_to_the_Alertmanager_is_told_all_the_same_and_silences_of_one_that_is_not_asked_any_more_end()
    {
        var now = TimeProvider.System.GetUtcNow();
        await using var server = new TextServer(_ => TextServer.Http("200 OK", Silence(now)));
        var setup = LoopCase.Default with
        {
            Routes = [new NotificationRoute { Name = "am", Channels = ["recorder"], MaxPerHour = 100 }, new NotificationRoute { Name = "mail", Channels = ["recorder"], MaxPerHour = 100 }], RoutesPastSilences = ["am"],
        };
        using var folder = new TemporaryFolder();
        await using (var loop = new LoopCase(setup, folder["monitoring"]) { Silences = [Watch(new Uri($"http://127.0.0.1:{server.Port}"))] })
        {
            loop.Down["web1"] = "Gone.";
            loop.Start();
            Assert.Equal("am", (await loop.NextMessageAsync()).Route);
            await loop.NextAsync<NotificationDelivered>(_ => true);
            Assert.False(loop.Messages.Reader.TryRead(out _));
        }

        await using (var loop = new LoopCase(setup, folder["monitoring"]))
        {
            loop.Down["web1"] = "Gone.";
            loop.Start();
            await loop.NextAsync<DowntimeEnded>(_ => true);
            Assert.Equal("mail", (await loop.NextMessageAsync()).Route);
        }
    }

    private static SilenceWatch Watch(Uri url) => new(new EngineOptions { Url = url, Timeout = TimeSpan.FromSeconds(5) }, "shop", TimeSpan.FromMilliseconds(200), TimeProvider.System, SilentActivity.Instance);

    private static string Silence(DateTimeOffset now) =>
        $$"""[{"id":"x","status":{"state":"active"},"createdBy":"ann","comment":"","startsAt":"{{now.AddHours(-1):o}}","endsAt":"{{now.AddHours(1):o}}","matchers":[{"name":"server","value":"web1","isRegex":false}]}]""";
}
