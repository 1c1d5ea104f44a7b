using Microsoft.Extensions.Time.Testing;
using ProdOps.Monitoring.Engines;
using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Notifications;
using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.Running.Outlets;
using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Store;
using ProdOps.Monitoring.Tests.Engines;
using ProdOps.Monitoring.Tests.Running.Outlets;
using ProdOps.Monitoring.Tests.TestTools;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Running;

public sealed class HealthLoopTests
{
    [Fact]
    public async Task A_server_that_goes_and_comes_is_told_and_the_message_was_delivered_once()
    {
        await using var loop = new LoopCase().Start();
        await loop.NextAsync<CheckResult>(result => result.Key == CheckKey.ReachabilityOf("web1"));
        loop.Down["web1"] = "Nobody is at home.";
        var message = await loop.NextMessageAsync();
        Assert.Equal(("admins", NotificationKind.Problem, "Critical: web1 cannot be reached"), (message.Route, message.Kind, message.Title));
        var item = Assert.Single(message.Incidents);
        Assert.Equal(("web1", "reachability"), (item.Server, item.Check));
        Assert.Equal("Nobody is at home.", Assert.Single(item.Checks).Message);
        Assert.NotEmpty(item.Advice);
        Assert.Equal("recorder", (await loop.NextAsync<NotificationDelivered>(delivered => delivered.Notification == message.Id)).Channel);
        loop.Down.Clear();
        var recovery = await loop.NextMessageAsync();
        Assert.Equal((NotificationKind.Recovery, item.Since), (recovery.Kind, Assert.Single(recovery.Incidents).Since));
        await loop.StopAsync();
        using var store = loop.Folder.Open(TimeProvider.System, SilentActivity.Instance, readOnly: true);
        var state = MonitorState.Rebuild(store.Events.Replay(0, default).Select(stored => EventJson.Read(stored.Json)));
        Assert.Empty(state.Incidents);
        Assert.Equal(state.ToJson(), store.Monitor.Load(default).ToJson());
        Assert.False(loop.Messages.Reader.TryRead(out _));
    }

    [UnpackedFact("victoria-metrics")]
    public async Task A_monitor_whose_engine_goes_and_comes_goes_on_tells_of_it_and_the_engine_has_what_the_store_has()
    {
        using var engine = await EngineProcess.StartVictoriaMetricsAsync();
        await using var loop = new LoopCase(LoopCase.Default with { Rules = [.. DefaultRules.All] }) { Outlets = new OutletOptions { Engine = new EngineOptions { Url = engine.Url }, LongestDelay = TimeSpan.FromSeconds(1) } };
        loop.Start();
        await loop.NextAsync<CheckResult>(result => result.Key == CheckKey.ReachabilityOf("web1"));
        engine.Stop();
        await loop.NextAsync<CheckResult>(result => result is { Key: { Rule: "metrics", Instance: "engine" }, State: HealthState.Critical });
        await engine.StartAsync();
        await loop.NextAsync<CheckResult>(result => result is { Key: { Rule: "metrics", Instance: "engine" }, State: HealthState.OK });
        await loop.StopAsync();
        using var store = loop.Folder.Open(TimeProvider.System, SilentActivity.Instance);
        using (var sink = new EngineSink(store, new EngineOptions { Url = engine.Url }, TimeSpan.FromSeconds(1), TimeProvider.System, SilentActivity.Instance))
        {
            // What was measured in the last moment goes with the next monitor.
            await EngineSinkTests.RunUntilAsync(sink, () => sink.IsIdle);
        }

        await engine.FlushAsync();
        using var http = new EngineHttp(new EngineOptions { Url = engine.Url });
        IMetricSource there = new EngineSource(new EngineQueries(http, SilentActivity.Instance), TimeProvider.System), here = new StoreSource(store);
        var now = TimeProvider.System.GetUtcNow();
        var query = new MetricQuery { From = now.AddHours(-1), To = now.AddMinutes(1), Resolution = MetricResolution.Raw };
        var samples = await here.QueryAsync(await here.SeriesAsync([], [], [], query.From, query.To, default), query, default).ToListAsync();
        Assert.NotEmpty(samples);
        Assert.Equal(samples, await there.QueryAsync(await there.SeriesAsync([], [], [], query.From, query.To, default), query, default).ToListAsync());
    }

    [Fact]
    public async Task A_second_monitor_at_the_same_store_is_refused()
    {
        await using var loop = new LoopCase().Start();
        await loop.NextAsync<CheckResult>(_ => true);
        var error = Assert.Throws<ProdOpsException>(() => loop.Start());
        Assert.Equal("MonitorRuns", error.ErrorId);
    }

