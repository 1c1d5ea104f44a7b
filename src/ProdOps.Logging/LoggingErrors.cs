namespace ProdOps.Logging;

/// <summary>The catalogue of what can go wrong with logs: one factory an error. Messages never hold a secret, nor what a log says.</summary>
internal static partial class LoggingErrors
{
}
