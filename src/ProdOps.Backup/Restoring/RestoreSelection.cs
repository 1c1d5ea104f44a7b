namespace ProdOps.Backup.Restoring;

internal sealed class RestoreSelection(RestoreRequest request)
{
    public bool TakesEverything => request.Include.Count == 0;
    public (bool Selected, bool Entered) Decide(byte[] path, bool isFolder) => (path.Length > 0, isFolder);
}
