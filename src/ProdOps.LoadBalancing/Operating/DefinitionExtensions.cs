namespace ProdOps.LoadBalancing.Operating;

/// <summary>What follows from an entry of the environment.</summary>
internal static class DefinitionExtensions
{
    /// <summary>The pool's name in the balancers' configuration.</summary>
    public static string PoolName(this LoadBalancerDefinition definition) => definition.Backend.Length > 0 ? definition.Backend : definition.Name;
}
