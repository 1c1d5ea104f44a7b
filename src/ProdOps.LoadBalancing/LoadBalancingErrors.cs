namespace ProdOps.LoadBalancing;

/// <summary>The catalogue of what can go wrong with load balancing: one factory an error, a file a subject. Messages never hold a secret.</summary>
internal static partial class LoadBalancingErrors
{
}
