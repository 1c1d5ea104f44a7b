using System.Diagnostics;
using System.Management.Automation;
using ProdOps.Cmdlets.Tests.Backup;

namespace ProdOps.Cmdlets.Tests.Schedules;

/// <summary>
/// The cmdlets on this machine, as an ordinary user with a crontab: a folder at the beginning of the PATH has an id, a crontab, a
/// systemctl that finds no manager and a pwsh, and the user's folders are below a temporary one.
/// </summary>
[Collection("Environment")]
public sealed class ScheduleCmdletTests : IDisposable
{
    private static readonly string[] Variables = ["PATH", "XDG_CONFIG_HOME", "XDG_STATE_HOME"];

    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-schedule-").FullName;
    private readonly string?[] _before = [.. Variables.Select(Environment.GetEnvironmentVariable)];
    private readonly Engine _engine = new();

    public ScheduleCmdletTests()
    {
        if (OperatingSystem.IsWindows()) return;
        Tool("id", "case $1 in -u) echo 1000 ;; *) echo shop ;; esac");
        Tool("crontab", $"case $1 in -l) cat '{Crontab}' ;; -) cat >'{Crontab}' ;; *) exit 2 ;; esac");
        Tool("systemctl", "exit 1");
        Tool("pwsh", $"for a; do printf '%s\\n' \"$a\"; done >'{_folder}/arguments'; exit 3");
        Environment.SetEnvironmentVariable("PATH", $"{_folder}/bin:{_before[0]}");
        Environment.SetEnvironmentVariable("XDG_CONFIG_HOME", $"{_folder}/config");
        Environment.SetEnvironmentVariable("XDG_STATE_HOME", $"{_folder}/it's state");
    }

    private string Crontab => Path.Combine(_folder, "crontab");

    private string Script => Path.Combine(_folder, "config", "prodops", "schedules", "nightly.sh");

    public void Dispose()
    {
        _engine.Dispose();
        for (int i = 0; i < Variables.Length; i++) Environment.SetEnvironmentVariable(Variables[i], _before[i]);
        Directory.Delete(_folder, recursive: true);
    }

    [UnixTheory]
    [InlineData("-LogReceiver @{ Udp = 514 }", "ServiceNeedsSystemd")]
    [InlineData("-LogReceiver @{ Store = '/srv/logs' }", "LogReceiverPortMissing")]
    [InlineData("-LogReceiver @{ Udp = 514; For = '1h' }", "LogReceiverParameterInvalid")]
    [InlineData("-LogReceiver @{ Udp = 514 } -Daily 02:30", "LogReceiverParameterInvalid")]
    [InlineData("-HealthMonitor @{ Environment = '/srv/environment.psd1'; Silent = $true; Server = 'web*' }", "ServiceNeedsSystemd")]
    [InlineData("-HealthMonitor @{ Environment = 'environment.psd1' }", "HealthMonitorParameterInvalid")]
    [InlineData("-HealthMonitor @{ Credential = 'x' }", "HealthMonitorParameterInvalid")]
    [InlineData("-HealthMonitor @{ Store = '/srv/m' } -Every 1h", "HealthMonitorParameterInvalid")]
    public void A_service_needs_systemd_and_parameters_of_its_own(string arguments, string error)
    {
        using var shell = _engine.Shell($"Register-ProdOpsSchedule {arguments}");
        Assert.Empty(shell.Invoke());
        Assert.Equal($"{error},ProdOps.Cmdlets.Schedules.RegisterProdOpsSchedule", Assert.Single(shell.Streams.Error).FullyQualifiedErrorId);
    }

    [UnixFact]
    public void A_schedule_is_registered_listed_run_and_taken_away()
    {
        File.WriteAllText(Crontab, "5 * * * * mine\n");
        var made = Single("Register-ProdOpsSchedule nightly { 'it''s 100% \"done\"' } -Cron '15 2 * * mon-fri' -Every 30m -Daily 23:59 -Description 'Nightly work'");
        Assert.Equal(("nightly", "Cron", "User", "shop", "Create"), (Text(made, "Name"), Text(made, "Scheduler"), Text(made, "Scope"), Text(made, "User"), Text(made, "Change")));
        Assert.Equal("None", Text(made, "LastResult"));
        Assert.NotNull(made.Properties["NextRun"].Value);
        Assert.Equal(
            ["5 * * * * mine", $"59 23 * * * /bin/sh {Script} # prodops-schedule nightly", $"*/30 * * * * /bin/sh {Script} # prodops-schedule nightly", $"15 2 * * 1-5 /bin/sh {Script} # prodops-schedule nightly"],
            File.ReadAllLines(Crontab));

        var found = Single("Get-ProdOpsSchedule n*");
        Assert.Equal("'it''s 100% \"done\"'", Text(found, "Command"));
        Assert.Equal(["Daily 23:59", "Every 00:30:00", "Cron 15 2 * * mon-fri"], (IEnumerable<string>)found.Properties["Schedule"].Value);
        using (var run = Process.Start("/bin/sh", [Script])) run.WaitForExit();
        Assert.Equal(["-NoProfile", "-NonInteractive", "-Command", "'it''s 100% \"done\"'"], File.ReadAllLines(Path.Combine(_folder, "arguments")));
        found = Single("Get-ProdOpsSchedule nightly");
        Assert.Equal(("Failed", 3), (Text(found, "LastResult"), (int)found.Properties["ExitCode"].Value));
        Assert.NotNull(found.Properties["LastRun"].Value);

        Assert.Empty(_engine.Run("Get-ProdOpsSchedule | Unregister-ProdOpsSchedule -Confirm:$false"));
        Assert.Equal(["5 * * * * mine"], File.ReadAllLines(Crontab));
        Assert.False(File.Exists(Script));
        Assert.Empty(_engine.Run("Get-ProdOpsSchedule"));
    }

