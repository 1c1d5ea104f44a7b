using ProdOps.Monitoring.Incidents;
using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Tests.States;

namespace ProdOps.Monitoring.Tests.Incidents;

public sealed class NotifierTests
{
    private const string OtherKey = "The host key of 'web1 (10.0.0.1)' has changed: it offers ED25519 SHA256:a, and /root/.ssh/known_hosts:1 has ED25519 SHA256:b.";

    private static readonly NotificationRoute Admins = new() { Name = "admins", TimeZone = "UTC" };

    [Fact]
    public void A_problem_that_goes_on_is_told_again_every_four_hours_a_warning_once_a_day()
    {
        var critical = One(Admins).Set("web1 disk.used", HealthState.Critical).Run(TimeSpan.FromHours(9));
        Assert.Equal(["Problem", "Reminder", "Reminder"], critical.SentKinds);
        var warning = One(Admins).Set("web1 disk.used", HealthState.Warning).Run(TimeSpan.FromHours(49));
        Assert.Equal(["Problem", "Reminder", "Reminder"], warning.SentKinds);
    }

    [Fact]
    public void What_is_over_before_anybody_was_told_is_not_told()
    {
        var simulation = One(Admins, new MonitorSettings { GroupWait = TimeSpan.FromMinutes(5) }).Set("web1 disk.used", HealthState.Critical).Minutes(2).Set("web1 disk.used", HealthState.OK).Minutes(30);
        Assert.Contains(simulation.Events, happened => happened is IncidentResolved);
        Assert.Empty(simulation.Sent);
        Assert.Empty(simulation.State.Incidents);
    }

    [Fact]
    public void Routes_are_told_of_their_servers_roles_and_severities_and_of_the_end_of_what_they_were_told()
    {
        var simulation = new Simulation([new("db1") { Roles = ["Database"] }, new("web1") { Roles = ["App"] }],
        [
            new() { Name = "databases", Roles = ["database"] }, new() { Name = "webs", Servers = ["web*"] }, new() { Name = "boss", Severity = HealthState.Critical },
        ]).Minutes(3);
        simulation.Set("db1 disk.used", HealthState.Warning).Minutes(5);
        Assert.Equal(["databases"], simulation.Sent.Select(sent => sent.Route));
        simulation.Set("db1 disk.used", HealthState.Critical).Minutes(5);
        Assert.Equal(["databases", "databases", "boss"], simulation.Sent.Select(sent => sent.Route));
        // Told of something critical, the end of it is told whatever it was like last.
        simulation.Set("db1 disk.used", HealthState.Warning).Minutes(5).Set("db1 disk.used", HealthState.OK).Minutes(5);
        Assert.Equal(["databases", "boss"], simulation.Sent.Where(sent => sent.Kind == NotificationKind.Recovery).Select(sent => sent.Route));
    }

    [Fact]
    public void Nobody_is_reminded_or_called_of_what_somebody_works_on_until_it_gets_worse()
    {
        var simulation = new Simulation([new("web1")], [Admins, Admins with { Name = "boss", After = TimeSpan.FromMinutes(30) }]).Minutes(3).Set("web1 disk.used", HealthState.Warning).Minutes(5);
        simulation.Keep(simulation.Monitor.Acknowledge(simulation.Now, Incident(simulation), "ann", "on it"));
        Assert.Equal(["Problem"], simulation.Run(TimeSpan.FromHours(30)).SentKinds);
        simulation.Set("web1 disk.used", HealthState.Critical).Minutes(5);
        Assert.Contains(simulation.Events, happened => happened is AcknowledgementEnded { Reason: "It got worse." });
        Assert.Equal(["Problem", "Worse", "Escalation"], simulation.SentKinds);
        Assert.Equal(4, simulation.Set("web1 disk.used", HealthState.OK).Minutes(5).Sent.Count(sent => sent.Kind == NotificationKind.Recovery) + 2);
    }

