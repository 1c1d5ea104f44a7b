using System.Diagnostics;
using System.Text;
using ProdOps.Servers.Schedules;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Schedules;

public sealed class UnitFileTests : IDisposable
{
    private static readonly string[] Pieces = ["%", "%%", "%n", "$", "$HOME", "${HOME}", "$$", "\"", "'", "\\", "\\n", "\n", "\r", "\t", ";", " ; ", " ", "é", "\U0001F511", "a", "-", "@", "#", "|", "`", "\u0001", "\u007f", "*", "&&", "\u2028"];

    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-units-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_service_that_always_runs_is_started_again_and_may_have_low_ports()
    {
        var definition = new ScheduleDefinition { Name = "log-receiver", Description = "Receives logs", Command = "Start-LogReceiver -Udp 514", Always = true, User = "syslog" };
        definition.Validate();
        Assert.Equal(["Always"], definition.Times);
        Assert.Equal(
            """
            # Made by ProdOps (Register-ProdOpsSchedule). Registering it again writes this file anew.
            # prodops-schedule {"name":"log-receiver","description":"Receives logs","command":"Start-LogReceiver -Udp 514","always":true,"user":"syslog"}

            [Unit]
            Description=Receives logs
            Wants=network-online.target
            After=network-online.target
            StartLimitIntervalSec=0

            [Service]
            Type=notify
            NotifyAccess=all
            Restart=on-failure
            RestartSec=5s
            SuccessExitStatus=143
            TimeoutStopSec=60s
            AmbientCapabilities=CAP_NET_BIND_SERVICE
            User=syslog
            Environment=NO_COLOR=1 POWERSHELL_TELEMETRY_OPTOUT=1 POWERSHELL_UPDATECHECK=Off
            SyslogIdentifier=prodops-log-receiver
            ExecStart=/usr/bin/pwsh -NoProfile -NonInteractive -Command "Start-LogReceiver -Udp 514"

            [Install]
            WantedBy=multi-user.target

            """, SystemdUnits.Service(definition, "/usr/bin/pwsh", "syslog"));
    }

    [Fact]
    public void A_service_and_its_timer_read_like_hand_written_ones()
    {
        var definition = new ScheduleDefinition
        {
            Name = "nightly", Description = "100% of /srv", Command = "Invoke-Backup /srv -Tag '$night'", Daily = [new TimeOnly(2, 30)], Cron = ["0 12 13 * fri"], RandomDelay = TimeSpan.FromMinutes(10),
        };
        Assert.Equal(
            """
            # Made by ProdOps (Register-ProdOpsSchedule). Registering it again writes this file anew.
            # prodops-schedule {"name":"nightly","description":"100% of /srv","command":"Invoke-Backup /srv -Tag '$night'","cron":["0 12 13 * fri"],"daily":["02:30:00"],"randomDelay":"00:10:00"}

            [Unit]
            Description=100%% of /srv
            Wants=network-online.target
            After=network-online.target

            [Service]
            Type=oneshot
            User=root
            Environment=NO_COLOR=1 POWERSHELL_TELEMETRY_OPTOUT=1 POWERSHELL_UPDATECHECK=Off
            SyslogIdentifier=prodops-nightly
            ExecStart=/usr/bin/pwsh -NoProfile -NonInteractive -Command "Invoke-Backup /srv -Tag '$$night'"
            NoNewPrivileges=true
            LockPersonality=true
            RestrictRealtime=true

            """, SystemdUnits.Service(definition, "/usr/bin/pwsh", "root"));
        Assert.Equal(
            """
            [Timer]
            OnCalendar=*-*-* 02:30:00
            OnCalendar=*-*-13 12:00:00
            OnCalendar=Fri *-*-* 12:00:00
            RandomizedDelaySec=600s
            AccuracySec=1s
            Persistent=true

            [Install]
            WantedBy=timers.target

            """, SystemdUnits.Timer(definition)[SystemdUnits.Timer(definition).IndexOf("[Timer]", StringComparison.Ordinal)..]);
    }

    [Fact]
    public void An_uneven_interval_counts_from_run_to_run() =>
        Assert.Contains("\nOnActiveSec=420s\nOnUnitActiveSec=420s\n", SystemdUnits.Timer(new ScheduleDefinition { Name = "a", Command = "1", Every = TimeSpan.FromMinutes(7) }));

    [Fact]
    public void A_definition_survives_its_file()
    {
        var random = new Random(20264);
        int lines = SystemdUnits.Service(new ScheduleDefinition { Name = "n", Command = "x" }, "/usr/bin/pwsh", "root").Split('\n').Length;
        for (int i = 0; i < 2000; i++)
        {
            var definition = new ScheduleDefinition { Name = "n", Description = Text(random), Command = Text(random) + "x", Arguments = [Text(random)], Cron = ["1 2 3 4 5"] };
            string unit = SystemdUnits.Service(definition, "/usr/bin/pwsh", "root");
            var found = ScheduleDefinition.Find(unit)!;
            Assert.Equal((definition.Description, definition.Command, definition.Arguments[0]), (found.Description, found.Command, found.Arguments![0]));
            // Whatever the text, the file keeps its lines: nothing in it begins a setting or a section of its own.
            Assert.Equal(lines, unit.Split('\n').Length);
            Assert.Equal(definition.ToMarker(), found.ToMarker());
        }
    }