    [Fact]
    public async Task What_others_want_is_carried_out_by_the_monitor_that_runs_and_without_one_at_once()
    {
        await using var loop = new LoopCase();
        var desk = new RequestDesk(loop.Folder, TimeProvider.System, SilentActivity.Instance);
        var now = TimeProvider.System.GetUtcNow();
        long downtime = await desk.AskAsync(new DowntimeRequest(new Downtime { Server = "db1", From = now, Until = now.AddHours(1), By = "ann" }), default);
        Assert.Equal(1, downtime);
        var unknown = await Assert.ThrowsAsync<ProdOpsException>(() => desk.AskAsync(new AcknowledgeRequest(99, "ann", "", null, false), default));
        Assert.Equal("IncidentNotFound", unknown.ErrorId);

        loop.Down["web1"] = "Gone.";
        loop.Down["db1"] = "Gone.";
        loop.Start();
        var message = await loop.NextMessageAsync();
        Assert.Equal("web1", Assert.Single(message.Incidents).Server);
        long taken = await desk.AskAsync(new AcknowledgeRequest(message.Incidents[0].Incident, "ann", "on it", null, true), default);
        var acknowledged = await loop.NextAsync<IncidentAcknowledged>(_ => true);
        Assert.Equal((taken, "ann"), (acknowledged.Number, acknowledged.Acknowledgement.By));
        Assert.True(await desk.AskAsync(new EndDowntimeRequest(downtime, "ann"), default) > taken);
        Assert.Equal("ann", (await loop.NextAsync<DowntimeEnded>(_ => true)).By);
        unknown = await Assert.ThrowsAsync<ProdOpsException>(() => desk.AskAsync(new EndDowntimeRequest(downtime), default));
        Assert.Equal("DowntimeNotFound", unknown.ErrorId);
    }

