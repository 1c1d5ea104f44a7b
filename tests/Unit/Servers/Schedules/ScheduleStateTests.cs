using ProdOps.Servers.Schedules;

namespace ProdOps.Servers.Tests.Schedules;

public sealed class ScheduleStateTests
{
    private const string Services = """
        ==prodops clock 1764110000 10000.50
        ==prodops always prodops-log-receiver
        # prodops-schedule {"name":"log-receiver","command":"Start-LogReceiver -Udp 514","always":true}
        ActiveState=active
        UnitFileState=enabled
        ==prodops service prodops-log-receiver
        Result=success
        ExecMainStartTimestamp=Wed 2026-11-25 02:30:01 UTC
        ExecMainStartTimestampMonotonic=1000000
        ExecMainExitTimestampMonotonic=0
        ExecMainCode=0
        ExecMainStatus=0
        ActiveState=active
        ==prodops always prodops-failing
        # prodops-schedule {"name":"failing","command":"Start-LogReceiver -Udp 514","always":true}
        ActiveState=activating
        UnitFileState=enabled
        ==prodops service prodops-failing
        Result=exit-code
        ExecMainStartTimestamp=Wed 2026-11-25 02:30:01 UTC
        ExecMainStartTimestampMonotonic=1000000
        ExecMainExitTimestampMonotonic=2000000
        ExecMainCode=1
        ExecMainStatus=1
        ActiveState=activating
        ==prodops always prodops-timerless
        # prodops-schedule {"name":"timerless","command":"1","cron":["0 * * * *"]}
        ActiveState=inactive
        """;

    [Fact]
    public void Services_that_always_run_are_listed_beside_timers()
    {
        var found = SystemdState.Parse(Services).Select(state => state.ToModel("web1", ScheduleScope.System, "root")).ToList();
        Assert.Equal(["log-receiver", "failing"], found.Select(schedule => schedule.Name));
        Assert.Equal((true, ScheduleResult.Running, "Always"), (found[0].Enabled, found[0].LastResult, Assert.Single(found[0].Schedule)));
        Assert.Equal((false, ScheduleResult.Failed, 1), (found[1].Enabled, found[1].LastResult, found[1].ExitCode));
    }

    private const string Listing = """
        ==prodops clock 1764110000 10000.50
        ==prodops timer prodops-nightly
        # prodops-schedule {"name":"nightly","command":"Invoke-Backup /srv","daily":["02:30:00"],"user":"shop"}
        NextElapseUSecRealtime=Thu 2026-11-26 02:30:00 UTC
        NextElapseUSecMonotonic=infinity
        ActiveState=active
        UnitFileState=enabled
        ==prodops service prodops-nightly
        Result=success
        ExecMainStartTimestamp=Wed 2026-11-25 02:30:01 UTC
        ExecMainStartTimestampMonotonic=1000000
        ExecMainExitTimestampMonotonic=43500000
        ExecMainCode=1
        ExecMainStatus=0
        ActiveState=inactive
        ==prodops timer prodops-foreign
        ActiveState=active
        ==prodops service prodops-foreign
        Result=success
        ==prodops timer prodops-killed
        # prodops-schedule {"name":"killed","filePath":"/srv/a.ps1","arguments":["-Full","a b"],"every":"00:07:00"}
        NextElapseUSecRealtime=
        NextElapseUSecMonotonic=2h 46min 45.25s
        ActiveState=inactive
        UnitFileState=disabled
        ==prodops service prodops-killed
        Result=signal
        ExecMainStartTimestamp=Wed 2026-11-25 02:30:01 UTC
        ExecMainStartTimestampMonotonic=1000000
        ExecMainExitTimestampMonotonic=2000000
        ExecMainCode=2
        ExecMainStatus=9
        ActiveState=failed
        ==prodops timer prodops-rebooted
        # prodops-schedule {"name":"rebooted","command":"1","cron":["0 * * * *"]}
        ActiveState=active
        UnitFileState=enabled
        ==prodops service prodops-rebooted
        Result=success
        ExecMainStartTimestampMonotonic=0
        ActiveState=inactive
        ==prodops journal prodops-rebooted
        {"__REALTIME_TIMESTAMP":"1764100010000000","MESSAGE_ID":"d9b373ed55a64feb8242e02dbe79a49c","UNIT_RESULT":"exit-code"}
        {"__REALTIME_TIMESTAMP":"1764100009900000","MESSAGE_ID":"98e322203f7a4ed290d09fe03c09fe15","EXIT_STATUS":"3"}
        {"__REALTIME_TIMESTAMP":"1764100000000000","MESSAGE_ID":"7d4958e842da4a758f6c1cdc7b36dcc5"}
        {"__REALTIME_TIMESTAMP":"1764000000000000","MESSAGE_ID":"39f53479d3a045ac8e11786248231fbf"}
        """;

    private const string CronListing = """
        ==prodops schedule nightly
        # prodops-schedule {"name":"nightly","command":"1","cron":["0 12 13 * fri"]}
        ==prodops run nightly
        pid=123
        start=1764100000
        end=1764100090
        code=4
        ==prodops schedule running
        # prodops-schedule {"name":"running","command":"1","every":"01:00:00"}
        ==prodops run running
        pid=124
        start=1764100000
        alive=yes
        ==prodops schedule crashed
        # prodops-schedule {"name":"crashed","command":"1","every":"01:00:00"}
        ==prodops run crashed
        pid=125
        start=1764100000
        ==prodops schedule foreign
        ==prodops run foreign
        code=0
        start=1
        end=2
        """;

    private static readonly DateTimeOffset Now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    private static readonly ScheduleHost Host = new() { Server = "web1", User = "shop", CronRuns = true };

