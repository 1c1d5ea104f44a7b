namespace ProdOps.Lab.Tests.Schedules;

/// <summary>Schedules where a real systemd and a real cron run them.</summary>
[Collection(LabCollection.Name)]
public sealed class ScheduleTests(Fleet fleet)
{
    [LabFact]
    public async Task A_timer_fires_and_the_result_of_its_run_is_reported()
    {
        var setup = await ScheduleHostSetup.UpAsync(fleet, "sched1");
        var made = await setup.ObjectAsync("Register-ProdOpsSchedule tick 'touch /tmp/tick; sleep 0.3' -Every 2s");
        Assert.Equal("Systemd", made.GetProperty("Scheduler").ToString());
        Assert.NotEqual("", made.GetProperty("NextRun").ToString());
        await setup.WaitAsync("[ -e /tmp/tick ]", 20);
        // The next run would be at work while the result of this one is looked at.
        await setup.Host.RunAsync("systemctl stop prodops-tick.timer");
        await setup.WaitAsync("[ $(systemctl show -P ActiveState prodops-tick.service) = inactive ]", 20);
        var ran = await setup.ObjectAsync("Get-ProdOpsSchedule tick");
        Assert.Equal(("Succeeded", "0"), (ran.GetProperty("LastResult").ToString(), ran.GetProperty("ExitCode").ToString()));
        Assert.NotEqual("", ran.GetProperty("LastRun").ToString());
        Assert.Equal("False", ran.GetProperty("Enabled").ToString());
        Assert.InRange(TimeSpan.Parse(ran.GetProperty("Duration").ToString(), System.Globalization.CultureInfo.InvariantCulture).TotalSeconds, 0.3, 10);

        await setup.CmdletAsync("Unregister-ProdOpsSchedule tick -Confirm:$false");
        Assert.Equal("", await setup.Host.RunAsync("ls /etc/systemd/system | grep prodops- || true; systemctl list-units --all --plain --no-legend 'prodops-*'"));
    }

    [LabFact]
    public async Task A_failing_run_is_reported_with_its_exit_code_and_after_a_reboot_as_well()
    {
        var setup = await ScheduleHostSetup.UpAsync(fleet, "sched1");
        await setup.Host.RunAsync("mkdir -p /var/log/journal && systemctl restart systemd-journald && journalctl --flush");
        await setup.CmdletAsync("Register-ProdOpsSchedule bad 'echo it went wrong; exit 7' -Daily 03:00 -RandomDelay 5m");
        await setup.Host.RunAsync("systemctl start prodops-bad.service || true");
        var failed = await setup.ObjectAsync("Get-ProdOpsSchedule bad");
        Assert.Equal(("Failed", "7"), (failed.GetProperty("LastResult").ToString(), failed.GetProperty("ExitCode").ToString()));
        Assert.Contains("it went wrong", await setup.Host.RunAsync("journalctl -q --sync; journalctl -q -u prodops-bad -t prodops-bad -o cat"));

        await setup.Host.RunAsync("sync");
        await setup.Host.KillAsync();
        await setup.Host.BootAsync();
        failed = await setup.ObjectAsync("Get-ProdOpsSchedule bad");
        Assert.Equal(("Failed", "7"), (failed.GetProperty("LastResult").ToString(), failed.GetProperty("ExitCode").ToString()));
        await setup.CmdletAsync("Unregister-ProdOpsSchedule bad -Confirm:$false");
    }

