namespace ProdOps.Monitoring;

internal static partial class MonitoringErrors
{
    public static ProdOpsException EventNotUnderstood(string json, string why, Exception? cause = null) => new(
        "MonitorEventNotUnderstood", ErrorKind.InvalidData,
        $"An event of monitoring is not understood, {why}: {(json.Length > 120 ? json[..120] + "…" : json)}",
        "If a later ProdOps wrote it, use that one; otherwise restore the events from a backup, or begin with an empty store.", cause);

    public static ProdOpsException IncidentNotFound(long incident) => new(
        "IncidentNotFound", ErrorKind.NotFound, $"There is no open incident {incident}.", "Get-HealthEvent shows those that are open.") { Target = incident };

    public static ProdOpsException DowntimeNotFound(long downtime) => new(
        "DowntimeNotFound", ErrorKind.NotFound, $"There is no downtime {downtime}: it is over, or never was.", "Get-HealthDowntime shows those that there are.") { Target = downtime };

    public static ProdOpsException DowntimeInvalid(string why, string recommendation) => new(
        "DowntimeInvalid", ErrorKind.InvalidArgument, $"The downtime cannot be set: {why}.", recommendation);
}
