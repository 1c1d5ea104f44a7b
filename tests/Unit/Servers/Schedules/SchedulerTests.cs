using ProdOps.Servers.Commands;
using ProdOps.Servers.Schedules;
using ProdOps.Servers.Tests.Files;

namespace ProdOps.Servers.Tests.Schedules;

/// <summary>What registering finds on a server, whose files are a folder of this machine and whose crontab is a function of the shell.</summary>
public sealed class SchedulerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-schedules-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [UnixTheory]
    [InlineData("no crontab for shop")]
    [InlineData("crontab: can't open 'shop': No such file or directory")]
    public async Task A_user_without_a_crontab_gets_one(string says)
    {
        var planned = await PlanByCronAsync($"echo {ShellQuote.Word(says)} >&2; return 1");
        Assert.Equal("", planned[1].Current);
        Assert.EndsWith("# prodops-schedule mine\n", planned[1].Text, StringComparison.Ordinal);
    }

    [UnixTheory]
    [InlineData("echo 'crontabs/shop: Input/output error' >&2; return 1", "Input/output error")]
    [InlineData("echo 'You (shop) are not allowed to use this program (crontab)' >&2; return 1", "not allowed")]
    [InlineData("echo '5 * * * * mine'; return 137", "cannot be read")]
    public async Task A_crontab_that_cannot_be_read_is_not_taken_for_an_empty_one(string crontab, string why)
    {
        var refused = await Assert.ThrowsAsync<ProdOpsException>(() => PlanByCronAsync(crontab));
        Assert.Equal("ScheduleRefused", refused.ErrorId);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task What_runs_at_times_becomes_no_service_by_being_registered_again_nor_the_other_way()
    {
        var host = new ScheduleHost { Server = "web1", User = "shop", Config = _folder, Systemd = 252, HasUserManager = true };
        var files = new ServerFiles(new LocalShell("web1"), asRoot: false);
        var scheduler = new SystemdScheduler(host, files, SilentActivity.Instance);
        ScheduleDefinition timed = new() { Name = "mine", Command = "1", Daily = [new TimeOnly(2, 30)] }, always = new() { Name = "mine", Command = "1", Always = true };
        foreach (var (first, second) in new[] { (timed, always), (always, timed) })
        {
            var planned = await scheduler.PlanAsync(first, "/usr/bin/prodops", default);
            foreach (var file in planned) await files.WriteAsync(file.Path, file.Text, file.Mode, default);
            Assert.Equal("ScheduleKindDiffers", (await Assert.ThrowsAsync<ProdOpsException>(() => scheduler.PlanAsync(second, "/usr/bin/prodops", default))).ErrorId);
            Assert.All(await scheduler.PlanAsync(first, "/usr/bin/prodops", default), file => Assert.False(file.IsChanged));
            await files.RemoveAsync(planned.Select(file => file.Path), default);
        }
    }

    [UnixFact]
    public async Task A_connection_that_is_lost_while_a_file_is_written_leaves_the_former_one()
    {
        string path = Path.Join(_folder, "units", "mine.service");
        await new ServerFiles(new LocalShell("web1"), asRoot: false).WriteAsync(path, "[Service]\nUser=shop\n", "0644", default);
        var cut = new ServerFiles(new CuttingShell(new LocalShell("web1"), sendAtMost: 10), asRoot: false);
        await Assert.ThrowsAsync<ProdOpsException>(() => cut.WriteAsync(path, "[Service]\nUser=other\n", "0644", default));
        Assert.Equal("[Service]\nUser=shop\n", await File.ReadAllTextAsync(path));
        Assert.Equal([path], Directory.EnumerateFileSystemEntries(Path.Join(_folder, "units")));
    }

    [UnixFact]
    public async Task A_connection_that_is_lost_while_a_crontab_is_written_costs_no_job_that_was_in_it()
    {
        string jobs = string.Concat(Enumerable.Range(0, 2000).Select(i => $"{i % 60} 3 * * * /usr/local/bin/job-{i}\n")), path = Path.Join(_folder, "crontab");
        await File.WriteAllTextAsync(path, jobs);
        var host = new ScheduleHost { Server = "web1", User = "shop", Config = _folder, State = _folder, HasCrontab = true, CronRuns = true };
        var definition = new ScheduleDefinition { Name = "mine", Command = "1", Daily = [new TimeOnly(2, 30)] };
        string crontab = $"if [ \"$1\" = -l ]; then cat {ShellQuote.Word(path)}; else cat >{ShellQuote.Word(path)}; fi";
        var scheduler = Open(new CuttingShell(new CrontabShell(crontab), sendAtMost: jobs.Length / 2));
        await Assert.ThrowsAsync<ProdOpsException>(async () => await scheduler.ApplyAsync(definition, await scheduler.PlanAsync(definition, "/usr/bin/prodops", default), default));
        Assert.Equal(jobs, await File.ReadAllTextAsync(path));
        scheduler = Open(new CrontabShell(crontab));
        await scheduler.ApplyAsync(definition, await scheduler.PlanAsync(definition, "/usr/bin/prodops", default), default);
        Assert.StartsWith(jobs, await File.ReadAllTextAsync(path), StringComparison.Ordinal);
        Assert.EndsWith("# prodops-schedule mine\n", await File.ReadAllTextAsync(path), StringComparison.Ordinal);

        CronScheduler Open(IServerShell shell) => new(host, new ServerFiles(shell, asRoot: false), SilentActivity.Instance, TimeProvider.System);
    }

    [Theory]
    [InlineData("cron")]
    [InlineData("arguments")]
    [InlineData("calendar")]
    public void A_definition_with_nothing_in_a_list_is_none(string list) =>
        Assert.Null(ScheduleDefinition.Find($"{ScheduleDefinition.MarkerPrefix}{{\"name\":\"mine\",\"command\":\"1\",\"{list}\":[null]}}"));

    private Task<IReadOnlyList<PlannedFile>> PlanByCronAsync(string crontab)
    {
        var host = new ScheduleHost { Server = "web1", User = "shop", Config = _folder, State = _folder, HasCrontab = true, CronRuns = true };
        var scheduler = new CronScheduler(host, new ServerFiles(new CrontabShell(crontab), asRoot: false), SilentActivity.Instance, TimeProvider.System);
        return scheduler.PlanAsync(new ScheduleDefinition { Name = "mine", Command = "1", Daily = [new TimeOnly(2, 30)] }, "/usr/bin/prodops", default);
    }

    /// <summary>This machine with another crontab.</summary>
    private sealed class CrontabShell(string crontab) : IServerShell
    {
        private readonly LocalShell _shell = new("web1");

        public string Name => _shell.Name;

        public Task<IServerProcess> StartAsync(ServerCommand command, CancellationToken cancellationToken) =>
            _shell.StartAsync(command with { Text = $"crontab() {{ {crontab}; }}\n{command.Text}" }, cancellationToken);
    }
}
