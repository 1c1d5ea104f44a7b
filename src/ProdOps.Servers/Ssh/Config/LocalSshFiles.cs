using System.Collections.Concurrent;
using System.Text;

namespace ProdOps.Servers.Ssh.Config;

/// <summary>
/// This machine's configuration files. What was read is kept until the file changes: hundreds of servers are looked up in the same few
/// files. One for all connections of an owner.
/// </summary>
internal sealed class LocalSshFiles : ISshFiles
{
    private readonly ConcurrentDictionary<string, (DateTime Changed, long Length, SshConfigText Text)> _read = new();

    public SshConfigText? Read(string path, bool checkOwner)
    {
        try
        {
            // Permissions change without the file's time changing, so they are looked at every time.
            if (checkOwner && UnixFile.Of(path) is { } file && file.OthersMayWrite(UnixFile.CurrentUser)) throw ServersErrors.SshConfigInsecure(path);
            var info = new FileInfo(path);
            if (info.Exists && _read.TryGetValue(path, out var known) && known.Changed == info.LastWriteTimeUtc && known.Length == info.Length) return known.Text;
            var text = SshConfigText.Parse(ReadText(path));
            if (info.Exists) _read[path] = (info.LastWriteTimeUtc, info.Length, text);
            return text;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw ServersErrors.SshConfigUnreadable(path, exception);
        }
    }

    public IReadOnlyList<string> Glob(string pattern) => SshGlob.Expand(pattern);

    /// <summary>A user's folder as the account file has it; accounts from elsewhere (LDAP) are not asked for.</summary>
    public static string? HomeOf(string user)
    {
        if (OperatingSystem.IsWindows() || !File.Exists("/etc/passwd")) return null;
        return File.ReadLines("/etc/passwd").Select(line => line.Split(':')).FirstOrDefault(fields => fields.Length >= 6 && fields[0] == user)?[5];
    }

    private static string ReadText(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] buffer = new byte[64 * 1024];
        using var content = new MemoryStream();
        int read;
        while ((read = stream.Read(buffer)) > 0)
        {
            content.Write(buffer, 0, read);
            if (content.Length > SshConfigEnvironment.MaximumFileLength) throw ServersErrors.SshConfigTooLarge(path);
        }

        return Encoding.UTF8.GetString(content.GetBuffer(), 0, (int)content.Length);
    }
}
