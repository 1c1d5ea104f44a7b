namespace ProdOps.Backup.Restoring.Servers;

/// <summary>What to restore to a server, where to and how.</summary>
/// <param name="Restore">What, and below which folder of the server.</param>
/// <param name="AsRoot">Write as root, by sudo.</param>
internal sealed record ServerRestoreRequest(RestoreRequest Restore, bool AsRoot);