    [UnixFact]
    public void Registering_the_same_again_changes_nothing_and_something_else_replaces_it()
    {
        Single("Register-ProdOpsSchedule nightly 'one' -Every 1h");
        var written = File.GetLastWriteTimeUtc(Script);
        using (var shell = _engine.Shell("Register-ProdOpsSchedule nightly 'one' -Every 01:00:00 -Verbose"))
        {
            Assert.Equal("None", Text(Assert.Single(shell.Invoke()), "Change"));
            Assert.Contains(shell.Streams.Verbose, line => line.Message.Contains("nothing is changed", StringComparison.Ordinal));
        }

        Assert.Equal(written, File.GetLastWriteTimeUtc(Script));
        Assert.Equal("Update", Text(Single("Register-ProdOpsSchedule nightly 'two' -Every 1h"), "Change"));
        Assert.Contains("'two'", File.ReadAllText(Script).Replace("-Command two", "'two'", StringComparison.Ordinal));
    }

    [UnixFact]
    public void WhatIf_returns_the_texts_that_would_be_written_and_writes_none()
    {
        var plan = Single("Register-ProdOpsSchedule nightly 'one' -Every 1h -WhatIf");
        Assert.Equal("ProdOps.SchedulePlan", plan.BaseObject.GetType().FullName);
        Assert.Equal("Create", Text(plan, "Change"));
        Assert.False(File.Exists(Script) || File.Exists(Crontab));
        var texts = _engine.Run("(Register-ProdOpsSchedule nightly 'one' -Every 1h -WhatIf).Files.Text").Select(text => (string)text.BaseObject).ToList();
        Single("Register-ProdOpsSchedule nightly 'one' -Every 1h");
        Assert.Equal([File.ReadAllText(Script), File.ReadAllText(Crontab)], texts);
        Assert.Empty(_engine.Run("Unregister-ProdOpsSchedule nightly -WhatIf"));
        Assert.True(File.Exists(Script));
    }

