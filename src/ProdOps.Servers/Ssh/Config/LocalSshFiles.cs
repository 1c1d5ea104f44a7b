using System.Collections.Concurrent;
using System.Text;

namespace ProdOps.Servers.Ssh.Config;

/// <summary>This machine's configuration files. What was read is kept: hundreds of servers are looked up in the same few files.</summary>
internal sealed class LocalSshFiles : ISshFiles
{
    private readonly ConcurrentDictionary<(string Path, bool CheckOwner), string[]?> _read = new();
    private readonly ConcurrentDictionary<string, IReadOnlyList<string>> _globbed = new();

    public IReadOnlyList<string>? ReadLines(string path, bool checkOwner) => _read.GetOrAdd((path, checkOwner), static key => Read(key.Path, key.CheckOwner));

    public IReadOnlyList<string> Glob(string pattern) => _globbed.GetOrAdd(pattern, static key => SshGlob.Expand(key));

    /// <summary>A user's folder as the account file has it; accounts from elsewhere (LDAP) are not asked for.</summary>
    public static string? HomeOf(string user)
    {
        if (OperatingSystem.IsWindows() || !File.Exists("/etc/passwd")) return null;
        return File.ReadLines("/etc/passwd").Select(line => line.Split(':')).FirstOrDefault(fields => fields.Length >= 6 && fields[0] == user)?[5];
    }

    private static string[]? Read(string path, bool checkOwner)
    {
        try
        {
            if (checkOwner && UnixFile.Of(path) is { } file && file.OthersMayWrite(UnixFile.CurrentUser)) throw ServersErrors.SshConfigInsecure(path);
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            byte[] buffer = new byte[64 * 1024];
            using var content = new MemoryStream();
            int read;
            while ((read = stream.Read(buffer)) > 0)
            {
                content.Write(buffer, 0, read);
                if (content.Length > SshConfigEnvironment.MaximumFileLength) throw ServersErrors.SshConfigTooLarge(path);
            }

            return SplitLines(Encoding.UTF8.GetString(content.GetBuffer(), 0, (int)content.Length));
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

    /// <summary>Lines end with a line feed alone; a carriage return before it is white space, which is dropped later.</summary>
    internal static string[] SplitLines(string text)
    {
        var lines = text.Split('\n');
        return lines is [.., ""] ? lines[..^1] : lines;
    }
}
