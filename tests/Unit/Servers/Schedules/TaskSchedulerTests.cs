using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using ProdOps.Servers.Schedules;
using ProdOps.Servers.Schedules.Tasks;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Schedules;

/// <summary>What is asked of the Task Scheduler, and what is made of its answers.</summary>
public sealed class TaskSchedulerTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 10, 7, 30, TimeSpan.Zero);
    private static readonly ScheduleDefinition Nightly = new() { Name = "nightly", Command = "Invoke-Backup C:\\Data", Daily = [new TimeOnly(2, 30)] };

    private readonly MemoryTasks _tasks = new();
    private readonly RecordingActivity _activity = new();
    private readonly FakeTimeProvider _time = new(Now);

    [Theory]
    [InlineData(3, 0, "2026-11-26T02:30:01.0000000Z", ScheduleResult.Succeeded, 0)]
    [InlineData(3, 1, "2026-11-26T02:30:01.0000000Z", ScheduleResult.Failed, 1)]
    [InlineData(3, 0x80070002, "2026-11-26T02:30:01.0000000Z", ScheduleResult.Failed, unchecked((int)0x80070002))]
    [InlineData(4, 0x41301, "2026-11-26T02:30:01.0000000Z", ScheduleResult.Running, null)]
    [InlineData(3, 0x41303, "1999-11-30T00:00:00.0000000Z", ScheduleResult.None, null)]
    [InlineData(3, 0, "1899-12-30T00:00:00.0000000Z", ScheduleResult.None, null)]
    public async Task What_is_known_of_a_tasks_last_run_is_read(int state, long result, string lastRun, ScheduleResult expected, int? exitCode)
    {
        await RegisterAsync(Nightly);
        _tasks.Answer = text => text with { State = state, Result = result, LastRun = lastRun, NextRun = "2026-11-27T02:30:00.0000000Z" };
        var schedule = Assert.Single(await Open().ListAsync(default));
        Assert.Equal((expected, exitCode, new DateTimeOffset(2026, 11, 27, 2, 30, 0, TimeSpan.Zero)), (schedule.LastResult, schedule.ExitCode, schedule.NextRun));
        Assert.Equal(lastRun[0] == '2', schedule.LastRun is not null);
        Assert.Equal(("nightly", "here", @"SHOP\ann", ScheduleSystem.TaskScheduler, true), (schedule.Name, schedule.Server, schedule.User, schedule.Scheduler, schedule.Enabled));
        Assert.Equal(["Daily 02:30"], schedule.Schedule);
        Assert.Equal([@"\ProdOps\nightly"], schedule.Files);
    }

    [Fact]
    public async Task Registering_again_changes_nothing_even_after_the_Task_Scheduler_has_written_the_task_anew()
    {
        Assert.Equal(ScheduleChange.Create, (await RegisterAsync(Nightly)).Change);
        _tasks.All["nightly"] = _tasks.All["nightly"].Replace("<Settings>", "<Settings><Priority>7</Priority>").Replace("S-1-5-21-1-2-3-1001", "SHOP\\ann").Replace("encoding=\"UTF-16\"", "encoding=\"UTF-16\" standalone=\"yes\"");
        _time.Advance(TimeSpan.FromDays(3));
        Assert.Equal(ScheduleChange.None, (await RegisterAsync(Nightly)).Change);
        Assert.Equal(1, _tasks.Created);

        Assert.Equal(ScheduleChange.Update, (await RegisterAsync(Nightly with { RandomDelay = TimeSpan.FromMinutes(5) })).Change);
        // Changed by hand: put right again.
        _tasks.All["nightly"] = _tasks.All["nightly"].Replace("IgnoreNew", "Parallel");
        Assert.Equal(ScheduleChange.Update, (await RegisterAsync(Nightly with { RandomDelay = TimeSpan.FromMinutes(5) })).Change);
        Assert.Contains("IgnoreNew", _tasks.All["nightly"]);
    }

    [Fact]
    public async Task A_task_of_somebody_else_is_left_alone()
    {
        _tasks.All["nightly"] = "<Task version=\"1.2\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\"><Triggers /></Task>";
        Assert.Empty(await Open().ListAsync(default));
        Assert.Equal("ScheduleNotOurs", (await Assert.ThrowsAsync<ProdOpsException>(() => RegisterAsync(Nightly))).ErrorId);
    }

    [Theory]
    [InlineData("{\"Name\":\"nigh")]
    [InlineData("{\"Name\":7}")]
    public async Task A_task_that_cannot_be_read_is_not_written_over(string line)
    {
        _tasks.Extra = line;
        Assert.Equal("TaskSchedulerFailed", (await Assert.ThrowsAsync<ProdOpsException>(() => RegisterAsync(Nightly))).ErrorId);
        Assert.Equal(0, _tasks.Created);
        _tasks.Extra = "";
        await RegisterAsync(Nightly);
        _tasks.Extra = line;
        Assert.Equal(ScheduleChange.None, (await RegisterAsync(Nightly)).Change);
        Assert.Single(await Open().ListAsync(default));
    }

    [Fact]
    public void Only_a_folder_that_is_not_there_means_that_there_are_no_tasks()
    {
        Assert.DoesNotContain("catch { exit 0 }", TaskState.Probe, StringComparison.Ordinal);
        foreach (int code in (int[])[unchecked((int)0x80070002), unchecked((int)0x80070003)])
            Assert.Contains(code.ToString(System.Globalization.CultureInfo.InvariantCulture), TaskState.Probe, StringComparison.Ordinal);
        Assert.Contains("; throw }", TaskState.Probe, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_Task_Scheduler_says_against_a_task_is_in_the_error()
    {
        _tasks.Refusal = "ERROR: Access is denied.";
        var failure = await Assert.ThrowsAsync<ProdOpsException>(() => RegisterAsync(Nightly));
        Assert.Equal("ScheduleRefused", failure.ErrorId);
        Assert.Contains("Access is denied", failure.Message);
        Assert.Empty(_tasks.All);
    }

    [Fact]
    public async Task A_user_who_is_no_administrator_is_told_when_it_runs()
    {
        await RegisterAsync(Nightly);
        Assert.Empty(_activity.Warnings);
        await RegisterAsync(Nightly with { Name = "other" }, TaskXmlTests.Host with { IsElevated = false });
        Assert.Contains("logged in", Assert.Single(_activity.Warnings));
        Assert.Contains("InteractiveToken", _tasks.All["other"]);
    }

    [Theory]
    [InlineData("ann", null)]
    [InlineData(@"shop\ANN", null)]
    [InlineData("bob", "ScheduleUserInvalid")]
    public async Task Only_the_user_who_registers_runs_it(string user, string? errorId)
    {
        var failure = await Record.ExceptionAsync(() => RegisterAsync(Nightly with { User = user }));
        Assert.Equal(errorId, (failure as ProdOpsException)?.ErrorId);
    }

    [Fact]
    public async Task A_script_must_be_there_and_a_time_must_come()
    {
        Assert.Equal("ScheduleScriptMissing", (await Assert.ThrowsAsync<ProdOpsException>(() => RegisterAsync(Nightly with { Command = null, FilePath = @"C:\no\such.ps1" }))).ErrorId);
        Assert.Equal("ScheduleNeverRuns", (await Assert.ThrowsAsync<ProdOpsException>(() => RegisterAsync(Nightly with { Cron = ["0 0 30 2 *"] }))).ErrorId);
        Assert.Equal("ScheduleRunnerMissing", (await Assert.ThrowsAsync<ProdOpsException>(() => RegisterAsync(Nightly, TaskXmlTests.Host with { Runner = null }))).ErrorId);
    }

    [Fact]
    public async Task A_removed_schedule_is_gone()
    {
        var schedule = await RegisterAsync(Nightly);
        await Open().RemoveAsync(schedule, default);
        Assert.Empty(_tasks.All);
        Assert.Equal("TaskSchedulerFailed", (await Assert.ThrowsAsync<ProdOpsException>(() => Open().RemoveAsync(schedule, default))).ErrorId);
    }

    [Fact]
    public async Task Any_answer_is_read_or_passed_over()
    {
        await RegisterAsync(Nightly);
        string listing = "\ufeff" + await _tasks.ListAsync(default);
        Assert.Single(TaskState.Parse(listing));
        var random = new Random(20261212);
        for (int i = 0; i < 5000; i++)
        {
            foreach (var task in TaskState.Parse(Mutation.Of(listing, random))) TaskState.ToModel(task, TaskXmlTests.Host);
        }

        Assert.Empty(TaskState.Parse("{\"Name\":\"\\ud800\"}\n[1]\nnull\n{\"Name\":7}\n" + new string('[', 100_000)));
    }

    private ServerSchedules Open(TaskHost? host = null) => new("here", new WindowsTaskScheduler(host ?? TaskXmlTests.Host, _tasks, _activity, _time), _activity);

    private async Task<ProdOpsSchedule> RegisterAsync(ScheduleDefinition definition, TaskHost? host = null)
    {
        var schedules = Open(host);
        return await schedules.ApplyAsync(await schedules.PlanAsync(definition, default), default);
    }

    /// <summary>A folder of tasks in memory, which answers as the probe prints.</summary>
    private sealed class MemoryTasks : ITaskTool
    {
        public Dictionary<string, string> All { get; } = [];

        public int Created { get; private set; }

        public string? Refusal { get; set; }

        /// <summary>A line that stands before the tasks.</summary>
        public string Extra { get; set; } = "";

        public Func<Line, Line> Answer { get; set; } = line => line;

        public Task<string> ListAsync(CancellationToken cancellationToken) => Task.FromResult(Extra + "\r\n" + string.Concat(All.Select(task =>
            JsonSerializer.Serialize(Answer(new Line(task.Key, task.Value, true, 3, 0x41303, "1999-11-30T00:00:00.0000000Z", "1899-12-30T00:00:00.0000000Z"))) + "\r\n")));

        public Task<string?> CreateAsync(string path, string xml, CancellationToken cancellationToken)
        {
            if (Refusal is not null) return Task.FromResult<string?>(Refusal);
            Created++;
            All[path[(path.LastIndexOf('\\') + 1)..]] = xml;
            return Task.FromResult<string?>(null);
        }

        public Task<string?> DeleteAsync(string path, CancellationToken cancellationToken) =>
            Task.FromResult(All.Remove(path[(path.LastIndexOf('\\') + 1)..]) ? null : "ERROR: The system cannot find the file specified.");
    }

    private sealed record Line(string Name, string Xml, bool Enabled, int State, long Result, string LastRun, string NextRun);
}
