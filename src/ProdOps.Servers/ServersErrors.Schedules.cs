namespace ProdOps.Servers;

internal static partial class ServersErrors
{
    public static ProdOpsException CronInvalid(string text, string why) => new(
        "CronInvalid", ErrorKind.InvalidArgument,
        $"'{text}' is not a cron expression: {why}.",
        "An example: '15 2 * * mon-fri' is a quarter past two on working days. For what cron cannot say there is -OnCalendar.") { Target = text };

    public static ProdOpsException CalendarInvalid(string server, string text, string why) => new(
        "CalendarInvalid", ErrorKind.InvalidArgument,
        $"systemd on server '{server}' does not take '{text}' as a calendar event: {why}",
        "systemd.time(7) describes them; 'systemd-analyze calendar' tries them out.") { Target = text };

    public static ProdOpsException ScheduleNameInvalid(string name) => new(
        "ScheduleNameInvalid", ErrorKind.InvalidArgument,
        $"'{name}' cannot be a schedule's name.",
        "A name has up to 64 letters, digits, '-' and '_', and begins with a letter or a digit: it becomes part of file names, and cron leaves files with dots out.") { Target = name };

    public static ProdOpsException ScheduleTimeMissing(string name) => new(
        "ScheduleTimeMissing", ErrorKind.InvalidArgument,
        $"When the schedule '{name}' runs is not said.",
        "Give -Daily, -Every, -Cron or -OnCalendar; several together run at each of their times.") { Target = name };

    public static ProdOpsException ScheduleIntervalInvalid(string name, TimeSpan interval, string why) => new(
        "ScheduleIntervalInvalid", ErrorKind.InvalidArgument,
        $"The schedule '{name}' cannot run every {interval}: {why}.",
        "Use an interval that fits evenly into an hour or a day, or -Cron.") { Target = name };

    public static ProdOpsException ScheduleNeverRuns(string name, string time) => new(
        "ScheduleNeverRuns", ErrorKind.InvalidArgument,
        $"The schedule '{name}' would never run: '{time}' has no next time.",
        "Check day and month: the 30th of February does not come.") { Target = name };

    public static ProdOpsException ScheduleNeedsSystemd(string name, string server, string what, string scheduler = "cron") => new(
        "ScheduleNeedsSystemd", ErrorKind.NotSupported,
        $"Server '{server}' has no systemd, and {scheduler} cannot do {what}, which the schedule '{name}' asks for.",
        "Say it as -Cron, -Daily or an interval of whole minutes that fits evenly into an hour or a day.") { Target = name };

    public static ProdOpsException ServiceNeedsSystemd(string name, string server) => new(
        "ServiceNeedsSystemd", ErrorKind.NotSupported,
        $"Server '{server}' has no systemd for this user, which the service '{name}' needs to run always and to be started again when it fails.",
        "Register it as root (-AsRoot) or on a server with systemd, or have the server's own supervisor run the command.") { Target = name };

    public static ProdOpsException SchedulerMissing(string server) => new(
        "SchedulerMissing", ErrorKind.NotSupported,
        $"Server '{server}' has neither systemd nor a crontab for this user.",
        "Install cron, or register as root (-AsRoot).") { Target = server };

    public static ProdOpsException ScheduleRunnerMissing(string server) => new(
        "ScheduleRunnerMissing", ErrorKind.NotFound,
        $"Server '{server}' has neither pwsh nor prodops to run a schedule with.",
        "Install PowerShell or the prodops command on it; it is looked for in the PATH, in /usr/local/bin, /opt/microsoft/powershell/7 and /snap/bin, on Windows in the PATH and in Program Files.") { Target = server };

    public static ProdOpsException ScheduleScriptMissing(string server, string path) => new(
        "ScheduleScriptMissing", ErrorKind.NotFound,
        $"There is no readable script '{path}' on server '{server}'.",
        "Copy it there first (Copy-ServerItem). -FilePath is a full path on the server.") { Target = path };

    public static ProdOpsException ScheduleUserInvalid(string server, string user, string why) => new(
        "ScheduleUserInvalid", ErrorKind.InvalidArgument,
        $"A schedule on server '{server}' cannot run as '{user}': {why}.",
        "Name an account of the server. Only root can register a schedule for another one: use -AsRoot.") { Target = user };

    public static ProdOpsException ScheduleTextInvalid(string name, string why) => new(
        "ScheduleTextInvalid", ErrorKind.InvalidArgument,
        $"The command of the schedule '{name}' cannot be registered: {why}.",
        "Put it into a script on the server and register that with -FilePath.") { Target = name };

    public static ProdOpsException ScheduleNotOurs(string server, string name, string path) => new(
        "ScheduleNotOurs", ErrorKind.AlreadyExists,
        $"'{path}' on server '{server}' was not made by ProdOps; it is left as it is.",
        "Choose another name, or move that file away.") { Target = name };

    public static ProdOpsException ScheduleKindDiffers(string server, string name, string what) => new(
        "ScheduleKindDiffers", ErrorKind.InvalidOperation,
        $"The schedule '{name}' on server '{server}' {what}: it does not become the other kind by being registered again.",
        "Take it away first (Unregister-ProdOpsSchedule), or choose another name.") { Target = name };

    public static ProdOpsException ScheduleAsRootUnsupported(string server) => new(
        "ScheduleAsRootUnsupported", ErrorKind.NotSupported,
        $"Server '{server}' is a Windows machine, where schedules run as the user who registers them.",
        "Leave -AsRoot out. Registered by an administrator (an elevated PowerShell), a schedule runs with an administrator's rights.") { Target = server };

    public static ProdOpsException TaskSchedulerFailed(string server, string why) => new(
        "TaskSchedulerFailed", ErrorKind.InvalidOperation,
        $"The Task Scheduler of server '{server}' does not do what it was asked for: {why}",
        "Look into its own window (taskschd.msc): schedules are in the folder ProdOps there.") { Target = server };

    public static ProdOpsException ScheduleNotFound(string server, string name) => new(
        "ScheduleNotFound", ErrorKind.NotFound,
        $"Server '{server}' has no schedule '{name}' of ProdOps.",
        "Get-ProdOpsSchedule lists them; the system's need -AsRoot, a user's own are seen by that user alone.") { Target = name };

    public static ProdOpsException ScheduleRefused(string server, string name, string why) => new(
        "ScheduleRefused", ErrorKind.InvalidOperation,
        $"Server '{server}' does not take the schedule '{name}': {why}",
        "What was there before is there again.") { Target = name };
}
