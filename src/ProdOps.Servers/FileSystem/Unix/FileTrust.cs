namespace ProdOps.Servers.FileSystem.Unix;

/// <summary>
/// Tells whether somebody else may change what a file says, by the rules that sshd's StrictModes has for keys (auth.c, safe_path): the file and the folders
/// above it are the user's or root's, and neither the group nor others may write to them. As in Debian's ssh, a group that has only the owner in it counts as
/// the owner, since with a umask of 002 all that a user makes is open to it. A sticky folder such as /tmp may be open: nobody takes there what is another's.
/// </summary>
internal static class FileTrust
{
    private const uint Sticky = 0x200, GroupWrites = 0x10, OthersWrite = 0x2;

    /// <summary>What is wrong with a file, in words that go on after its name; <see langword="null"/> if nothing is, or if the system does not tell.</summary>
    /// <exception cref="FileSystemException">It cannot be looked at.</exception>
    public static string? FindFault(string path)
    {
        if (!LibC.IsSupported) return null;
        var stat = StatOf(path);
        return !IsOurs(stat.UserId) ? "belongs to another user" : FindWriter(stat) is { } writer ? $"may be written to by {writer}" : null;
    }

    /// <summary>The same of the folders above it.</summary>
    /// <param name="path">A full path.</param>
    public static string? FindFaultAbove(string path)
    {
        if (!LibC.IsSupported) return null;
        for (string? folder = Path.GetDirectoryName(path); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var stat = StatOf(folder);
            if (!IsOurs(stat.UserId)) return $"is below '{folder}', which belongs to another user";
            if ((stat.Permissions & Sticky) == 0 && FindWriter(stat) is { } writer) return $"is below '{folder}', which may be written to by {writer}";
        }

        return null;
    }

    private static FileStat StatOf(string path) => SourceFileSystem.Local.GetStat(FileNames.Encode(path), follow: true);

    private static bool IsOurs(uint user) =>
        user == 0 || user == LibC.EffectiveUser()
        // Under sudo what the one who called it has made is as good as the rest of the command line.
        || (uint.TryParse(Environment.GetEnvironmentVariable("SUDO_UID"), out uint caller) && user == caller);

    private static string? FindWriter(in FileStat stat)
    {
        if ((stat.Permissions & OthersWrite) != 0) return "everybody";
        return (stat.Permissions & GroupWrites) == 0 || UnixAccounts.Shared.IsPrivate(stat.GroupId, stat.UserId) ? null
            : $"the group {(UnixAccounts.Shared.GetGroupName(stat.GroupId) is { Length: > 0 } name ? name : stat.GroupId.ToString(System.Globalization.CultureInfo.InvariantCulture))}";
    }
}
