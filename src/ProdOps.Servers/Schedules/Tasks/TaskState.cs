using System.Globalization;
using System.Text.Json;

namespace ProdOps.Servers.Schedules.Tasks;

/// <summary>Reads what the listing of the tasks printed: an object of JSON a line.</summary>
internal static class TaskState
{
    /// <summary>The folder of the Task Scheduler that all of ours are in.</summary>
    public const string Folder = "\\ProdOps";

    // TASK_STATE_RUNNING, SCHED_S_TASK_RUNNING, SCHED_S_TASK_HAS_NOT_RUN (Task Scheduler Error and Success Constants).
    private const int RunningState = 4;
    private const long RunningResult = 0x41301, NotRunResult = 0x41303;

    /// <summary>
    /// Prints the tasks. Not <c>schtasks /Query /V /FO CSV</c>: its headings and dates are in the language of the user. And not the
    /// cmdlets of the ScheduledTasks module: they take a second to load, and ask what is asked here. Only a folder that is not there
    /// (0x80070002, 0x80070003) means that there are no tasks; whatever else goes wrong is an error, or tasks that merely could not be
    /// listed would be taken for none and written over.
    /// </summary>
    public const string Probe = """
        $ErrorActionPreference = 'Stop'
        [Console]::OutputEncoding = New-Object System.Text.UTF8Encoding $false
        $service = New-Object -ComObject Schedule.Service
        $service.Connect()
        try { $folder = $service.GetFolder('\ProdOps') }
        catch { if ($_.Exception.GetBaseException().HResult -in -2147024894, -2147024893) { exit 0 }; throw }
        foreach ($task in $folder.GetTasks(1)) {
            ConvertTo-Json -Compress ([ordered]@{
                Name = $task.Name; Xml = $task.Xml; Enabled = $task.Enabled; State = [int]$task.State; Result = [int64]$task.LastTaskResult
                LastRun = $task.LastRunTime.ToUniversalTime().ToString('o'); NextRun = $task.NextRunTime.ToUniversalTime().ToString('o') })
        }
        """;

    /// <summary>The tasks in a listing. What makes no sense is passed over.</summary>
    public static IReadOnlyList<RegisteredTask> Parse(string text) => Parse(text, out _);

    /// <inheritdoc cref="Parse(string)"/>
    /// <param name="text">The listing.</param>
    /// <param name="isWhole">False if something was passed over: it may be any task.</param>
    public static IReadOnlyList<RegisteredTask> Parse(string text, out bool isWhole)
    {
        var tasks = new List<RegisteredTask>();
        isWhole = true;
        foreach (string line in text.Split('\n'))
        {
            if (line.Trim().TrimStart('\ufeff') is not { Length: > 0 } entry) continue;
            if (ParseLine(entry) is { } task) tasks.Add(task);
            else isWhole = false;
        }
        return tasks;
    }

    private static RegisteredTask? ParseLine(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) return null;
            string Text(string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
            long Number(string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) ? number : 0;
            bool enabled = root.TryGetProperty("Enabled", out var flag) && flag.ValueKind == JsonValueKind.True;
            if (Text("Name") is not { Length: > 0 } name) return null;
            return new RegisteredTask(name, Text("Xml"), enabled, (int)Math.Clamp(Number("State"), 0, RunningState), Number("Result"), Moment(Text("LastRun")), Moment(Text("NextRun")));
        }
        // A string may hold half a surrogate pair, which is no text.
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The schedule in a task, or <see langword="null"/> if it is none of ours.</summary>
    public static ProdOpsSchedule? ToModel(RegisteredTask task, TaskHost host)
    {
        if (TaskXml.Read(task.Xml)?.Definition is not { } definition || !definition.Name.Equals(task.Name, StringComparison.OrdinalIgnoreCase)) return null;
        bool running = task.State == RunningState || task.Result == RunningResult;
        bool ran = task.LastRun is not null && task.Result is not (NotRunResult or RunningResult);
        return new ProdOpsSchedule
        {
            Server = host.Server,
            Name = definition.Name,
            Description = definition.Description,
            Scheduler = ScheduleSystem.TaskScheduler,
            Scope = ScheduleScope.User,
            Schedule = definition.Times.ToArray(),
            RandomDelay = definition.RandomDelay,
            Command = definition.Command,
            FilePath = definition.FilePath,
            ArgumentList = definition.Arguments?.ToArray() ?? [],
            User = definition.User ?? host.User,
            Enabled = task.Enabled,
            LastRun = task.LastRun,
            LastResult = running ? ScheduleResult.Running : !ran ? ScheduleResult.None : task.Result == 0 ? ScheduleResult.Succeeded : ScheduleResult.Failed,
            ExitCode = ran && !running ? unchecked((int)task.Result) : null,
            NextRun = task.Enabled ? task.NextRun : null,
            Files = new[] { $"{Folder}\\{definition.Name}" },
        };
    }

    /// <summary>COM's beginning of time, at the end of 1899, and the Task Scheduler's, at the end of 1999, stand for never.</summary>
    private static DateTimeOffset? Moment(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) && moment.Year >= 2000 ? moment : null;
}

/// <summary>A task as the Task Scheduler tells of it.</summary>
internal sealed record RegisteredTask(string Name, string Xml, bool Enabled, int State, long Result, DateTimeOffset? LastRun, DateTimeOffset? NextRun);
