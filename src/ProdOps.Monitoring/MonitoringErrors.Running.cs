namespace ProdOps.Monitoring;

internal static partial class MonitoringErrors
{
    public static ProdOpsException NoStore() => new(
        "MonitoringStoreMissing", ErrorKind.InvalidArgument,
        "No store of monitoring is named, and you have no home folder to have one in.",
        "Name a folder with -Store, in $env:PRODOPS_MONITORING_STORE, or as Monitoring.Store of environment.psd1.");

    public static ProdOpsException EventNotFound(long number) => new(
        "HealthEventNotFound", ErrorKind.NotFound, $"There is no event {number}, or none that belongs to an incident.", "Get-HealthEvent -Open shows the incidents that are open.") { Target = number };

    public static ProdOpsException MonitorParameterInvalid(string name, string why) => new(
        "HealthMonitorParameterInvalid", ErrorKind.InvalidArgument,
        $"A monitor cannot be registered with '{name}': {why}.",
        "-HealthMonitor takes the parameters of Start-HealthMonitor, e.g. @{ Environment = '/etc/prodops/environment.psd1' }.") { Target = name };

    public static ProdOpsException MonitorRuns(string folder) => new(
        "MonitorRuns", ErrorKind.ResourceBusy,
        $"A monitor runs already with the store '{folder}'.",
        "One is enough: Get-HealthEvent and Watch-HealthStatus show what it sees. Name another store for another one.") { Target = folder };

    public static ProdOpsException MonitorSilent(string folder) => new(
        "MonitorSilent", ErrorKind.Timeout,
        $"The monitor of '{folder}' does not answer; nothing was changed.",
        "See whether it hangs: its messages, or systemctl status and journalctl of its service.") { Target = folder };

    public static ProdOpsException RequestNotKept(string path) => new(
        "MonitorRequestNotKept", ErrorKind.WriteError,
        $"It holds while the monitor runs, but could not be written to '{path}'.",
        "Give the disk room: until then it is lost when the monitor ends.") { Target = path };

    public static ProdOpsException RequestNotUnderstood() => new(
        "MonitorRequestNotUnderstood", ErrorKind.NotSupported,
        "The monitor does not understand what it was asked: it is of another version than this command.",
        "Start the monitor again with the version of ProdOps that is installed now.");
}