    [Fact]
    public async Task A_monitor_that_is_at_work_says_so_each_minute_and_what_it_says_does_not_arrive_is_a_problem()
    {
        var time = new FakeTimeProvider();
        var heard = new Beats();
        bool isAlive = true;
        int asked = 0, minutes = 1;
        var heartbeat = new Heartbeat(heard, "shop", () =>
        {
            Interlocked.Increment(ref asked);
            return isAlive;
        }, time, SilentActivity.Instance);
        using var stop = new CancellationTokenSource();
        var running = heartbeat.RunAsync(stop.Token);
        await PassAsync(3);
        await UntilAsync(() => heard.Taken.Count == 4);
        Assert.Equal(("shop", HealthState.OK), (heard.Taken[0].Environment, heard.Taken[0].Severity));
        // What does not decide any more is as good as dead.
        isAlive = false;
        await PassAsync(3);
        Assert.Equal(4, heard.Taken.Count);
        (isAlive, heard.Trouble) = (true, "It is full.");
        await PassAsync(2);
        Assert.Equal("It is full.", heartbeat.Trouble);
        heard.Trouble = null;
        await PassAsync(1);
        await UntilAsync(() => heartbeat.Trouble is null);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        async Task PassAsync(int count)
        {
            for (int i = 0; i < count; i++)
            {
                await UntilAsync(() => Volatile.Read(ref asked) >= minutes);
                time.Advance(TimeSpan.FromMinutes(1));
                minutes++;
            }

            await UntilAsync(() => Volatile.Read(ref asked) >= minutes);
        }

        async Task UntilAsync(Func<bool> isSo)
        {
            for (var begun = TimeProvider.System.GetTimestamp(); !isSo(); await Task.Delay(5)) Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(60));
        }
    }

    [Fact]
    public async Task A_heartbeat_that_does_not_arrive_is_a_problem_of_the_monitor()
    {
        var heard = new Beats { Trouble = "It is full." };
        await using var loop = new LoopCase { Outlets = new OutletOptions { Heartbeat = (heard, "shop") } };
        loop.Start();
        var found = await loop.NextAsync<CheckResult>(result => result.Key == new CheckKey(MonitorSetup.Itself, MonitorSetup.MetricsRule, "heartbeat") && result.State != HealthState.OK);
        Assert.Equal((HealthState.Critical, "It is full."), (found.State, found.Message));
    }

    [Fact]
    public async Task What_is_measured_faster_than_it_is_taken_in_does_not_pile_up()
    {
        using var go = new ManualResetEventSlim();
        Server[] servers = [.. Enumerable.Range(1, 100).Select(static number => new Server { Name = $"web{number}" })];
        await using var loop = new LoopCase(LoopCase.Default with { Servers = servers, Pace = new MonitorPace(TimeSpan.FromMilliseconds(10)) }) { HoldUp = () => go.Wait(TimeSpan.FromMinutes(1)) };
        loop.Start();
        try
        {
            // Until nobody is asked any more: the thread that decides holds some, a thousand wait, and each server waits with one.
            int before = -1;
            for (var begun = TimeProvider.System.GetTimestamp(); before != loop.Asked || before < 1_000; await Task.Delay(500))
            {
                Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(50) && loop.Asked < 3_000, $"{loop.Asked}");
                before = loop.Asked;
            }
        }
        finally
        {
            go.Set();
        }

        loop.Down["web7"] = "Gone.";
        Assert.Equal("web7", (await loop.NextAsync<ServerChanged>(_ => true)).Server);
    }

    [Fact]
    public async Task A_channel_that_is_described_wrong_is_told_of_by_the_others_and_its_messages_go_another_way()
    {
        var wrong = new NotificationChannel { Name = "mail", Kind = NotificationChannelKind.Mail, Target = "mail.example.com" };
        var activity = new RecordingActivity();
        var senders = NotificationSenders.CreateAll([wrong, new NotificationChannel { Name = "file", Kind = NotificationChannelKind.Script, Target = "cat" }], null, TimeProvider.System, activity);
        Assert.Equal("The channel 'mail' cannot be used", Assert.Single(activity.Warnings).Split(':')[0]);
        Assert.IsNotType<InvalidChannel>(senders["file"]);
        var route = new NotificationRoute { Name = "admins", Channels = ["mail", "recorder"], MaxPerHour = 10_000 };
        await using var loop = new LoopCase(LoopCase.Default with { Routes = [route] });
        loop.MoreSenders["mail"] = senders["mail"];
        loop.Start();
        var told = await loop.NextMessageAsync();
        Assert.Equal("Critical: (monitor) channel mail", told.Title);
        Assert.StartsWith("The channel 'mail' cannot be used: ", told.Incidents[0].Checks[0].Message, StringComparison.Ordinal);
        loop.Down["web1"] = "Gone.";
        Assert.Equal("Critical: web1 cannot be reached", (await loop.NextMessageAsync()).Title);
        await loop.StopAsync();
        // What is wrong with the environment's file is not remembered: the next monitor looks anew.
        using var store = loop.Folder.Open(TimeProvider.System, SilentActivity.Instance, readOnly: true);
        Assert.Empty(store.Monitor.Load(default).DeadChannels);
    }

    [UnixFact]
    public async Task What_is_to_be_done_is_done_with_what_it_is_about_at_hand()
    {
        var action = new HealthAction { Name = "look", Rules = ["reachability"], RunOn = "localhost", Command = "echo \"$PRODOPS_SERVER $PRODOPS_CHECK $PRODOPS_STATE\"; exit 3" };
        await using var loop = new LoopCase(LoopCase.Default with { Actions = [action] }).Start();
        loop.Down["web1"] = "Gone.";
        var begun = await loop.NextAsync<ActionBegun>(_ => true);
        var ended = await loop.NextAsync<ActionEnded>(_ => true);
        Assert.Equal((begun.Number, 3, "web1 reachability Critical"), (ended.Begun, ended.ExitCode, ended.Output));
    }

    [Fact]
    public async Task Events_are_told_in_words_with_the_incident_they_belong_to()
    {
        await using var loop = new LoopCase().Start();
        loop.Down["web1"] = "Gone.";
        await loop.NextAsync<NotificationDelivered>(_ => true);
        await loop.StopAsync();
        using var store = loop.Folder.Open(TimeProvider.System, SilentActivity.Instance, readOnly: true);
        var told = new EventText(_ => "").Read(store.Events.Replay(0, default).Select(stored => EventJson.Read(stored.Json))).ToList();
        var change = told.Single(one => one is { Kind: HealthEventKind.Check, Server: "web1" });
        var incident = told.Single(one => one.Kind == HealthEventKind.Incident);
        Assert.Equal((HealthState.OK, HealthState.Critical, "Gone.", incident.Number), (change.From, change.State, change.Message, change.Incident));
        Assert.Equal("Critical: web1 cannot be reached", told.Single(one => one.Kind == HealthEventKind.Notification).Message);
        Assert.Equal("recorder", told.Single(one => one.Kind == HealthEventKind.Delivery).By);
        Assert.All(told, one => Assert.NotEmpty(one.Kind == HealthEventKind.Result ? "-" : one.Message));
    }

    /// <summary>A channel that keeps what it is given.</summary>
    private sealed class Beats : INotificationSender
    {
        public List<NotificationMessage> Taken { get; } = [];

        public string? Trouble { get; set; }

        public NotificationChannel Channel { get; } = new() { Name = "beats" };

        public Task SendAsync(NotificationMessage message, CancellationToken cancellationToken)
        {
            if (Trouble is { } trouble) return Task.FromException(new ProdOpsException("NotificationNotDelivered", ErrorKind.ResourceUnavailable, trouble));
            Taken.Add(message);
            return Task.CompletedTask;
        }
    }
}
