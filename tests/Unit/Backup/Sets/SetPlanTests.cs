using ProdOps.Backup.Sets;

namespace ProdOps.Backup.Tests.Sets;

public sealed class SetPlanTests : IAsyncLifetime
{
    private readonly SetLab _lab = new();

    public Task InitializeAsync()
    {
        SetTime(days: 0);
        return _lab.InitializeAsync();
    }

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    [UnixFact]
    public async Task A_server_is_due_once_the_schedule_has_passed_its_own_last_snapshot()
    {
        var daily = new BackupSet { Name = "db", FromCommand = "echo x", Repository = "local", Schedule = ["0 12 * * *"] };
        Assert.Equal(["a", "b"], await DueAsync(daily, "a", "b"));
        await _lab.RunAsync((daily, "a"), (daily with { Name = "other" }, "b"));
        Assert.Equal(["b"], await DueAsync(daily, "a", "b"));
        SetTime(days: 1);
        Assert.Equal(["a", "b"], await DueAsync(daily, "a", "b"));
        Assert.Empty(await DueAsync(daily with { Schedule = [] }, "a"));
        Assert.Empty(await DueAsync(daily with { Schedule = ["0 0 30 2 *"] }, "a"));
        // Several times: the nearest counts.
        SetTime(days: 0, minutes: 2);
        Assert.Equal(["a"], await DueAsync(daily with { Schedule = ["0 0 1 1 *", "* * * * *"] }, "a"));
    }

    [UnixFact]
    public async Task What_cannot_be_told_is_run_and_what_is_named_asks_nobody()
    {
        var set = new BackupSet { Name = "db", FromCommand = "echo x", Repository = "gone", Schedule = ["0 12 * * *"] };
        _lab.Broken.Add("gone");
        var plan = new SetPlan(_lab, _lab.Activity, _lab.Clock);
        var job = Assert.Single(await plan.CreateAsync([(set, [SetLab.Server("a")], null)], default));
        Assert.Contains("cannot be reached", job.Reason, StringComparison.Ordinal);
        Assert.Equal("it was named", Assert.Single(await plan.CreateAsync([(set, [SetLab.Server("a")], "it was named")], default)).Reason);
    }

    [UnixFact]
    public async Task A_snapshot_of_a_wrong_clock_does_not_put_a_set_off()
    {
        var daily = new BackupSet { Name = "db", FromCommand = "echo x", Repository = "local", Schedule = ["0 12 * * *"] };
        SetTime(days: 1000);
        await _lab.RunAsync((daily, "a"));
        SetTime(days: 0);
        Assert.Equal(["a"], await DueAsync(daily, "a"));
    }

    [Fact]
    public void Sets_are_found_by_name_and_pattern_and_a_slip_is_named()
    {
        var environment = new ProdOpsEnvironment { Name = "shop", Path = "/srv/shop/environment.psd1", Backups = [Of("db"), Of("www"), Of("web-logs")] };
        var errors = new List<ProdOpsException>();
        Assert.Equal(["www", "web-logs", "db"], SetSelection.Find(environment, ["w*", "DB"], errors).Select(found => found.Set.Name));
        Assert.Equal([true, false], SetSelection.Find(environment, ["db", "d*", "web-*"], errors).Select(found => found.IsExact));
        Assert.Empty(errors);
        Assert.Empty(SetSelection.Find(environment, ["bd", "x*"], errors));
        Assert.Equal(["BackupSetNotFound", "BackupSetNotFound"], errors.Select(error => error.ErrorId));
        Assert.Contains("'db'", errors[0].Message, StringComparison.Ordinal);
        Assert.Equal("localhost", Assert.Single(SetSelection.Servers(environment, Of("db"))).Name);
    }

    [Fact]
    public void A_sets_schedule_runs_it_by_name_and_is_known_again()
    {
        var environment = new ProdOpsEnvironment { Name = "shop", Path = "/srv/it's/environment.psd1", Backups = [Of("db") with { Schedule = ["15 * * * *"] }, Of("idle")] };
        var definition = SetSchedules.DefinitionOf(environment.Backups[0], environment);
        Assert.Equal(("backup-db", "Invoke-Backup -Name 'db' -Environment '/srv/it''s/environment.psd1'"), (definition.Name, definition.Command));
        Assert.Equal("BackupSetUnscheduled", Assert.Throws<ProdOpsException>(() => SetSchedules.DefinitionOf(environment.Backups[1], environment)).ErrorId);

        ProdOpsSchedule[] registered = [Schedule("backup-db", definition.Command!), Schedule("backup-old", definition.Command!.Replace("db", "old")), Schedule("backup-idle", definition.Command.Replace("db", "idle")), Schedule("nightly", "x"), Schedule("backup-mine", "x")];
        Assert.Equal(["backup-old", "backup-idle"], SetSchedules.FindOrphans(environment, registered).Select(schedule => schedule.Name));
        Assert.Null(SetSchedules.FindOther(environment.Backups[0], environment, registered));
        Assert.NotNull(SetSchedules.FindOther(Of("mine"), environment, registered));
        Assert.NotNull(SetSchedules.FindOther(environment.Backups[0], environment with { Path = "/srv/other/environment.psd1" }, registered));
    }

    /// <summary>An hour after noon, so that no schedule of a test comes while it runs.</summary>
    private void SetTime(int days, int minutes = 0)
    {
        var local = new DateTime(2026, 11, 20, 13, 0, 0, DateTimeKind.Unspecified).AddDays(days).AddMinutes(minutes);
        _lab.Clock.Offset = new DateTimeOffset(local, TimeZoneInfo.Local.GetUtcOffset(local)) - TimeProvider.System.GetUtcNow();
    }

    private static BackupSet Of(string name) => new() { Name = name };

    private static ProdOpsSchedule Schedule(string name, string command) => new()
    {
        Server = "localhost", Name = name, Command = command, Scheduler = ScheduleSystem.Cron, Scope = ScheduleScope.User, User = "root", Enabled = true,
    };

    private async Task<IEnumerable<string>> DueAsync(BackupSet set, params string[] servers) =>
        (await new SetPlan(_lab, _lab.Activity, _lab.Clock).CreateAsync([(set, [.. servers.Select(SetLab.Server)], null)], default)).Select(job => job.Server.Name);
}
