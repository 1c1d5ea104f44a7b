namespace ProdOps.Logging;

internal static partial class LoggingErrors
{
    public static ProdOpsException NoStore() => new(
        "LogStoreMissing", ErrorKind.InvalidArgument,
        "No log store is named, and you have no home folder to have one in.",
        "Name a folder with -Store, in $env:PRODOPS_LOG_STORE, or as Logging.Store of environment.psd1.");

    public static ProdOpsException StoreEmpty(string folder) => new(
        "LogStoreNotFound", ErrorKind.NotFound,
        $"There is no log store in '{folder}'.",
        "Bring logs in with Import-Log or Sync-Log, or search files where they lie: Search-Log error -Path /var/log/*.log") { Target = folder };

    public static ProdOpsException SearchTextInvalid(string text, string why) => new(
        "LogSearchTextInvalid", ErrorKind.InvalidArgument,
        $"'{text}' is not understood: {why}.",
        "Write words, and conditions on fields: 'level:error source:nginx* status:>=500 connection refused'. What has a colon and is about no field stands in double quotes.") { Target = text };

    public static ProdOpsException WindowsTogether(string other) => new(
        "LogWindowAmbiguous", ErrorKind.InvalidArgument,
        $"-{other} and -{(other == "After" || other == "Around" ? "Last" : "Around")} do not go together: each says when the window begins.",
        "Keep one of them.");

    public static ProdOpsException FirstAndNewest() => new(
        "LogLimitAmbiguous", ErrorKind.InvalidArgument,
        "-First and -Newest do not go together.", "Keep one of them.");

    public static ProdOpsException NoServerHas(string name) => new(
        "LogServerNotFound", ErrorKind.NotFound,
        $"No server of the environment is in '{name}'.",
        "Get-Server lists the servers with their roles and groups; -Environment names another file.") { Target = name };

    public static ProdOpsException WhereRefused(string text, int line, int column, string why) => new(
        "LogConditionNotSupported", ErrorKind.InvalidArgument,
        $"-Where cannot be carried out where the lines are, at line {line}, column {column}, '{text}': {why}.",
        "It takes comparisons of fields with values, joined by -and, -or and -not: { $_.Status -ge 500 -and $_.Path -like '/api/*' }. For anything else pipe to Where-Object.") { Target = text };

    public static ProdOpsException FormatUnknown(string name, IReadOnlyList<string> known) => new(
        "LogFormatNotFound", ErrorKind.NotFound,
        $"There is no log format '{name}'.",
        $"{Meant(name, known)}Known are {string.Join(", ", known)}; Logging.Filters of environment.psd1 adds your own.") { Target = name };

    public static ProdOpsException ZoneUnknown(string name) => new(
        "TimeZoneNotFound", ErrorKind.NotFound,
        $"This machine knows no time zone '{name}'.",
        "Use a name such as Europe/Berlin or UTC; -TimeZone completes them.") { Target = name };

    public static ProdOpsException TooManyGroups(string fields, int most) => new(
        "LogGroupsTooMany", ErrorKind.InvalidOperation,
        $"There are more than {most:N0} groups by {fields}.",
        "Group by something with fewer values, or look at less at once (-Last, -Server, -Source).");

    public static ProdOpsException IntervalInvalid() => new(
        "LogIntervalInvalid", ErrorKind.InvalidArgument, "-Interval must be longer than nothing.", "Write 1m, 1h or 1d.");

    public static ProdOpsException WatchWindow() => new(
        "LogWatchWindow", ErrorKind.InvalidArgument, "-Before and -Around name a past that Watch-Log does not wait for.", "Search-Log finds what is there already; -Last or -Newest lets Watch-Log begin with some of it.");

    public static ProdOpsException BaselineWithoutWindow() => new(
        "LogBaselineWithoutWindow", ErrorKind.InvalidArgument,
        "What was before can be told only of a time that begins somewhere.", "Say when it begins, with -Last or -After, and let -Baseline be longer than nothing.");
}
