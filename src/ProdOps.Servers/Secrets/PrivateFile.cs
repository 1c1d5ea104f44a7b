using Microsoft.Win32.SafeHandles;
using ProdOps.Servers.FileSystem.Unix;

namespace ProdOps.Servers.Secrets;

/// <summary>Whether others can read or change a file that holds a secret.</summary>
internal static class PrivateFile
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>
    /// The permissions that are too wide, or <see langword="null"/>. As OpenSSH has it for private keys (sshkey_perm_ok in authfile.c):
    /// a file of this user must be closed to everybody else; what another user, root for one, lets this one read is that user's affair.
    /// </summary>
    public static UnixFileMode? Exposure(SafeFileHandle file)
    {
        if (OperatingSystem.IsWindows()) return null;
        var mode = File.GetUnixFileMode(file);
        return (mode & Others) != 0 && IsOurs(file) ? mode : null;
    }

    private static unsafe bool IsOurs(SafeFileHandle file)
    {
        if (!LibC.IsSupported) return true;
        StatX stat;
        byte empty = 0;
        if (LibC.StatX((int)file.DangerousGetHandle(), &empty, LibC.EmptyPath, StatX.BasicFields, &stat) != 0) return true;
        return stat.ToFileStat().UserId == LibC.EffectiveUser();
    }
}