    [Fact]
    public void An_acknowledgement_can_hold_whatever_comes_and_until_a_time()
    {
        var simulation = One(Admins).Set("web1 disk.used", HealthState.Warning).Minutes(5);
        simulation.Keep(simulation.Monitor.Acknowledge(simulation.Now, Incident(simulation), "ann", until: simulation.Now.AddHours(10), sticky: true));
        simulation.Set("web1 disk.used", HealthState.Critical).Run(TimeSpan.FromHours(9));
        Assert.Equal(["Problem"], simulation.SentKinds);
        Assert.Equal(["Problem", "Worse"], simulation.Run(TimeSpan.FromHours(2)).SentKinds);
        Assert.Equal("IncidentNotFound", Assert.Throws<ProdOpsException>(() => simulation.Monitor.Acknowledge(simulation.Now, 1234, "ann")).ErrorId);
    }

    [Fact]
    public void What_nobody_takes_on_is_told_to_the_next()
    {
        var simulation = new Simulation([new("web1")], [Admins, Admins with { Name = "boss", After = TimeSpan.FromMinutes(30) }]).Minutes(3).Set("web1 disk.used", HealthState.Critical).Minutes(29);
        Assert.Equal(["admins"], simulation.Sent.Select(sent => sent.Route));
        Assert.Equal(["Problem", "Escalation"], simulation.Minutes(5).SentKinds);
        Assert.Equal(["admins", "boss", "admins", "boss"], simulation.Set("web1 disk.used", HealthState.OK).Minutes(5).Sent.Select(sent => sent.Route));
    }

    [Fact]
    public void In_quiet_hours_only_what_is_critical_is_told_and_the_rest_when_they_are_over()
    {
        var simulation = One(Admins with { Quiet = [new QuietHours(new TimeOnly(12, 0), new TimeOnly(14, 0))] });
        simulation.Set("web1 disk.used", HealthState.Warning).Minutes(60);
        Assert.Empty(simulation.Sent);
        simulation.Minutes(60);
        Assert.Equal(["Problem"], simulation.SentKinds);
        var critical = One(Admins with { Quiet = [new QuietHours(new TimeOnly(12, 0), new TimeOnly(14, 0))] }).Set("web1 disk.used", HealthState.Critical).Minutes(10);
        Assert.Equal(["Problem"], critical.SentKinds);
        var never = One(Admins with { QuietForCritical = true, Quiet = [new QuietHours(new TimeOnly(0, 0), new TimeOnly(0, 0))] }).Set("web1 disk.used", HealthState.Critical).Run(TimeSpan.FromHours(30));
        Assert.Empty(never.Sent);
    }

    [Fact]
    public void The_digest_tells_once_a_day_what_was_not_told_at_once()
    {
        var simulation = One(Admins with { Severity = HealthState.Critical, DigestAt = new TimeOnly(8, 0) });
        simulation.Set("web1 disk.used /a", HealthState.Warning).Minutes(30).Set("web1 disk.used /a", HealthState.OK).Minutes(30).Set("web1 disk.used /b", HealthState.Warning);
        simulation.Step = TimeSpan.FromSeconds(30);
        simulation.Run(TimeSpan.FromHours(72));
        Assert.Equal("The day's digest: still so: Warning: web1 disk.used /b; over: Warning: web1 disk.used /a", simulation.Sent.First().Title);
        Assert.Equal([8, 8, 8], simulation.Sent.Select(sent => sent.Time.Hour));
        Assert.Equal("The day's digest: still so: Warning: web1 disk.used /b", simulation.Sent.Last().Title);
    }

    [Fact]
    public void After_a_clock_that_was_years_ahead_the_digest_comes_every_day_again()
    {
        var simulation = One(Admins with { Severity = HealthState.Critical, DigestAt = new TimeOnly(8, 0) });
        simulation.Step = TimeSpan.FromSeconds(30);
        simulation.Set("web1 disk.used /a", HealthState.Warning).Minutes(5);
        simulation.Now += TimeSpan.FromDays(1000);
        simulation.Run(TimeSpan.FromHours(24));
        Assert.Equal(["Digest", "Digest"], simulation.SentKinds);
        // One is held by that clock, too, and not told yet.
        simulation.Set("web1 disk.used /b", HealthState.Warning).Minutes(5);
        simulation.Now -= TimeSpan.FromDays(1001);
        simulation.Run(TimeSpan.FromHours(48));
        // What waited while the clock was wrong is told at once.
        Assert.Equal([12, 8, 8], simulation.Sent.Skip(2).Select(sent => sent.Time.Hour));
        Assert.Contains("/b", simulation.Sent.ElementAt(2).Title, StringComparison.Ordinal);
    }

