using ProdOps.Monitoring.States;

namespace ProdOps.Monitoring;

internal static partial class MonitoringErrors
{
    public static ProdOpsException EventNotUnderstood(string json, string why, Exception? cause = null) => new(
        "MonitorEventNotUnderstood", ErrorKind.InvalidData,
        $"An event of monitoring is not understood, {why}: {(json.Length > 120 ? json[..120] + "…" : json)}",
        "If a later ProdOps wrote it, use that one; otherwise restore the events from a backup, or begin with an empty store.", cause);

    public static ProdOpsException IncidentNotFound(long incident) => new(
        "IncidentNotFound", ErrorKind.NotFound, $"There is no open incident {incident}.", "Get-HealthEvent shows those that are open.") { Target = incident };

    public static ProdOpsException CheckNotMonitored(string check) => new(
        "HealthCheckNotMonitored", ErrorKind.NotFound, $"The monitor knows no check '{check}': it never was measured, or is forgotten already.",
        "Watch-HealthStatus and Get-HealthEvent -Open show what is known; a new check is known when it was measured once.") { Target = check };

    public static ProdOpsException CheckMeasured(CheckKey check, int others = 0) => new(
        "HealthCheckMeasured", ErrorKind.InvalidOperation,
        $"'{check}' is measured{(others > 0 ? FormattableString.Invariant($", and so are {others} more") : "")}: what is forgotten now would be there again with the next round.",
        "Suspend-HealthCheck silences it, and Enabled = $false of its rule ends it. If it has just gone, wait until it is Unknown, or forget it now with -Force.") { Target = check.ToString() };

    public static ProdOpsException CheckAnswers(CheckKey check, string message) => new(
        "HealthCheckMeasured", ErrorKind.InvalidOperation,
        $"'{check}' is Unknown since that is what it answers{(message.Length > 0 ? $" ('{message}')" : "")}: what is forgotten now would be there again with the next round.",
        "Take it out of the environment (Monitoring.Checks, Services) and start the monitor again; Suspend-HealthCheck silences it until then.") { Target = check.ToString() };

    public static ProdOpsException CheckOutOfReach(CheckKey check) => new(
        "HealthCheckMeasured", ErrorKind.InvalidOperation,
        $"Nobody knows whether what '{check}' looked at is gone: its server cannot be reached.",
        "If the server itself is gone, take it out of the environment and start the monitor again, which forgets all of it; -Force forgets this check all the same.") { Target = check.ToString() };

    public static ProdOpsException DowntimeNotFound(long downtime) => new(
        "DowntimeNotFound", ErrorKind.NotFound, $"There is no downtime {downtime}: it is over, or never was.", "Get-HealthDowntime shows those that there are.") { Target = downtime };

    public static ProdOpsException DowntimeInvalid(string why, string recommendation) => new(
        "DowntimeInvalid", ErrorKind.InvalidArgument, $"The downtime cannot be set: {why}.", recommendation);
}
