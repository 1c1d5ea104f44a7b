namespace ProdOps.Backup.Storage;

/// <summary>
/// Where a repository is, as restic writes it (internal/backend/location): a folder, or a scheme, a colon and what that scheme takes.
/// Parsing is no I/O. A password in a URL is kept apart: no text of an address holds it.
/// </summary>
internal abstract class RepositoryAddress
{
    /// <summary>Longer than any address; what is longer is no address but an accident.</summary>
    private const int MaximumLength = 4096;

    private static readonly string[] Unsupported = ["b2", "gs", "gcs", "rclone", "swift"];

    /// <summary>The place as the user writes it, without secrets; <see cref="Parse"/> takes it again.</summary>
    public abstract string Location { get; }

    /// <summary>The user, access key or account that the address itself names.</summary>
    public string? User { get; protected init; }

    /// <summary>The password that stood in the URL.</summary>
    public string? Password { get; protected init; }

    /// <summary>Reads an address.</summary>
    /// <param name="text">What the user gave.</param>
    /// <returns>The address, or <see langword="null"/> for what names no scheme: a folder.</returns>
    /// <exception cref="ProdOpsException">The scheme is known, and what follows it is not what it takes.</exception>
    public static RepositoryAddress? Parse(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        // A drive's letter is no scheme, nor is what has a slash before the colon.
        if (colon < 2 || text.AsSpan(0, colon).ContainsAnyExcept("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")) return null;
        string scheme = text[..colon].ToLowerInvariant(), rest = text[(colon + 1)..];
        if (scheme is not ("rest" or "sftp" or "s3" or "azure" or "local" or "http" or "https") && !Unsupported.Contains(scheme)) return null;
        if (text.Length > MaximumLength || rest.Any(char.IsControl)) throw BackupErrors.LocationInvalid(scheme, "it is too long or holds control characters");
        return scheme switch
        {
            "rest" => RestAddress.Parse(rest),
            "sftp" => SftpAddress.Parse(rest),
            "s3" => S3Address.Parse(rest),
            "azure" => AzureAddress.Parse(rest),
            "local" => rest.Length == 0 ? throw BackupErrors.LocationInvalid(scheme, "no folder follows") : new FolderAddress(rest),
            "http" or "https" => throw BackupErrors.LocationInvalid(scheme, "a web address alone does not say which protocol is spoken there"),
            _ => throw BackupErrors.SchemeUnsupported(scheme),
        };
    }

    /// <summary>The location; never the password.</summary>
    public sealed override string ToString() => Location;

    /// <summary>A path with one slash between its names and none around it, as restic cleans the path in a bucket.</summary>
    private protected static string CleanPath(string scheme, string path)
    {
        string[] names = [.. path.Split('/').Where(name => name.Length > 0 && name != ".")];
        return names.Contains("..") ? throw BackupErrors.LocationInvalid(scheme, "its path has a '..'") : string.Join('/', names);
    }

    /// <summary>Takes the user and the password off a URL's authority.</summary>
    private protected static (string? User, string? Password) SplitUserInfo(string userInfo)
    {
        if (userInfo.Length == 0) return (null, null);
        int colon = userInfo.IndexOf(':', StringComparison.Ordinal);
        string user = Uri.UnescapeDataString(colon < 0 ? userInfo : userInfo[..colon]);
        string? password = colon < 0 ? null : Uri.UnescapeDataString(userInfo[(colon + 1)..]);
        return (user.Length == 0 ? null : user, string.IsNullOrEmpty(password) ? null : password);
    }
}

/// <summary>A folder of this machine: <c>local:/srv/backup</c>, or just its path.</summary>
internal sealed class FolderAddress(string path) : RepositoryAddress
{
    public override string Location => path;
}
