using System.Management.Automation;

namespace ProdOps.Lab.Tests.Schedules;

/// <summary>Schedules of hosts, seen from the admin's machine over SSH.</summary>
[Collection(LabCollection.Name)]
public sealed class RemoteScheduleTests(Fleet fleet)
{
    // What runs commands on the host is not at test here: this one runs them as shell text.
    private const string Runner = "printf '#!/bin/sh\\neval \"$4\"\\n' > /usr/local/bin/{0}; chmod 755 /usr/local/bin/{0}";

    [LabFact]
    public async Task A_timer_is_registered_run_changed_and_taken_away_through_sudo()
    {
        var host = await fleet.UpAsync("web1");
        await host.AccountAsync("ops", "sudo=nopassword");
        await host.RunAsync(string.Format(Runner, "pwsh"));
        string before = await host.RunAsync(Litter);
        try
        {
            using var admin = new Admin("ops", host);
            const string Register = "Register-ProdOpsSchedule remote 'echo it-ran as $(id -un); echo x >> /run/remote-runs; timeout 20 sh -c \"until [ -e /run/remote-go ]; do sleep 0.05; done\"' -Server web1 -AsRoot -Daily ";
            var made = await OneAsync(admin, Register + "03:00");
            Assert.Equal(("Systemd", "System", "root", "Create"), (Text(made, "Scheduler"), Text(made, "Scope"), Text(made, "User"), Text(made, "Change")));
            Assert.Equal(3, ((DateTimeOffset)made.Properties["NextRun"].Value).Hour);
            Assert.Equal("None", Text(made, "LastResult"));
            // systemd reads the files without a word of complaint, and hardens what it runs.
            Assert.Equal("", await host.RunAsync("systemd-analyze verify --man=no --recursive-errors=no /etc/systemd/system/prodops-remote.service /etc/systemd/system/prodops-remote.timer 2>&1"));
            Assert.Equal("yes yes yes", await host.RunAsync("echo $(systemctl show --value -p NoNewPrivileges -p LockPersonality -p RestrictRealtime prodops-remote.service)"));

            // Two starts while one is at work are one run.
            await host.RunAsync("for i in 1 2 3; do systemctl start --no-block prodops-remote.service; done; timeout 20 sh -c 'until [ -e /run/remote-runs ]; do sleep 0.05; done'; systemctl start --no-block prodops-remote.service");
            var running = await OneAsync(admin, "Get-ProdOpsSchedule remote -Server web1 -AsRoot");
            Assert.Equal("Running", Text(running, "LastResult"));
            // A change of its time does not end the run that is at work, nor start another.
            var changed = await OneAsync(admin, Register + "04:00");
            Assert.Equal("Update", Text(changed, "Change"));
            Assert.Equal(4, ((DateTimeOffset)changed.Properties["NextRun"].Value).Hour);
            Assert.Equal("active", await host.RunAsync("systemctl is-active prodops-remote.timer"));
            await host.RunAsync("touch /run/remote-go; timeout 20 sh -c 'until [ \"$(systemctl show -P ActiveState prodops-remote.service)\" = inactive ]; do sleep 0.05; done'");
            Assert.Equal("1", await host.RunAsync("wc -l < /run/remote-runs"));
            var ran = await OneAsync(admin, "Get-ProdOpsSchedule -Server web1 -AsRoot");
            Assert.Equal(("Succeeded", 0), (Text(ran, "LastResult"), ran.Properties["ExitCode"].Value));
            Assert.InRange(TimeProvider.System.GetUtcNow() - (DateTimeOffset)ran.Properties["LastRun"].Value, TimeSpan.Zero, TimeSpan.FromMinutes(1));
            Assert.Equal("it-ran as root", await host.RunAsync("journalctl -q --sync; journalctl -q -t prodops-remote -o cat"));

            // A failure is told with its code.
            _ = await OneAsync(admin, "Register-ProdOpsSchedule remote 'exit 9' -Daily 04:00 -Server web1 -AsRoot");
            await host.RunAsync("systemctl start prodops-remote.service || true");
            var failed = await OneAsync(admin, "Get-ProdOpsSchedule remote -Server web1 -AsRoot");
            Assert.Equal(("Failed", 9), (Text(failed, "LastResult"), failed.Properties["ExitCode"].Value));

            Assert.Empty((await admin.RunAsync("Unregister-ProdOpsSchedule remote -Server web1 -AsRoot -Confirm:$false")).Clean);
            Assert.Equal(before, await host.RunAsync(Litter));
            Assert.Equal("ScheduleNotFound", (await admin.RunAsync("Get-ProdOpsSchedule remote -Server web1 -AsRoot")).ErrorId);
        }
        finally
        {
            await host.RunAsync("rm -f /usr/local/bin/pwsh /run/remote-runs /run/remote-go");
        }
    }

