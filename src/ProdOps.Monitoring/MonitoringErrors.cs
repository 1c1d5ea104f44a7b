namespace ProdOps.Monitoring;

/// <summary>The catalogue of what can go wrong with monitoring: one factory an error. Messages never hold a secret.</summary>
internal static partial class MonitoringErrors
{
}
