using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Files;

/// <summary>
/// The folders below a root, opened by their paths, one name at a time and through no link. The last one stays open, since what is
/// copied comes folder by folder.
/// </summary>
internal sealed class CopiedFolders : IDisposable
{
    private string _path = "";
    private TargetFolder _open;

    public CopiedFolders(TargetFolder root) => Root = _open = root;

    public TargetFolder Root { get; }

    /// <summary>The folder of that path, until the next call.</summary>
    public TargetFolder this[string path]
    {
        get
        {
            if (path == _path) return _open;
            Close();
            if (path.Length == 0) return Root;
            _open = Root.OpenBelow([.. path.Split('/').Select(part => FileNames.Encode(part))]);
            _path = path;
            return _open;
        }
    }

    /// <summary>Closes the folder in hand: it is to be moved or removed.</summary>
    public void Close()
    {
        if (_open != Root) _open.Dispose();
        (_open, _path) = (Root, "");
    }

    public void Dispose()
    {
        Close();
        Root.Dispose();
    }
}
