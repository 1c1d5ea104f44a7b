namespace ProdOps.Backup.Restoring;

internal sealed class RestoreSelection(RestoreRequest request) {}
