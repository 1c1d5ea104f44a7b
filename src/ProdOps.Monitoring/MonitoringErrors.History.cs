namespace ProdOps.Monitoring;

internal static partial class MonitoringErrors
{
    public static ProdOpsException MetricNotFound(string what, string store) => new(
        "MetricNotFound", ErrorKind.NotFound,
        $"Nothing was ever kept of {what} in '{store}'.",
        "Get-Metric -Latest lists what there is. A metric is kept from the first round on in which a server tells it.") { Target = what };

    public static ProdOpsException HistoryServerNotFound(string name) => new(
        "HealthServerNotFound", ErrorKind.NotFound,
        $"No server of the environment is in '{name}'.",
        "Get-Server lists the servers with their roles and groups; -Environment names another file.") { Target = name };

    public static ProdOpsException WindowAmbiguous() => new(
        "MetricWindowAmbiguous", ErrorKind.InvalidArgument, "-After and -Last do not go together: each says when the time begins.", "Keep one of them.");

    public static ProdOpsException WindowEmpty(DateTimeOffset from, DateTimeOffset to) => new(
        "MetricWindowEmpty", ErrorKind.InvalidArgument, $"The time ends ({to:u}) before it begins ({from:u}).", "Give a later end, or an earlier beginning.");

    public static ProdOpsException ThresholdMissing(string metric, string unit) => new(
        "MetricThresholdMissing", ErrorKind.InvalidArgument,
        $"Nobody can know which value of {metric} is the last that is good.",
        $"Name it: -Threshold {(unit == "B" ? "10GiB" : unit == "s" ? "500ms" : "100")}.") { Target = metric };

    public static ProdOpsException ThresholdUnit(string metric, string unit, string threshold) => new(
        "MetricThresholdUnit", ErrorKind.InvalidArgument,
        $"{metric} is {(unit.Length == 0 ? "a number" : $"in {unit}")}, and '{threshold}' is something else.",
        $"Write a number{(unit.Length == 0 ? "." : $" in {unit}, or one without a unit.")}") { Target = metric };

    public static ProdOpsException ThresholdNotRead(string threshold) => new(
        "MetricThresholdInvalid", ErrorKind.InvalidArgument,
        $"'{threshold}' is not a value.",
        "Write 90%, 10GiB, 500ms or 42; with a sign before it, as in '< 10GiB', it also says which side is bad.") { Target = threshold };

    public static ProdOpsException IncidentUnknown(long incident) => new(
        "HealthIncidentNotFound", ErrorKind.NotFound, $"There never was an incident {incident}.", "The events of Get-HealthEvent tell the number of their incident.") { Target = incident };

    public static ProdOpsException ServerNotMonitored(string name) => new(
        "HealthServerNotFound", ErrorKind.NotFound,
        $"'{name}' is no server of the environment, and none that is monitored.",
        "Get-HealthCheck lists what is monitored; -Environment names another file.") { Target = name };

    public static ProdOpsException ObjectiveNotRead(string objective) => new(
        "HealthObjectiveInvalid", ErrorKind.InvalidArgument, $"'{objective}' is not a share of the time.", "Write a percentage with its sign: 99.9%.") { Target = objective };

    public static ProdOpsException NothingToExport(string type) => new(
        "MetricInputInvalid", ErrorKind.InvalidArgument,
        $"A {type} has no samples.",
        "Give what Get-Metric or Get-HealthStatus emit, or name metrics with -Name.") { Target = type };

    public static ProdOpsException ExportExists(string path) => new(
        "MetricExportExists", ErrorKind.AlreadyExists, $"'{path}' is there already.", "Name another file, or replace it with -Force.") { Target = path };

    public static ProdOpsException ExportFailed(string path, Exception cause) => new(
        "MetricExportFailed", ErrorKind.WriteError,
        $"'{path}' could not be written: {cause.Message}",
        "What was there before is as it was. Give the disk room, or name a folder that you may write to.", cause) { Target = path };
}