    [LabFact]
    public async Task A_command_arrives_as_it_was_written()
    {
        var setup = await ScheduleHostSetup.UpAsync(fleet, "sched1");
        string[] texts = [": 100% %n %% $HOME ${HOME} $$", ": \"double\" `tick` \\n \\\\ ;", ":\t&& | ; # é \U0001F511", ": ; ; \\", ":\nsecond line\n\nfourth %"];
        for (int i = 0; i < texts.Length; i++)
        {
            string quoted = texts[i].Replace("'", "''", StringComparison.Ordinal);
            await setup.CmdletAsync($"Register-ProdOpsSchedule text '{quoted}' -Daily 03:00 -Description '100% {i} \\'");
            await setup.Host.RunAsync("rm -f /tmp/arguments; systemctl start prodops-text.service || true");
            string[] words = (await setup.Host.RunAsync("cat /tmp/arguments")).TrimEnd('\0').Split('\0');
            Assert.Equal(["-NoProfile", "-NonInteractive", "-Command", texts[i]], words);
            Assert.Equal($"100% {i} \\", await setup.Host.RunAsync("systemctl show -P Description prodops-text.service"));
        }

        await setup.CmdletAsync("Unregister-ProdOpsSchedule text -Confirm:$false");
    }

    [LabFact]
    public async Task Registering_again_changes_nothing_and_a_new_time_does_not_run_at_once()
    {
        var setup = await ScheduleHostSetup.UpAsync(fleet, "sched1");
        await setup.CmdletAsync("Register-ProdOpsSchedule again 'touch /tmp/again' -Cron '* * * * *'");
        string units = "stat -c '%i %Y' /etc/systemd/system/prodops-again.service /etc/systemd/system/prodops-again.timer";
        string before = await setup.Host.RunAsync(units);
        Assert.Equal("None", (await setup.ObjectAsync("Register-ProdOpsSchedule again 'touch /tmp/again' -Cron '* * * * *'")).GetProperty("Change").ToString());
        Assert.Equal(before, await setup.Host.RunAsync(units));

        // The new times came by while the timer stood still: that must not be made up for.
        await setup.Host.RunAsync("systemctl stop prodops-again.timer; touch -d '3 days ago' /var/lib/systemd/timers/stamp-prodops-again.timer; rm -f /tmp/again");
        Assert.Equal("Update", (await setup.ObjectAsync("Register-ProdOpsSchedule again 'touch /tmp/again' -OnCalendar 'Mon..Sun 00:00'")).GetProperty("Change").ToString());
        Assert.Equal("inactive", await setup.Host.RunAsync("systemctl is-active prodops-again.service || true"));
        Assert.Equal("", await setup.Host.RunAsync("ls /tmp/again 2>/dev/null || true"));
        await setup.CmdletAsync("Unregister-ProdOpsSchedule again -Confirm:$false");
    }

    [LabFact]
    public async Task What_systemd_refuses_leaves_what_was_there()
    {
        var setup = await ScheduleHostSetup.UpAsync(fleet, "sched1");
        Assert.Contains("CalendarInvalid", await FailAsync(setup, "Register-ProdOpsSchedule wrong 'true' -OnCalendar 'every now and then'"));
        Assert.Contains("ScheduleNeverRuns", await FailAsync(setup, "Register-ProdOpsSchedule wrong 'true' -Cron '0 0 30 2 *'"));
        Assert.Contains("ScheduleUserInvalid", await FailAsync(setup, "Register-ProdOpsSchedule wrong 'true' -Every 1h -User nobody-here"));
        await setup.Host.RunAsync("mv /etc/systemd/system/timers.target.wants /etc/wants.saved 2>/dev/null || true; touch /etc/systemd/system/timers.target.wants");
        Assert.Contains("ScheduleRefused", await FailAsync(setup, "Register-ProdOpsSchedule wrong 'true' -Every 1h"));
        await setup.Host.RunAsync("rm -f /etc/systemd/system/timers.target.wants; if [ -e /etc/wants.saved ]; then mv /etc/wants.saved /etc/systemd/system/timers.target.wants; fi");
        Assert.Equal("", await setup.Host.RunAsync("ls /etc/systemd/system | grep prodops-wrong || true"));
    }

