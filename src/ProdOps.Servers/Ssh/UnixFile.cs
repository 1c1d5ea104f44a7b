using System.Runtime.InteropServices;
using System.Text;

namespace ProdOps.Servers.Ssh;

/// <summary>Who owns a file and who may do what with it, as far as OpenSSH asks.</summary>
/// <param name="Owner">The owner's number, or <see langword="null"/> where the system does not tell.</param>
/// <param name="Mode">The permission bits.</param>
internal readonly record struct UnixFile(uint? Owner, UnixFileMode Mode)
{
    private const UnixFileMode GroupAndOthers = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>A configuration file that somebody else may have written (readconf.c asks for the owner and for mode 022).</summary>
    public bool OthersMayWrite(uint user) =>
        (Owner is { } owner && owner != 0 && owner != user) || (Mode & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0;

    /// <summary>A private key that is not private (authfile.c asks only where the file is the user's own, and for mode 077).</summary>
    public bool OthersMayRead(uint user) => (Owner is null || Owner == user) && (Mode & GroupAndOthers) != 0;

    /// <summary>Looks at a file, following links. <see langword="null"/> on Windows, and where it cannot be looked at.</summary>
    public static UnixFile? Of(string path)
    {
        if (OperatingSystem.IsWindows()) return null;
        try
        {
            return new(OperatingSystem.IsLinux() ? UnixCalls.OwnerOf(path) : null, File.GetUnixFileMode(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>The two calls that .NET has no method for.</summary>
internal static unsafe partial class UnixCalls
{
    /// <summary>The number of the user that this process runs as; 0 on Windows, where nothing compares it.</summary>
    public static uint CurrentUser { get; } = OperatingSystem.IsWindows() ? 0 : GetEffectiveUser();

    public static uint? OwnerOf(string path)
    {
        const int currentFolder = -100;
        const uint owner = 0x8;
        StatX stat = default;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            return StatXCall(currentFolder, name, 0, owner, &stat) == 0 ? stat.Owner : null;
        }
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();

    [LibraryImport("libc", EntryPoint = "statx")]
    private static partial int StatXCall(int folder, byte* path, int flags, uint mask, StatX* stat);

    /// <summary>A struct statx (man 2 statx): the one stat that has the same shape on every processor.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatX
    {
        [FieldOffset(20)] public readonly uint Owner;
    }
}
