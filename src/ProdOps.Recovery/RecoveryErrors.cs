namespace ProdOps.Recovery;

/// <summary>The catalogue of what can go wrong with recovery: one factory an error, a file a subject. Messages never hold a secret.</summary>
internal static partial class RecoveryErrors
{
}