    [LabFact]
    public async Task Where_systemd_is_not_seen_cron_is_found_and_its_runs_are_reported()
    {
        var host = await fleet.UpAsync("web1");
        await host.RunAsync(string.Format(Runner, "prodops"));
        var door = new SecondSshd(host, hidesSystemd: true);
        await door.StartAsync();
        string before = await host.RunAsync(CronLitter);
        try
        {
            using var admin = new Admin($"User = 'root'; IdentityFile = '{Fleet.Key}'; KnownHosts = 'known_hosts'; ConfigFile = 'none'", door.Entry("old1"));
            await File.WriteAllTextAsync(Path.Combine(admin.Folder, "known_hosts"), door.KnownHosts);
            Assert.Equal("ScheduleNeedsSystemd", (await admin.RunAsync("Register-ProdOpsSchedule hourly 'true' -OnCalendar 'Mon *-*-* 00:00' -Server old1")).ErrorId);
            var made = await OneAsync(admin, "Register-ProdOpsSchedule hourly 'echo 100% of $(id -un); sleep 1; exit 6' -Cron '17 * * * *' -Server old1");
            Assert.Equal(("Cron", "Create"), (Text(made, "Scheduler"), Text(made, "Change")));
            Assert.Equal(17, ((DateTimeOffset)made.Properties["NextRun"].Value).Minute);
            Assert.Contains("/usr/local/bin/prodops", await host.RunAsync("cat /etc/prodops/schedules/hourly.sh"));

            // What cron would run at that minute, twice at once.
            const string Line = "line=$(grep '^17 ' /etc/cron.d/prodops-hourly | cut -d' ' -f7-); ";
            await host.RunAsync(Line + "for i in 1 2; do sh -c \"$line\" & done; wait");
            Assert.Equal("100% of root", await host.RunAsync("journalctl -q --sync; journalctl -q -t prodops-hourly -o cat | grep -v 'still at work'"));
            var ran = await OneAsync(admin, "Get-ProdOpsSchedule hourly -Server old1");
            Assert.Equal(("Failed", 6), (Text(ran, "LastResult"), ran.Properties["ExitCode"].Value));
            Assert.Equal("Update", Text(await OneAsync(admin, "Register-ProdOpsSchedule hourly 'true' -Cron '18 * * * *' -Server old1"), "Change"));
            Assert.Equal("1", await host.RunAsync("grep -c '^18 ' /etc/cron.d/prodops-hourly"));

            Assert.Empty((await admin.RunAsync("Unregister-ProdOpsSchedule hourly -Server old1 -Confirm:$false")).Clean);
            Assert.Equal(before, await host.RunAsync(CronLitter));
        }
        finally
        {
            await door.DisposeAsync();
            await host.RunAsync("rm -f /usr/local/bin/prodops");
        }
    }

    private const string Litter = "find /etc/systemd /var/lib/systemd/timers /tmp -name '*prodops*' 2>/dev/null | sort; systemctl list-units --all --plain --no-legend 'prodops-*'; ls -A /tmp | grep '^tmp' || true";

    private const string CronLitter = "find /etc/cron.d /etc/prodops /var/lib/prodops -type f 2>/dev/null | grep prodops || true; ls -A /tmp | grep '^tmp' || true";

    private static async Task<PSObject> OneAsync(Admin admin, string script) => Assert.Single((await admin.RunAsync(script)).Clean);

    private static string? Text(PSObject schedule, string property) => schedule.Properties[property].Value?.ToString();
}
