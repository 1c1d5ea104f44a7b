namespace ProdOps.Servers;

/// <summary>The catalogue of what can go wrong with servers and what they need: one factory an error. Messages never hold a secret.</summary>
internal static partial class ServersErrors
{
}