    [Fact]
    public void What_an_action_mended_before_anybody_was_told_is_in_the_digest_and_no_message_of_its_own()
    {
        var simulation = new Simulation([new("web1")], [Admins with { DigestAt = new TimeOnly(8, 0) }, Admins with { Name = "others", Servers = ["db*"], DigestAt = new TimeOnly(8, 0) }, Admins with { Name = "plain" }],
            settings: new MonitorSettings { GroupWait = TimeSpan.FromMinutes(5) }, actions: [new HealthAction { Name = "restart", Rules = ["service"], Command = "true" }]).Minutes(3);
        simulation.Set("web1 service nginx", HealthState.Critical).Minutes(1);
        simulation.Keep(simulation.Monitor.EndAction(simulation.Now, simulation.Events.OfType<ActionBegun>().Single().Number, 0, ""));
        simulation.Set("web1 service nginx", HealthState.OK).Minutes(5);
        // What went by without anybody's doing is nobody's business.
        simulation.Set("web1 http", HealthState.Critical).Minutes(1).Set("web1 http", HealthState.OK).Minutes(5);
        Assert.Equal(2, simulation.Events.OfType<IncidentResolved>().Count());
        Assert.Equal(("admins", HoldReason.Mended), (Assert.Single(simulation.Events.OfType<NotificationHeld>()).Route, simulation.Events.OfType<NotificationHeld>().Single().Reason));
        Assert.Empty(simulation.State.Incidents);
        simulation.Step = TimeSpan.FromSeconds(30);
        simulation.Run(TimeSpan.FromHours(48));
        var digest = Assert.Single(simulation.Sent);
        Assert.Matches("^The day's digest: over: Critical: web1 service nginx: mended within [0-9.]+ ?m?i?n?s? by 'restart'$", digest.Title);
    }

    [Fact]
    public void A_server_with_another_host_key_is_told_as_what_it_is()
    {
        var simulation = One(Admins);
        simulation.Why["web1"] = OtherKey;
        Assert.Equal("Critical: web1: the host key has changed", Assert.Single(simulation.Down("web1").Minutes(5).Sent).Title);
        simulation.Why["web1"] = "The host key of 'web1 (10.0.0.1)', ED25519 SHA256:a, or the authority that signed it, is marked as revoked in /etc/ssh/revoked.";
        Assert.Equal("Critical: web1: the host key is revoked", simulation.Minutes(5).Sent.Last().Title);
        Assert.Equal(["Problem", "Update"], simulation.SentKinds);
    }

    [Fact]
    public void A_server_that_was_gone_and_comes_back_with_another_host_key_is_news_even_to_who_works_on_it()
    {
        var simulation = One(Admins);
        simulation.Why["web1"] = "Nobody answers.";
        simulation.Down("web1").Minutes(5);
        simulation.Keep(simulation.Monitor.Acknowledge(simulation.Now, Incident(simulation), "ann", "a new disk"));
        simulation.Minutes(30);
        Assert.Equal(["Critical: web1 cannot be reached"], simulation.Sent.Select(sent => sent.Title));
        simulation.Why["web1"] = OtherKey;
        simulation.Minutes(1);
        Assert.Equal("Critical: web1: the host key has changed", simulation.Sent.Last().Title);
        Assert.Contains(simulation.Events, happened => happened is AcknowledgementEnded { Reason: "Another host key is there." });
        // It stays so, and may be gone in between: that is told once.
        simulation.Minutes(10);
        simulation.Why["web1"] = "Nobody answers.";
        Assert.Equal(2, simulation.Minutes(30).Sent.Count());
        simulation.Up("web1").Minutes(5);
        Assert.Equal(["Problem", "Update", "Recovery"], simulation.SentKinds);
        Assert.Equal(simulation.State.ToJson(), MonitorState.Rebuild(simulation.Events).ToJson());
    }

    [Fact]
    public void Quiet_hours_are_of_the_day_they_begin_on()
    {
        var nights = new QuietHours(new TimeOnly(18, 0), new TimeOnly(8, 0)) { Days = [DayOfWeek.Friday] };
        Assert.True(nights.Contains(new DateTime(2026, 3, 6, 23, 0, 0)));
        Assert.True(nights.Contains(new DateTime(2026, 3, 7, 7, 59, 0)));
        Assert.False(nights.Contains(new DateTime(2026, 3, 7, 18, 0, 0)));
        Assert.False(nights.Contains(new DateTime(2026, 3, 6, 7, 0, 0)));
    }

