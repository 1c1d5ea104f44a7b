using System.Text;
using ProdOps.Servers.FileSystem;
using ProdOps.Servers.FileSystem.Unix;

namespace ProdOps.Servers.Ssh;

/// <summary>Who owns a file and who may do what with it, as far as OpenSSH asks.</summary>
/// <param name="Owner">The owner's number, or <see langword="null"/> where the system does not tell.</param>
/// <param name="Mode">The permission bits.</param>
/// <param name="IsGroupPrivate">Whether the file's group has nobody but the owner in it.</param>
internal readonly record struct UnixFile(uint? Owner, UnixFileMode Mode, bool IsGroupPrivate = false)
{
    private const UnixFileMode GroupAndOthers = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>
    /// A configuration file that somebody else may have written (readconf.c asks for the owner and for mode 022; Debian's and Ubuntu's ssh let a private group write, as
    /// with a umask of 002).
    /// </summary>
    public bool OthersMayWrite(uint user) =>
        (Owner is { } owner && owner != 0 && owner != user) || (Mode & (IsGroupPrivate ? UnixFileMode.OtherWrite : UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0;

    /// <summary>A private key that is not private (authfile.c asks only where the file is the user's own, and for mode 077).</summary>
    public bool OthersMayRead(uint user) => (Owner is null || Owner == user) && (Mode & GroupAndOthers) != 0;

    /// <summary>The number of the user that this process runs as; 0 on Windows, where nothing compares it.</summary>
    public static uint CurrentUser { get; } = OperatingSystem.IsWindows() ? 0 : LibC.EffectiveUser();

    /// <summary>Looks at a file, following links. <see langword="null"/> on Windows, and where it cannot be looked at.</summary>
    public static UnixFile? Of(string path)
    {
        if (OperatingSystem.IsWindows()) return null;
        try
        {
            var mode = File.GetUnixFileMode(path);
            if (!OperatingSystem.IsLinux() || StatOf(path) is not { } stat) return new(null, mode);
            return new(stat.UserId, mode, mode.HasFlag(UnixFileMode.GroupWrite) && UnixAccounts.Shared.IsPrivate(stat.GroupId, stat.UserId));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static unsafe FileStat? StatOf(string path)
    {
        StatX stat;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            return LibC.StatX(LibC.CurrentFolder, name, 0, StatX.BasicFields, &stat) == 0 ? stat.ToFileStat() : null;
        }
    }
}
