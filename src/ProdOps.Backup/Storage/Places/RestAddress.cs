namespace ProdOps.Backup.Storage;

/// <summary>A server that speaks restic's REST protocol: <c>rest:https://user:password@host:8000/path/</c>.</summary>
internal sealed class RestAddress : RepositoryAddress
{
    private RestAddress(Uri root, string? user, string? password)
    {
        Root = root;
        User = user;
        Password = password;
    }

    /// <summary>What all paths of the repository are below: without user and password, and with a slash at the end.</summary>
    public Uri Root { get; }

    public override string Location
    {
        get
        {
            string user = User is null ? "" : Uri.EscapeDataString(User) + "@";
            return $"rest:{Root.Scheme}://{user}{Root.Authority}{Root.AbsolutePath}";
        }
    }

    public static new RestAddress Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
            throw BackupErrors.LocationInvalid("rest", "no http:// or https:// address follows");
        if (url.Query.Length > 0 || url.Fragment.Length > 0) throw BackupErrors.LocationInvalid("rest", "its address has a query or a fragment");
        var (user, password) = SplitUserInfo(url.UserInfo);
        var root = new UriBuilder(url) { UserName = "", Password = "", Path = url.AbsolutePath.EndsWith('/') ? url.AbsolutePath : url.AbsolutePath + "/" }.Uri;
        return new RestAddress(root, user, password);
    }
}