    [Fact]
    public void No_more_than_so_many_messages_an_hour_and_nothing_that_was_held_back_is_lost()
    {
        var simulation = Many(Admins with { MaxPerHour = 3 });
        for (int i = 0; i < 12; i++) simulation.Set($"s{i} rule{i}", HealthState.Critical).Minutes(3);
        Assert.Equal(3, simulation.Sent.Count());
        Assert.Contains("the last message for now", simulation.Sent.Last().Title);
        simulation.Set("s5 rule5", HealthState.OK).Minutes(60);
        var summary = simulation.Sent.First(sent => sent.Kind == NotificationKind.Summary);
        Assert.Equal(8, summary.Incidents.Count);
        Assert.Contains("held back and over since: Critical: s5 rule5", summary.Title);
        for (int i = 0; i < 12; i++) simulation.Set($"s{i} rule{i}", HealthState.OK);
        simulation.Run(TimeSpan.FromHours(3));
        Assert.Empty(simulation.State.Incidents);
        for (int hour = 0; hour < 6; hour++)
            Assert.InRange(simulation.Sent.Count(sent => sent.Time >= simulation.Now.AddHours(-hour - 1) && sent.Time < simulation.Now.AddHours(-hour)), 0, 3);
        Assert.Equal(11, simulation.Sent.SelectMany(sent => sent.Incidents).Count(notice => notice.Kind == NotificationKind.Recovery));
    }

    [Fact]
    public void Many_incidents_at_once_are_one_summary()
    {
        var simulation = Many(Admins);
        for (int i = 0; i < 12; i++) simulation.Set($"s{i} rule{i}", HealthState.Critical);
        Assert.Equal(["Summary"], simulation.Minutes(30).SentKinds);
        for (int i = 0; i < 12; i++) simulation.Set($"s{i} rule{i}", HealthState.OK);
        Assert.Equal(["Summary", "Summary"], simulation.Minutes(30).SentKinds);
    }

    [Fact]
    public void Of_announced_work_nobody_is_told_unless_it_outlives_the_announcement()
    {
        var simulation = One(Admins);
        simulation.Keep(simulation.Monitor.SetDowntime(simulation.Now, new Downtime { Server = "web*", From = simulation.Now, Until = simulation.Now.AddHours(1), Reason = "deploy" }));
        simulation.Set("web1 disk.used", HealthState.Critical).Minutes(30).Set("web1 disk.used", HealthState.OK).Minutes(10);
        Assert.Empty(simulation.Sent);
        simulation.Set("web1 disk.used", HealthState.Critical).Minutes(15);
        Assert.Empty(simulation.Sent);
        Assert.Equal(["Problem"], simulation.Minutes(10).SentKinds);
        Assert.Contains(simulation.Events, happened => happened is DowntimeEnded);
    }

    [Fact]
    public void What_follows_from_announced_work_is_not_told_either()
    {
        var simulation = new Simulation([Simulation.Server("db1"), Simulation.Server("web1", "db1")], [Admins]).Minutes(3);
        simulation.Keep(simulation.Monitor.SetDowntime(simulation.Now, new Downtime { Server = "db1", From = simulation.Now, Until = simulation.Now.AddHours(1) }));
        Assert.Empty(simulation.Down("db1").Set("web1 http", HealthState.Critical).Minutes(50).Sent);
    }

    [Fact]
    public void What_breaks_beside_announced_work_is_told_with_its_end_as_if_there_were_no_such_work_which_is_told_when_it_should_be_over()
    {
        var simulation = new Simulation([Simulation.Server("db1"), Simulation.Server("web1")]).Minutes(3);
        simulation.Keep(simulation.Monitor.SetDowntime(simulation.Now, new Downtime { Server = "db1", From = simulation.Now, Until = simulation.Now.AddHours(1) }));
        simulation.Down("db1").Minutes(2).Down("web1").Minutes(20).Up("web1").Minutes(10);
        Assert.Equal(["Problem", "Recovery"], simulation.SentKinds);
        Assert.Equal("Critical: web1 cannot be reached", simulation.Sent.First().Title);
        simulation.Minutes(60);
        Assert.Equal(["Problem", "Recovery", "Problem"], simulation.SentKinds);
        Assert.Equal("Critical: db1 cannot be reached", simulation.Sent.Last().Title);
    }