    [LinuxFact("systemd-analyze")]
    public void Systemd_reads_any_text_without_complaint()
    {
        var random = new Random(20265);
        var files = new List<string>();
        for (int i = 0; i < 150; i++)
        {
            var definition = new ScheduleDefinition { Name = $"fuzz{i}", Description = Text(random), Command = Text(random), Every = TimeSpan.FromMinutes(random.Next(1, 100)), RandomDelay = TimeSpan.FromSeconds(random.Next(100)) };
            string path = Path.Combine(_folder, $"prodops-fuzz{i}");
            File.WriteAllText(path + ".service", SystemdUnits.Service(definition, "/bin/true", i % 2 == 0 ? "root" : "daemon"));
            File.WriteAllText(path + ".timer", SystemdUnits.Timer(definition));
            files.Add(path + ".service");
            files.Add(path + ".timer");
        }

        var start = new ProcessStartInfo("systemd-analyze", ["verify", "--man=no", "--recursive-errors=no", .. files]) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["SYSTEMD_LOG_LEVEL"] = "notice";
        using var process = Process.Start(start)!;
        string complaints = process.StandardError.ReadToEnd() + process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(60)));
        Assert.DoesNotContain("fuzz", complaints);
    }

    [UnixFact]
    public void The_script_that_cron_starts_hands_any_text_over_as_it_is()
    {
        var random = new Random(20266);
        string runner = Path.Combine(_folder, "runner");
        File.WriteAllText(runner, $"#!/bin/sh\nfor a; do printf '%s\\000' \"$a\"; done >'{_folder}/arguments'\nexit 7\n");
        Tool.SetMode(runner, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        for (int i = 0; i < 25; i++)
        {
            var definition = new ScheduleDefinition { Name = "fuzz", Command = Text(random) + "@COMMAND@", Description = Text(random), Cron = ["* * * * *"] };
            string script = Path.Combine(_folder, "run.sh");
            File.WriteAllText(script, CronJob.Script(definition, runner, Path.Combine(_folder, "it's a state %")));
            Assert.Equal(7, Sh(script));
            Assert.Equal(["-NoProfile", "-NonInteractive", "-Command", definition.Command], Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(_folder, "arguments"))).TrimEnd('\0').Split('\0'));
            string run = File.ReadAllText(Path.Combine(_folder, "it's a state %", "run"));
            Assert.Contains("\ncode=7\n", run);
            Assert.Equal(definition.ToMarker(), ScheduleDefinition.Find(File.ReadAllText(script))!.ToMarker());
        }
    }

    [Fact]
    public void A_crontab_keeps_what_is_not_ours()
    {
        const string Foreign = "# mine\nMAILTO=me\n5 * * * * date +\\%s # prodops-schedule other\n";
        var definition = new ScheduleDefinition { Name = "mine", Command = "1", Cron = ["15 * * * *"], Every = TimeSpan.FromMinutes(30) };
        string with = CronJob.Crontab(Foreign, "mine", definition, "web1", "/home/a b%/x.sh");
        Assert.Equal(Foreign + "*/30 * * * * /bin/sh '/home/a b\\%/x.sh' # prodops-schedule mine\n15 * * * * /bin/sh '/home/a b\\%/x.sh' # prodops-schedule mine\n", with);
        Assert.Equal(with, CronJob.Crontab(with, "mine", definition, "web1", "/home/a b%/x.sh"));
        Assert.Equal(Foreign, CronJob.Crontab(with, "mine", null, "web1", ""));
        Assert.Equal("", CronJob.Crontab("", "mine", null, "web1", ""));
    }

    [Theory]
    [InlineData("90s", "an interval")]
    [InlineData("calendar", "calendar event")]
    [InlineData("second", "seconds")]
    public void What_cron_cannot_do_is_refused(string what, string part)
    {
        var definition = what switch
        {
            "90s" => new ScheduleDefinition { Name = "a", Command = "1", Every = TimeSpan.FromSeconds(90) },
            "calendar" => new ScheduleDefinition { Name = "a", Command = "1", Calendar = ["quarterly"] },
            _ => new ScheduleDefinition { Name = "a", Command = "1", Daily = [new TimeOnly(1, 2, 3)] },
        };
        var failure = Assert.Throws<ProdOpsException>(() => CronJob.Times(definition, "web1"));
        Assert.Equal("ScheduleNeedsSystemd", failure.ErrorId);
        Assert.Contains(part, failure.Message);
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("nightly-2_x", true)]
    [InlineData("", false)]
    [InlineData("-a", false)]
    [InlineData("a.b", false)]
    [InlineData("a/b", false)]
    [InlineData("a b", false)]
    [InlineData("ä", false)]
    [InlineData("a\n", false)]
    public void A_name_is_a_file_name_that_systemd_and_cron_take(string name, bool valid) => Assert.Equal(valid, ScheduleDefinition.IsValidName(name));

    private static string Text(Random random) => string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => Pieces[random.Next(Pieces.Length)]));

    private static int Sh(string script)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", [script]) { RedirectStandardError = true })!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(error.Length == 0, error);
        return process.ExitCode;
    }
}