    [LabFact]
    public async Task A_user_with_a_manager_has_timers_of_its_own()
    {
        var setup = await ScheduleHostSetup.UpAsync(fleet, "sched1");
        await setup.Host.AccountAsync("shop");
        await setup.Host.RunAsync("loginctl enable-linger shop");
        await setup.WaitAsync("[ -S /run/user/$(id -u shop)/systemd/private ]", 20);
        var made = await setup.ObjectAsync("Register-ProdOpsSchedule own 'touch /tmp/own' -Every 2s", user: "shop");
        Assert.Equal(("Systemd", "User", "shop"), (made.GetProperty("Scheduler").ToString(), made.GetProperty("Scope").ToString(), made.GetProperty("User").ToString()));
        await setup.WaitAsync("[ -e /tmp/own ]", 20);
        Assert.Equal("shop", await setup.Host.RunAsync("stat -c %U /tmp/own"));
        await setup.CmdletAsync("Unregister-ProdOpsSchedule own -Confirm:$false", user: "shop");
    }

    [LabFact]
    public async Task Where_there_is_no_systemd_cron_runs_it_and_the_result_is_reported()
    {
        var setup = await ScheduleHostSetup.UpAsync(fleet, "sched1");
        var made = await setup.ObjectAsync("Register-ProdOpsSchedule minute 'touch /tmp/minute; id -un; exit 5' -Cron '* * * * *' -User daemon", hideSystemd: true);
        Assert.Equal(("Cron", "System"), (made.GetProperty("Scheduler").ToString(), made.GetProperty("Scope").ToString()));
        // The next full minute is at most a minute away; cron reads its folder once a minute.
        await setup.WaitAsync("grep -q code= /var/lib/prodops/schedules/minute/run", 130);
        var ran = await setup.ObjectAsync("Get-ProdOpsSchedule minute", hideSystemd: true);
        Assert.Equal(("Failed", "5"), (ran.GetProperty("LastResult").ToString(), ran.GetProperty("ExitCode").ToString()));
        Assert.Equal("daemon", await setup.Host.RunAsync("stat -c %U /tmp/minute; journalctl -q -t prodops-minute -o cat | grep -qx daemon"));
        await setup.CmdletAsync("Unregister-ProdOpsSchedule minute -Confirm:$false", hideSystemd: true);
        Assert.Equal("", await setup.Host.RunAsync("ls /etc/cron.d | grep prodops || true; ls -A /etc/prodops/schedules; ls -A /var/lib/prodops/schedules"));
    }

    [LabFact]
    public async Task Runs_that_cron_starts_do_not_overlap_with_flock_and_without()
    {
        var setup = await ScheduleHostSetup.UpAsync(fleet, "sched1");
        await setup.CmdletAsync("Register-ProdOpsSchedule slow 'echo x >>/tmp/slow; sleep 3' -Cron '0 0 1 1 *'", hideSystemd: true);
        string overlap = "rm -f /tmp/slow; for i in 1 2 3 4 5 6 7 8 9 10; do {0} & done; wait; wc -l </tmp/slow";
        Assert.Equal("1", await setup.Host.RunAsync(string.Format(overlap, "sh /etc/prodops/schedules/slow.sh")));
        // A place without flock: the same script with another PATH, and a lock of a process that is gone.
        await setup.Host.RunAsync("sed 's|command -v flock|false|' /etc/prodops/schedules/slow.sh >/tmp/slow.sh; rm -f /var/lib/prodops/schedules/slow/lock");
        for (int round = 0; round < 3; round++)
        {
            await setup.Host.RunAsync("ln -s '999999 gone' /var/lib/prodops/schedules/slow/owner");
            Assert.Equal("1", await setup.Host.RunAsync(string.Format(overlap, "sh /tmp/slow.sh")));
        }
        await setup.CmdletAsync("Unregister-ProdOpsSchedule slow -Confirm:$false", hideSystemd: true);
    }

    private static async Task<string> FailAsync(ScheduleHostSetup setup, string script) =>
        await setup.CmdletAsync($"try {{ {script} -ErrorAction Stop; \"no error\" }} catch {{ $_.FullyQualifiedErrorId }}");
}