    [Fact]
    public void A_flexible_downtime_begins_with_the_first_problem()
    {
        var simulation = One(Admins);
        simulation.Keep(simulation.Monitor.SetDowntime(simulation.Now, new Downtime { Server = "web1", From = simulation.Now, Until = simulation.Now.AddHours(8), Length = TimeSpan.FromHours(1) }));
        simulation.Minutes(180).Set("web1 disk.used", HealthState.Critical).Minutes(55);
        Assert.Empty(simulation.Sent);
        Assert.Equal(["Problem"], simulation.Minutes(15).SentKinds);
    }

    [Theory]
    [InlineData("2026-03-28T02:30:00Z", true)]
    [InlineData("2026-03-29T01:30:00Z", true)]
    [InlineData("2026-03-29T02:30:00Z", false)]
    [InlineData("2026-03-30T01:30:00Z", true)]
    [InlineData("2026-03-30T03:30:00Z", false)]
    [InlineData("2027-03-30T01:30:00Z", false)]
    public void A_recurring_downtime_follows_the_clock_of_its_zone(string time, bool active)
    {
        // Central Europe sets its clocks forward on 29 March.
        var downtime = new Downtime
        {
            Server = "*", From = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), Until = new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero), Length = TimeSpan.FromHours(1), Recurrence = "0 3 * * *", TimeZone = "Europe/Berlin",
        };
        Assert.Equal(active, downtime.IsActive(DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void A_recurring_downtime_of_a_zone_that_this_machine_does_not_know_never_begins_and_ends_no_monitor()
    {
        var simulation = One(Admins);
        var until = simulation.Now.AddDays(2);
        var downtime = new Downtime { Server = "web1", From = simulation.Now, Until = until, Length = TimeSpan.FromHours(1), Recurrence = "* * * * *", TimeZone = "Europe/Atlantis" };
        simulation.Keep(simulation.Monitor.SetDowntime(simulation.Now, downtime));
        Assert.Equal(["Problem"], simulation.Set("web1 disk.used", HealthState.Critical).Minutes(10).SentKinds);
        Assert.Equal(until, downtime.NextChange(simulation.Now));
    }

    [Fact]
    public void Downtimes_that_make_no_sense_are_refused()
    {
        var monitor = One(Admins).Monitor;
        var now = DateTimeOffset.UnixEpoch;
        var downtime = new Downtime { Server = "x", From = now, Until = now.AddHours(1) };
        Assert.Equal("DowntimeInvalid", Assert.Throws<ProdOpsException>(() => monitor.SetDowntime(now, downtime with { Until = now })).ErrorId);
        Assert.Equal("DowntimeInvalid", Assert.Throws<ProdOpsException>(() => monitor.SetDowntime(now, downtime with { Recurrence = "0 3 * * *" })).ErrorId);
        Assert.Equal("CronInvalid", Assert.Throws<ProdOpsException>(() => monitor.SetDowntime(now, downtime with { Recurrence = "soon", Length = TimeSpan.FromHours(1) })).ErrorId);
        Assert.Equal("DowntimeNotFound", Assert.Throws<ProdOpsException>(() => monitor.RemoveDowntime(now, 77)).ErrorId);
    }

    /// <summary>Twelve servers that have nothing in common.</summary>
    private static Simulation Many(NotificationRoute route)
    {
        var rules = Enumerable.Range(0, 12).Select(i => new HealthRule { Name = $"rule{i}", Check = $"check{i}" });
        return new Simulation([.. Enumerable.Range(0, 12).Select(i => new MonitoredServer($"s{i}"))], [route], [Simulation.Rules[0], .. rules]).Minutes(3);
    }

    private static long Incident(Simulation simulation) => simulation.State.Incidents.Keys.Single();

    private static Simulation One(NotificationRoute route, MonitorSettings? settings = null) => new Simulation([new("web1")], [route], settings: settings).Minutes(3);
}