    [Fact]
    public void What_systemd_knows_of_a_schedule_is_read()
    {
        var schedules = SystemdState.Parse(Listing).Select(state => state.ToModel("web1", ScheduleScope.System, "root")).ToList();
        Assert.Equal(["nightly", "killed", "rebooted"], schedules.Select(schedule => schedule.Name));
        var nightly = schedules[0];
        Assert.Equal((ScheduleResult.Succeeded, 0, TimeSpan.FromSeconds(42.5), "shop", true), (nightly.LastResult, nightly.ExitCode, nightly.Duration, nightly.User, nightly.Enabled));
        Assert.Equal(new DateTimeOffset(2026, 11, 25, 2, 30, 1, TimeSpan.Zero), nightly.LastRun);
        Assert.Equal(new DateTimeOffset(2026, 11, 26, 2, 30, 0, TimeSpan.Zero), nightly.NextRun);
        Assert.Equal(["Daily 02:30"], nightly.Schedule);
        var killed = schedules[1];
        Assert.Equal((ScheduleResult.Failed, 137, false, "root"), (killed.LastResult, killed.ExitCode, killed.Enabled, killed.User));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1764110000).AddSeconds(4.75), killed.NextRun);
        Assert.Equal(["-Full", "a b"], killed.ArgumentList);
    }

    [Fact]
    public void After_a_reboot_the_journal_tells_of_the_last_run()
    {
        var schedule = SystemdState.Parse(Listing)[^1].ToModel("web1", ScheduleScope.System, "root");
        Assert.Equal((ScheduleResult.Failed, 3, TimeSpan.FromSeconds(10)), (schedule.LastResult, schedule.ExitCode, schedule.Duration));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1764100000), schedule.LastRun);
    }

    [Fact]
    public void What_crons_script_recorded_is_read()
    {
        var schedules = CronState.Parse(CronListing, Host, Now);
        Assert.Equal(["nightly", "running", "crashed"], schedules.Select(schedule => schedule.Name));
        Assert.Equal((ScheduleResult.Failed, 4, TimeSpan.FromSeconds(90)), (schedules[0].LastResult, schedules[0].ExitCode, schedules[0].Duration));
        // Either day is enough: the Friday comes before the 13th.
        Assert.Equal(new DateTimeOffset(2026, 11, 27, 12, 0, 0, TimeSpan.Zero), schedules[0].NextRun);
        Assert.Equal(ScheduleResult.Running, schedules[1].LastResult);
        Assert.Equal(ScheduleResult.Failed, schedules[2].LastResult);
    }

    [Fact]
    public void The_next_run_is_in_the_servers_time_zone() =>
        Assert.Equal(
            new DateTimeOffset(2026, 11, 26, 1, 30, 0, TimeSpan.Zero),
            CronState.Next("30 2 * * *", Now, ScheduleHost.Parse("zone=Europe/Berlin\noffset=+0100\n").Zone)!.Value.ToUniversalTime());

    [Theory]
    [InlineData("uid=0\nuser=root\nsystemd=systemd 252 (252.39-1)\nrunner=/usr/bin/pwsh\nrunner=/usr/bin/prodops\n", true, false, "/usr/bin/pwsh")]
    [InlineData("uid=1000\nuser=shop\nsystemd=systemd 252 (252.39-1)\ncrontab=/usr/bin/crontab\nrunner=/usr/local/bin/prodops\n", false, true, "/usr/local/bin/prodops")]
    [InlineData("uid=1000\nuser=shop\nsystemd=systemd 252\nmanager=user\nrunner=alias pwsh\n", true, false, null)]
    [InlineData("uid=0\nuser=root\ncrond=/etc/cron.d\n", false, true, null)]
    [InlineData("noise\nuid=1000\nuser=shop\ncrond=/etc/cron.d\n", false, false, null)]
    public void The_facts_decide_what_starts_schedules(string facts, bool systemd, bool cron, string? runner)
    {
        var host = ScheduleHost.Parse(facts);
        Assert.Equal((systemd, cron, runner), (host.UsesSystemd, host.UsesCron, host.Runner));
    }

    [Fact]
    public void BusyBox_reads_no_folder_of_crontabs()
    {
        var host = ScheduleHost.Parse("uid=0\nuser=root\ncrond=/etc/cron.d\ncrontab=/bin/busybox\n");
        Assert.True(host.UsesCron);
        Assert.False(host.HasCronFolder);
    }

    [Fact]
    public void Any_listing_is_read_or_passed_over()
    {
        var random = new Random(20267);
        string[] sources = [Listing, CronListing, "uid=0\nuser=root\nzone=Europe/Berlin\noffset=+0100\nsystemd=systemd 252\n"];
        for (int i = 0; i < 20_000; i++)
        {
            string text = Mutate(random, sources[i % sources.Length]);
            foreach (var state in SystemdState.Parse(text)) state.ToModel("web1", ScheduleScope.System, "root");
            CronState.Parse(text, Host, Now);
            ScheduleHost.Parse(text);
        }
    }

    private static string Mutate(Random random, string text)
    {
        for (int change = random.Next(1, 5); change > 0; change--)
        {
            int at = random.Next(text.Length);
            int length = Math.Min(random.Next(1, 20), text.Length - at);
            text = random.Next(4) switch
            {
                0 => text.Remove(at, length),
                1 => text.Insert(at, text.Substring(random.Next(text.Length - length + 1), length)),
                2 => text.Insert(at, ((char)random.Next(1, 0x300)).ToString()),
                _ => string.Concat(text.AsSpan(0, at), random.Next().ToString(), text.AsSpan(at + length)),
            };
            if (text.Length == 0) return text;
        }

        return text;
    }
}
