using System.Globalization;

namespace ProdOps.Backup.Storage;

/// <summary>
/// A folder of a server over SFTP: <c>sftp:user@host:/srv/backup</c>, or <c>sftp://user@host:2222//srv/backup</c>, where the first slash only ends the
/// host: <c>sftp://host/backup</c> is below the user's home folder.
/// </summary>
internal sealed class SftpAddress : RepositoryAddress
{
    private readonly bool _isUrl;

    private SftpAddress(string? user, string host, int? port, string path, bool isUrl)
    {
        User = user;
        (Host, Port, Path, _isUrl) = (host, port, path, isUrl);
    }

    /// <summary>A host's name, its alias in ssh_config, or an address without brackets.</summary>
    public string Host { get; }

    public int? Port { get; }

    /// <summary>The folder; one that does not begin with a slash is below the home folder.</summary>
    public string Path { get; }

    public override string Location
    {
        get
        {
            string user = User is null ? "" : (_isUrl ? Uri.EscapeDataString(User) : User) + "@";
            string host = Host.Contains(':') ? $"[{Host}]" : Host;
            return _isUrl ? $"sftp://{user}{host}{(Port is { } port ? ":" + port.ToString(CultureInfo.InvariantCulture) : "")}/{Path}" : $"sftp:{user}{host}:{Path}";
        }
    }

    public static new SftpAddress Parse(string text) => text.StartsWith("//", StringComparison.Ordinal) ? ParseUrl(text[2..]) : ParseShort(text);

    private static SftpAddress ParseUrl(string text)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || slash + 1 == text.Length) throw Invalid("no folder follows the host");
        string authority = text[..slash];
        int at = authority.LastIndexOf('@');
        var (user, password) = SplitUserInfo(at < 0 ? "" : authority[..at]);
        // ssh takes none from a command line, and a URL is one; -Credential and the environment's file have a place for it.
        if (password is not null) throw Invalid("it has a password in it, which SSH servers are not given so: name the login in the environment or in ssh_config");
        string host = authority[(at + 1)..];
        int? port = null;
        int colon = host.LastIndexOf(':');
        if (colon >= 0 && !host.EndsWith(']'))
        {
            if (!int.TryParse(host.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number is < 1 or > 65535) throw Invalid("its port is none");
            (port, host) = (number, host[..colon]);
        }

        return new SftpAddress(CheckUser(user), CheckHost(host), port, CheckPath(text[(slash + 1)..]), isUrl: true);
    }

    private static SftpAddress ParseShort(string text)
    {
        int at = -1, begin = 0;
        // The host ends at the first colon that is not within brackets; a user's name may hold an @.
        int bracket = text.IndexOf('[', StringComparison.Ordinal), close = bracket < 0 ? -1 : text.IndexOf(']', bracket);
        int colon = text.IndexOf(':', close < 0 ? 0 : close);
        if (colon < 0) throw Invalid("no ':' and folder follow the host");
        at = text.LastIndexOf('@', colon);
        if (at >= 0) begin = at + 1;
        string path = text[(colon + 1)..];
        if (path.Length == 0) throw Invalid("no folder follows the host");
        return new SftpAddress(CheckUser(at < 0 ? null : text[..at]), CheckHost(text[begin..colon]), port: null, CheckPath(path), isUrl: false);
    }

    private static string? CheckUser(string? user) =>
        user is null || (user.Length > 0 && user[0] != '-' && !user.Any(c => char.IsWhiteSpace(c) || c is '/' or ':')) ? user : throw Invalid("its user is none");

    private static string CheckHost(string host)
    {
        if (host.StartsWith('[') && host.EndsWith(']')) host = host[1..^1];
        return Servers.Inventory.HostReference.IsHostOrAddress(host) ? host : throw Invalid("its host is none");
    }

    /// <summary>As restic's path.Clean leaves it, so that the same place has one name.</summary>
    private static string CheckPath(string path)
    {
        string clean = CleanPath("sftp", path);
        return path.StartsWith('/') ? "/" + clean : clean.Length == 0 ? throw Invalid("no folder follows the host") : clean;
    }

    private static ProdOpsException Invalid(string why) => BackupErrors.LocationInvalid("sftp", why);
}