    [UnixTheory]
    [InlineData("Register-ProdOpsSchedule 'a b' 'one' -Every 1h", "ScheduleNameInvalid")]
    [InlineData("Register-ProdOpsSchedule nightly 'one'", "ScheduleTimeMissing")]
    [InlineData("Register-ProdOpsSchedule nightly 'one' -Cron '61 * * * *'", "CronInvalid")]
    [InlineData("Register-ProdOpsSchedule nightly 'one' -Cron '0 0 30 2 *'", "ScheduleNeverRuns")]
    [InlineData("Register-ProdOpsSchedule nightly 'one' -Every 8d", "ScheduleIntervalInvalid")]
    [InlineData("Register-ProdOpsSchedule nightly 'one' -Every 7m", "ScheduleNeedsSystemd")]
    [InlineData("Register-ProdOpsSchedule nightly 'one' -OnCalendar quarterly", "ScheduleNeedsSystemd")]
    [InlineData("Register-ProdOpsSchedule nightly 'one' -Every 1h -User root", "ScheduleUserInvalid")]
    [InlineData("Register-ProdOpsSchedule nightly -FilePath /no/such.ps1 -Every 1h", "ScheduleScriptMissing")]
    [InlineData("Register-ProdOpsSchedule nightly -FilePath such.ps1 -Every 1h", "ScheduleTextInvalid")]
    [InlineData("Get-ProdOpsSchedule none", "ScheduleNotFound")]
    [InlineData("Unregister-ProdOpsSchedule none -Confirm:$false", "ScheduleNotFound")]
    public void What_cannot_be_done_has_an_error_of_its_own(string script, string id)
    {
        Assert.StartsWith(id + ",", _engine.Fail(script).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.False(File.Exists(Script));
    }

    [UnixFact]
    public void A_file_that_is_not_ours_is_left_alone()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Script)!);
        File.WriteAllText(Script, "echo mine\n");
        Assert.StartsWith("ScheduleNotOurs,", _engine.Fail("Register-ProdOpsSchedule nightly 'one' -Every 1h").FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("echo mine\n", File.ReadAllText(Script));
        Assert.Empty(_engine.Run("Get-ProdOpsSchedule"));
    }

    [UnixFact]
    public void When_the_times_are_refused_what_was_there_is_put_back()
    {
        Single("Register-ProdOpsSchedule nightly 'one' -Every 1h");
        string before = File.ReadAllText(Script);
        Tool("crontab", $"case $1 in -l) cat '{Crontab}' ;; *) echo 'no space left' >&2; exit 1 ;; esac");
        var error = _engine.Fail("Register-ProdOpsSchedule nightly 'two' -Every 2h");
        Assert.StartsWith("ScheduleRefused,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("no space left", error.Exception.Message);
        Assert.Equal(before, File.ReadAllText(Script));
    }

    [UnixFact]
    public void This_machines_clock_is_read()
    {
        var clock = Single("Get-ServerClock -SampleCount 3");
        Assert.Equal("ProdOps.ServerClock", clock.BaseObject.GetType().FullName);
        Assert.Equal(3, clock.Properties["SampleCount"].Value);
        Assert.InRange(((TimeSpan)clock.Properties["Offset"].Value).Duration(), TimeSpan.Zero, (TimeSpan)clock.Properties["Uncertainty"].Value);
    }

    [UnixTheory]
    [InlineData("90s", 90)]
    [InlineData("1h30m", 5400)]
    [InlineData("1d", 86400)]
    [InlineData("00:00:10", 10)]
    [InlineData("1.5h", 5400)]
    public void Durations_are_written_as_people_write_them(string text, int seconds)
    {
        var plan = _engine.Run($"(Register-ProdOpsSchedule a 'one' -Daily 01:00 -RandomDelay {text} -WhatIf).Files[0].Text").Single().ToString();
        Assert.Contains($"/dev/urandom) % {seconds + 1} ))", plan);
    }

    [UnixFact]
    public void Backup_sets_get_schedules_that_follow_their_file()
    {
        string file = Path.Combine(_folder, "environment.psd1");
        void Write(string sets) => File.WriteAllText(file, $"@{{ Repositories = @{{ r = @{{ Path = '/r' }} }}; Backups = @{{ {sets} }} }}");
        IEnumerable<string> Register(string names, out string[] warnings)
        {
            using var shell = _engine.Shell($"Register-ProdOpsSchedule -Backup {names} -Environment '{file}'");
            string[] made = [.. shell.Invoke().Select(schedule => $"{Text(schedule, "Change")} {Text(schedule, "Name")}")];
            Assert.Empty(shell.Streams.Error);
            warnings = [.. shell.Streams.Warning.Select(warning => warning.Message).Where(message => message.Contains("backup set", StringComparison.Ordinal))];
            return made;
        }

        Write("db = @{ Path = '/a'; Schedule = '15 * * * *', '@daily' }; www = @{ Path = '/b'; Schedule = '30 2 * * *' }; idle = @{ Path = '/c' }");
        Assert.Equal(["Create backup-db", "Create backup-www"], Register("*", out _));
        Assert.Equal(["None backup-db", "None backup-www"], Register("*", out string[] warnings));
        Assert.Empty(warnings);
        var db = Single("Get-ProdOpsSchedule backup-db");
        Assert.Equal($"Invoke-Backup -Name 'db' -Environment '{file}'", Text(db, "Command"));
        Assert.Equal(["Cron 15 * * * *", "Cron @daily"], (IEnumerable<string>)db.Properties["Schedule"].Value);

        Write("db = @{ Path = '/a'; Schedule = '45 * * * *' }");
        Assert.Equal(["Update backup-db"], Register("db", out warnings));
        Assert.Contains("backup-www", Assert.Single(warnings), StringComparison.Ordinal);

        Assert.StartsWith("BackupSetUnscheduled,", IdOf("idle = @{ Path = '/c' }", "-Backup idle"), StringComparison.Ordinal);
        Assert.StartsWith("BackupSetNotFound,", IdOf("idle = @{ Path = '/c' }", "-Backup db"), StringComparison.Ordinal);
        Assert.StartsWith("ParameterNotAllowed,", IdOf("idle = @{ Path = '/c' }", "-Backup idle -Daily 02:00"), StringComparison.Ordinal);
        Single("Register-ProdOpsSchedule backup-mine 'x' -Every 1h");
        Assert.StartsWith("BackupScheduleTaken,", IdOf("mine = @{ Path = '/c'; Schedule = '@daily' }", "-Backup mine"), StringComparison.Ordinal);

        string IdOf(string sets, string parameters)
        {
            Write(sets);
            return _engine.Fail($"Register-ProdOpsSchedule {parameters} -Environment '{file}' -ErrorAction Stop").FullyQualifiedErrorId;
        }
    }

    private PSObject Single(string script) => Assert.Single(_engine.Run(script));

    private static string Text(PSObject value, string property) => value.Properties[property].Value.ToString()!;

    private void Tool(string name, string script)
    {
        string path = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "bin")).FullName, name);
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
